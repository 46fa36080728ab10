"""The voice of a service that has none: it says what is missing."""

from survey_engine.worded import WordedError
from telephony.audio import AudioChunk
from telephony.failure import VoiceError
from telephony.voices.fault import Fault


class SilentVoice:
    """See :class:`telephony.voice.Voice`; every sentence fails with the same ``error``."""

    name = "silent"

    def __init__(self, error: WordedError) -> None:
        self.error = error

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        """Raise what made the voice be silent."""
        del text, rate
        if isinstance(self.error, VoiceError):
            raise self.error
        raise VoiceError(Fault.NO_VOICE) from self.error
