"""Whatever sounds on the line that nobody said, nothing is written down, and the call ends.

The voice activity is the model's own; a recogniser that knows no words in these sounds is asked
about whatever the model takes for speech.
"""

import asyncio
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest

from survey_engine.interview import Status
from survey_engine.questionnaire import Questionnaire
from telephony.activity import Rounds, SileroActivity
from telephony.audio import (
    TELEPHONE,
    WIDE,
    AudioChunk,
    AudioFormat,
    Encoding,
    from_samples,
)
from telephony.call_report import Ending
from tests.telephony.clips import spoken_answers
from tests.telephony.coded_speech import spoken
from tests.telephony.held_call import hold
from tests.telephony.memory_interviewer import MemoryInterviewer
from tests.telephony.simulator import Person, Telephone

RATE = 8_000
SECONDS = 3.0
Samples = npt.NDArray[np.float64]


def _time() -> Samples:
    return np.arange(round(SECONDS * RATE)) / RATE


def _tone(*pitches: float) -> Samples:
    return sum((np.sin(2 * np.pi * one * _time()) for one in pitches), np.zeros(len(_time())))


def _line(samples: Samples, level: float = 0.3) -> bytes:
    loud = np.clip(samples * level, -1, 1) * 32_767
    chunk = from_samples(loud.astype(np.int16), AudioFormat(Encoding.PCM, RATE))
    return chunk.to(TELEPHONE).data


def _music() -> Samples:
    """Chords that change four times a second."""
    chords = [(262, 330, 392), (294, 349, 440), (330, 392, 494), (349, 440, 523)]
    step = RATE // 4
    parts = [_tone(*map(float, chord))[:step] * np.hanning(step) for chord in chords]
    return np.tile(np.concatenate(parts), 3)


def _two_voices() -> bytes:
    first, second = (one.chunk.to(TELEPHONE) for one in spoken_answers("tel8k")[:2])
    target = AudioFormat(Encoding.PCM, RATE)
    both = [np.frombuffer(one.to(target).data, "<i2").astype(np.float64) for one in (first, second)]
    length = max(map(len, both))
    mixed = sum((np.pad(one, (0, length - len(one))) for one in both), np.zeros(length))
    return _line(mixed / 32_768, 0.7)


def _keys_in_speech() -> bytes:
    """An answer with the tones of the keys 1 and 5 over it."""
    tones = _line(_tone(697.0, 1_209.0) + _tone(770.0, 1_336.0), 0.1)
    voice = spoken_answers("tel8k")[0].chunk.to(TELEPHONE).data
    target = AudioFormat(Encoding.PCM, RATE)
    one, other = (AudioChunk(TELEPHONE, sound).to(target).samples() for sound in (voice, tones))
    length = min(len(one), len(other))
    mixed = one[:length].astype(np.float64) + other[:length]
    return _line(mixed / 32_768, 1.0)


def _twice_as_fast() -> bytes:
    """Sound of 8 kHz that says it is of 16: what comes of it once it is brought to 8."""
    voice = spoken_answers("tel8k")[0].chunk.to(AudioFormat(Encoding.PCM, RATE))
    return AudioChunk(WIDE, voice.data).to(TELEPHONE).data


def _stereo() -> bytes:
    """Two channels that are read as one: an answer at half its speed, each sample twice."""
    voice = spoken_answers("tel8k")[0].chunk.to(TELEPHONE).data
    return bytes(sample for one in voice for sample in (one, one))


SOUNDS: dict[str, Callable[[], bytes]] = {
    "one byte": lambda: b"\x7f",
    "all 0x00": lambda: b"\x00" * round(SECONDS * RATE),
    "all 0xFF": lambda: b"\xff" * round(SECONDS * RATE),
    "clipped": lambda: _line(_tone(180.0), 50.0),
    "off centre": lambda: _line(np.full(round(SECONDS * RATE), 0.9)),
    "music": lambda: _line(_music()),
    "ring-back": lambda: _line(_tone(450.0)),
    "fax": lambda: _line(_tone(1_100.0)),
    "fax that answers": lambda: _line(_tone(2_100.0)),
    "two voices": _two_voices,
    "keys within speech": _keys_in_speech,
    "8 kHz labelled 16": _twice_as_fast,
    "two channels as one": _stereo,
}


def sounding(sound: bytes) -> Person:
    """Somebody who lets ``sound`` be heard after every question."""

    async def person(telephone: Telephone) -> None:
        for place in range(60):
            await telephone.next_question(len(telephone.prompts) if place else 0)
            if telephone.stopped_by_us:
                return
            telephone.say(sound)

    return person


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_that_is_no_answer_is_written_down_nowhere(
    name: str, forms: dict[str, Questionnaire]
) -> None:
    interviewer = MemoryInterviewer(forms["person"])
    over = hold(interviewer, sounding(SOUNDS[name]()), activity=partial(SileroActivity, Rounds()))
    assert not interviewer.held.answers
    assert interviewer.held.status is not Status.COMPLETED
    assert over.report.ending is not Ending.BROKEN
    assert over.telephone.stopped_by_us


def test_the_echo_of_our_own_words_answers_nothing(forms: dict[str, Questionnaire]) -> None:
    interviewer = MemoryInterviewer(forms["person"])

    question = sounding(spoken("请问您是张试用本人吗"))
    over = hold(interviewer, question)
    assert not interviewer.held.answers
    assert over.telephone.stopped_by_us
    assert over.report.ending is not Ending.BROKEN


def _key(key: str) -> bytes:
    """The tone of a key, as some carriers leave it in the sound."""
    row, column = divmod("123A456B789C*0#D".index(key), 4)
    pitches = (697.0, 770.0, 852.0, 941.0)[row], (1_209.0, 1_336.0, 1_477.0, 1_633.0)[column]
    return _line(_tone(*pitches)[: RATE // 8], 0.2)


def test_keys_that_can_be_heard_too_count_once(forms: dict[str, Questionnaire]) -> None:
    async def person(telephone: Telephone) -> None:
        for keys in ("1", "1042"):
            await telephone.next_question(len(telephone.prompts))
            for key in keys:
                telephone.press(key)
                telephone.say(_key(key))
                await asyncio.sleep(0.4)
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    interviewer = MemoryInterviewer(forms["person"])
    hold(interviewer, person, activity=partial(SileroActivity, Rounds()))
    assert interviewer.held.answers["A2"].value == "1042"
    assert [one.tapped or one.words for one in interviewer.taken] == ["1", "1042"]
