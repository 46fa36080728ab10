"""One turn of the engine while it runs: the interview so far and the events it has produced."""

from datetime import date, datetime

from survey_engine.answer import AnswerState, Candidate, Heard
from survey_engine.event import (
    AnswerMissing,
    AnswerRecorded,
    Asked,
    Event,
    InputRefused,
    ReviewRequested,
    Said,
)
from survey_engine.interview import Interview
from survey_engine.item import Item, ReferencePeriod, Role
from survey_engine.script import Line
from survey_engine.transition import apply
from survey_engine.wait import Style, Wait


class Sprint:
    """Collects the events of one turn, each applied at once so that the next sees its effect."""

    def __init__(self, interview: Interview, at: datetime, heard: Heard) -> None:
        self.interview = interview
        self.at = at
        self.heard = heard
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        """Add ``event`` to the history and apply it."""
        self.events.append(event)
        self.interview = apply(self.interview, event)

    def say(self, line: Line | str, about: str = "") -> None:
        """Say a scripted sentence."""
        self.emit(Said(at=self.at, line=str(line), about=about))

    def ask(self, wait: Wait, style: Style = Style.ASK) -> None:
        """Ask, and wait for the answer."""
        self.emit(Asked(at=self.at, wait=wait, style=style))

    def refuse(self, code: str, message: str) -> None:
        """Refuse the input: nothing changes."""
        self.emit(InputRefused(at=self.at, code=code, message=message))

    def record(self, item: Item, value: str, source: str, *, confirmed: bool = False) -> None:
        """Record ``value`` for ``item`` with all that it can be traced by.

        What was denied when it was read back and is then said once more is left to a person.
        """
        if self._was_denied(item.name, value) and not confirmed:
            self.review(item.name, "denied", value)
        self.emit(
            AnswerRecorded(
                at=self.at,
                item=item.name,
                value=value,
                source=source,
                heard=self.heard,
                speaker=self.interview.speaker,
                channel=self.interview.channel,
                confirmed=confirmed,
                reconfirm=self._before_reference_day(item),
            )
        )

    def _was_denied(self, name: str, value: str) -> bool:
        before = self.interview.answers.get(name)
        read = (name, value) in self.interview.read_back
        return read and before is not None and before.value == value and not before.confirmed

    def miss(self, item: Item, state: AnswerState, reason: str) -> None:
        """Leave ``item`` without a value, for ``reason``."""
        self.emit(
            AnswerMissing(
                at=self.at,
                item=item.name,
                state=state,
                reason=reason,
                heard=self.heard,
                speaker=self.interview.speaker,
                channel=self.interview.channel,
            )
        )

    def review(
        self,
        item: str,
        reason: str,
        value: str = "",
        candidates: tuple[Candidate, ...] = (),
        heard: Heard | None = None,
    ) -> None:
        """Ask a caseworker to look at ``item``; it rests on ``heard``, or else on this input."""
        self.emit(
            ReviewRequested(
                at=self.at,
                item=item,
                reason=reason,
                value=value,
                heard=self.heard if heard is None else heard,
                candidates=candidates,
            )
        )

    def _before_reference_day(self, item: Item) -> bool:
        """L74: what is true on the reference day cannot be finally known before it."""
        bound = item.reference in (ReferencePeriod.REFERENCE_DAY, ReferencePeriod.PAST_YEAR)
        asked = item.role not in (Role.SPEAKER, Role.CERTIFICATE)
        day = self.reference_day()
        return bound and asked and day is not None and self.at.date() < day

    def reference_day(self) -> date | None:
        """Return the campaign's reference day, if the facts name it."""
        text = self.interview.facts.get("reference_day", "")
        return date.fromisoformat(text) if text else None
