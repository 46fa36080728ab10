"""Tells the echo of our own voice on a line from everybody else's voice.

Both sides are looked at as a picture: the loudness (dB) in 16 bands, a hundred times a second. What
is heard is an echo if a third of a second of it looks like what was played some moment before, and
if the newest part of it is not much louder than that can have made it. Loudspeakers, rooms and the
codecs of telephones change a waveform beyond recognition, and this picture little.

The numbers were found with simulated echoes (``python -m benchmarks.echo``), not on real calls.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from telephony.audio import NARROW, Samples
from telephony.doubling import Floats

#: Samples from one column of a picture to the next, samples that a column looks at, and its bands.
_HOP, _WINDOW, _BANDS = 80, 256, 16
_LOWEST, _HIGHEST = 200.0, 3_700.0
#: Columns that are compared, the newest of them that must not be louder, and the longest delay.
_COMPARED, _NEWEST, _DELAYS = 29, 6, 80
#: Columns by which the delay of one line may wander, and dB that a room loses a column.
_WANDERS, _ROOM = 4, 1.8
#: Columns of earlier sound that may still be in the room.
_LINGERS = 20
#: How alike (-1 to 1) two pictures are that prove an echo; the first of it, of which little has
#: sounded; and one that is known.
_PROOF, _CERTAIN, _LIKELY = 0.76, 0.92, 0.45
#: dB by which something is louder than an echo, and the share of such sound that is a voice.
_LOUDER, _VOICE = 8.0, 0.45
#: More such dB, until so many proofs have told how loud each band of an echo is.
_UNSURE, _FAMILIAR = 4.0, 20
#: dB below the loudest that still count in a picture, and how loud noise makes one band of it,
#: against the loudness of all of it.
_DEPTH, _NOISE_IN_BAND = 35.0, -22.0
#: dB above the noise of which a picture says something.
_CLEAR = 10.0
#: Our voice softer than this (dB in a band) makes no echo, and what changes less (dB) is no voice.
_SILENT, _STEADY = -60.0, 4.0
#: Columns that have to sound, and proofs of one delay among the last few, before it is believed.
_SOUNDING, _PROOFS, _LAST = 8, 3, 6
#: Cells of a picture that tell how loud an echo is, and how soon that and the noise are followed.
_CELLS, _LEARNS, _RESTS = 4, 0.2, 0.05

#: Seconds after which an echo comes at most, and of sound that :meth:`Echo.explains` wants: heard,
#: and played.
LONGEST = (_DELAYS + _LINGERS) * _HOP / NARROW.rate
HEARD = ((_COMPARED - 1) * _HOP + _WINDOW) / NARROW.rate
PLAYED = HEARD + LONGEST


@dataclass(frozen=True, slots=True)
class _Heard:
    """The picture of what is heard; nothing in it is below ``floor``."""

    picture: Floats
    floor: float

    @property
    def depth(self) -> float:
        return float(self.picture.max()) - self.floor

    @property
    def sounding(self) -> int:
        """In how many columns there is more than noise."""
        loudest = self.picture.max(axis=1)
        return int((loudest > max(float(loudest.max()) - 20, self.floor + 3)).sum())


@dataclass(frozen=True, slots=True)
class _Match:
    """What was played ``delay`` columns before, and how alike it is to what is heard."""

    delay: int
    likeness: float
    picture: Floats


class Echo:
    """Knows, and learns, how our own voice comes back on one line."""

    def __init__(self) -> None:
        self._delay: int | None = None
        self._gains: Floats | None = None
        self._proofs: deque[int] = deque(maxlen=_LAST)
        self._noise = -90.0
        self._rested = self._learned = 0

    def rest(self, level: float) -> None:
        """Learn how loud (dB below full scale) the line is while nobody speaks."""
        self._rested += 1
        rises = 1.0 if level < self._noise else max(_RESTS, 1 / self._rested)
        self._noise += rises * (max(level, -96.0) - self._noise)

    def explains(self, heard: Samples, played: Samples) -> bool:
        """Whether the end of ``heard`` is nothing but an echo of ``played``.

        Both end at the same moment, are at 8 kHz, and as long as :data:`HEARD` and :data:`PLAYED`.
        """
        seen = self._seen(heard)
        if seen.depth < _CLEAR:
            return False
        if self._delay is not None:
            around = (max(0, self._delay - _WANDERS), self._delay + _WANDERS)
            match = _best(seen, played, *around)
            if match is not None and self._is_echo(seen, match, self._gains):
                return True
            if match is not None and match.likeness >= _LIKELY:
                return False
        match = _best(seen, played, 0, _DELAYS)
        wanted = _PROOF if seen.sounding >= _SOUNDING else _CERTAIN
        return match is not None and match.likeness >= wanted and self._is_echo(seen, match, None)

    def _seen(self, heard: Samples) -> _Heard:
        picture = _picture(heard)
        floor = max(float(picture.max()) - _DEPTH, self._noise + _NOISE_IN_BAND)
        return _Heard(np.maximum(picture, np.float32(floor)), floor)

    def _is_echo(self, seen: _Heard, match: _Match, gains: Floats | None) -> bool:
        """Judge the newest columns by ``gains``, or by what the older ones show of them."""
        fitted = gains
        if fitted is None:
            fitted = _fitted(seen.picture[:-_NEWEST], match.picture[:-_NEWEST], seen.floor)
        if fitted is None:
            return False
        margin = _LOUDER if self._learned >= _FAMILIAR else _LOUDER + _UNSURE
        louder = _louder(seen, match, fitted, margin)
        if louder <= _VOICE and match.likeness >= _PROOF and seen.sounding >= _SOUNDING:
            self._learn(seen, match)
        return louder <= _VOICE and match.likeness >= _LIKELY

    def _learn(self, seen: _Heard, match: _Match) -> None:
        """Believe a delay that was proved a few times, and follow how loud the echo is."""
        self._proofs.append(match.delay)
        proofs = sum(abs(delay - match.delay) <= 2 for delay in self._proofs)
        gains = _fitted(seen.picture, match.picture, seen.floor)
        if proofs < _PROOFS or gains is None:
            return
        known = self._delay is not None and abs(self._delay - match.delay) <= _WANDERS
        self._learned = self._learned + 1 if known else 1
        if known and self._gains is not None:
            share = np.float32(max(_LEARNS, 1 / self._learned))
            gains = self._gains + share * (gains - self._gains)
        self._delay, self._gains = match.delay, gains


def _bands() -> Floats:
    """Return what makes 16 bands, as wide as they are high, of a spectrum."""
    hertz = np.fft.rfftfreq(_WINDOW, 1 / NARROW.rate)
    edges = np.geomspace(_LOWEST, _HIGHEST, _BANDS + 1)
    chosen = (hertz[:, None] >= edges[:-1]) & (hertz[:, None] < edges[1:])
    wanted = chosen[:, chosen.any(axis=0)]
    return (wanted / _WINDOW**2).astype(np.float32)


_TO_BANDS = _bands()
_TAPER = np.hanning(_WINDOW).astype(np.float32)


def _picture(samples: Samples) -> Floats:
    """Return the loudness of each band (dB below full scale), a row for every hop."""
    sound = samples.astype(np.float32) / np.float32(32_768)
    windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    spectra = np.fft.rfft(windows * _TAPER, axis=1)
    power = (spectra.real**2 + spectra.imag**2).astype(np.float32)
    loudness: Floats = 10 * np.log10(power @ _TO_BANDS + np.float32(1e-9))
    return loudness


def _lingering(picture: Floats) -> Floats:
    """Return a picture in which every sound dies away as it does in a room."""
    fall = np.float32(_ROOM) * np.arange(len(picture), dtype=np.float32)[:, None]
    lingering: Floats = np.maximum.accumulate(picture + fall, axis=0) - fall
    return lingering


def _best(seen: _Heard, played: Samples, shortest: int, longest: int) -> _Match | None:
    """Return what was played between two delays (columns) before and is most alike.

    It is None if nothing was played then.
    """
    first = len(played) - (longest + _COMPARED - 1 + _LINGERS) * _HOP - _WINDOW
    stretch = played[max(0, first) : len(played) - shortest * _HOP]
    played_picture = _lingering(_picture(stretch))[-(_COMPARED + longest - shortest) :]
    if played_picture.max() < _SILENT:
        return None
    alike = _likeness(seen, played_picture)
    best = int(alike.argmax())
    end = len(played_picture) - best
    found = played_picture[end - _COMPARED : end]
    return _Match(shortest + best, float(alike[best]), found)


def _likeness(seen: _Heard, played: Floats) -> Floats:
    """Return how alike what is heard is to ``played``, ever earlier by one column.

    It is the correlation of both pictures after what all speech has in common is taken away.
    """
    loudest = played.max()
    common = played[played.max(axis=1) > loudest - 30].mean(axis=0)
    deep = np.maximum(played, loudest - min(_DEPTH, seen.depth)) - common
    heard = seen.picture - common
    heard = heard - heard.mean()
    views = np.lib.stride_tricks.sliding_window_view(deep, _COMPARED, axis=0)
    shared = np.tensordot(views, heard.T, axes=([1, 2], [0, 1]))
    sums, squares = _running(deep.sum(axis=1)), _running((deep**2).sum(axis=1))
    least = _STEADY**2 * heard.size
    spread = np.maximum(squares - sums**2 / heard.size, least) * max((heard**2).sum(), least)
    alike: Floats = (shared / np.sqrt(spread))[::-1]
    return alike


def _running(values: Floats) -> Floats:
    """Return the sum of each stretch of as many values as are compared."""
    sums = np.cumsum(np.concatenate(([0.0], values.astype(np.float64))))
    running: Floats = sums[_COMPARED:] - sums[:-_COMPARED]
    return running


def _fitted(heard: Floats, played: Floats, floor: float) -> Floats | None:
    """Return how much louder each band is heard than it was played; None if that cannot be told.

    A band of which little is heard is taken for much like the others.
    """
    counts = heard > floor + 3
    if counts.sum() < _CELLS:
        return None
    gains = np.where(counts, heard - played, 0)
    overall = gains.sum() / counts.sum()
    fitted: Floats = ((gains.sum(axis=0) + 4 * overall) / (counts.sum(axis=0) + 4)).astype(
        np.float32
    )
    return fitted


def _louder(seen: _Heard, match: _Match, gains: Floats, margin: float) -> float:
    """Return what share of the newest sound is louder than the echo can be, by ``margin`` dB."""
    newest = seen.picture[-_NEWEST:]
    expected = np.maximum(match.picture[-_NEWEST:] + gains, seen.floor)
    power = 10 ** (newest / 10)
    return float(power[newest > expected + margin].sum() / power.sum())
