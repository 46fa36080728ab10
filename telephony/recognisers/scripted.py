"""A recogniser that hears what it was told to: for tests, rehearsals and benchmarks."""

from collections.abc import Iterable, Iterator

from telephony.audio import AudioChunk
from telephony.failure import RecogniserError
from telephony.recogniser import Hints, Transcript, Word
from telephony.recognisers.fault import Fault


class ScriptedRecogniser:
    """Hears the next line of its script in every turn in which there is sound.

    ``heard`` and ``hints`` keep what it was given. After the last line nothing is heard; a line
    that is an error is raised.
    """

    name = "scripted"

    def __init__(self, lines: Iterable[str | Transcript | RecogniserError] = ()) -> None:
        self._lines: Iterator[str | Transcript | RecogniserError] = iter(lines)
        self._closed = False
        self.hints: list[Hints] = []
        self.heard: list[float] = []

    async def listen(self, hints: Hints) -> "ScriptedListening":
        """See :class:`telephony.recogniser.Recogniser`."""
        if self._closed:
            raise RecogniserError(Fault.CLOSED, name=self.name)
        self.hints.append(hints)
        return ScriptedListening(self)

    async def close(self) -> None:
        """See :class:`telephony.recogniser.Recogniser`."""
        self._closed = True

    def next_line(self, seconds: float) -> Transcript:
        """Return the next line, spread over ``seconds``."""
        self.heard.append(seconds)
        line = next(self._lines, "") if seconds else ""
        if isinstance(line, RecogniserError):
            raise line
        return line if isinstance(line, Transcript) else spoken(line, seconds)


class ScriptedListening:
    """One turn of the script."""

    def __init__(self, recogniser: ScriptedRecogniser) -> None:
        self._recogniser = recogniser
        self._seconds = 0.0

    async def feed(self, chunk: AudioChunk) -> Transcript | None:
        """See :class:`telephony.recogniser.Listening`."""
        self._seconds += chunk.seconds
        return None

    async def pause(self) -> Transcript | None:
        """See :class:`telephony.recogniser.Listening`."""
        return None

    async def finish(self) -> Transcript:
        """See :class:`telephony.recogniser.Listening`."""
        return self._recogniser.next_line(self._seconds)

    async def cancel(self) -> None:
        """See :class:`telephony.recogniser.Listening`."""


def spoken(text: str, seconds: float) -> Transcript:
    """Return ``text`` as words of one character each, evenly spread and certain."""
    step = seconds / max(1, len(text))
    words = (Word(sign, at * step, (at + 1) * step, 1.0) for at, sign in enumerate(text))
    return Transcript(tuple(words), final=True)
