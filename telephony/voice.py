"""Who speaks: one protocol for every synthetic voice."""

from typing import Protocol

from telephony.audio import AudioChunk


class Voice(Protocol):
    """Turns a sentence into sound, off the event loop."""

    @property
    def name(self) -> str:
        """What it is called in settings, records and cached file names."""

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        """Return ``text`` spoken, ``rate`` 0.5 (slow) to 2; blocking.

        Raises :class:`telephony.failure.VoiceError` if it cannot.
        """
