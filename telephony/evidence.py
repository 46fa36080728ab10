"""The sound of a turn as it is kept: FLAC, which loses nothing and takes half the room."""

import io

import soundfile

from telephony.audio import AudioChunk, AudioFormat, Encoding, from_samples

FLAC = "flac"
#: Names under which 16-bit samples were kept.
_PCM = ("pcm", "pcm16")


def packed(sound: AudioChunk) -> bytes:
    """Return ``sound`` as a FLAC file of its own rate; nothing for no sound."""
    written = io.BytesIO()
    soundfile.write(written, sound.samples(), sound.format.rate, format="FLAC", subtype="PCM_16")
    return written.getvalue()


def unpacked(kept: bytes, name: str, rate: int) -> AudioChunk:
    """Return kept sound as 16-bit samples; ``name`` says how it was kept."""
    plain = AudioFormat(Encoding.PCM, rate)
    if not kept:
        return AudioChunk(plain, b"")
    if name == FLAC:
        samples, rate = soundfile.read(io.BytesIO(kept), dtype="int16")
        return from_samples(samples, AudioFormat(Encoding.PCM, rate))
    encoding = Encoding.PCM if name in _PCM else Encoding(name)
    return AudioChunk(AudioFormat(encoding, rate), kept).to(plain)
