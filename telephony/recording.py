"""A sound file as the recognisers take it, or one sentence on what is wrong with it."""

from enum import Enum
from pathlib import Path

import numpy as np
import soundfile

from survey_engine.worded import WordedError
from telephony.activity import Activity
from telephony.audio import AudioChunk, AudioFormat, Encoding, Samples, from_samples
from telephony.turn_rules import turn_rules

#: Longer recordings are no answer; the first minutes of them would say nothing of the rest.
LONGEST = 120.0
_LEAST_RATE, _MOST_RATE = 4_000, 192_000
_CLIPPED, _CLIPPED_SHARE = 32_700, 0.2
_SILENT = 32
#: Channels whose mix is weaker than this share of the strongest one cancel each other out.
_CANCELLED = 0.25


class Fault(Enum):
    """What can be wrong; the sentence says where, what, and what to do next."""

    NO_FILE = "打不开 {path}（{reason}）；请核对文件名"
    EMPTY = "{path} 是空的；请重新录音"
    NO_SOUND_FILE = "{path} 不是能读的声音文件（{reason}）；请存成 WAV 或 FLAC"
    NO_SAMPLES = "{path} 里没有声音；请重新录音"
    ODD_RATE = "{path} 的采样率是 {rate}；请用 {least} 到 {most} 之间的"
    TOO_LONG = "{path} 有 {seconds} 秒，最长 {longest} 秒；请截取一句回答"
    SILENT = "{path} 全是静音；请检查话筒后重新录音"
    NO_SPEECH = "{path} 里听不出有人说话；请核对文件，重新录一句回答"
    CLIPPED = "{path} 音量过大，声音已经失真；请调小后重新录音"


class RecordingError(WordedError):
    """A sound file that cannot be heard."""


def read_recording(path: Path) -> AudioChunk:
    """Return the sound of ``path`` as one channel of 16-bit samples at its own rate.

    Any format that libsndfile reads; several channels are mixed, or the strongest is taken where
    they cancel each other out; a constant offset is taken away.
    Raises :class:`RecordingError`.
    """
    _check_file(path)
    try:
        with soundfile.SoundFile(path) as file:
            _check_length(path, file.frames, file.samplerate)
            samples = file.read(round(LONGEST * file.samplerate), dtype="float32", always_2d=True)
            rate = file.samplerate
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError) as error:
        if isinstance(error, RecordingError):
            raise
        raise RecordingError(Fault.NO_SOUND_FILE, path=path, reason=_reason(error)) from error
    mixed = _mixed(path, samples)
    return from_samples(mixed, AudioFormat(Encoding.PCM, rate))


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise RecordingError(Fault.NO_FILE, path=path, reason=error.strerror) from error
    if not size:
        raise RecordingError(Fault.EMPTY, path=path)


def _check_length(path: Path, frames: int, rate: int) -> None:
    if not _LEAST_RATE <= rate <= _MOST_RATE:
        raise RecordingError(
            Fault.ODD_RATE, path=path, rate=rate, least=_LEAST_RATE, most=_MOST_RATE
        )
    if frames > LONGEST * rate:
        seconds, longest = round(frames / rate), round(LONGEST)
        raise RecordingError(Fault.TOO_LONG, path=path, seconds=seconds, longest=longest)


def _mixed(path: Path, samples: "np.typing.NDArray[np.float32]") -> Samples:
    if not samples.size:
        raise RecordingError(Fault.NO_SAMPLES, path=path)
    one = _one_channel(np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0))
    whole = np.clip(one * 32_768, -32_768, 32_767)
    if float(np.mean(np.abs(whole) >= _CLIPPED)) > _CLIPPED_SHARE:
        raise RecordingError(Fault.CLIPPED, path=path)
    centred: Samples = np.clip(whole - whole.mean(), -32_768, 32_767).astype(np.int16)
    if int(np.abs(centred).max()) < _SILENT:
        raise RecordingError(Fault.SILENT, path=path)
    return centred


def _one_channel(samples: "np.typing.NDArray[np.float32]") -> "np.typing.NDArray[np.float32]":
    mixed: np.typing.NDArray[np.float32] = samples.mean(axis=1)
    strengths = samples.std(axis=0)
    if mixed.std() >= _CANCELLED * strengths.max():
        return mixed
    return samples[:, int(strengths.argmax())]


def check_speech(path: Path, sound: AudioChunk, activity: Activity) -> None:
    """Raise :class:`RecordingError` if nobody speaks in ``sound``, which was read from ``path``.

    A recogniser would make words of music or of a machine.
    """
    level = turn_rules().speech.stays
    if not any(frame.speech >= level for frame in activity.feed(sound)):
        raise RecordingError(Fault.NO_SPEECH, path=path)


def _reason(error: Exception) -> str:
    return str(error).rpartition(": ")[2].rstrip(".") or type(error).__name__
