"""How each event changes an interview; the only way in which one changes."""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import singledispatch

from survey_engine import event as happened
from survey_engine.answer import Answer, AnswerState, Heard, Speaker
from survey_engine.event import Event
from survey_engine.expression import references
from survey_engine.interview import (
    IDENTITY,
    SPEAKERS_TRIED,
    Consent,
    Identity,
    Interview,
    Status,
)
from survey_engine.questionnaire import Questionnaire
from survey_engine.wait import Wait


def apply(interview: Interview, event: Event) -> Interview:
    """Return the interview after ``event``."""
    changed = _apply(event, interview)
    return _with(changed, at=event.at, length=interview.length + 1)


def _with(interview: Interview, **changes: object) -> Interview:
    """Copy without running the constructor, which would cost more than the rest of a step."""
    if not changes.keys() <= _FIELDS:
        raise TypeError(f"an interview has no {sorted(changes.keys() - _FIELDS)}")
    copy = object.__new__(Interview)
    vars(copy).update(vars(interview), **changes)
    return copy


_FIELDS = frozenset(field.name for field in fields(Interview))


def _checks_by_name(form: Questionnaire) -> Mapping[str, frozenset[str]]:
    checks: dict[str, set[str]] = {}
    for check in form.checks:
        for name in references(check.fails_when) | set(check.items):
            checks.setdefault(name, set()).add(check.id)
    return {name: frozenset(ids) for name, ids in checks.items()}


@singledispatch
def _apply(event: Event, interview: Interview) -> Interview:
    """Events that only tell change nothing."""
    del event
    return interview


@_apply.register
def _(event: happened.Introduced, interview: Interview) -> Interview:
    return _with(interview, introduced=interview.introduced | {event.name})


@_apply.register
def _(event: happened.Asked, interview: Interview) -> Interview:
    rules = frozenset({event.wait.rule} - {""})
    return _with(
        interview,
        wait=event.wait,
        asked_checks=interview.asked_checks | rules,
        fresh_checks=interview.fresh_checks | rules,
    )


@_apply.register
def _(event: happened.SpeakerChanged, interview: Interview) -> Interview:
    procedure = interview.questionnaire.procedure
    return _with(
        _with_facts(interview, event, speaker=event.speaker.kind, relation=event.speaker.relation),
        speaker=event.speaker,
        guardian=False,
        identity=_identity_anew(interview),
        identity_tries=0,
        consent=Consent.UNASKED if procedure.consent else Consent.NOT_NEEDED,
        wait=None,
    )


def _identity_anew(interview: Interview) -> Identity:
    """A new speaker may show who they are, but not for ever: four digits can be guessed."""
    procedure = interview.questionnaire.procedure
    if procedure.identity != "certificate":
        return Identity.NOT_NEEDED
    spent = interview.identity_misses >= SPEAKERS_TRIED * procedure.identity_tries
    return Identity.FAILED if spent else Identity.UNVERIFIED


@_apply.register
def _(event: happened.RelationGiven, interview: Interview) -> Interview:
    return _with(
        _with_facts(interview, event, relation=event.relation),
        speaker=replace(interview.speaker, relation=event.relation),
        guardian=event.guardian,
        wait=None,
    )


def _with_facts(interview: Interview, event: Event, **facts: str) -> Interview:
    instance = interview.instance
    for name, value in facts.items():
        if instance.model.knows(name):
            instance = instance.with_value(name, str(value), event.at)
    return _with(interview, instance=instance)


@_apply.register
def _(event: happened.IdentityChecked, interview: Interview) -> Interview:
    identity = Identity.VERIFIED if event.matched else interview.identity
    return _with(
        interview,
        identity=Identity.FAILED if event.failed else identity,
        identity_tries=interview.identity_tries + (not event.matched),
        identity_misses=interview.identity_misses + (not event.matched),
        wait=None,
    )


@_apply.register
def _(_event: happened.ConsentGiven, interview: Interview) -> Interview:
    return _with(interview, consent=Consent.GIVEN, wait=None)


@_apply.register
def _(_event: happened.ConsentRefused, interview: Interview) -> Interview:
    return _with(interview, consent=Consent.REFUSED, wait=None)


@_apply.register
def _(_event: happened.ChannelOffered, interview: Interview) -> Interview:
    return _with(interview, channel_offered=True, wait=None)


@_apply.register
def _(event: happened.OptionAnswered, interview: Interview) -> Interview:
    so_far = {**interview.options.get(event.item, {}), event.code: event.value}
    return _with(interview, options={**interview.options, event.item: so_far}, wait=None)


@_apply.register
def _(event: happened.AnswerRecorded, interview: Interview) -> Interview:
    answer = Answer(
        state=event.state,
        value=event.value,
        heard=event.heard,
        source=event.source,
        speaker=event.speaker,
        channel=event.channel,
        at=event.at,
        confirmed=event.confirmed,
        reconfirm=event.reconfirm,
    )
    return _settled(interview, event.item, answer, event.value)


@_apply.register
def _(event: happened.AnswerMissing, interview: Interview) -> Interview:
    answer = Answer(
        state=event.state,
        value="",
        heard=event.heard,
        source=event.reason,
        speaker=event.speaker,
        channel=event.channel,
        at=event.at,
    )
    return _settled(interview, event.item, answer, "")


@_apply.register
def _(event: happened.AnswerVerified, interview: Interview) -> Interview:
    old = interview.answers.get(event.item)
    answer = Answer(
        state=AnswerState.VERIFIED if event.value else AnswerState.UNKNOWN,
        value=event.value,
        heard=old.heard if old else Heard(),
        source="verdict",
        speaker=old.speaker if old else Speaker(),
        channel=old.channel if old else interview.channel,
        at=event.at,
        confirmed=True,
    )
    settled = _settled(interview, event.item, answer, event.value)
    return _with(settled, wait=_still_waiting(settled, interview.wait, event.item))


def _still_waiting(interview: Interview, wait: Wait | None, settled: str) -> Wait | None:
    """Return ``wait`` unless a verdict has settled its item or made it irrelevant."""
    item = interview.questionnaire.item(wait.item) if wait else None
    if item is None:
        return wait
    return wait if item.name != settled and interview.instance.is_relevant(item.name) else None


def _settled(interview: Interview, name: str, answer: Answer, value: str) -> Interview:
    affected = interview.questionnaire.derived(_checks_by_name).get(name, frozenset())
    refusals = {key: n for key, n in interview.refusals.items() if key != name}
    return _with(
        interview,
        answers={**interview.answers, name: answer},
        instance=interview.instance.with_value(name, value, answer.at),
        options={key: so_far for key, so_far in interview.options.items() if key != name},
        fresh_checks=interview.fresh_checks | affected,
        read_back=frozenset(
            pair for pair in interview.read_back if pair[0] != name or pair[1] == value
        ),
        reopened=tuple(item for item in interview.reopened if item != name),
        refusals=refusals,
        wait=None,
    )


@_apply.register
def _(event: happened.ItemsReopened, interview: Interview) -> Interview:
    others = tuple(item for item in interview.reopened if item not in event.items)
    return _with(
        interview,
        reopened=(*event.items, *others),
        options={key: v for key, v in interview.options.items() if key not in event.items},
        only_reopened=interview.only_reopened or bool(event.by),
        wait=None,
    )


@_apply.register
def _(event: happened.RefusalHeard, interview: Interview) -> Interview:
    item = event.target.partition("/")[0]
    return _with(interview, refusals={**interview.refusals, item: event.count})


@_apply.register
def _(_event: happened.AbuseHeard, interview: Interview) -> Interview:
    return _with(interview, abuses=interview.abuses + 1)


@_apply.register
def _(event: happened.ReadBackConfirmed, interview: Interview) -> Interview:
    confirmed = frozenset(event.values)
    answers = dict(interview.answers)
    for name, _value in event.values if event.accepted else ():
        answers[name] = replace(answers[name], confirmed=True)
    return _with(interview, read_back=interview.read_back | confirmed, answers=answers, wait=None)


@_apply.register
def _(event: happened.CheckFailed, interview: Interview) -> Interview:
    return _with(
        interview,
        fresh_checks=interview.fresh_checks - {event.rule},
        failed_checks=interview.failed_checks | {event.rule},
    )


@_apply.register
def _(event: happened.ChecksPassed, interview: Interview) -> Interview:
    rules = frozenset(event.rules)
    wait = None if interview.wait and interview.wait.rule in rules else interview.wait
    return _with(interview, fresh_checks=interview.fresh_checks - rules, wait=wait)


@_apply.register
def _(event: happened.ReviewRequested, interview: Interview) -> Interview:
    answer = interview.answers.get(event.item)
    if answer is None or answer.state not in (AnswerState.RECORDED, AnswerState.TO_VERIFY):
        return interview
    reconfirm = answer.reconfirm and event.reason != IDENTITY
    flagged = replace(answer, state=AnswerState.TO_VERIFY, reconfirm=reconfirm)
    return _with(interview, answers={**interview.answers, event.item: flagged})


@_apply.register
def _(event: happened.OutcomeReported, interview: Interview) -> Interview:
    return _with(interview, outcomes=(*interview.outcomes, event.outcome))


@_apply.register
def _(_event: happened.OutcomeDenied, interview: Interview) -> Interview:
    return _with(interview, wait=None)


@_apply.register
def _(event: happened.OutcomeRejected, interview: Interview) -> Interview:
    left = tuple(one for one in interview.outcomes if one != event.outcome)
    known = map(interview.questionnaire.outcome, left)
    if interview.status is not Status.ENDED or any(one and one.ends for one in known):
        return _with(interview, outcomes=left)
    return _with(interview, outcomes=left, status=Status.PAUSED, usable=False)


@_apply.register
def _(_event: happened.PersonRequested, interview: Interview) -> Interview:
    return _with(interview, status=Status.WITH_PERSON)


@_apply.register
def _(_event: happened.Paused, interview: Interview) -> Interview:
    return _with(interview, status=Status.PAUSED)


@_apply.register
def _(event: happened.Resumed, interview: Interview) -> Interview:
    return _with(
        _with_facts(interview, event, channel=event.channel),
        status=Status.OPEN,
        channel=event.channel,
        reconfirming=event.reconfirming,
        wait=None,
    )


@_apply.register
def _(_event: happened.Completed, interview: Interview) -> Interview:
    return _with(
        interview,
        status=Status.COMPLETED,
        wait=None,
        usable=True,
        only_reopened=False,
        reconfirming=False,
    )


@_apply.register
def _(event: happened.Ended, interview: Interview) -> Interview:
    return _with(interview, status=Status.ENDED, wait=None, usable=event.usable)
