"""When the other side begins to speak and when it has finished."""

from collections import deque
from dataclasses import dataclass

from telephony.activity import Frame
from telephony.turn_rules import SpeechLevels

#: Gaps shorter than this belong to the words themselves.
_BREATH = 0.25


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody began to speak ``at`` seconds of sound; known for certain at ``known``."""

    at: float
    known: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody spoke from ``start`` to ``end``; ``pause`` is the longest pause within."""

    start: float
    end: float
    pause: float = 0.0


class SpeechWatch:
    """Tells turns in a stream of frames; all times are seconds of sound on the line.

    ``ends`` is how long a silence ends a turn; it may be changed at any time.
    """

    def __init__(self, levels: SpeechLevels, ends: float = 0.7) -> None:
        self.ends = ends
        self._levels = levels
        self._recent: deque[tuple[float, float, bool]] = deque()
        self._turn: Stopped | None = None
        self._at = 0.0

    @property
    def is_speaking(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._turn is not None

    @property
    def quiet(self) -> float:
        """For how many seconds nobody has spoken in the turn that is going on; 0 without one."""
        return self._at - self._turn.end if self._turn else 0.0

    def hear(self, frame: Frame) -> Began | Stopped | None:
        """Take the next frame; return what it brought about."""
        start, self._at = self._at, frame.end
        if self._turn is None:
            return self._maybe_begin(start, frame)
        return self._go_on(start, frame, self._turn)

    def _maybe_begin(self, start: float, frame: Frame) -> Began | None:
        speech = frame.speech >= self._levels.starts and frame.level >= self._levels.loud
        self._recent.append((start, frame.end, speech))
        while frame.end - self._recent[0][0] > self._levels.window + 1e-6:
            self._recent.popleft()
        spoken = [(begin, end) for begin, end, speech in self._recent if speech]
        if sum(end - begin for begin, end in spoken) < self._levels.onset:
            return None
        self._turn = Stopped(spoken[0][0], spoken[-1][1])
        self._recent.clear()
        return Began(self._turn.start, frame.end)

    def _go_on(self, start: float, frame: Frame, turn: Stopped) -> Stopped | None:
        if frame.speech >= self._levels.stays:
            gap = start - turn.end
            pause = max(turn.pause, gap) if gap > _BREATH else turn.pause
            self._turn = Stopped(turn.start, frame.end, pause)
        elif frame.end - turn.end >= self.ends:
            self._turn = None
            return turn
        return None

    def end_now(self) -> Stopped | None:
        """End the turn that is going on, if there is one, because the line has."""
        turn, self._turn = self._turn, None
        return turn
