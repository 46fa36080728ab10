"""One call between a simulated person and an interview in memory, on a virtual clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telephony.activity import Activity
from telephony.call import Call, CallParts
from telephony.call_report import CallReport
from telephony.carriers.twilio_line import TwilioLine
from telephony.open_line import started_line
from telephony.recogniser import Recogniser
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.telephony.coded_speech import CodedRecogniser
from tests.telephony.memory_interviewer import MemoryInterviewer
from tests.telephony.quick_activity import QuickActivity
from tests.telephony.simulator import MemoryLink, Person, Telephone, connect
from tests.telephony.virtual import run_virtually

Transfer = Callable[[], Awaitable[bool]]


@dataclass
class Held:
    """A call that is over, from both ends."""

    report: CallReport
    telephone: Telephone
    interviewer: MemoryInterviewer


async def held(
    interviewer: MemoryInterviewer,
    person: Person,
    recogniser: Recogniser,
    prepare: Callable[[Call], None],
    voice: ToneVoice,
    telephone: Telephone,
    transfer: Transfer | None = None,
    activity: Callable[[], Activity] = QuickActivity,
) -> Held:
    """Hold one call on the running loop."""
    link, codec = MemoryLink(), TwilioLine()
    parts = CallParts(Speaker(voice), recogniser, activity, transfer)
    far = asyncio.create_task(connect(link, telephone, person))
    started = await started_line(link.ours, codec)
    call = Call(link.ours, codec, started, interviewer, parts)
    prepare(call)
    report = await call.run()
    await far
    return Held(report, telephone, interviewer)


def hold(
    interviewer: MemoryInterviewer,
    person: Person,
    recogniser: CodedRecogniser | None = None,
    prepare: Callable[[Call], None] = lambda _call: None,
    seconds_a_sign: float = 0.05,
    telephone: Telephone | None = None,
    voice: ToneVoice | None = None,
    transfer: Transfer | None = None,
    activity: Callable[[], Activity] = QuickActivity,
) -> Held:
    """Hold one call with ``person`` on a clock of its own."""
    hearing, speaking = recogniser or CodedRecogniser(), voice or ToneVoice(seconds_a_sign)
    ringing = telephone or Telephone()
    over = run_virtually(
        held(interviewer, person, hearing, prepare, speaking, ringing, transfer, activity)
    )
    assert over.telephone.violations == []
    assert hearing.open == 0
    return over
