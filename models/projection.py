"""What follows from events: current answers, revisions, review tasks and their ends.

All of it is computed here and nowhere else, both when a turn is kept and when the records are
made anew, so that the two cannot differ.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from survey_engine import event as happened
from survey_engine.answer import Answer, AnswerState, Heard
from survey_engine.event import Event
from survey_engine.interview import Interview
from survey_engine.transition import apply


@dataclass(frozen=True, slots=True)
class CurrentAnswer:
    """The current value of one item as it is kept and shown."""

    item: str
    state: str
    value: str | None = None
    source: str = ""
    confidence: float | None = None
    speaker: str = "nobody"
    relation: str | None = None
    channel: str = ""
    words: str | None = None
    utterance: str = ""
    confirmed: bool = False
    reconfirm: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of one answer, with who made it and why."""

    event_seq: int
    item: str
    state_before: str
    value_before: str | None
    state: str
    value: str | None
    confirmed: bool
    source: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """A caseworker has to look at an item."""

    event_seq: int
    item: str
    reason: str
    value: str
    heard: Heard
    candidates: Sequence[tuple[str, float]]
    at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """The open tasks of an item end; ``given_by`` is empty if a new answer superseded them.

    Of tasks without an item only those for ``why`` end.
    """

    event_seq: int
    item: str
    at: datetime
    why: str = ""
    given_by: str = ""
    decision: str = ""
    value: str = ""
    value_before: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What a run of events makes of an interview, and what has to be kept of it."""

    interview: Interview
    revisions: tuple[Revision, ...]
    requests: tuple[Request, ...]
    endings: tuple[Ending, ...]


def follow(interview: Interview, events: Iterable[Event]) -> Course:
    """Apply ``events`` and collect what follows from each."""
    revisions: list[Revision] = []
    requests: list[Request] = []
    endings: list[Ending] = []
    for event in events:
        before, interview = interview, apply(interview, event)
        revisions += _revisions(before, event, interview)
        if isinstance(event, happened.ReviewRequested):
            requests.append(_request(event, interview.length))
        endings += _endings(before, event, interview.length)
    return Course(interview, tuple(revisions), tuple(requests), tuple(endings))


def current_answers(interview: Interview) -> Mapping[str, CurrentAnswer]:
    """Return what is to be shown of each question: its answer, or that it does not apply."""
    found: dict[str, CurrentAnswer] = {}
    for item in interview.questionnaire.items:
        if not item.type.is_question:
            continue
        if not interview.instance.is_relevant(item.name):
            found[item.name] = CurrentAnswer(item.name, AnswerState.SKIPPED.value)
        elif answer := interview.answers.get(item.name):
            found[item.name] = _shown(item.name, answer)
    return found


def item_of(event: Event) -> str:
    """Return the item that an event is about, or an empty text."""
    if isinstance(event, happened.Asked):
        return event.wait.item
    return str(getattr(event, "item", ""))


def share(confidence: float | None) -> float | None:
    """Return a confidence as a share from 0 to 1, whatever a recogniser made of it."""
    if confidence is None or confidence != confidence:
        return None
    return min(1.0, max(0.0, confidence))


def _shown(name: str, answer: Answer) -> CurrentAnswer:
    return CurrentAnswer(
        item=name,
        state=answer.state.value,
        value=answer.value or None,
        source=answer.source,
        confidence=share(answer.heard.confidence),
        speaker=answer.speaker.kind.value,
        relation=answer.speaker.relation or None,
        channel=answer.channel.value,
        words=answer.heard.words or None,
        utterance=answer.heard.utterance,
        confirmed=answer.confirmed,
        reconfirm=answer.reconfirm,
        at=answer.at,
    )


def _revisions(before: Interview, event: Event, after: Interview) -> Iterator[Revision]:
    if after.answers is before.answers:
        return
    for name, answer in after.answers.items():
        old = before.answers.get(name)
        if answer is not old:
            yield _revision(name, old, answer, event, after)


def _revision(
    name: str, old: Answer | None, new: Answer, event: Event, after: Interview
) -> Revision:
    return Revision(
        event_seq=after.length,
        item=name,
        state_before=old.state.value if old else "",
        value_before=(old.value or None) if old else None,
        state=new.state.value,
        value=new.value or None,
        confirmed=new.confirmed,
        source=new.source,
        actor=_actor(event, after),
        reason=_reason(event),
        at=event.at,
    )


def _actor(event: Event, interview: Interview) -> str:
    if isinstance(event, happened.AnswerVerified):
        return event.by
    if isinstance(event, happened.ReviewRequested):
        return "engine"
    return interview.speaker.kind.value


def _reason(event: Event) -> str:
    match event:
        case happened.AnswerVerified() | happened.AnswerMissing() | happened.ReviewRequested():
            return event.reason
        case happened.AnswerRecorded():
            return event.source
    return type(event).__name__


def _request(event: happened.ReviewRequested, seq: int) -> Request:
    return Request(
        event_seq=seq,
        item=event.item,
        reason=event.reason,
        value=event.value,
        heard=event.heard,
        candidates=tuple((one.value, one.confidence) for one in event.candidates),
        at=event.at,
    )


def _endings(before: Interview, event: Event, seq: int) -> Iterator[Ending]:
    match event:
        case happened.AnswerRecorded(state=AnswerState.RECORDED):
            yield Ending(seq, event.item, event.at)
        case happened.OutcomeRejected(by=""):
            yield Ending(seq, "", event.at, why=f"outcome:{event.outcome}")
        case happened.AnswerVerified():
            yield _verified(before, event, seq)
        case happened.ItemsReopened() if event.by:
            for item in event.items:
                yield Ending(seq, item, event.at, given_by=event.by, decision="reopened")


def _verified(before: Interview, event: happened.AnswerVerified, seq: int) -> Ending:
    old = before.answers.get(event.item)
    return Ending(
        seq,
        event.item,
        event.at,
        given_by=event.by,
        decision="changed" if event.value else "undetermined",
        value=event.value,
        value_before=old.value if old else "",
        reason=event.reason,
    )
