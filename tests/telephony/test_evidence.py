"""Kept sound comes back as it was."""

import numpy as np
import pytest

from telephony.audio import NARROW, TELEPHONE, WIDE, AudioChunk, AudioFormat, silence
from telephony.evidence import FLAC, packed, unpacked
from tests.telephony.clips import spoken_answers


@pytest.mark.parametrize("line", [TELEPHONE, NARROW, WIDE])
def test_nothing_of_the_sound_is_lost_and_it_takes_less_room(line: AudioFormat) -> None:
    sound = spoken_answers("tel8k")[0].chunk.to(line)
    kept = packed(sound)
    again = unpacked(kept, FLAC, line.rate)
    assert np.array_equal(again.samples(), sound.samples())
    assert len(kept) < 2 * len(sound.samples()) * 0.75


def test_silence_and_nothing_can_be_kept() -> None:
    for sound in (silence(1.0, TELEPHONE), AudioChunk(TELEPHONE, b"")):
        assert unpacked(packed(sound), FLAC, 8_000).seconds == sound.seconds


@pytest.mark.parametrize(("name", "line"), [("mulaw", TELEPHONE), ("pcm16", NARROW)])
def test_what_was_kept_as_it_came_can_still_be_heard(name: str, line: AudioFormat) -> None:
    sound = spoken_answers("tel8k")[0].chunk.to(line)
    assert np.array_equal(unpacked(sound.data, name, 8_000).samples(), sound.samples())
