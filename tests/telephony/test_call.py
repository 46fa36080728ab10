"""Whole calls on a virtual clock: one line, one interview, no database."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from survey_engine.interview import Status
from survey_engine.questionnaire import Questionnaire
from telephony.call import Call, CallParts
from telephony.call_report import CallReport, Ending
from telephony.carriers.twilio_line import TwilioLine
from telephony.open_line import started_line
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.telephony.coded_speech import CodedRecogniser
from tests.telephony.memory_interviewer import MemoryInterviewer
from tests.telephony.people import answering, answers_of, silent
from tests.telephony.quick_activity import QuickActivity
from tests.telephony.simulator import MemoryLink, Person, Telephone, connect
from tests.telephony.virtual import run_virtually

OWN = {"A1": "我就是本人", "A2": "幺零四二", "A6": "#13800138000", "script": "同意"}


@dataclass
class Held:
    """A call that is over, from both ends."""

    report: CallReport
    telephone: Telephone
    interviewer: MemoryInterviewer
    recogniser: CodedRecogniser


def hold(
    interviewer: MemoryInterviewer,
    person: Person,
    recogniser: CodedRecogniser | None = None,
    prepare: Callable[[Call], None] | None = None,
) -> Held:
    """Hold one call with ``person`` on a clock of its own."""

    async def work() -> Held:
        link, telephone, codec = MemoryLink(), Telephone(), TwilioLine()
        hearing = recogniser or CodedRecogniser()
        parts = CallParts(Speaker(ToneVoice()), hearing, QuickActivity)
        far = asyncio.create_task(connect(link, telephone, person))
        started = await started_line(link.ours, codec)
        call = Call(link.ours, codec, started, interviewer, parts)
        if prepare:
            prepare(call)
        report = await call.run()
        await far
        return Held(report, telephone, interviewer, hearing)

    held = run_virtually(work())
    assert held.telephone.violations == []
    assert held.recogniser.open == 0
    return held


@pytest.fixture
def interviewer(forms: dict[str, Questionnaire]) -> MemoryInterviewer:
    return MemoryInterviewer(forms["person"])


def test_a_whole_interview_by_voice(interviewer: MemoryInterviewer) -> None:
    held = hold(interviewer, answering(answers_of(interviewer.form, OWN)))
    assert held.interviewer.held.status is Status.COMPLETED
    assert held.report.ending is Ending.FINISHED
    assert held.telephone.stopped_by_us
    assert held.telephone.prompts[-1].played
    assert len(held.interviewer.held.answers) >= 20
    assert not held.report.odd


def test_silence_is_met_three_times_and_then_left(interviewer: MemoryInterviewer) -> None:
    held = hold(interviewer, silent)
    assert [one.silence for one in interviewer.taken] == ["no_input", "no_input"]
    assert interviewer.left == ["later"]
    assert interviewer.held.status is Status.PAUSED
    assert held.report.ending is Ending.FINISHED
    assert held.telephone.prompts[-1].played
