"""What the far side was given to hear in the last seconds, on the clock of the playout."""

from collections import deque

import numpy as np

from telephony.audio import NARROW, AudioChunk, AudioFormat, Samples

#: Seconds that are kept after they were heard.
_KEPT = 3.0


class Played:
    """Keeps what was sent with the time at which it is heard; see the module."""

    def __init__(self, target: AudioFormat) -> None:
        self._format = target
        self._pieces: deque[tuple[float, bytes]] = deque()
        #: When the last of it has been heard.
        self.ends = 0.0

    def add(self, starts: float, data: bytes) -> None:
        """Note that ``data`` is heard from ``starts`` on, after everything that was added."""
        self._pieces.append((starts, data))
        self.ends = self._end_of(starts, data)
        while self._end_of(*self._pieces[0]) < starts - _KEPT:
            self._pieces.popleft()

    def cut(self, now: float) -> None:
        """Note that nothing is heard of what would have come after ``now``."""
        while self._pieces and self._pieces[-1][0] >= now:
            self._pieces.pop()
        if self._pieces and self.ends > now:
            starts, data = self._pieces.pop()
            width = self._format.bytes_per_second // self._format.rate
            self._pieces.append((starts, data[: round((now - starts) * self._format.rate) * width]))
        self.ends = min(self.ends, now)

    def between(self, start: float, end: float) -> Samples:
        """Return what was heard from ``start`` to ``end`` at 8 kHz, silence where nothing was."""
        rate = self._format.rate
        heard = np.zeros(round((end - start) * rate), np.int16)
        for starts, data in self._pieces:
            place = round((starts - start) * rate)
            if starts < end and self._end_of(starts, data) > start:
                samples = AudioChunk(self._format, data).samples()[max(0, -place) :]
                kept = heard[max(0, place) : max(0, place) + len(samples)]
                kept[:] = samples[: len(kept)]
        return AudioChunk(AudioFormat(NARROW.encoding, rate), heard.tobytes()).to(NARROW).samples()

    def _end_of(self, starts: float, data: bytes) -> float:
        return starts + len(data) / self._format.bytes_per_second
