"""Sentences that are made once: fixed ones lie as files and are read from there for ever."""

import hashlib
import os
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

import soundfile

from telephony.audio import AudioChunk, AudioFormat, Encoding, from_samples
from telephony.voice import Voice


class KeptVoice:
    """Speaks with ``voice`` and keeps what is in ``fixed`` in ``folder``, one FLAC file each.

    Sentences with names or numbers of a person are not in ``fixed`` and never lie on disk. Where
    the disk fails, sentences are still spoken.
    """

    def __init__(self, voice: Voice, folder: Path, fixed: Container[str]) -> None:
        self._voice, self._folder, self._fixed = voice, folder, fixed

    @property
    def name(self) -> str:
        """The name of the voice that speaks."""
        return self._voice.name

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        """See :class:`telephony.voice.Voice`."""
        if text not in self._fixed:
            return self._voice.speak(text, rate)
        file = self.file_of(text, rate)
        kept = _read(file)
        if kept is not None:
            return kept
        spoken = self._voice.speak(text, rate)
        _write(file, spoken)
        return spoken

    def has(self, text: str, rate: float = 1.0) -> bool:
        """Whether a sentence was made before."""
        return self.file_of(text, rate).is_file()

    def file_of(self, text: str, rate: float) -> Path:
        """Return where a sentence lies or would lie."""
        key = f"{self.name}\n{rate:.2f}\n{text}".encode()
        return self._folder / f"{hashlib.sha256(key).hexdigest()[:32]}.flac"


def _read(file: Path) -> AudioChunk | None:
    """Return a kept sentence; None if there is none or its file is broken."""
    try:
        samples, rate = soundfile.read(file, dtype="int16")
    except (OSError, soundfile.SoundFileError):
        return None
    return from_samples(samples, AudioFormat(Encoding.PCM, rate)) if samples.ndim == 1 else None


def _write(file: Path, spoken: AudioChunk) -> None:
    part = file.with_name(f".{os.getpid()}-{file.name}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(part, spoken.samples(), spoken.format.rate, format="FLAC")
        part.replace(file)
    except (OSError, soundfile.SoundFileError):
        with suppress(OSError):
            part.unlink(missing_ok=True)
