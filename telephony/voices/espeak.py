"""espeak-ng, the last resort: it sounds like a machine, and is understood.

The command is used where it is installed, otherwise the library that comes with the extra
``voices``, in a process of its own: ``python -m telephony.voices.espeak`` reads a sentence from
standard input and writes a WAV file to standard output.
"""

import ctypes
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
import soundfile

from telephony.audio import AudioChunk, AudioFormat, Encoding, from_samples
from telephony.failure import VoiceError
from telephony.voices.fault import Fault
from telephony.voices.reading import read_out

_LANGUAGE = "cmn"
#: What makes it speak Mandarin about as fast as Kokoro does, some six characters a second.
_WORDS_A_MINUTE = 250
_PATIENCE = 20.0
_RETRIEVAL, _RATE_PARAMETER, _UTF8 = 1, 1, 1


def is_there() -> bool:
    """Whether espeak-ng can speak here."""
    return shutil.which("espeak-ng") is not None or find_spec("espeakng_loader") is not None


class EspeakVoice:
    """See :class:`telephony.voice.Voice`. Raises ``VoiceError`` where espeak-ng is missing."""

    name = "espeak"

    def __init__(self) -> None:
        if not is_there():
            raise VoiceError(Fault.NO_VOICE)

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        """Return ``text`` spoken."""
        speed = round(_WORDS_A_MINUTE * min(2.0, max(0.5, rate)))
        try:
            spoken = subprocess.run(  # noqa: S603 - no shell, and the text is no argument
                _command(speed),
                input=read_out(text).encode(),
                capture_output=True,
                timeout=_PATIENCE,
                check=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
            samples, frequency = soundfile.read(io.BytesIO(spoken.stdout), dtype="int16")
        except (OSError, subprocess.SubprocessError, soundfile.SoundFileError) as error:
            raise VoiceError(Fault.FAILED, name=self.name, reason=error) from error
        return from_samples(samples, AudioFormat(Encoding.PCM, frequency))


def _command(speed: int) -> Sequence[str]:
    installed = shutil.which("espeak-ng")
    if installed is not None:
        return (installed, "-v", _LANGUAGE, "-s", str(speed), "--stdin", "--stdout")
    return (sys.executable, "-m", __name__, str(speed))


def _spoken(text: bytes, speed: int) -> "tuple[np.typing.NDArray[np.int16], int]":
    """Speak with the library, whose data and state are those of this process alone."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    pieces: list[np.typing.NDArray[np.int16]] = []

    kind = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
    )

    def take(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _: object) -> int:
        if samples and count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    rate = library.espeak_Initialize(
        _RETRIEVAL + 1, 0, os.fsencode(espeakng_loader.get_data_path()), 0
    )
    taking = kind(take)
    library.espeak_SetSynthCallback(taking)
    library.espeak_SetVoiceByName(_LANGUAGE.encode())
    library.espeak_SetParameter(_RATE_PARAMETER, speed, 0)
    library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return np.concatenate(pieces or [np.empty(0, np.int16)]), rate


if __name__ == "__main__":
    sound, frequency = _spoken(sys.stdin.buffer.read(), int(sys.argv[1]))
    written = io.BytesIO()
    soundfile.write(written, sound, frequency, format="WAV")
    sys.stdout.buffer.write(written.getvalue())
