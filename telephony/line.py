"""What crosses a line, whoever carries it: events in, sound and marks out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from telephony.audio import AudioChunk, AudioFormat


@dataclass(frozen=True, slots=True)
class Started:
    """The line carries sound; ``parameters`` are what we gave the carrier when dialling.

    ``call`` is the carrier's name for the call, None where only the token says whose line it is.
    """

    call: str | None
    stream: str
    format: AudioFormat
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sound:
    """What the other side sounded, or, if ``theirs`` is not set, what they were given to hear."""

    chunk: AudioChunk
    theirs: bool = True


@dataclass(frozen=True, slots=True)
class Key:
    """A key was pressed: 0-9, A-D, ``*`` or ``#``."""

    digit: str


@dataclass(frozen=True, slots=True)
class Marked:
    """Everything before the mark has been played, or was cleared."""

    name: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The line is over."""


LineEvent = Started | Sound | Key | Marked | Ended
#: What a socket carries: text or bytes.
Message = str | bytes


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the far side does by itself; what it does not do, our playout does.

    ``paces``: it buffers sound and plays it in time. ``marks``: it reports what was played.
    ``clears``: it drops what it has buffered when told. ``returns_cleared``: marks that were
    cleared come back too.
    """

    paces: bool
    marks: bool
    clears: bool
    returns_cleared: bool


class LineCodec(Protocol):
    """Bytes to events and back for one line; no input or output of its own."""

    @property
    def abilities(self) -> Abilities:
        """What the far side does by itself."""

    def receive(self, message: Message) -> tuple[LineEvent, ...]:
        """Return what a message means; what is no valid message of this line is counted only.

        Raises :class:`telephony.failure.LineError` where the line must be closed.
        """

    def sound(self, chunk: AudioChunk) -> tuple[Message, ...]:
        """Return the messages that play ``chunk``."""

    def mark(self, name: str) -> tuple[Message, ...]:
        """Return the messages that ask for a mark after what was sent."""

    def clear(self) -> tuple[Message, ...]:
        """Return the messages that drop what is buffered."""

    def caption(self, text: str, *, ours: bool) -> tuple[Message, ...]:
        """Return the messages that show what is said, by us or to us, where somebody can read."""


class Transport(Protocol):
    """The socket below a line."""

    async def receive(self) -> Message | None:
        """Return the next message, or None when the other side has gone."""

    async def send(self, message: Message) -> None:
        """Send one message; raises ``ConnectionError`` when the other side has gone."""

    async def close(self) -> None:
        """Close it; closing twice does no harm."""
