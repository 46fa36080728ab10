"""Whole calls on a virtual clock: one line, one interview, no database.

K01 a whole interview by voice; K02 silence is met three times and then left; K03 what a hundred
calls leave behind: nothing; K04 a carrier whose marks are lost still ends; K05 a line on which
nothing comes any more is noticed; K06 nobody is held on the telephone for ever; K07 a voice that
dies, or hangs, in the middle of a call leaves nobody in silence; K08 a recogniser that dies where
no key can answer means a goodbye and another call.
"""

import asyncio
import gc
import os

import pytest

from survey_engine.interview import Status
from survey_engine.questionnaire import Questionnaire
from telephony.audio import TELEPHONE, AudioChunk
from telephony.call_report import Ending
from telephony.failure import VoiceError
from telephony.farewell import farewell
from telephony.prompt import Fate
from telephony.tone_voice import ToneVoice
from telephony.voices.fault import Fault
from tests.telephony.coded_speech import CodedRecogniser, spoken
from tests.telephony.held_call import held, hold
from tests.telephony.memory_interviewer import FACTS, MemoryInterviewer
from tests.telephony.people import answering, answers_of, silent
from tests.telephony.simulator import Heard, Person, Telephone
from tests.telephony.virtual import run_virtually

OWN = {"A1": "我就是本人", "A2": "幺零四二", "A6": "#13800138000", "script": "同意"}
CALLS = 200


@pytest.fixture
def interviewer(forms: dict[str, Questionnaire]) -> MemoryInterviewer:
    return MemoryInterviewer(forms["person"])


def test_a_whole_interview_by_voice_k01(interviewer: MemoryInterviewer) -> None:
    over = hold(interviewer, answering(answers_of(interviewer.form, OWN)))
    assert interviewer.held.status is Status.COMPLETED
    assert over.report.ending is Ending.FINISHED
    assert over.telephone.stopped_by_us
    assert over.telephone.prompts[-1].played
    assert len(interviewer.held.answers) >= 15
    assert not over.report.odd
    assert over.report.first_sound - over.report.started < 0.3


def test_silence_is_met_three_times_and_then_left_k02(interviewer: MemoryInterviewer) -> None:
    over = hold(interviewer, silent)
    assert [one.silence for one in interviewer.taken] == ["no_input", "no_input"]
    assert interviewer.left == ["later"]
    assert interviewer.held.status is Status.PAUSED
    assert over.report.ending is Ending.FINISHED
    assert over.telephone.prompts[-1].played


async def _impatient(telephone: Telephone) -> None:
    await telephone.next_question(0)
    telephone.say(spoken("我就是"))
    await asyncio.sleep(0.3 + len(telephone.call) % 3)
    telephone.hang_up("drop")


def test_many_calls_in_a_row_leave_nothing_behind_k03(forms: dict[str, Questionnaire]) -> None:
    recogniser, voice = CodedRecogniser(), ToneVoice(0.02)

    async def one(index: int) -> None:
        interviewer = MemoryInterviewer(forms["person"])
        telephone = Telephone(call="x" * (index % 5))
        await held(interviewer, _impatient, recogniser, lambda _call: None, voice, telephone)

    async def row(calls: int) -> tuple[int, int, int]:
        for index in range(calls):
            await one(index)
        gc.collect()
        files = len(os.listdir("/proc/self/fd"))
        return len(gc.get_objects()), len(asyncio.all_tasks()), files

    async def work() -> None:
        await row(20)
        before = await row(20)
        after = await row(CALLS)
        assert after[1:] == before[1:]
        assert after[0] - before[0] < CALLS

    run_virtually(work())
    assert recogniser.open == 0


def test_a_recogniser_that_dies_where_keys_are_no_answer_means_goodbye_k08(
    forms: dict[str, Questionnaire],
) -> None:
    interviewer = MemoryInterviewer(forms["person"], {**FACTS, "category": "7"})
    recogniser = CodedRecogniser()
    answers = answers_of(interviewer.form, OWN)

    def answer(asked: Heard) -> str:
        recogniser.broken = recogniser.broken or asked.name.startswith("ask:A5:")
        return answers(asked)

    over = hold(interviewer, answering(answer), recogniser)
    *before, unheard, last = over.report.spoken
    assert sum("请您再说一遍" in one.text for one in before) == 1
    assert "听不见您说话" in unheard.text
    assert "我们换个时间再联系" in last.text
    assert last.fate is Fate.PLAYED
    assert interviewer.left == ["later"]
    assert interviewer.held.status is Status.PAUSED
    assert interviewer.held.wait is not None
    assert interviewer.held.wait.target == "A5"


def test_a_carrier_that_loses_marks_is_left_all_the_same_k04(
    interviewer: MemoryInterviewer,
) -> None:
    class Forgetful(Telephone):
        def drain(self, now: float) -> list[str]:
            super().drain(now)
            return []

        def _clear(self, now: float) -> list[str]:
            super()._clear(now)
            return []

    over = hold(interviewer, silent, telephone=Forgetful())
    assert over.report.ending is Ending.FINISHED
    assert over.report.odd["lost-mark"] > 3


def test_a_line_on_which_nothing_comes_any_more_is_noticed_k05(
    interviewer: MemoryInterviewer,
) -> None:
    """Some carriers send nothing while nobody speaks."""

    class Sparing(Telephone):
        spares = True

    async def answers(telephone: Telephone) -> None:
        await telephone.next_question(0)
        telephone.say(spoken("我就是本人"))
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    over = hold(interviewer, answers, telephone=Sparing())
    assert [turn.words for turn in over.report.turns] == ["我就是本人"]


def test_nobody_is_held_on_the_telephone_for_ever_k06(interviewer: MemoryInterviewer) -> None:
    async def asks_again(telephone: Telephone) -> None:
        while await telephone.next_question(len(telephone.prompts), 400):
            telephone.say(spoken("等一下"))
            await asyncio.sleep(20)

    over = hold(interviewer, asks_again)
    assert over.report.ended - over.report.started < 3_000
    assert over.telephone.stopped_by_us


class DyingVoice(ToneVoice):
    """Speaks so many sentences and then fails in a way of its own."""

    def __init__(self, sentences: int, error: Exception) -> None:
        super().__init__(0.02)
        self.sentences, self.error = sentences, error

    def speak(self, text: str, rate: float = 1.0) -> AudioChunk:
        self.sentences -= 1
        if self.sentences < 0:
            raise self.error
        return super().speak(text, rate)


@pytest.mark.parametrize("sentences", [0, 3, 6])
@pytest.mark.parametrize(
    "error", [VoiceError(Fault.NO_VOICE), KeyError("onnx"), OSError("gone")], ids=repr
)
def test_a_voice_that_dies_leaves_nobody_in_silence_k07(
    interviewer: MemoryInterviewer, sentences: int, error: Exception
) -> None:
    voice = DyingVoice(sentences, error)
    over = hold(interviewer, answering(answers_of(interviewer.form, OWN)), voice=voice)
    last = over.telephone.prompts[-1]
    assert last.played
    assert over.report.spoken[-1].text == farewell(Status.PAUSED).text
    whole = farewell(Status.PAUSED).sound
    heard = AudioChunk(TELEPHONE, last.sound)
    assert heard.seconds >= whole.seconds
    assert heard.level == pytest.approx(whole.level, abs=6)
    assert over.telephone.stopped_by_us
    assert over.report.ending is Ending.BROKEN
    assert interviewer.held.status is Status.PAUSED
    assert interviewer.left == ["dropped"]


def test_what_an_interview_came_to_stands_without_a_voice_k07(
    interviewer: MemoryInterviewer,
) -> None:
    """Who wanted no more calls is not told of another one, and who asked for a person gets one."""
    called: list[str] = []

    def person_with(words: str) -> Person:
        async def human(telephone: Telephone) -> None:
            await telephone.next_question(0)
            telephone.say(spoken(words))
            await telephone.until(lambda: telephone.stopped_by_us, 60)

        return human

    async def transfer() -> bool:
        called.append("transfer")
        return True

    for words, status in (("我要找人工", Status.WITH_PERSON), ("别再打来了", Status.ENDED)):
        asked = MemoryInterviewer(interviewer.form)
        voice = DyingVoice(2, VoiceError(Fault.NO_VOICE))
        over = hold(asked, person_with(words), voice=voice, transfer=transfer)
        assert asked.held.status is status
        assert over.report.spoken[-1].text == farewell(status).text
        assert over.telephone.prompts[-1].played
    assert called == ["transfer"]
