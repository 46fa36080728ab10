"""What a call leaves behind: who ended it, what was said and heard, how long each stage took."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from telephony.prompt import Spoken


class Ending(StrEnum):
    """Why a call is over."""

    FINISHED = "finished"
    TRANSFERRED = "transferred"
    HUNG_UP = "hung_up"
    MACHINE = "machine"
    BROKEN = "broken"


@dataclass(slots=True)
class TurnTimes:
    """One turn of the other side: what it answered, and when each stage was over.

    ``start`` and ``end`` are seconds of sound on the line; the others are seconds of the clock:
    ``ended`` when the last word was over, ``decided`` when the silence had been long enough,
    ``recognised``, ``answered`` by the interview, ``sounded`` when the reply's first sound left.
    """

    asked: str
    words: str
    confidence: float
    start: float
    end: float
    ended: float
    decided: float
    recognised: float = 0.0
    answered: float = 0.0
    sounded: float = 0.0


@dataclass(slots=True)
class CallReport:
    """See the module; ``interruptions`` are the seconds from the first sound to our silence."""

    ending: Ending = Ending.BROKEN
    started: float = 0.0
    ended: float = 0.0
    first_sound: float = 0.0
    spoken: list[Spoken] = field(default_factory=list)
    turns: list[TurnTimes] = field(default_factory=list)
    keys: int = 0
    interruptions: list[float] = field(default_factory=list)
    resumed: int = 0
    odd: Counter[str] = field(default_factory=Counter)

    def note_sound(self, now: float) -> None:
        """Note that a message left at ``now``."""
        self.first_sound = self.first_sound or now
        last = self.turns[-1] if self.turns else None
        if last is not None and last.answered and not last.sounded:
            last.sounded = now
