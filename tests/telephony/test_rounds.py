"""The model is asked once for many lines, and each line hears what it would have heard alone."""

import asyncio
import random

import pytest

from telephony.activity import Frame, Rounds, SileroActivity
from telephony.audio import TELEPHONE, AudioChunk, silence
from tests.telephony.clips import spoken_answers
from tests.telephony.virtual import run_virtually

_TICK = 160


class Line:
    """Takes what its activity finds, at once or later."""

    def __init__(self, activity: SileroActivity, sound: bytes) -> None:
        self.activity, self.sound = activity, sound
        self.frames: list[Frame] = []
        self.told = 0
        activity.tell(self.catch_up)

    def hear(self, at: int, size: int) -> None:
        chunk = AudioChunk(TELEPHONE, self.sound[at : at + size])
        self.frames += self.activity.feed(chunk)

    def catch_up(self) -> None:
        self.told += 1
        self.frames += self.activity.feed(AudioChunk(TELEPHONE, b""))


def sounds() -> list[bytes]:
    clips = [clip.chunk.to(TELEPHONE).data[: 2 * 8_000] for clip in spoken_answers("tel8k")[:5]]
    return [*clips, silence(1.0, TELEPHONE).data + clips[0], silence(2.0, TELEPHONE).data]


def heard(lines: list[Line], size: int) -> None:
    async def hearing() -> None:
        for at in range(0, 4 * 8_000, size):
            for line in lines:
                line.hear(at, size)
            await asyncio.sleep(size / 8_000)

    run_virtually(hearing())


@pytest.mark.parametrize("size", [_TICK, 4 * 8_000])
def test_every_line_gets_the_frames_that_it_would_get_by_itself(size: int) -> None:
    rounds = Rounds()
    together = [Line(SileroActivity(rounds), sound) for sound in sounds()]
    alone = [Line(SileroActivity(), sound) for sound in sounds()]
    heard(together, size)
    heard(alone, size)
    for one, other in zip(together, alone, strict=True):
        assert [frame.end for frame in one.frames] == [frame.end for frame in other.frames]
        expected = [frame.speech for frame in other.frames]
        assert [frame.speech for frame in one.frames] == pytest.approx(expected, abs=1e-4)


def test_frames_are_told_before_more_sound_comes() -> None:
    noise = bytes(random.Random(3).choices((0x05, 0x85, 0x0A, 0x8A), k=2 * 8_000))
    line = Line(SileroActivity(Rounds()), noise)
    heard([line], 512)
    assert line.told == 2 * 8_000 // 512


def test_who_wants_to_hear_no_more_is_told_no_more() -> None:
    line = Line(SileroActivity(Rounds()), sounds()[0])
    line.activity.tell(None)
    heard([line], 512)
    assert line.told == 0
