"""A bridged call as the caller's page shows it: how far it is, and what is said."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.bridge_line import SaidLine
from models.disposition import Disposition
from server.calls.bridge_desk import said_to
from server.telephone.bridging import Legs

_SHOWN = 12
SIDES = {"person": "对方", "caller": "您"}
_NOT_TAKEN = ("busy", "no_answer", "failed", "canceled")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """The call. ``phase`` is ringing, dialling, met or over; ``said`` to the question."""

    phase: str
    words: str
    lines: Sequence[SaidLine]
    said: str
    hears: bool
    suggested: Disposition | None

    @property
    def is_over(self) -> bool:
        """Whether nobody is on the line any more."""
        return self.phase == "over"

    def told(self) -> dict[str, object]:
        """Return it as the page's script takes it."""
        lines = [
            {"number": one.number, "who": SIDES[one.side], "side": one.side, "words": one.words,
             "final": one.final}
            for one in self.lines
        ]  # fmt: skip
        return {
            "phase": self.phase,
            "words": self.words,
            "lines": lines,
            "said": self.said,
            "hears": self.hears,
            "suggested": self.suggested.name if self.suggested else "",
        }


def live_view(legs: Legs, lines: tuple[SaidLine, ...], suggested: Disposition | None) -> LiveView:
    """Return how a call stands."""
    phase = _phase(legs)
    return LiveView(
        phase=phase,
        words=_words(phase, legs, suggested),
        lines=lines[-_SHOWN:],
        said=said_to(lines, legs.bridge.asked_from),
        hears=legs.bridge.hears,
        suggested=suggested,
    )


def _phase(legs: Legs) -> str:
    if not legs.bridge.is_open:
        return "over"
    if legs.bridge.met_at is not None:
        return "met"
    taken = legs.caller.state == "answered"
    return "dialling" if taken or legs.person.state == "ringing" else "ringing"


def _words(phase: str, legs: Legs, suggested: Disposition | None) -> str:
    if phase != "over":
        return _GOES_ON[phase]
    if legs.bridge.met_at is not None:
        return "电话断了。"
    if legs.caller.state in _NOT_TAKEN:
        return "您的话机没有接起来，没有打给对方。"
    return f"没有接通：{suggested.label}。" if suggested else "没有接通。"


_GOES_ON = {
    "ringing": "正在呼叫您的话机，请接起来。",
    "dialling": "您的话机接上了，正在打给对方。",
    "met": "对方接起来了。",
}
