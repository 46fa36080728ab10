"""Inputs that change the course of an interview rather than answer it."""

from datetime import date

from survey_engine.agenda import is_open
from survey_engine.answer import Speaker
from survey_engine.event import (
    AnswerVerified,
    Asked,
    Ended,
    ItemsReopened,
    OutcomeRejected,
    OutcomeReported,
    Paused,
    RelationGiven,
    Resumed,
    SpeakerChanged,
)
from survey_engine.input import (
    ChangeSpeaker,
    Close,
    Pause,
    RejectOutcome,
    Reopen,
    Report,
    Resume,
    Verify,
)
from survey_engine.interview import Interview, Status
from survey_engine.item import Role
from survey_engine.questionnaire import Outcome
from survey_engine.script import Line
from survey_engine.sprint import Sprint
from survey_engine.value import canonical
from survey_engine.wait import Style, Wait, WaitKind
from survey_engine.waiting import yes_no

CLARIFY = "clarify"
_KEPT_WAITS = (WaitKind.CONFIRM, WaitKind.LAST, WaitKind.CHECK, WaitKind.READBACK, WaitKind.WHICH)
#: Interruptions that somebody is there to be told of; a broken line cannot be spoken to.
_TOLD = {"later": Line.CALL_LATER, "guardian": Line.CALL_LATER, "channel": Line.ELSEWHERE}


def change_speaker(sprint: Sprint, given: ChangeSpeaker) -> None:
    """Somebody else answers; identity and consent are theirs to give anew."""
    let_speak(sprint, Speaker(given.kind))
    if given.relation:
        relate(sprint, given.relation)
    sprint.say(Line.SPEAKER_CHANGED)


def let_speak(sprint: Sprint, speaker: Speaker) -> None:
    """From now on ``speaker`` answers, and the item that says who answers says so."""
    sprint.emit(SpeakerChanged(at=sprint.at, speaker=speaker))
    item = sprint.interview.questionnaire.item_of(Role.SPEAKER)
    if item is None or not sprint.interview.instance.is_relevant(item.name):
        return
    codes = [one.code for one in item.choices if one.effect == f"speaker:{speaker.kind}"]
    offered = sprint.interview.instance.offers(item.name)
    if code := next((code for code in codes if code in offered), ""):
        sprint.record(item, code, "answer")


def relate(sprint: Sprint, relation: str) -> None:
    """Take how the speaker is related to the person, which may make them the guardian."""
    relations = sprint.interview.questionnaire.procedure.guardian_relations
    guardian = relation in relations
    sprint.emit(RelationGiven(at=sprint.at, relation=relation.strip()[:40], guardian=guardian))


def report(sprint: Sprint, given: Report) -> None:
    """Take an outcome that was heard; one that ends the interview ends it at once.

    An outcome that can be misheard (不在: not at home or passed away) is clarified first by one
    gentle question, unless it was certain.
    """
    outcome = sprint.interview.questionnaire.outcome(given.outcome)
    if outcome is None:
        known = ", ".join(one.code for one in sprint.interview.questionnaire.outcomes)
        sprint.refuse(
            "unknown-outcome", f"`{given.outcome}` is no outcome here; use one of {known}."
        )
    elif outcome.clarify and not given.certain:
        _clarify(sprint, outcome)
    else:
        take_outcome(sprint, outcome)


def _clarify(sprint: Sprint, outcome: Outcome) -> None:
    """Ask one gentle question, or leave it to a person where nobody can be asked."""
    if sprint.interview.status is Status.OPEN:
        sprint.ask(yes_no(f"{CLARIFY}:{outcome.code}"))
    else:
        sprint.review("", f"outcome:{outcome.code}")


def take_outcome(sprint: Sprint, outcome: Outcome) -> None:
    """Note the outcome for a person to decide, and end the interview if it ends it."""
    sprint.emit(OutcomeReported(at=sprint.at, outcome=outcome.code, heard=sprint.heard))
    if not outcome.final:
        sprint.review("", f"outcome:{outcome.code}")
    sprint.say(outcome.say)
    if outcome.ends:
        end(sprint, outcome.code)
    elif sprint.interview.wait is not None:
        sprint.ask(sprint.interview.wait, Style.REPEAT)


def end(sprint: Sprint, outcome: str) -> None:
    """End the questions; what was answered stays."""
    known = sprint.interview.questionnaire.outcome(outcome)
    usable = is_usable(sprint.interview) and not (known and known.voids)
    sprint.emit(Ended(at=sprint.at, outcome=outcome, usable=usable))


def is_usable(interview: Interview) -> bool:
    """Whether an unfinished interview holds what the form demands of a usable partial one."""
    needed = interview.questionnaire.procedure.usable_partial
    return bool(needed) and all(_is_held(interview, name) for name in needed)


def _is_held(interview: Interview, name: str) -> bool:
    answer = interview.answers.get(name)
    return not interview.instance.is_relevant(name) or bool(answer and answer.value)


def pause(sprint: Sprint, given: Pause) -> None:
    """Interrupt the interview."""
    break_off(sprint, given.reason)


def break_off(sprint: Sprint, reason: str) -> None:
    """Interrupt the interview for ``reason``, saying so where somebody hears it."""
    if reason in _TOLD:
        sprint.say(_TOLD[reason])
    sprint.emit(Paused(at=sprint.at, reason=reason))


def resume(sprint: Sprint, given: Resume) -> None:
    """Go on at the waiting question, on any channel.

    A completed interview opens again only for what was answered before the reference day (L74).
    """
    if given.returns and sprint.interview.may_return:
        _take_back(sprint)
    before = sprint.interview
    again = _to_reconfirm(sprint)
    over = before.status in (Status.COMPLETED, Status.ENDED)
    if over and not (again or before.reopened or has_open_items(before, sprint.at.date())):
        sprint.refuse("complete", "The interview is over and nothing needs asking again.")
        return
    sprint.emit(Resumed(at=sprint.at, channel=given.channel, reconfirming=again))
    sprint.say(Line.RECONFIRM if again else Line.RESUMED)
    wait = before.wait
    if not given.same_speaker:
        sprint.emit(SpeakerChanged(at=sprint.at, speaker=Speaker()))
    elif wait and _is_kept(before, wait):
        sprint.emit(Asked(at=sprint.at, wait=wait, style=Style.RESUME))


def _take_back(sprint: Sprint) -> None:
    """Whoever came back of their own will is there, so what ended the interview is past."""
    interview = sprint.interview
    for code in dict.fromkeys(interview.outcomes):
        outcome = interview.questionnaire.outcome(code)
        if outcome and outcome.ends:
            sprint.emit(OutcomeRejected(at=sprint.at, outcome=code))


def _is_kept(interview: Interview, wait: Wait) -> bool:
    """Whether a waiting question is put again as it was, rather than found anew."""
    clarifying = wait.target.startswith(f"{CLARIFY}:")
    return (wait.kind in _KEPT_WAITS or clarifying) and _still_fits(interview, wait)


def has_open_items(interview: Interview, today: date) -> bool:
    """Whether a completed interview has something to ask, as a verdict may bring about."""
    completed = interview.status is Status.COMPLETED
    items = interview.questionnaire.items if completed else ()
    return any(is_open(interview, item, today) for item in items)


def _still_fits(interview: Interview, wait: Wait) -> bool:
    known = interview.questionnaire.item(wait.item)
    return known is None or interview.instance.is_relevant(known.name)


def _to_reconfirm(sprint: Sprint) -> bool:
    interview, day = sprint.interview, sprint.reference_day()
    if interview.status is not Status.COMPLETED or day is None or sprint.at.date() < day:
        return False
    return any(
        answer.reconfirm and interview.instance.is_relevant(name)
        for name, answer in interview.answers.items()
    )


def close(sprint: Sprint, given: Close) -> None:
    """Give up further attempts: nobody is spoken to."""
    if sprint.interview.questionnaire.outcome(given.outcome) is None:
        sprint.refuse("unknown-outcome", f"`{given.outcome}` is no outcome of this form.")
        return
    end(sprint, given.outcome)


def verify(sprint: Sprint, given: Verify) -> None:
    """Take a caseworker's verdict; it may name only a value that the item offers."""
    item = sprint.interview.questionnaire.item(given.item)
    if item is None or not item.type.is_question:
        sprint.refuse("unknown-item", f"`{given.item}` is no question of this form; name one.")
        return
    value = canonical(item, given.value, sprint.interview.instance) if given.value else ""
    if value is None:
        sprint.refuse(
            "bad-value", f"`{given.value}` is no value of {item.name} now; give one on offer."
        )
    elif not given.by or not given.reason:
        sprint.refuse("unsigned-verdict", "A verdict needs the name of who gives it and a reason.")
    else:
        sprint.emit(
            AnswerVerified(
                at=sprint.at, item=item.name, value=value, by=given.by, reason=given.reason
            )
        )


def reject_outcome(sprint: Sprint, given: RejectOutcome) -> None:
    """Take an outcome back that is not so; an interview that it ended can be resumed."""
    if given.outcome not in sprint.interview.outcomes:
        sprint.refuse("unknown-outcome", f"`{given.outcome}` was not reported; name one that was.")
    elif not given.by:
        sprint.refuse("unsigned-verdict", "A verdict needs the name of who gives it.")
    else:
        sprint.emit(OutcomeRejected(at=sprint.at, outcome=given.outcome, by=given.by))


def reopen(sprint: Sprint, given: Reopen) -> None:
    """Have items asked again in a call-back; the interview is resumed by the next attempt."""
    form = sprint.interview.questionnaire
    found = {name: form.item(name) for name in given.items}
    unknown = [name for name, item in found.items() if not item or not item.type.is_question]
    if unknown or not given.items:
        names = ", ".join(unknown) or "nothing"
        sprint.refuse(
            "unknown-item", f"{names} is no question of this form; name one to ask again."
        )
        return
    sprint.emit(ItemsReopened(at=sprint.at, items=given.items, by=given.by))
