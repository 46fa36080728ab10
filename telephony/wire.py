"""What a recogniser and its worker process say to each other: a JSON line, then its bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from telephony.audio import AudioChunk, AudioFormat, Encoding
from telephony.recogniser import Hints, Transcript, Word


@dataclass(frozen=True, slots=True)
class Packet:
    """One message. ``turn`` is the turn that it is about, 0 for the worker itself."""

    does: str
    turn: int
    said: Mapping[str, object]
    data: bytes = b""

    def written(self) -> bytes:
        """Return it as it goes over the pipe."""
        head = {"does": self.does, "turn": self.turn, "size": len(self.data), **self.said}
        return json.dumps(head, ensure_ascii=False).encode() + b"\n" + self.data


def read_head(line: bytes) -> tuple[Packet, int]:
    """Return the packet that ``line`` begins, and how many bytes of data follow."""
    said = json.loads(line)
    return Packet(said.pop("does"), said.pop("turn"), said), said.pop("size")


def opening(turn: int, hints: Hints) -> Packet:
    """Return the packet that begins a turn."""
    said = {"phrases": hints.phrases, "digits": hints.digits, "likely": hints.likely}
    return Packet("open", turn, said)


def feeding(turn: int, chunk: AudioChunk) -> Packet:
    """Return the packet that carries sound."""
    said = {"encoding": chunk.format.encoding.value, "rate": chunk.format.rate}
    return Packet("feed", turn, said, chunk.data)


def hearing(turn: int, transcript: Transcript) -> Packet:
    """Return the packet that carries a transcript."""
    words = [(word.text, word.start, word.end, word.confidence) for word in transcript.words]
    said = {"words": words, "final": transcript.final, "hearings": transcript.hearings}
    return Packet("heard", turn, said)


def hints_of(packet: Packet) -> Hints:
    """Return what an opening packet hints at."""
    phrases, likely = _texts(packet.said["phrases"]), _texts(packet.said["likely"])
    return Hints(phrases, bool(packet.said["digits"]), likely)


def _texts(listed: object) -> tuple[str, ...]:
    return tuple(map(str, listed)) if isinstance(listed, list) else ()


def chunk_of(packet: Packet) -> AudioChunk:
    """Return the sound of a feeding packet."""
    rate = int(str(packet.said["rate"]))
    return AudioChunk(AudioFormat(Encoding(str(packet.said["encoding"])), rate), packet.data)


def transcript_of(packet: Packet) -> Transcript:
    """Return the transcript of a hearing packet."""
    listed = packet.said["hearings"]
    hearings = (
        ((str(text), float(share)) for text, share in listed) if isinstance(listed, list) else ()
    )
    return Transcript(_words(packet.said["words"]), bool(packet.said["final"]), tuple(hearings))


def _words(written: object) -> tuple[Word, ...]:
    return tuple(Word(*word) for word in written) if isinstance(written, list) else ()
