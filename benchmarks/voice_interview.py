"""An interview of thirty answers by voice: how long it takes, and how often somebody interrupts.

``python -m benchmarks.voice_interview [INTERVIEWS]`` holds so many whole calls (ten) of each sort
of person over the media protocol of the carrier: somebody of 45, who is asked about work too, and
somebody of 65, who is not; who hears every question out, and who answers every third one as soon as
2.5 s of it was heard. The clock is virtual, so sound has its true length
and nothing else takes any time. Both sides speak 0.22 s a character, and the person thinks 0.4 s
before an answer, which is any of the ways in which the form says the choices that lead to the most
questions. That is the longest way through the person form: 34 to 36 answers at 45, 28 to 30 at 65;
1 s of work a call.
"""

import asyncio
import statistics
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from server.forms.library import SHIPPED, load_form, speakable
from survey_engine import interview as engine
from survey_engine.interview import Status
from survey_engine.item import Choice, Item, ItemType
from survey_engine.wait import Accepts, WaitKind
from telephony.prompt import Fate
from tests.telephony.coded_speech import SECONDS_A_SIGN, spoken
from tests.telephony.held_call import Held, hold
from tests.telephony.memory_interviewer import FACTS, MemoryInterviewer
from tests.telephony.simulator import Telephone

INTERVIEWS = 10
Living = Callable[[Telephone], Coroutine[Any, Any, None]]
#: Seconds before an answer, and of a question that is enough for somebody who interrupts.
_THINKING, _ENOUGH = 0.4, 2.5
_MOST = 400
_OWN = {"A1": "我就是本人", "A6": "幺三八零零幺三八零零零"}
_SIGNS = dict(zip("0123456789X", "零幺二三四五六七八九X", strict=True))
_NUMBERS = {ItemType.INTEGER: "两个", ItemType.DECIMAL: "两亩"}
_FORM = speakable(load_form(SHIPPED / "person.yaml"))


@dataclass(frozen=True, slots=True)
class Person:
    """Answers what is asked; interrupts a question with this probability.

    ``facts`` are what the register tells of them.
    """

    name: str
    facts: Mapping[str, str]
    interrupts: float


#: The default person of the tests is 65; this one was born later and is the same otherwise.
_WORKING = {
    **FACTS,
    "birth": "1980-03-01",
    "age": "45",
    "certificate": "99000019800301001642",
    "last4": "1642",
}
PEOPLE = (
    Person("45, hears every question out", _WORKING, 0.0),
    Person("45, interrupts one in three", _WORKING, 1 / 3),
    Person("65, hears every question out", FACTS, 0.0),
    Person("65, interrupts one in three", FACTS, 1 / 3),
)


def main() -> None:
    """Print one line for each sort of person."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else INTERVIEWS
    print("| person | interviews | answers | seconds (all) | an answer, s | turns", end="")
    print(" | prompts | interrupted |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for person in PEOPLE:
        _print(person, list(_interviews(person, wanted)))


@dataclass(frozen=True, slots=True)
class Interview:
    """A call that was led to its end, and how many answers it brought."""

    call: Held
    answers: int


def _interviews(person: Person, wanted: int) -> Iterator[Interview]:
    for seed in range(wanted):
        interviewer = MemoryInterviewer(_FORM, person.facts)
        living = _living(person, interviewer, Random(seed))
        over = hold(interviewer, living, seconds_a_sign=SECONDS_A_SIGN)
        if interviewer.held.status is not Status.COMPLETED:
            raise SystemExit(f"interview {seed} came to no end")
        yield Interview(over, sum(bool(one.value) for one in interviewer.held.answers.values()))


def _living(person: Person, interviewer: MemoryInterviewer, random: Random) -> Living:
    async def live(telephone: Telephone) -> None:
        known = 0
        for _ in range(_MOST):
            if random.random() < person.interrupts:
                await telephone.next_sound()
                await asyncio.sleep(_ENOUGH)
            else:
                asked = await telephone.next_question(known)
                if asked is None:
                    return
                await asyncio.sleep(_THINKING)
            known = len(telephone.prompts)
            telephone.say(spoken(_answer(interviewer, random)))

    return live


def _answer(interviewer: MemoryInterviewer, random: Random) -> str:
    wait = interviewer.held.wait
    if wait is None:
        return "好"
    if wait.kind is not WaitKind.ASK:
        return "对"
    if wait.target == "A2":
        return "".join(_SIGNS[sign] for sign in interviewer.facts["last4"])
    if wait.target in _OWN:
        return _OWN[wait.target]
    item = _FORM.item(wait.item)
    if item is None:
        return "同意"
    if wait.accepts is Accepts.YES_NO:
        return random.choice(("有", "没有"))
    if not item.type.has_choices:
        return _NUMBERS.get(item.type, "不知道")
    choice = random.choice(_leading_on(interviewer.held, item))
    return random.choice((choice.label, *choice.says))


def _leading_on(interview: engine.Interview, item: Item) -> Sequence[Choice]:
    """Return the choices after which most is asked, since most ways through are shorter."""
    instance, at = interview.instance, interview.at
    left = {
        choice: len(instance.with_value(item.name, choice.code, at).relevant())
        for choice in item.choices
    }
    return [choice for choice, many in left.items() if many == max(left.values())]


def _print(person: Person, held: Sequence[Interview]) -> None:
    reports = [one.call.report for one in held]
    seconds = [report.ended - report.started for report in reports]
    answers = [one.answers for one in held]
    prompts = [len(report.spoken) for report in reports]
    cut = sum(said.fate is Fate.CLEARED for report in reports for said in report.spoken)
    cells = [
        f"{len(held)}",
        f"{statistics.median(answers):.0f}",
        f"{statistics.median(seconds):.0f} ({min(seconds):.0f} to {max(seconds):.0f})",
        f"{sum(seconds) / sum(answers):.1f}",
        f"{statistics.median(len(report.turns) for report in reports):.0f}",
        f"{statistics.median(prompts):.0f}",
        f"{cut / sum(prompts):.0%}",
    ]
    print(f"| {person.name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
