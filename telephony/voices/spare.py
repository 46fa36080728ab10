"""A voice behind another one: what the first cannot speak, the second does."""

import logging

from telephony.audio import AudioChunk
from telephony.failure import VoiceError
from telephony.voice import Voice

_log = logging.getLogger(__name__)


class SpareVoice:
    """Speaks with ``first``, and with ``spare`` each sentence on which the first one fails."""

    def __init__(self, first: Voice, spare: Voice) -> None:
        self._first, self._spare = first, spare

    @property
    def name(self) -> str:
        """The name of the voice that speaks as long as it can."""
        return self._first.name

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        """See :class:`telephony.voice.Voice`."""
        try:
            return self._first.speak(text, rate)
        except VoiceError as error:
            _log.warning("%s speaks in place of %s: %s", self._spare.name, self.name, error)
            return self._spare.speak(text, rate)
