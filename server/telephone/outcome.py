"""What came of a call that nobody was asked anything on."""

from collections.abc import Mapping
from dataclasses import dataclass

from telephony.carrier import CallState


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """A local code and the AAPOR code beside it."""

    code: str
    aapor: str


NOBODY = CallOutcome("N15", "3.13")
MACHINE = CallOutcome("N15", "3.14")
BUSY = CallOutcome("N15", "3.12")
TROUBLE = CallOutcome("N15", "3.16")
NO_NUMBER = CallOutcome("N14", "4.31")
BROKEN_OFF = CallOutcome("N12", "2.12")

_OF_STATE: Mapping[CallState, CallOutcome] = {
    CallState.BUSY: BUSY,
    CallState.NO_ANSWER: NOBODY,
    CallState.FAILED: TROUBLE,
    CallState.CANCELED: TROUBLE,
    CallState.COMPLETED: TROUBLE,
}
#: Answers of the telephone network that say there is no such number (RFC 3261, RFC 3398).
_NO_SUCH_NUMBER = frozenset({404, 410, 484, 604})


def outcome_of_state(
    state: CallState, sip_code: int | None = None, *, machine: bool = False
) -> CallOutcome:
    """Return what a call that ended in ``state`` without our speaking came to."""
    if machine:
        return MACHINE
    if state is CallState.FAILED and sip_code in _NO_SUCH_NUMBER:
        return NO_NUMBER
    return _OF_STATE.get(state, NOBODY)
