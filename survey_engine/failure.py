"""Inputs that leave a question without a value: not understood, unknown, declined, handed off."""

from dataclasses import replace

from survey_engine.agenda import CHANNEL, CONSENT, GUARDIAN, RELATION
from survey_engine.answer import AnswerState, Candidate, SpeakerKind
from survey_engine.command import break_off
from survey_engine.event import (
    ChannelOffered,
    ChecksPassed,
    ConsentRefused,
    IdentityChecked,
    ReadBackConfirmed,
    RefusalHeard,
    RelationGiven,
)
from survey_engine.input import AskAgain, Decline, HandOff, Unknown
from survey_engine.interview import IDENTITY
from survey_engine.item import Item, ItemType, Role
from survey_engine.option import take_option
from survey_engine.questionnaire import Severity
from survey_engine.readback import unread
from survey_engine.rules import flag
from survey_engine.script import Line
from survey_engine.sprint import Sprint
from survey_engine.wait import Style, Wait, WaitKind
from survey_engine.waiting import item_wait
from survey_engine.wish import hand_over

#: What stands for a relation that the proxy did not say; the review task asks for it.
UNSTATED = "unstated"

Candidates = tuple[Candidate, ...]


def ask_again(sprint: Sprint, given: AskAgain) -> None:
    """Ask once more in the next wording; after the last one a person takes the question over."""
    if given.reason == "no_input":
        sprint.say(Line.NO_INPUT)
    not_understood(sprint, None, given.reason)


def not_understood(sprint: Sprint, style: Style | None, reason: str = "unclear") -> None:
    """Go one step up the form's ladder of wordings, saying it in ``style`` if that is given."""
    wait = sprint.interview.wait
    if wait is None:
        return
    ladder = sprint.interview.questionnaire.procedure.ladder
    tries = wait.tries + 1
    if tries >= len(ladder):
        leave(sprint, wait, reason, ())
        return
    sprint.ask(_next_wait(sprint, wait, tries), style or Style(ladder[tries]))


def _next_wait(sprint: Sprint, wait: Wait, tries: int) -> Wait:
    """A value that was denied or doubted is asked for anew, and not read back a second time."""
    item = sprint.interview.questionnaire.item(wait.item)
    if item is None or wait.kind not in (WaitKind.CONFIRM, WaitKind.LAST, WaitKind.ASK):
        return replace(wait, tries=tries)
    if wait.option:
        kind = WaitKind.CHECK if wait.rule else WaitKind.ASK
        return replace(wait, kind=kind, value="", tries=tries)
    return item_wait(sprint.interview, item, tries, wait.rule)


def hand_off(sprint: Sprint, given: HandOff) -> None:
    """Leave the question to a person, with everything that was heard so far."""
    wait = sprint.interview.wait
    if wait is None or wait.target != given.target:
        asked = wait.target if wait else "nothing"
        sprint.refuse(
            "not-asked", f"`{given.target}` is not what is asked ({asked}); hand off that."
        )
        return
    leave(sprint, wait, given.reason, given.candidates)


def leave(sprint: Sprint, wait: Wait, reason: str, candidates: Candidates) -> None:
    """Leave ``wait`` unsettled, to be looked at by a person."""
    item = sprint.interview.questionnaire.item(wait.item)
    if item is None:
        _leave_script(sprint, wait, reason)
    elif item.role is Role.SPEAKER:
        hand_over(sprint, "speaker_unclear")
    elif item.role is Role.CERTIFICATE:
        fail_identity(sprint, item)
    elif wait.rule:
        _let_stand(sprint, wait)
    elif wait.option:
        take_option(sprint, item, wait.option, "unsure")
    else:
        value = wait.value or (candidates[0].value if candidates else "")
        sprint.miss(item, AnswerState.TO_VERIFY, reason)
        sprint.review(item.name, reason, value, candidates)
        sprint.say(Line.HANDED_OFF, item.name)


def fail_identity(sprint: Sprint, item: Item) -> None:
    """Who speaks did not show who they are; a number that somebody gave before is kept."""
    answer = sprint.interview.answers.get(item.name)
    if not (answer and answer.value):
        sprint.miss(item, AnswerState.TO_VERIFY, IDENTITY)
    sprint.emit(IdentityChecked(at=sprint.at, matched=False, failed=True))
    sprint.review(item.name, IDENTITY)
    sprint.say(Line.IDENTITY_FAILED)


def _let_stand(sprint: Sprint, wait: Wait) -> None:
    """An earlier answer that a check doubted stands as it was; what blocks is flagged."""
    sprint.emit(ChecksPassed(at=sprint.at, rules=(wait.rule,)))
    check = next(one for one in sprint.interview.questionnaire.checks if one.id == wait.rule)
    if check.severity is not Severity.HINT or check.lead:
        flag(sprint, check)


def _leave_script(sprint: Sprint, wait: Wait, reason: str) -> None:
    kind, _, block = wait.target.partition(":")
    if kind in (WaitKind.READBACK, WaitKind.WHICH):
        values = unread(sprint.interview, block)
        sprint.emit(ReadBackConfirmed(at=sprint.at, section=block, values=values, accepted=False))
        sprint.review(f"{WaitKind.READBACK}:{block}", reason)
        sprint.say(Line.HANDED_OFF, block)
    elif wait.target == RELATION:
        sprint.emit(RelationGiven(at=sprint.at, relation=UNSTATED, guardian=False))
        sprint.review(RELATION, reason)
    elif wait.target == CONSENT:
        sprint.emit(ConsentRefused(at=sprint.at, heard=sprint.heard))
        sprint.review(CONSENT, reason)
    elif wait.target == CHANNEL:
        sprint.emit(ChannelOffered(at=sprint.at, accepted=False))
    elif wait.target == GUARDIAN:
        break_off(sprint, GUARDIAN)
    else:
        hand_over(sprint, "outcome_unclear")


def unknown(sprint: Sprint, given: Unknown) -> None:
    """Take "I do not know"; of a proxy it means that somebody else has to be asked."""
    del given
    wait = sprint.interview.wait
    item = sprint.interview.questionnaire.item(wait.item) if wait else None
    if wait is None:
        return
    if item is None or item.role is Role.SPEAKER:
        not_understood(sprint, None, "dont_know")
    elif item.role is Role.CERTIFICATE or wait.rule:
        leave(sprint, wait, "dont_know", ())
    elif wait.option:
        take_option(sprint, item, wait.option, "unknown")
    else:
        sprint.miss(item, AnswerState.UNKNOWN, "dont_know")
        if sprint.interview.speaker.kind in (SpeakerKind.PROXY, SpeakerKind.STAFF):
            sprint.review(item.name, "proxy_does_not_know")


def decline(sprint: Sprint, given: Decline) -> None:
    """Take a refusal of one question: it is asked once more with the reason, then left."""
    del given
    wait = sprint.interview.wait
    if wait is None:
        return
    count = sprint.interview.refusals.get(wait.item, 0) + 1
    sprint.emit(RefusalHeard(at=sprint.at, target=wait.target, count=count))
    if count < _refusals_allowed(sprint, wait):
        sprint.say(Line.DECLINE_ONCE)
        sprint.ask(wait, Style.REASK)
        return
    item = sprint.interview.questionnaire.item(wait.item)
    identifying = item is not None and item.role in (Role.SPEAKER, Role.CERTIFICATE)
    if item is None or identifying or wait.rule:
        leave(sprint, wait, "refused", ())
    elif wait.option and sprint.interview.options.get(item.name):
        take_option(sprint, item, wait.option, "declined")
    else:
        sprint.miss(item, AnswerState.DECLINED, "refused")


def _refusals_allowed(sprint: Sprint, wait: Wait) -> int:
    interview = sprint.interview
    item = interview.questionnaire.item(wait.item)
    if item is None or item.type is ItemType.ACKNOWLEDGE:
        return interview.questionnaire.procedure.refusals
    optional = item.required is None or not interview.instance.test(item.required)
    return 1 if optional else interview.questionnaire.procedure.refusals
