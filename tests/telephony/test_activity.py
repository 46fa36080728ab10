"""Voice activity on real telephone sound, and on sound that is none."""

import numpy as np
import pytest

from telephony.activity import Activity, LevelActivity, SileroActivity
from telephony.audio import NARROW, TELEPHONE, WIDE, AudioChunk, AudioFormat, from_samples, silence
from tests.telephony.clips import spoken_answers


def speech_of(activity: Activity, chunk: AudioChunk, step: int = 320) -> list[float]:
    """Feed ``chunk`` in pieces of ``step`` bytes and return each frame's probability."""
    data = chunk.data
    pieces = (AudioChunk(chunk.format, data[at : at + step]) for at in range(0, len(data), step))
    return [frame.speech for piece in pieces for frame in activity.feed(piece)]


@pytest.mark.parametrize("condition", ["tel8k", "babble20", "pink10loss2"])
def test_every_spoken_answer_is_noticed(condition: str) -> None:
    for clip in spoken_answers(condition):
        assert max(speech_of(SileroActivity(), clip.chunk)) > 0.5, clip.path.name


def test_the_silence_around_an_answer_is_silence() -> None:
    clip = spoken_answers("tel8k")[0].chunk
    padded = AudioChunk(clip.format, clip.data + silence(1.0, clip.format).data)
    frames = speech_of(SileroActivity(), padded)
    assert max(frames[:3]) < 0.3
    assert max(frames[-15:]) < 0.3


@pytest.mark.parametrize("line", [TELEPHONE, NARROW, WIDE])
def test_tones_noise_and_silence_are_no_speech(line: AudioFormat) -> None:
    seconds = np.arange(16_000) / 8_000
    tone = (8_000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16)
    noise = np.random.default_rng(1).normal(0, 300, 16_000).astype(np.int16)
    for samples in (tone, noise, np.zeros(16_000, np.int16)):
        chunk = from_samples(samples, NARROW).to(line)
        assert np.mean(speech_of(SileroActivity(), chunk)) < 0.3


def test_frames_do_not_depend_on_how_the_sound_arrives() -> None:
    clip = spoken_answers("tel8k")[0].chunk.to(TELEPHONE)
    whole = speech_of(SileroActivity(), clip, len(clip.data))
    pieces = speech_of(SileroActivity(), clip, 161)
    assert pieces == pytest.approx(whole, abs=0.05)


def test_each_frame_ends_32_ms_after_the_one_before() -> None:
    frames = LevelActivity().feed(silence(1.0, WIDE))
    assert [frame.end for frame in frames] == pytest.approx([0.032 * n for n in range(1, 32)])


def test_loud_is_speech_and_quiet_is_none_by_level() -> None:
    loud = from_samples(np.full(512, 3_000, np.int16), WIDE)
    assert [frame.speech for frame in LevelActivity().feed(loud)] == [1.0]
    assert [frame.speech for frame in LevelActivity().feed(silence(0.032, WIDE))] == [0.0]


def test_odd_and_empty_sound_is_taken() -> None:
    activity = SileroActivity()
    for data in (b"", b"\1", b"\1\2\3"):
        assert activity.feed(AudioChunk(WIDE, data)) == ()


@pytest.mark.parametrize("line", [TELEPHONE, NARROW])
def test_telephone_sound_is_judged_as_soon_as_a_frame_of_it_has_come(line: AudioFormat) -> None:
    activity = SileroActivity()
    judged = [len(activity.feed(silence(0.02, line))) for _ in range(50)]
    assert np.cumsum(judged).tolist() == [20 * n // 32 for n in range(1, 51)]


@pytest.mark.parametrize("activity", [SileroActivity, LevelActivity])
def test_a_frame_tells_how_loud_it_was(activity: type[SileroActivity | LevelActivity]) -> None:
    loud = from_samples(np.full(512, 3_277, np.int16), WIDE)
    assert activity().feed(loud)[0].level == pytest.approx(-20, abs=0.1)
    assert activity().feed(silence(0.032, WIDE))[0].level < -90


def test_an_answer_after_a_long_silence_is_noticed_as_one_after_noise_is() -> None:
    clip = spoken_answers("tel8k")[0].chunk.to(NARROW)
    noise = np.random.default_rng(2).normal(0, 45, 5 * NARROW.rate).astype(np.int16)
    peaks = []
    for before in (silence(5.0, NARROW), from_samples(noise, NARROW)):
        frames = speech_of(SileroActivity(), AudioChunk(NARROW, before.data + clip.data))
        assert max(frames[11:150]) < 0.3
        peaks.append(next(n for n, speech in enumerate(frames) if speech > 0.5))
    assert peaks[0] == pytest.approx(peaks[1], abs=2)
