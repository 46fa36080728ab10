"""Prompts that a person has read in, before any synthesis.

In the folder lies ``prompts.tsv`` with a key and a sentence a line, as ``tingwen voices script``
writes it, and beside it one sound file a key: ``A4.ask.wav`` or ``.flac``.
"""

from functools import lru_cache
from pathlib import Path

from telephony.audio import AudioChunk
from telephony.recording import RecordingError, read_recording
from telephony.voice import Voice

SCRIPT = "prompts.tsv"
_ENDINGS = (".flac", ".wav", ".ogg", ".mp3")
#: A recording stands for rates around its own; others are spoken by the voice.
_SLOWEST, _FASTEST = 0.85, 1.15


class RecordedVoice:
    """Plays recordings where there are some; everything else ``voice`` speaks."""

    def __init__(self, folder: Path, voice: Voice) -> None:
        self._voice = voice
        self._files = dict(_recordings(folder))
        self._sound = lru_cache(maxsize=256)(read_recording)

    @property
    def name(self) -> str:
        """The name of the voice that speaks what was not read in."""
        return self._voice.name

    def has(self, text: str) -> bool:
        """Whether somebody has read in ``text``."""
        return text in self._files

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        """See :class:`telephony.voice.Voice`; a file that has gone bad is spoken instead."""
        file = self._files.get(text)
        if file is None or not _SLOWEST <= rate <= _FASTEST:
            return self._voice.speak(text, rate)
        try:
            return self._sound(file)
        except RecordingError:
            return self._voice.speak(text, rate)


def _recordings(folder: Path) -> list[tuple[str, Path]]:
    script = folder / SCRIPT
    if not script.is_file():
        return []
    lines = script.read_text(encoding="utf-8-sig").splitlines()
    pairs = [line.split("\t") for line in lines if "\t" in line]
    found = [(pair[1].strip(), _file(folder, pair[0].strip())) for pair in pairs]
    return [(text, file) for text, file in found if file is not None]


def _file(folder: Path, key: str) -> Path | None:
    """Return the sound file of a key, which never leads out of the folder."""
    if not key or key != Path(key).name:
        return None
    files = (folder / (key + ending) for ending in _ENDINGS)
    return next((file for file in files if file.is_file()), None)
