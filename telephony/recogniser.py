"""Who turns sound into words: one protocol for every recogniser."""

from dataclasses import dataclass
from math import exp, log
from typing import Protocol

from telephony.audio import AudioChunk

_LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was heard; times in seconds from the first sound fed, confidence 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard so far, or in the end if ``final``.

    ``hearings`` are all the texts that it may have been, these words among them, each with its
    probability, the likeliest first; empty if the recogniser weighs no others.
    """

    words: tuple[Word, ...] = ()
    final: bool = False
    hearings: tuple[tuple[str, float], ...] = ()

    @property
    def text(self) -> str:
        """The words as one text; Chinese words join, others keep a space between them."""
        text = ""
        for word in self.words:
            gap = " " if text[-1:].isascii() and word.text[:1].isascii() and text else ""
            text += gap + word.text
        return text

    @property
    def confidence(self) -> float:
        """How sure the recogniser is of all of it, 0 to 1; 0 for no words.

        The geometric mean of the words' confidences, weighted by their length, so that one word
        that was hardly heard is not hidden by the others.
        """
        letters = sum(len(word.text) for word in self.words)
        logs = (len(word.text) * log(max(word.confidence, _LEAST)) for word in self.words)
        return exp(sum(logs) / letters) if letters else 0.0


@dataclass(frozen=True, slots=True)
class Hints:
    """What the question just asked expects: whole phrases, and whether digits.

    ``likely`` are a few of the phrases that a recogniser may be primed with.
    """

    phrases: tuple[str, ...] = ()
    digits: bool = False
    likely: tuple[str, ...] = ()


class Listening(Protocol):
    """One turn of the other side, fed while it speaks."""

    async def feed(self, chunk: AudioChunk) -> Transcript | None:
        """Take sound; return a partial transcript if there is a new one.

        Raises :class:`telephony.failure.RecogniserError` if the recogniser has died.
        """

    async def pause(self) -> Transcript | None:
        """Nobody speaks now: begin to hear what :meth:`finish` would return if nothing is fed.

        May be called again while it is quiet; returns as :meth:`feed` does, and raises as it does.
        """

    async def finish(self) -> Transcript:
        """Return the final transcript. Raises as :meth:`feed` does."""

    async def cancel(self) -> None:
        """Forget this turn; never raises."""


class Recogniser(Protocol):
    """Hears many turns, several at once."""

    @property
    def name(self) -> str:
        """What it is called in settings and records."""

    async def listen(self, hints: Hints) -> Listening:
        """Begin a turn. Raises :class:`telephony.failure.RecogniserError` if none can be heard."""

    async def close(self) -> None:
        """Stop its workers; nothing of it is left behind."""
