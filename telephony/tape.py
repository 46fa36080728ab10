"""The last minutes of a line's sound, by the second."""

from telephony.audio import AudioChunk, AudioFormat

#: Seconds that are kept; a turn longer than this loses its beginning.
KEPT = 90.0


class Tape:
    """Keeps what was heard, for the recogniser's run-up and for evidence."""

    def __init__(self, target: AudioFormat, kept: float = KEPT) -> None:
        self._format = target
        self._width = target.bytes_per_second // target.rate
        self._most = round(kept * target.rate) * self._width
        self._data = bytearray()
        self._skipped = 0

    @property
    def seconds(self) -> float:
        """How much was heard in all."""
        return (self._skipped + len(self._data)) / self._format.bytes_per_second

    def add(self, chunk: AudioChunk) -> None:
        """Take what was heard next."""
        self._data += chunk.data
        excess = len(self._data) - self._most
        if excess > self._most // 4:
            excess -= excess % self._width
            del self._data[:excess]
            self._skipped += excess

    def between(self, start: float, end: float) -> AudioChunk:
        """Return the sound from ``start`` to ``end`` seconds, as far as it is kept."""
        first, last = self._place(start), self._place(end)
        return AudioChunk(self._format, bytes(self._data[first:last]))

    def _place(self, seconds: float) -> int:
        place = round(seconds * self._format.rate) * self._width - self._skipped
        return max(0, min(place, len(self._data)))
