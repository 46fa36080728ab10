"""Sentences on their way to somebody's ear, and what has become of each."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from telephony.audio import AudioChunk

#: A prompt that goes on after an interruption begins again at a pause, this far back at most.
_REWIND, _STEP = 1.2, 0.02
_QUIET = 0.03


@dataclass(frozen=True, slots=True)
class Prompt:
    """A sentence, or a part of one, in the line's own format.

    ``name`` is the mark that follows it, ``kind:item:n``; a part that others follow has none.
    """

    name: str
    text: str
    sound: AudioChunk

    def after(self, seconds: float, name: str) -> "Prompt":
        """Return what is left after ``seconds``, from the pause before them, as ``name``."""
        start = _pause_before(self.sound, seconds)
        width = self.sound.format.bytes_per_second // self.sound.format.rate
        skipped = round(start * self.sound.format.rate) * width
        rest = AudioChunk(self.sound.format, self.sound.data[skipped:])
        return Prompt(name if self.name else "", self.text, rest)


class Fate(StrEnum):
    """What became of a prompt."""

    PLAYED = "played"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line of the ledger: a prompt, how long it is, and how much of it was heard."""

    name: str
    text: str
    seconds: float
    heard: float
    fate: Fate

    @property
    def share(self) -> float:
        """How much of it was heard, from 0 to 1."""
        return min(1.0, self.heard / self.seconds) if self.seconds else 1.0


def _pause_before(sound: AudioChunk, seconds: float) -> float:
    """Return the latest quiet moment not long before ``seconds``, or a little before them."""
    earliest = max(0.0, seconds - _REWIND)
    rate = sound.format.rate
    samples = sound.samples()[round(earliest * rate) : round(seconds * rate)].astype(np.float32)
    step = round(_STEP * rate)
    steps = samples[: len(samples) // step * step].reshape(-1, step)
    if not len(steps):
        return earliest
    levels = np.sqrt(np.mean(steps**2, axis=1))
    quiet = np.flatnonzero(levels <= _QUIET * max(1.0, float(levels.max())))
    return earliest + float(quiet[-1]) * _STEP if len(quiet) else max(0.0, seconds - 0.4)
