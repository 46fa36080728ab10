"""Kokoro: Mandarin voices at 24 kHz, better than real time only on a quiet machine."""

import os
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from telephony.audio import AudioChunk, AudioFormat, Encoding, from_samples
from telephony.failure import VoiceError
from telephony.voices.fault import Fault
from telephony.voices.reading import read_out

_STYLE = (-1, 1, 256)
_VOICES = "voices.npz"


class KokoroVoice:
    """See :class:`telephony.voice.Voice`; the model is loaded with the first sentence.

    ``speaker`` is one of the files ``z*.bin`` in the folder ``model``. Raises
    :class:`telephony.failure.VoiceError` if it is not.
    """

    def __init__(self, model: Path, speaker: str = "zf_xiaoxiao") -> None:
        known = sorted(file.stem for file in model.glob("z*.bin"))
        if speaker not in known:
            raise VoiceError(Fault.NO_SPEAKER, name=speaker, known="、".join(known))
        self.name = f"kokoro-{speaker}"
        self._model, self._speaker = model, speaker
        self._lock = Lock()

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        """Return ``text`` spoken; one sentence at a time."""
        said = read_out(text)
        try:
            with self._lock:
                phonemes, _ = self._pronunciation(said)
                sound, frequency = self._kokoro.create(
                    phonemes, self._speaker, speed=min(2.0, max(0.5, rate)), is_phonemes=True
                )
        except (ImportError, OSError, RuntimeError, ValueError, IndexError) as error:
            raise VoiceError(Fault.FAILED, name=self.name, reason=error) from error
        samples = np.clip(sound * 32_767, -32_768, 32_767).astype(np.int16)
        return from_samples(samples, AudioFormat(Encoding.PCM, int(frequency)))

    @cached_property
    def _pronunciation(self) -> Any:
        from misaki import zh

        return zh.ZHG2P()

    @cached_property
    def _kokoro(self) -> Any:
        from kokoro_onnx import Kokoro

        return Kokoro(str(self._model / "model.onnx"), str(self._gathered()))

    def _gathered(self) -> Path:
        """Return the voices in one file, which the library wants; it is made once."""
        gathered = self._model / _VOICES
        if not gathered.is_file():
            files = sorted(self._model.glob("z*.bin"))
            styles = {one.stem: np.fromfile(one, np.float32).reshape(_STYLE) for one in files}
            part = self._model / f".{os.getpid()}-{_VOICES}"
            np.savez(part, **styles)  # type: ignore[arg-type]
            part.replace(gathered)
        return gathered
