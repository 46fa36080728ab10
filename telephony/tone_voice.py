"""A voice that hums: each sentence its own tone, as long as it would take to say.

It is for tests, rehearsals and benchmarks, and says nothing to anybody.
"""

import zlib

import numpy as np

from telephony.audio import NARROW, AudioChunk, from_samples


class ToneVoice:
    """See :class:`telephony.voice.Voice`."""

    name = "tone"

    def __init__(self, seconds_a_sign: float = 0.05) -> None:
        self._seconds_a_sign = seconds_a_sign

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        """Return a tone that depends on ``text`` alone."""
        seconds = self._seconds_a_sign * len(text) / rate
        pitch = 200 + zlib.crc32(text.encode()) % 300
        places = np.arange(round(seconds * NARROW.rate)) / NARROW.rate
        wave = 3_000 * np.sin(2 * np.pi * pitch * places)
        return from_samples(wave.astype(np.int16), NARROW)
