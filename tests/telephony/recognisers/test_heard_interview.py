"""A whole interview in real sound: recorded answers over the simulated carrier, with the models.

The person's words are clips, the voice activity is Silero, the recogniser is Whisper; only the
clock is virtual, and the recogniser runs where the call does.
"""

import asyncio
from dataclasses import dataclass

import pytest

from survey_engine.interview import Status
from survey_engine.item import Item, ItemType
from survey_engine.questionnaire import Questionnaire
from telephony.activity import SileroActivity
from telephony.audio import TELEPHONE, AudioChunk
from telephony.call_report import Ending
from telephony.recogniser import Hints, Transcript
from telephony.recognisers.whisper import WhisperEar, WhisperHearing, ear
from telephony.speech_model import ModelShelf
from telephony.tone_voice import ToneVoice
from tests.telephony.clips import spoken_answers
from tests.telephony.held_call import held
from tests.telephony.memory_interviewer import MemoryInterviewer
from tests.telephony.simulator import Heard, Person, Telephone
from tests.telephony.virtual import run_virtually

OWN = {"A1": "没错就是我", "A2": "#1042", "A6": "#13800138000"}


@dataclass
class NearRecogniser:
    """Whisper without a process of its own."""

    whisper: WhisperEar
    name: str = "whisper"

    async def listen(self, hints: Hints) -> "NearListening":
        return NearListening(self.whisper.listen(hints))

    async def close(self) -> None:
        return


@dataclass
class NearListening:
    hearing: WhisperHearing

    async def feed(self, chunk: AudioChunk) -> Transcript | None:
        return self.hearing.feed(chunk)

    async def pause(self) -> Transcript | None:
        return None

    async def finish(self) -> Transcript:
        return self.hearing.finish()

    async def cancel(self) -> None:
        return


def answer(form: Questionnaire, asked: Heard) -> str:
    """Return the words of the clip that answers a question, or keys after ``#``."""
    kind, _, rest = asked.name.partition(":")
    target = rest.rpartition(":")[0]
    if target in OWN:
        return OWN[target]
    item = form.item(target.partition("/")[0])
    if kind == "confirm" or item is None:
        return "对"
    return "没有" if "/" in target else _words(item)


def _words(item: Item) -> str:
    if item.type.has_choices:
        return "第二个"
    return {ItemType.INTEGER: "三口人"}.get(item.type, "不知道")


def speaking(form: Questionnaire) -> Person:
    sounds = {one.transcript: one.chunk.to(TELEPHONE).data for one in spoken_answers("tel8k")}

    async def live(telephone: Telephone) -> None:
        known = 0
        while (asked := await telephone.next_question(known)) is not None:
            known = telephone.prompts.index(asked) + 1
            await asyncio.sleep(0.4)
            words = answer(form, asked)
            if words.startswith("#"):
                telephone.press(words[1:])
            else:
                telephone.say(sounds[words])

    return live


@pytest.fixture(scope="module")
def whisper(shelf: ModelShelf) -> WhisperEar:
    return ear(shelf.installed("whisper-base"))


def test_a_whole_interview_in_recorded_speech(
    forms: dict[str, Questionnaire], whisper: WhisperEar
) -> None:
    interviewer, telephone, voice = MemoryInterviewer(forms["person"]), Telephone(), ToneVoice(0.02)
    person, hears = speaking(interviewer.form), NearRecogniser(whisper)
    over = run_virtually(
        held(
            interviewer, person, hears, lambda _call: None, voice, telephone,
            activity=SileroActivity,
        )
    )  # fmt: skip
    assert telephone.violations == []
    assert over.report.ending is Ending.FINISHED
    assert interviewer.held.status is Status.COMPLETED
    answers = {name: one.value for name, one in interviewer.held.answers.items() if one.value}
    assert (answers.pop("A1"), answers.pop("A2"), answers.pop("A6")) == ("1", "1042", "13800138000")
    assert len(answers) >= 8
    for name, value in answers.items():
        item = interviewer.form.item(name)
        assert item is not None
        assert value == item.choices[1].code, name
