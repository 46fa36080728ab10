"""Our own voice as it comes back on a line: a frame of it counts as no speech."""

from dataclasses import replace

import numpy as np

from telephony.activity import Frame
from telephony.audio import NARROW, Samples
from telephony.echo import HEARD, LONGEST, PLAYED, Echo
from telephony.played import Played
from telephony.tape import Tape
from telephony.turn_rules import SpeechLevels

#: What share of a delay of the line's sound is believed at once; the rest may be a hiccup of it.
_BELIEVED = 0.05


class OwnVoice:
    """Compares what comes on a line with what was ``played`` there; ``tape`` is what came."""

    def __init__(self, played: Played, tape: Tape, levels: SpeechLevels) -> None:
        self._played, self._tape, self._levels = played, tape, levels
        self._echo = Echo()
        self._begun: float | None = None

    def arrived(self, position: float, now: float) -> None:
        """Note that at ``now`` the line's sound had come as far as ``position`` (seconds)."""
        begun = now - position
        if self._begun is None or begun < self._begun:
            self._begun = begun
        else:
            self._begun += _BELIEVED * (begun - self._begun)

    def taken_out(self, frame: Frame) -> Frame:
        """Return ``frame``, as no speech if it is only an echo.

        It costs nothing while the line is silent or nothing was said for a second.
        """
        if frame.speech < self._levels.stays:
            self._echo.rest(frame.level)
        if frame.speech < self._levels.starts or frame.level < self._levels.loud:
            return frame
        end = frame.end + (self._begun or 0.0)
        if end - LONGEST > self._played.ends:
            return frame
        played = _of_length(self._played.between(end - PLAYED, end), PLAYED)
        heard = self._tape.between(frame.end - HEARD, frame.end).to(NARROW).samples()
        echo = self._echo.explains(_of_length(heard, HEARD), played)
        return replace(frame, speech=0.0) if echo else frame


def _of_length(samples: Samples, seconds: float) -> Samples:
    """Return the end of ``samples``, with silence before it where there are too few."""
    length = round(seconds * NARROW.rate)
    return np.pad(samples[-length:], (max(0, length - len(samples)), 0))
