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
    """The call. ``phase`` is ringing, dialling, met, machine, fetching or over.

    ``machine`` while the machine asks, ``fetching`` while the caller's telephone rings so that the
    person is brought back; ``said`` is what was said to the question; ``talks`` while the caller's
    own telephone is on the line.
    """

    phase: str
    words: str
    lines: Sequence[SaidLine]
    said: str
    hears: bool
    suggested: Disposition | None
    talks: bool

    @property
    def is_over(self) -> bool:
        """Whether nobody is on the line any more."""
        return self.phase == "over"

    @property
    def is_lent(self) -> bool:
        """Whether the machine asks the person."""
        return self.phase in ("machine", "fetching")

    def told(self) -> dict[str, object]:
        """Return it as the page's script takes it."""
        lines = [
            {"number": one.number, "who": who(one), "side": one.side, "words": one.words,
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
            "talks": self.talks,
        }


def who(line: SaidLine) -> str:
    """Return who said a line, as the page names them."""
    return "机器" if line.by_machine else SIDES[line.side]


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
        talks=legs.bridge.is_open and legs.has_caller,
    )


def _phase(legs: Legs) -> str:
    if not legs.bridge.is_open:
        return "over"
    if legs.bridge.is_lent:
        rings = legs.bridge.wanted and legs.caller.ended_at is None
        return "fetching" if rings else "machine"
    if legs.bridge.met_at is not None:
        return "met"
    taken = legs.caller.state == "answered"
    return "dialling" if taken or legs.person.state == "ringing" else "ringing"


def _words(phase: str, legs: Legs, suggested: Disposition | None) -> str:
    if phase != "over":
        left = phase == "machine" and legs.caller.ended_at is not None
        return _GOES_ON["left"] if left else _GOES_ON[phase]
    if legs.bridge.met_at is not None:
        return "电话断了。"
    if legs.caller.state in _NOT_TAKEN:
        return "您的话机没有接起来，没有打给对方。"
    return f"没有接通：{suggested.label}。" if suggested else "没有接通。"


_GOES_ON = {
    "ringing": "正在呼叫您的话机，请接起来。",
    "dialling": "您的话机接上了，正在打给对方。",
    "met": "对方接起来了。",
    "machine": "机器在问，您的话机留在线上，对方听不见您。",
    "left": "机器在问，您的话机已经挂了；接回来时会再响。",
    "fetching": "正在呼叫您的话机，接起来就把对方接回来；现在还是机器在问。",
}
