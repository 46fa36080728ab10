"""What a channel has to convey after a turn: sentences in order, and what may be tapped."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dialog.wording import Office, value_in_words, wording_of
from survey_engine.event import Asked, Event
from survey_engine.interview import Interview
from survey_engine.wait import Accepts, Wait, WaitKind

_CONFIRMING = (WaitKind.CONFIRM, WaitKind.LAST, WaitKind.READBACK)


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence; ``kind`` is ``ask``, ``confirm`` or ``say``, ``item`` what it is about."""

    kind: str
    item: str
    text: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may be tapped instead of written: what it sends and what it shows."""

    sends: str
    shows: str


def messages(interview: Interview, events: Iterable[Event], office: Office) -> Iterator[Message]:
    """Yield what ``events`` say; ``interview`` is the interview after them."""
    for event in events:
        text = wording_of(interview, event, office)
        if isinstance(event, Asked):
            kind = "confirm" if event.wait.kind in _CONFIRMING else "ask"
            yield Message(kind, event.wait.target, text)
        elif text:
            yield Message("say", "", text)


def offers(interview: Interview) -> tuple[Offer, ...]:
    """Return what may be tapped in answer to the waiting question."""
    wait = interview.wait
    if wait is None:
        return ()
    if wait.accepts is Accepts.YES_NO:
        yes, no = _yes_no_words(wait)
        return (Offer("yes", yes), Offer("no", no))
    if wait.accepts is Accepts.ITEM:
        return tuple(Offer(name, _label(interview, name)) for name in wait.codes)
    return tuple(Offer(code, value_in_words(interview, wait.item, code)) for code in wait.codes)


def _yes_no_words(wait: Wait) -> tuple[str, str]:
    if wait.kind is WaitKind.LAST:
        return "还是这样", "有变化"
    if wait.kind in _CONFIRMING:
        return "对", "不对"
    return ("有", "没有") if wait.option else ("好", "不")


def _label(interview: Interview, name: str) -> str:
    item = interview.questionnaire.item(name)
    return item.label if item else name
