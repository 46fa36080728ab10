"""From the end of speech to the first sound of the reply, stage by stage, by one recogniser.

``python -m benchmarks.reply RECOGNISER [MODEL] [--turns 40]`` holds calls over the media protocol
of the carrier on the real clock, one at a time, until so many turns were answered. ``scripted``
takes no time and hears nothing but words that the sound carries; ``whisper`` and ``vosk`` hear the
spoken answers of the tests over the telephone with the folder MODEL, in a worker process as in the
service, and Silero decides what is speech. The interview is held in memory and the voice hums, so
that neither the disk nor a synthesis counts. Whether words were understood does not matter here.
"""

import argparse
import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from server.forms.library import SHIPPED, load_form, speakable
from telephony.activity import SileroActivity
from telephony.audio import TELEPHONE
from telephony.call import Call, CallParts
from telephony.call_report import TurnTimes
from telephony.carriers.twilio_line import TwilioLine
from telephony.open_line import started_line
from telephony.recogniser import Hints, Recogniser
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from telephony.workers import Setup, WorkerRecogniser
from tests.telephony.clips import spoken_answers
from tests.telephony.coded_speech import CodedRecogniser, spoken
from tests.telephony.memory_interviewer import MemoryInterviewer
from tests.telephony.quick_activity import QuickActivity
from tests.telephony.simulator import MemoryLink, Person, Telephone, connect

_STAGES = {
    "silence that ends the turn": lambda turn: turn.decided - turn.ended,
    "transcript": lambda turn: turn.recognised - turn.decided,
    "understood and answered": lambda turn: turn.answered - turn.recognised,
    "first sound": lambda turn: turn.sounded - turn.answered,
    "**above the silence**": lambda turn: turn.sounded - turn.decided,
    "**end of speech to first sound**": lambda turn: turn.sounded - turn.ended,
}
_LONGEST, _THINKING = 90.0, 0.3


def main() -> None:
    """Print one row for each stage."""
    told = argparse.ArgumentParser()
    told.add_argument("recogniser", choices=("scripted", "whisper", "vosk"))
    told.add_argument("model", nargs="?", type=Path, default=Path())
    told.add_argument("--turns", type=int, default=40)
    given = told.parse_args()
    turns = asyncio.run(_measured(given.recogniser, given.model, given.turns))
    print(f"{given.recogniser}, {len(turns)} turns")
    print("| stage | p50, ms | p95, ms |\n| --- | --- | --- |")
    for name, seconds in _STAGES.items():
        listed = sorted(map(seconds, turns))
        print(f"| {name} | {_ms(listed, 0.5)} | {_ms(listed, 0.95)} |")


def _ms(listed: Sequence[float], share: float) -> str:
    return f"{listed[min(len(listed) - 1, int(share * len(listed)))] * 1000:.0f}"


async def _measured(name: str, model: Path, wanted: int) -> list[TurnTimes]:
    """Return turns that were answered, of as many calls as it takes; the first warms up."""
    scripted = name == "scripted"
    recogniser = CodedRecogniser() if scripted else await _working(name, model)
    sounds, turns = _sounds(scripted=scripted), list[TurnTimes]()
    form = speakable(load_form(SHIPPED / "person.yaml"))
    try:
        while len(turns) <= wanted:
            interviewer = MemoryInterviewer(form)
            activity = QuickActivity if scripted else SileroActivity
            turns += await _called(interviewer, recogniser, activity, _answering(sounds))
    finally:
        await recogniser.close()
    return turns[1 : wanted + 1]


async def _working(name: str, model: Path) -> WorkerRecogniser:
    module = f"telephony.recognisers.{name}"
    recogniser = WorkerRecogniser(Setup(name, module, model, 1, streams=name == "vosk"))
    listening = await recogniser.listen(Hints())
    await listening.cancel()
    return recogniser


def _sounds(*, scripted: bool) -> Iterator[bytes]:
    clips = spoken_answers("tel8k")
    if scripted:
        return itertools.cycle([spoken(one.transcript) for one in clips])
    return itertools.cycle([one.chunk.to(TELEPHONE).data for one in clips])


async def _called(
    interviewer: MemoryInterviewer,
    recogniser: Recogniser,
    activity: Callable[[], QuickActivity | SileroActivity],
    person: Person,
) -> list[TurnTimes]:
    link, codec, telephone = MemoryLink(), TwilioLine(), Telephone()
    far = asyncio.create_task(connect(link, telephone, person))
    started = await started_line(link.ours, codec)
    parts = CallParts(Speaker(ToneVoice(0.02)), recogniser, activity)
    report = await Call(link.ours, codec, started, interviewer, parts).run()
    await far
    return [turn for turn in report.turns if turn.sounded]


def _answering(sounds: Iterator[bytes]) -> Person:
    """Return somebody who answers every question with the next sound, for a minute and a half."""

    async def live(telephone: Telephone) -> None:
        known, begun = 0, asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() - begun < _LONGEST:
            asked = await telephone.next_question(known)
            if asked is None:
                return
            await asyncio.sleep(_THINKING)
            known = len(telephone.prompts)
            telephone.say(next(sounds))
        telephone.hang_up()

    return live


if __name__ == "__main__":
    main()
