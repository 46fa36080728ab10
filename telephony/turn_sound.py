"""The sound of one turn, gathered as 16 kHz samples."""

import numpy as np

from telephony.audio import WIDE, AudioChunk, AudioFormat, Resampler, Samples


class TurnSound:
    """Gathers chunks of any format; what lies beyond ``longest`` seconds is left out."""

    def __init__(self, longest: float) -> None:
        self._longest = round(longest * WIDE.rate)
        self._parts: list[Samples] = []
        self._length = 0
        self._resampler: Resampler | None = None
        self._format: AudioFormat | None = None

    def add(self, chunk: AudioChunk) -> Samples:
        """Take a chunk and return the samples that it became."""
        if self._resampler is None or chunk.format != self._format:
            self._resampler, self._format = Resampler(chunk.format, WIDE), chunk.format
        return self._keep(self._resampler.feed(chunk).samples())

    def end(self) -> Samples:
        """Return the samples that the last chunk left behind."""
        if self._resampler is None or self._format is None:
            return np.empty(0, np.int16)
        return self._keep(self._resampler.feed(AudioChunk(self._format, b""), last=True).samples())

    @property
    def samples(self) -> Samples:
        """All that was gathered."""
        return np.concatenate(self._parts) if self._parts else np.empty(0, np.int16)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self._length / WIDE.rate

    def _keep(self, samples: Samples) -> Samples:
        kept = samples[: self._longest - self._length]
        self._parts.append(kept)
        self._length += len(kept)
        return kept
