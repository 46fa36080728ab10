"""What a carrier may be able to do besides: connect two telephones, and let us hear both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from telephony.line import LineCodec


@dataclass(frozen=True, slots=True)
class Ear:
    """Where the sound of both sides of a call is sent; nothing is said there."""

    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)


class Rooms(Protocol):
    """Rooms in which calls are connected with each other; see :class:`telephony.carrier.Carrier`.

    What a method returns to tell the carrier is for :meth:`telephony.carrier.Carrier.answer`'s
    place.
    """

    def enter(self, room: str, ear: Ear | None = None, *, closes: bool) -> str:
        """Return what to tell the carrier so that a call enters ``room``.

        ``ear`` hears both sides of the call meanwhile. The room ends when a call leaves that
        ``closes`` it; who is left in it is hung up on.
        """

    def leave(self, media_url: str, parameters: Mapping[str, str]) -> str:
        """Return what to tell the carrier so that a call leaves its room for ``media_url``.

        Its ear hears no more; the sound goes both ways, as after
        :meth:`telephony.carrier.Carrier.answer`.
        """

    def move(self, call: str, told: str) -> None:
        """Let a call that goes on do what it is ``told`` from now on; what it did is over at once.

        Blocking. Raises :class:`telephony.failure.CarrierError` if the carrier does not do it.
        """

    def end(self) -> str:
        """Return what to tell the carrier so that a call ends."""

    def codec(self) -> LineCodec:
        """Return what reads what an ear is sent: both sides of one call."""
