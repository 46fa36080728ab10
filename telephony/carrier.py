"""The port to whoever connects telephones: placing a call, answering, hanging up, transferring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from telephony.line import LineCodec
from telephony.rooms import Rooms


class CallState(StrEnum):
    """How far a call has come, in one vocabulary for all carriers."""

    QUEUED = "queued"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_over(self) -> bool:
        """Whether nothing follows any more."""
        return self not in (CallState.QUEUED, CallState.RINGING, CallState.ANSWERED)


class AnsweredBy(StrEnum):
    """Who took the call, as far as the carrier can tell; ``unknown`` counts as a human."""

    HUMAN = "human"
    MACHINE = "machine"
    FAX = "fax"
    UNKNOWN = "unknown"

    @property
    def is_machine(self) -> bool:
        """Whether nobody is there to be asked."""
        return self in (AnsweredBy.MACHINE, AnsweredBy.FAX)


@dataclass(frozen=True, slots=True)
class Order:
    """A call to be placed: whom to ring, and where the carrier reports to.

    ``call`` is our own id of the call, and ``token`` what its line has to bring, both for carriers
    that call it as we do and do not ask again once it is answered.
    ``ring`` is how many seconds it may ring, ``limit`` how many it may last, ``detects`` whether
    the carrier is to tell machines from people.
    """

    to: str
    voice_url: str
    status_url: str
    call: str = ""
    token: str = ""
    ring: int = 45
    limit: int = 3_600
    detects: bool = True


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One report of the carrier about a call; ``sequence`` orders reports, None if unknown."""

    call: str
    state: CallState | None = None
    sequence: int | None = None
    answered_by: AnsweredBy | None = None
    sip_code: int | None = None
    details: Mapping[str, str] = field(default_factory=dict)


class Carrier(Protocol):
    """One carrier. What does input and output is blocking: keep it off the event loop.

    Every such method raises :class:`telephony.failure.CarrierError` if the carrier refuses or
    does not answer.
    """

    @property
    def name(self) -> str:
        """What it is called in settings and records."""

    def codec(self) -> LineCodec:
        """Return what reads and writes one line of this carrier, with its abilities."""

    def answer(self, media_url: str, parameters: Mapping[str, str]) -> str:
        """Return what to tell the carrier when a call is answered: its sound goes to us.

        ``parameters`` come back in :class:`telephony.line.Started`.
        """

    def turn_away(self, sentence: str) -> str:
        """Return what to tell the carrier of a call that we do not take: why, and no more."""

    def place(self, order: Order) -> str:
        """Place a call and return the carrier's name for it."""

    def hang_up(self, call: str) -> None:
        """End a call; one that is over already is no error."""

    def transfer(self, call: str, to: str) -> None:
        """Connect the person on ``call`` with the number ``to``; our line ends."""

    def status(self, call: str) -> CallState:
        """Return how far a call has come."""

    def rooms(self) -> Rooms | None:
        """Return how it connects two telephones with each other; None if it cannot, or not yet."""
