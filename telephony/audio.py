"""Sound as it travels on a line: its format, a stretch of it, and its conversion."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import soxr

Samples = npt.NDArray[np.int16]


class Encoding(StrEnum):
    """How one sample is written."""

    MULAW = "mulaw"
    ALAW = "alaw"
    PCM = "pcm"


_WIDTH = {Encoding.MULAW: 1, Encoding.ALAW: 1, Encoding.PCM: 2}


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """One channel of samples; PCM is signed 16-bit little-endian, ``rate`` in samples a second."""

    encoding: Encoding
    rate: int

    @property
    def bytes_per_second(self) -> int:
        """How many bytes a second of sound takes."""
        return self.rate * _WIDTH[self.encoding]

    @property
    def silence(self) -> bytes:
        """The bytes of one silent sample."""
        return {Encoding.MULAW: b"\xff", Encoding.ALAW: b"\xd5", Encoding.PCM: b"\0\0"}[
            self.encoding
        ]


TELEPHONE = AudioFormat(Encoding.MULAW, 8_000)
NARROW = AudioFormat(Encoding.PCM, 8_000)
WIDE = AudioFormat(Encoding.PCM, 16_000)


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of sound; a trailing half sample does not count."""

    format: AudioFormat
    data: bytes

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.data) / self.format.bytes_per_second

    @property
    def level(self) -> float:
        """Its loudness in dB below full scale, at least -96."""
        samples = self.samples().astype(np.float64)
        power = float(np.mean(samples**2)) if samples.size else 0.0
        return max(-96.0, 10 * float(np.log10(power / 32_768**2 + 1e-12)))

    def samples(self) -> Samples:
        """Return it as signed 16-bit samples at its own rate."""
        if self.format.encoding is Encoding.PCM:
            return np.frombuffer(self.data[: len(self.data) // 2 * 2], "<i2").astype(np.int16)
        return _DECODED[self.format.encoding][np.frombuffer(self.data, np.uint8)]

    def louder(self, gain: float) -> "AudioChunk":
        """Return the same sound louder by ``gain`` dB, its peaks rounded off below full scale."""
        raised = np.tanh(self.samples() / 32_768 * 10 ** (gain / 20)) * 32_767
        return from_samples(raised.astype(np.int16), self.format)

    def to(self, target: AudioFormat) -> "AudioChunk":
        """Return the same sound in another format; for a stream use :class:`Resampler`."""
        if target == self.format:
            return self
        samples = self.samples()
        if target.rate != self.format.rate:
            samples = soxr.resample(samples, self.format.rate, target.rate)
        return from_samples(samples, target)


def from_samples(samples: Samples, target: AudioFormat) -> AudioChunk:
    """Return samples that have the rate of ``target`` already as a chunk of it."""
    if target.encoding is Encoding.PCM:
        return AudioChunk(target, samples.astype("<i2").tobytes())
    codes = _ENCODED[target.encoding][samples.view(np.uint16)]
    return AudioChunk(target, codes.tobytes())


def silence(seconds: float, target: AudioFormat) -> AudioChunk:
    """Return ``seconds`` of silence."""
    return AudioChunk(target, target.silence * round(seconds * target.rate))


class Resampler:
    """Converts a stream of chunks to another format with no click between them."""

    def __init__(self, source: AudioFormat, target: AudioFormat) -> None:
        self.target = target
        same = source.rate == target.rate
        self._stream = None if same else soxr.ResampleStream(source.rate, target.rate, 1, "int16")

    def feed(self, chunk: AudioChunk, *, last: bool = False) -> AudioChunk:
        """Return what is ready of the stream; all of it after the ``last`` chunk."""
        samples = chunk.samples()
        if self._stream is not None:
            samples = self._stream.resample_chunk(samples, last=last)
        return from_samples(samples, self.target)


def _mulaw_decoded() -> Samples:
    """ITU-T G.711 μ-law: inverted bits, sign, 3 bits of exponent, 4 of mantissa, bias 132."""
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = (((code & 0x0F).astype(np.int32) << 3) + 132 << ((code >> 4) & 7)) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_decoded() -> Samples:
    """ITU-T G.711 A-law: even bits inverted, sign, 3 bits of exponent, 4 of mantissa."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, (code & 0x0F).astype(np.int32)
    line = (mantissa << 4) + 8
    magnitude = np.where(exponent == 0, line, (line + 256) << np.maximum(exponent, 1) - 1)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _nearest(decoded: Samples) -> npt.NDArray[np.uint8]:
    """Return for each unsigned view of a 16-bit sample the code that decodes nearest to it."""
    order = np.argsort(decoded, kind="stable")
    values = decoded[order].astype(np.int32)
    wanted = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    upper = np.clip(np.searchsorted(values, wanted, side="right"), 1, 255)
    lower = upper - 1
    nearer = np.where(wanted - values[lower] < values[upper] - wanted, lower, upper)
    return order[nearer].astype(np.uint8)


_DECODED = {Encoding.MULAW: _mulaw_decoded(), Encoding.ALAW: _alaw_decoded()}
_ENCODED = {name: _nearest(table) for name, table in _DECODED.items()}
