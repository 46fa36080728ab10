"""A recogniser inside its own process: blocking, one thread, several turns side by side."""

from typing import Protocol

from telephony.audio import AudioChunk
from telephony.recogniser import Hints, Transcript


class Hearing(Protocol):
    """One turn of the other side, as the process of the recogniser sees it."""

    def feed(self, chunk: AudioChunk) -> Transcript | None:
        """Take sound; return a partial transcript if there is a new one."""

    def pause(self) -> Transcript | None:
        """Hear what :meth:`finish` will return if nothing more is fed; return it if it is new."""

    def finish(self) -> Transcript:
        """Return the final transcript; nothing is fed afterwards."""


class Ear(Protocol):
    """A loaded model.

    A recogniser that runs in worker processes is a module with a function ``ear`` that takes the
    folder of its model and returns one.
    """

    def listen(self, hints: Hints) -> Hearing:
        """Begin a turn."""
