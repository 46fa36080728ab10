"""How one person talks, as their calls have shown."""

from dataclasses import dataclass, replace

#: What one turn without such a pause takes away of it.
_FADES = 0.97


@dataclass(frozen=True, slots=True)
class Manner:
    """``pause``: seconds that the person pauses within an answer; ``rate``: how fast to speak.

    ``gain``: how much louder than usual to speak (dB), in this call only.

    A longer pause counts at once, since nobody may be cut off twice; shorter ones let it shrink
    slowly.
    """

    pause: float = 0.0
    rate: float = 1.0
    gain: float = 0.0

    def learned(self, pause: float) -> "Manner":
        """Return the manner after an answer whose longest pause was ``pause`` seconds."""
        kept = max(pause, self.pause * _FADES + pause * (1 - _FADES))
        return replace(self, pause=round(kept, 3))

    def slower(self) -> "Manner":
        """Return the manner of somebody who asked to be spoken to more slowly."""
        return replace(self, rate=max(0.7, round(self.rate - 0.15, 2)))

    def louder(self, step: float, most: float) -> "Manner":
        """Return the manner of somebody who hardly hears us."""
        return replace(self, gain=min(most, self.gain + step))
