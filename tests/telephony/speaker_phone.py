"""Somebody on a speaker phone, whose microphone hears what we say; and a voice that speaks."""

from dataclasses import dataclass
from itertools import cycle

import numpy as np
import numpy.typing as npt

from telephony.audio import NARROW, TELEPHONE, AudioChunk, from_samples
from telephony.farewell import FAREWELLS
from telephony.tone_voice import ToneVoice
from tests.telephony.simulator import FRAME, RATE, Telephone

Wave = npt.NDArray[np.float64]
#: Samples by which the loudspeaker's own filter delays.
_NARROW = 32


class SpeakingVoice(ToneVoice):
    """Says the last words that come with the release, whatever it is to say."""

    def __init__(self, seconds: float = 60.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._sounds = cycle([one.sound for one in FAREWELLS])

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        sound = next(self._sounds)
        return AudioChunk(sound.format, sound.data[: 2 * round(self._seconds * NARROW.rate)])


def room(seconds: float, seed: int = 1) -> Wave:
    """Return what a loudspeaker, a room and a microphone make of a click, as loud as the click."""
    random = np.random.default_rng(seed)
    length = round(seconds * RATE)
    tail = random.normal(0, 1, length) * 10 ** (-3 * np.arange(length) / length)
    click = 0.7 * tail / float(np.sqrt(np.sum(tail**2)))
    click[0] += 1.0
    hertz = np.fft.rfftfreq(2 * _NARROW, 1 / RATE)
    narrow = np.fft.irfft(1 / (1 + (350 / (hertz + 1)) ** 4) / (1 + (hertz / 3_000) ** 8))
    made = np.convolve(click, np.roll(narrow, _NARROW) * np.hanning(2 * _NARROW))
    return np.asarray(made / np.sqrt(np.sum(made**2)))


@dataclass
class SpeakerPhone(Telephone):
    """Hears us again ``delay`` seconds later and ``softer`` dB softer, over a line with noise."""

    delay: float = 0.25
    softer: float = 20.0
    reverberates: float = 0.3
    noise: float = -60.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._room = room(self.reverberates) * 10 ** (-self.softer / 20)
        self._random = np.random.default_rng(2)

    def frame(self, now: float) -> bytes:
        """See :class:`Telephone`."""
        own = AudioChunk(TELEPHONE, super().frame(now)).samples().astype(np.float64)
        mixed = own + self._echo(now) + self._random.normal(0, self._noise, FRAME)
        return from_samples(np.clip(mixed, -32_768, 32_767).astype(np.int16), TELEPHONE).data

    @property
    def _noise(self) -> float:
        return float(32_768 * 10 ** (self.noise / 20))

    def _echo(self, now: float) -> Wave:
        length = len(self._room) + FRAME
        played = self._played(now - self.delay + FRAME / RATE - length / RATE, length)
        return np.convolve(played, self._room, "valid")[-FRAME:]

    def _played(self, start: float, length: int) -> Wave:
        played = np.zeros(length)
        for began, sound in reversed(self.heard):
            place = round((began - start) * RATE)
            if place + len(sound) <= 0:
                break
            samples = AudioChunk(TELEPHONE, sound).samples()[max(0, -place) :]
            into = played[max(0, place) : max(0, place) + len(samples)]
            into[:] = samples[: len(into)]
        return played
