"""Speech that carries its own words, so that a recogniser can be exact about it.

The sound is loud noise whose first bytes are a mark, the length and the words. It passes a line of
μ-law unchanged, so who hears it reads back what was said, however many lines there are.
"""

import random
from dataclasses import dataclass

from telephony.audio import TELEPHONE, AudioChunk
from telephony.failure import RecogniserError
from telephony.recogniser import Hints, Transcript, Word
from telephony.recognisers.fault import Fault

_MARK = bytes((0x05, 0x85, 0x06, 0x86, 0x07, 0x87))
_LOUD = bytes((0x05, 0x85, 0x0A, 0x8A, 0x10, 0x90, 0x08, 0x88))
SECONDS_A_SIGN = 0.22
RATE = 8_000


def spoken(words: str, seconds: float = 0.0) -> bytes:
    """Return ``words`` as μ-law; without ``seconds``, as long as they take to say."""
    length = round((seconds or max(0.4, SECONDS_A_SIGN * len(words))) * RATE)
    head = carried(words)
    noise = random.Random(len(words.encode())).choices(_LOUD, k=max(0, length - len(head)))
    return head + bytes(noise)


def carried(words: str) -> bytes:
    """Return the few samples that carry ``words``, to be put into any sound."""
    text = words.encode()
    return _MARK + len(text).to_bytes(2, "big") + text


def pause(seconds: float) -> bytes:
    return b"\xff" * round(seconds * RATE)


def noise(seconds: float) -> bytes:
    return bytes(random.Random(7).choices(_LOUD, k=round(seconds * RATE)))


def read_back(sound: bytes) -> list[tuple[int, str]]:
    """Return the words in ``sound`` with the place of each."""
    found, at = [], sound.find(_MARK)
    while at >= 0:
        size = int.from_bytes(sound[at + 6 : at + 8], "big")
        found.append((at, sound[at + 8 : at + 8 + size].decode("utf-8", "replace")))
        at = sound.find(_MARK, at + 8)
    return found


class CodedRecogniser:
    """Hears coded speech on any number of lines; ``confidence`` is what it claims.

    It dies in every turn while ``broken`` is set.
    """

    name = "coded"

    def __init__(self, confidence: float = 1.0) -> None:
        self.confidence = confidence
        self.broken = False
        self.open = 0

    async def listen(self, hints: Hints) -> "CodedListening":
        if self.broken:
            raise RecogniserError(Fault.CLOSED, name=self.name)
        self.open += 1
        return CodedListening(self)

    async def close(self) -> None:
        return


@dataclass
class CodedListening:
    recogniser: CodedRecogniser
    sound: bytes = b""

    async def feed(self, chunk: AudioChunk) -> Transcript | None:
        assert chunk.format == TELEPHONE
        self.sound += chunk.data
        return self._transcript() if len(self.sound) % 1_600 < len(chunk.data) else None

    async def pause(self) -> Transcript | None:
        return None

    async def finish(self) -> Transcript:
        self.recogniser.open -= 1
        if self.recogniser.broken:
            raise RecogniserError(Fault.CLOSED, name="coded")
        return self._transcript(final=True)

    async def cancel(self) -> None:
        self.recogniser.open -= 1

    def _transcript(self, *, final: bool = False) -> Transcript:
        sure = self.recogniser.confidence
        words = tuple(
            Word(text, at / RATE, at / RATE + SECONDS_A_SIGN * len(text), sure)
            for at, text in read_back(self.sound)
            if text
        )
        return Transcript(words, final=final)
