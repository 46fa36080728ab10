"""A limit to what a line may bring, so that one line cannot starve the others."""

from telephony.carriers.fault import LineFault
from telephony.failure import LineError

#: Messages and seconds of sound that may come at once, and in each second after that.
_BURST_MESSAGES, _MESSAGES = 3_000, 300
_BURST_SOUND, _SOUND = 150.0, 1.5


class FloodGate:
    """Counts what one line brings; a telephone brings 50 messages, one second, each second."""

    def __init__(self, now: float) -> None:
        self._begun = now
        self._messages = 0
        self._seconds = 0.0

    def pass_message(self, now: float) -> None:
        """Let one message pass. Raises :class:`telephony.failure.LineError` in a flood."""
        self._messages += 1
        if self._messages > _BURST_MESSAGES + _MESSAGES * (now - self._begun):
            raise self._flooded(now)

    def pass_sound(self, seconds: float, now: float) -> None:
        """Let sound pass. Raises as :meth:`pass_message` does."""
        self._seconds += seconds
        if self._seconds > _BURST_SOUND + _SOUND * (now - self._begun):
            raise self._flooded(now)

    def _flooded(self, now: float) -> LineError:
        seconds = now - self._begun
        return LineError(LineFault.FLOODED, seconds=seconds, messages=self._messages)
