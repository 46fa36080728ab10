"""Voice messages: AMR (and what else a telephone may send) decoded to what recognisers take."""

import io

import av
import numpy as np
from av.error import FFmpegError

from server.wechat.fault import Fault, SoundError
from telephony.audio import NARROW, AudioChunk, Samples, from_samples
from telephony.recogniser import Hints, Recogniser, Transcript

#: Seconds of sound that are listened to; WeChat itself stops at 60.
LONGEST = 90
_PIECE = 8_000


def decoded(sound: bytes) -> AudioChunk:
    """Return a voice message as narrow-band PCM. Raises :class:`SoundError`."""
    try:
        samples = _samples(sound)
    except (FFmpegError, ValueError, EOFError, IndexError) as error:
        raise SoundError(Fault.NOT_SOUND) from error
    if not samples.size:
        raise SoundError(Fault.NOT_SOUND)
    return from_samples(samples, NARROW)


def _samples(sound: bytes) -> Samples:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=NARROW.rate)
    pieces, seconds = [np.zeros(0, np.int16)], 0.0
    with av.open(io.BytesIO(sound), "r", format=_format(sound)) as container:
        for frame in container.decode(audio=0):
            pieces += map(_flat, resampler.resample(frame))
            seconds += frame.samples / (frame.sample_rate or NARROW.rate)
            if seconds > LONGEST:
                break
    pieces += map(_flat, resampler.resample(None))
    return np.concatenate(pieces)


def _flat(frame: av.AudioFrame) -> Samples:
    return frame.to_ndarray().reshape(-1).astype(np.int16)


def _format(sound: bytes) -> str:
    """Name the container by its first bytes, so that nobody chooses a demuxer for us."""
    if sound.startswith(b"#!AMR"):
        return "amr"
    if sound.startswith(b"OggS"):
        return "ogg"
    if sound.startswith(b"RIFF"):
        return "wav"
    if sound.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")):
        return "mp3"
    raise SoundError(Fault.NOT_SOUND)


async def heard(recogniser: Recogniser, sound: AudioChunk, hints: Hints) -> Transcript:
    """Return what a recogniser hears. Raises :class:`telephony.failure.RecogniserError`."""
    listening = await recogniser.listen(hints)
    for start in range(0, len(sound.data), _PIECE):
        await listening.feed(AudioChunk(sound.format, sound.data[start : start + _PIECE]))
    return await listening.finish()
