"""Our own voice on the line: its echo interrupts nobody, and whoever speaks into it is heard.

The voice, the answers and the model of voice activity are real, the room is simulated.
"""

import asyncio

import numpy as np
import pytest

from survey_engine.questionnaire import Questionnaire
from telephony.activity import SileroActivity
from telephony.audio import NARROW, TELEPHONE, WIDE, AudioFormat, from_samples
from telephony.echo import HEARD, PLAYED, Echo
from telephony.farewell import FAREWELLS
from telephony.played import Played
from telephony.prompt import Fate
from tests.telephony.clips import SpokenAnswer, spoken_answers
from tests.telephony.held_call import Held, hold
from tests.telephony.memory_interviewer import MemoryInterviewer
from tests.telephony.simulator import Person, Telephone
from tests.telephony.speaker_phone import SpeakerPhone, SpeakingVoice

RATE = NARROW.rate
#: Where a voice begins (dB below full scale in 10 ms), as in ``benchmarks.noticing``.
_BEGINS = -38.0


def call(form: Questionnaire, person: Person, telephone: Telephone) -> Held:
    voice = SpeakingVoice()
    return hold(
        MemoryInterviewer(form), person, telephone=telephone, voice=voice, activity=SileroActivity
    )


async def listens(telephone: Telephone) -> None:
    await telephone.until(lambda: telephone.stopped_by_us, 20)
    telephone.hang_up()


@pytest.mark.parametrize(("delay", "softer"), [(0.1, 20), (0.34, 20), (0.58, 20), (0.2, 30)])
def test_an_echo_alone_does_not_interrupt(
    forms: dict[str, Questionnaire], delay: float, softer: float
) -> None:
    over = call(forms["person"], listens, SpeakerPhone(delay=delay, softer=softer))
    assert over.telephone.clears == []
    heard = [one for one in over.report.spoken if one.fate is Fate.PLAYED]
    assert len(heard) >= 2
    assert over.report.turns == []


def onset(clip: SpokenAnswer) -> float:
    """Return when the voice begins in a clip."""
    samples = clip.chunk.to(NARROW).samples()
    pieces = samples[: len(samples) // 80 * 80].reshape(-1, 80) / 32_768
    levels = 10 * np.log10(np.mean(pieces**2, axis=1) + 1e-12)
    return float(np.flatnonzero(levels > _BEGINS)[0]) / 100


def speaking(clip: SpokenAnswer, after: float) -> Person:
    """Somebody who begins to speak so long after our first sound."""

    async def person(telephone: Telephone) -> None:
        await telephone.next_sound()
        await asyncio.sleep(after - onset(clip))
        telephone.say(clip.chunk.to(TELEPHONE).data)
        await asyncio.sleep(3)
        telephone.hang_up()

    return person


ANSWERS = ("没有", "一个月一千二", "别打了再打我投诉了", "我吃低保的", "没错就是我", "四十四")


@pytest.mark.parametrize("words", ANSWERS)
@pytest.mark.parametrize("softer", [20, 30, 200])
def test_who_speaks_into_the_echo_is_heard_at_once(
    forms: dict[str, Questionnaire], words: str, softer: float
) -> None:
    clip = next(one for one in spoken_answers("tel8k") if one.transcript == words)
    telephone = SpeakerPhone(softer=softer)
    over = call(forms["person"], speaking(clip, 3.0), telephone)
    began = over.telephone.spoke[0][0] + onset(clip)
    [cleared] = over.telephone.clears
    assert over.telephone.spoke[0][0] < cleared <= began + 0.2


def voice() -> np.ndarray:
    return FAREWELLS[0].sound.to(NARROW).samples()


def ends_at(samples: np.ndarray, seconds: float, length: float) -> np.ndarray:
    end = round(seconds * RATE)
    return samples[end - round(length * RATE) : end]


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.4, 0.8])
def test_what_was_played_explains_what_comes_back(delay: float) -> None:
    echo, sound = Echo(), voice()
    softer = (sound * 0.1).astype(np.int16)
    heard = ends_at(softer, 3.0 - delay, HEARD)
    assert echo.explains(heard, ends_at(sound, 3.0, PLAYED))
    assert not echo.explains(ends_at(softer, 1.2, HEARD), ends_at(sound, 3.0, PLAYED))
    assert not echo.explains(heard, np.zeros(round(PLAYED * RATE), np.int16))


def test_an_echo_that_is_known_does_not_explain_a_voice_louder_or_as_loud() -> None:
    echo, sound = Echo(), voice()
    softer = (sound * 0.1).astype(np.int16)
    for end in np.arange(1.5, 3.0, 0.032):
        assert echo.explains(ends_at(softer, end, HEARD), ends_at(sound, end, PLAYED))
    mixed = (softer + np.roll(sound, RATE) // 2).astype(np.int16)
    assert not echo.explains(ends_at(mixed, 3.0, HEARD), ends_at(sound, 3.0, PLAYED))
    other = np.roll(softer, RATE)
    assert not echo.explains(ends_at(other, 3.0, HEARD), ends_at(sound, 3.0, PLAYED))
    assert echo.explains(ends_at(softer, 3.0, HEARD), ends_at(sound, 3.0, PLAYED))


@pytest.mark.parametrize("line", [TELEPHONE, NARROW, WIDE])
def test_what_was_played_is_known_by_the_second_and_nothing_of_what_was_cut(
    line: AudioFormat,
) -> None:
    played = Played(line)
    loud = from_samples(np.full(line.rate // 10, 8_000, np.int16), line).data
    for piece in range(20):
        played.add(10.0 + piece / 10, loud)
    assert played.ends == pytest.approx(12.0)
    assert np.all(np.abs(played.between(10.5, 11.5)[100:-100]) > 7_000)
    played.cut(11.05)
    assert played.ends == pytest.approx(11.05)
    played.add(11.5, loud)
    level = np.abs(played.between(10.9, 11.7).astype(int)).reshape(-1, 400).max(axis=1) > 7_000
    assert level.tolist() == [True] * 3 + [False] * 9 + [True] * 2 + [False] * 2
    assert np.abs(played.between(3.0, 4.0)).max() <= 2
