"""What calls leave behind in the process that held them: memory, tasks, open files.

``python -m benchmarks.calls_in_a_row [CALLS]`` holds so many calls (200) one after the other over
the media protocol of the carrier, with stored turns and kept sound, on a virtual clock. Everybody
answers three to eight questions and hangs up; every third line just breaks off. It prints what the
process holds before, in between and after; 20 calls go before to warm it up.
"""

import asyncio
import gc
import os
import sys
import tempfile
from pathlib import Path
from random import Random

from models.case import Case
from server.practice import practise
from server.service import Service
from server.telephone.exchange import Exchange, Voices
from server.telephone.ready import carrier_of
from telephony.carriers.twilio_line import TwilioLine
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.telephony.coded_speech import CodedRecogniser, spoken
from tests.telephony.county import county, person, spoken_digits
from tests.telephony.people import Answers, answers_of
from tests.telephony.quick_activity import QuickActivity
from tests.telephony.simulator import MemoryLink, Person, Telephone, connect
from tests.telephony.virtual import run_virtually

CALLS, WARMING = 200, 20


def main() -> None:
    """Print the table."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    with tempfile.TemporaryDirectory() as folder:
        given = {"people": WARMING + calls, "lines": 10_000, "calls_per_second": 10_000}
        with county(Path(folder), **given) as service:  # type: ignore[arg-type]
            practise(service)
            voices = Voices(Speaker(ToneVoice(0.05)), CodedRecogniser(), QuickActivity)
            exchange = Exchange(service, carrier_of(service.settings), voices)
            run_virtually(_row(service, exchange, calls))


async def _row(service: Service, exchange: Exchange, calls: int) -> None:
    print("| calls | memory, MB | objects | tasks | open files |\n| --- | --- | --- | --- | --- |")
    random = Random(1)
    for index in range(WARMING + calls + 1):
        held = index - WARMING
        if held >= 0 and held % max(1, calls // 4) == 0:
            await asyncio.sleep(0)  # tasks that were cancelled end with the loop's next turn
            _print(held)
        if held < calls:
            await _call(service, exchange, person(service, index), random)


async def _call(service: Service, exchange: Exchange, case: Case, random: Random) -> None:
    name, token = f"CA{case.assignment_id}", f"token-{case.assignment_id}"
    call = exchange.calls.receive(case.assignment_id, "twilio", name, exchange.now())
    exchange.calls.give_token(call.id, token, exchange.now())
    form = service.shelf.find(case.form, case.version)
    digits = spoken_digits(case.facts()["last4"])
    answers = answers_of(form, {"A1": "我就是本人", "A2": digits, "A6": "#13800138000"})
    ending = "drop" if random.random() < 1 / 3 else "stop"
    telephone = Telephone(call=name, parameters={"token": token})
    link = MemoryLink()
    human = _leaving(answers, random.randint(3, 8), ending)
    far = asyncio.create_task(connect(link, telephone, human))
    if await exchange.hold(link.ours, TwilioLine()) is None:
        raise SystemExit("a line was refused")
    await link.ours.close()
    await far


def _leaving(answers: Answers, questions: int, ending: str) -> Person:
    """Return somebody who answers so many questions and then hangs up."""

    async def live(telephone: Telephone) -> None:
        known = 0
        for _ in range(questions):
            asked = await telephone.next_question(known)
            if asked is None:
                return
            known = telephone.prompts.index(asked) + 1
            words = answers(asked)
            if words.startswith("#"):
                telephone.press(words[1:])
            else:
                telephone.say(spoken(words))
        telephone.hang_up(ending)

    return live


def _print(calls: int) -> None:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    tasks, files = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))
    print(f"| {calls} | {memory:.0f} | {len(gc.get_objects())} | {tasks} | {files} |", flush=True)


if __name__ == "__main__":
    main()
