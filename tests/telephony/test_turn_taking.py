"""Who speaks when, second by second on a virtual clock.

T01 we are silent within 200 ms when somebody begins to speak, and nothing stale follows; T02 a nod
does not interrupt: the question goes on; T03 nor does a noise; T04 who answers before the question
could be heard has not answered it, but may ask who we are; T05 silence ends an answer sooner or
later, by question; T06 an answer that goes on after it was taken counts as one; T07 keys: the
first stops the prompt, ``*`` repeats, ``0`` calls a person, ``#`` ends a number; T08 who needs a
moment gets it; T09 who wants us to be slower is spoken to more slowly; T10 people with long pauses
are not cut off; T11 speech while we think is no lost word.
"""

import asyncio
import random
from collections.abc import Sequence

import pytest

from survey_engine.interview import Status
from survey_engine.questionnaire import Questionnaire
from telephony.audio import TELEPHONE, AudioChunk
from telephony.manner import Manner
from telephony.prompt import Fate
from telephony.turn_rules import Kind, turn_rules
from tests.telephony.coded_speech import noise, pause, spoken
from tests.telephony.held_call import Held, hold
from tests.telephony.memory_interviewer import FACTS, MemoryInterviewer
from tests.telephony.simulator import Person, Telephone
from tests.telephony.test_call import OWN

SLOW_SPEAKERS = 60


@pytest.fixture
def interviewer(forms: dict[str, Questionnaire]) -> MemoryInterviewer:
    return MemoryInterviewer(forms["person"])


def give(telephone: Telephone, words: str) -> None:
    """Say ``words``, or press the keys after ``#``."""
    if words.startswith("#"):
        telephone.press(words[1:])
    else:
        telephone.say(spoken(words))


async def to_question(telephone: Telephone, answers: Sequence[str]) -> None:
    """Answer what comes first, and stop when the question after that begins to be heard."""
    for words in answers:
        await telephone.next_question(len(telephone.prompts))
        give(telephone, words)
        await telephone.until(lambda: not telephone.is_talking)
        await telephone.next_sound()


def interrupted(words: bytes, after: float = 0.6, then: float = 8.0) -> Person:
    """Somebody who begins to sound while the second question is being asked."""

    async def live(telephone: Telephone) -> None:
        await to_question(telephone, ["我就是本人"])
        await asyncio.sleep(after)
        telephone.say(words)
        await asyncio.sleep(then)
        telephone.hang_up()

    return live


def at_a2(interviewer: MemoryInterviewer, person: Person) -> Held:
    return hold(interviewer, person, seconds_a_sign=0.2)


def test_we_are_silent_at_once_and_nothing_stale_follows_t01(
    interviewer: MemoryInterviewer,
) -> None:
    over = at_a2(interviewer, interrupted(spoken("幺零四二"), after=2.4))
    began, _ended = over.telephone.spoke[1]
    [cleared] = over.telephone.clears
    assert 0.0 < cleared - began <= 0.2
    assert over.telephone.first_after(cleared) > over.telephone.spoke[1][1] + 0.7
    cut = next(one for one in over.report.spoken if one.fate is Fate.CLEARED)
    assert cut.name.startswith("ask:A2:")
    assert cut.heard == pytest.approx(2.4 + cleared - began, abs=0.15)
    assert interviewer.held.wait is not None
    assert interviewer.held.wait.value == "1042"


@pytest.mark.parametrize("nod", ["嗯", "哦", "嗯嗯", "啊"])
def test_a_nod_does_not_interrupt_t02(interviewer: MemoryInterviewer, nod: str) -> None:
    over = at_a2(interviewer, interrupted(spoken(nod, 0.4), after=0.6))
    assert [one.words for one in interviewer.taken if one.words] == ["我就是本人"]
    assert over.report.resumed == 1
    names = [one.name for one in over.report.spoken if ":A2:" in one.name]
    fates = [one.fate for one in over.report.spoken if ":A2:" in one.name]
    assert fates == [Fate.CLEARED, Fate.PLAYED]
    assert int(names[1].rpartition(":")[2]) > int(names[0].rpartition(":")[2])
    heard = sum(one.heard for one in over.report.spoken if ":A2:" in one.name)
    assert heard >= 0.2 * len("麻烦看一下残疾证，证号最后四位是多少？")


@pytest.mark.parametrize("seconds", [0.12, 0.5, 1.5])
def test_a_noise_does_not_interrupt_t03(interviewer: MemoryInterviewer, seconds: float) -> None:
    over = at_a2(interviewer, interrupted(noise(seconds), after=0.6))
    assert len(interviewer.taken) == 1
    assert [one.fate for one in over.report.spoken if ":A2:" in one.name][-1] is Fate.PLAYED


def test_who_answers_before_the_question_was_heard_has_not_answered_it_t04(
    interviewer: MemoryInterviewer,
) -> None:
    over = at_a2(interviewer, interrupted(spoken("没有"), after=1.4))
    assert over.report.resumed == 1
    assert interviewer.taken[-1].unheard
    assert interviewer.held.wait is not None
    assert interviewer.held.wait.target == "A2"
    assert interviewer.held.wait.tries == 0


def test_who_asks_who_we_are_is_told_at_once_t04(interviewer: MemoryInterviewer) -> None:
    async def asks(telephone: Telephone) -> None:
        await asyncio.sleep(2.0)
        telephone.say(spoken("你是哪个单位的"))
        await asyncio.sleep(16)
        telephone.hang_up()

    over = hold(interviewer, asks, seconds_a_sign=0.2)
    assert interviewer.taken[0].unheard
    assert any("不是真人" in one.text for one in over.report.spoken)


def test_hello_is_no_answer_to_the_greeting_t04(interviewer: MemoryInterviewer) -> None:
    async def greets(telephone: Telephone) -> None:
        telephone.say(spoken("喂你好"))
        await telephone.next_question(0)
        telephone.hang_up()

    over = hold(interviewer, greets, seconds_a_sign=0.2)
    assert interviewer.taken == []
    assert "机器" in "".join(one.text for one in over.report.spoken if one.fate is Fate.PLAYED)


@pytest.mark.parametrize(
    ("before", "words", "kind"),
    [
        (["我就是本人", "#1042"], "同意", Kind.YES_NO),
        (["我就是本人", "#1042", "同意"], "农村户口", Kind.CHOICE),
        (["我就是本人"], "幺零四二", Kind.DIGITS),
    ],
)
def test_silence_ends_an_answer_by_what_was_asked_t05(
    interviewer: MemoryInterviewer, before: list[str], words: str, kind: Kind
) -> None:
    async def answers(telephone: Telephone) -> None:
        for said in [*before, words]:
            await telephone.next_question(len(telephone.prompts))
            give(telephone, said)
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    over = hold(interviewer, answers)
    waited = over.report.turns[-1].decided - over.report.turns[-1].ended
    rules = turn_rules()
    expected = rules.complete if kind is Kind.DIGITS else rules.ends[kind]
    assert waited == pytest.approx(max(expected, rules.ends[kind]), abs=0.06)


def test_who_is_still_thinking_is_waited_for_t05(interviewer: MemoryInterviewer) -> None:
    async def thinks(telephone: Telephone) -> None:
        await telephone.next_question(0)
        telephone.say(spoken("我是那个") + pause(2.0) + spoken("我就是本人"))
        await telephone.next_question(len(telephone.prompts))
        telephone.say(spoken("幺零") + pause(2.0) + spoken("四二"))
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    over = hold(interviewer, thinks)
    assert [turn.words for turn in over.report.turns] == ["我是那个我就是本人", "幺零四二"]


@pytest.mark.parametrize(
    ("first", "second", "value"), [("一直", "没结过婚", "10"), ("结婚了", "离了", "40")]
)
def test_an_answer_that_goes_on_is_one_answer_t06(
    interviewer: MemoryInterviewer, first: str, second: str, value: str
) -> None:
    """What was taken for whole too early is taken back, whether it was understood or not."""

    async def breathes(telephone: Telephone) -> None:
        await to_question(telephone, ["我就是本人", "#1042", "同意", "农村户口"])
        await telephone.next_question(len(telephone.prompts))
        telephone.say(spoken(first) + pause(1.6) + spoken(second))
        await asyncio.sleep(6)
        telephone.hang_up()

    over = hold(interviewer, breathes, seconds_a_sign=0.2)
    assert interviewer.taken[-1].continues == first
    assert interviewer.held.answers["A4"].value == value
    assert interviewer.manner is not None
    assert interviewer.manner.pause == pytest.approx(1.6, abs=0.15)
    assert len(over.telephone.clears) == 1


def test_words_that_make_nothing_clearer_take_nothing_back_t06(
    interviewer: MemoryInterviewer,
) -> None:
    async def mumbles(telephone: Telephone) -> None:
        await to_question(telephone, ["我就是本人", "#1042", "同意"])
        await telephone.next_question(len(telephone.prompts))
        telephone.say(spoken("农村户口") + pause(1.6) + spoken("那边的猪跑了"))
        await asyncio.sleep(6)
        telephone.hang_up()

    hold(interviewer, mumbles, seconds_a_sign=0.2)
    assert interviewer.held.answers["A3"].value == "1"
    assert interviewer.held.wait is not None
    assert (interviewer.held.wait.target, interviewer.held.wait.tries) == ("A4", 0)


def test_the_first_key_stops_the_prompt_t07(interviewer: MemoryInterviewer) -> None:
    async def presses(telephone: Telephone) -> None:
        await to_question(telephone, ["我就是本人"])
        await asyncio.sleep(0.5)
        telephone.press("1042")
        await telephone.next_sound()
        await asyncio.sleep(0.5)
        telephone.press("1")
        await telephone.next_question(len(telephone.prompts))
        telephone.press("*")
        await telephone.next_question(len(telephone.prompts))
        telephone.press("2")
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    over = hold(interviewer, presses, seconds_a_sign=0.2)
    answers = interviewer.held.answers
    assert (answers["A2"].value, answers["A3"].value) == ("1042", "2")
    assert len(over.telephone.clears) == 2
    assert [one.tapped for one in interviewer.taken[1:]] == ["", "yes", "repeat", "2"]
    asked = [one.name.split(":")[1] for one in over.telephone.prompts if "A3" in one.name]
    assert len(asked) == 2


def test_a_number_ends_with_the_hash_or_after_a_pause_t07(
    interviewer: MemoryInterviewer,
) -> None:
    async def presses(telephone: Telephone) -> None:
        for said in ("我就是本人", "#1042", "同意", "农村户口", "没结婚"):
            await telephone.next_question(len(telephone.prompts))
            give(telephone, said)
        await telephone.next_question(len(telephone.prompts))
        telephone.press("0104")
        await asyncio.sleep(3)
        telephone.press("567890#")
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    hold(interviewer, presses)
    assert interviewer.held.answers["A6"].value == "0104567890"


def test_zero_calls_a_person_t07(interviewer: MemoryInterviewer) -> None:
    async def presses(telephone: Telephone) -> None:
        await telephone.next_question(0)
        telephone.press("0")
        await telephone.until(lambda: telephone.stopped_by_us)

    hold(interviewer, presses)
    assert interviewer.held.status is Status.WITH_PERSON


def test_keys_that_stand_for_nothing_have_the_question_again_t07(
    interviewer: MemoryInterviewer,
) -> None:
    async def presses(telephone: Telephone) -> None:
        for key in "9#":
            await telephone.next_question(len(telephone.prompts))
            telephone.press(key)
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    hold(interviewer, presses)
    assert [one.tapped for one in interviewer.taken] == ["repeat", "repeat"]
    assert interviewer.held.wait is not None
    assert interviewer.held.wait.tries == 0


def test_who_needs_a_moment_gets_it_t08(interviewer: MemoryInterviewer) -> None:
    async def fetches(telephone: Telephone) -> None:
        await to_question(telephone, ["我就是本人"])
        await telephone.next_question(len(telephone.prompts))
        telephone.say(spoken("等一下我去拿证"))
        await asyncio.sleep(40)
        telephone.say(spoken("幺零四二"))
        await telephone.next_question(len(telephone.prompts))
        telephone.say(spoken("对"))
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    hold(interviewer, fetches)
    assert not any(one.silence for one in interviewer.taken)
    assert interviewer.held.answers["A2"].value == "1042"


def test_who_wants_us_slower_is_spoken_to_more_slowly_t09(
    interviewer: MemoryInterviewer,
) -> None:
    async def asks(telephone: Telephone) -> None:
        await telephone.next_question(0)
        telephone.say(spoken("你说慢一点"))
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    over = hold(interviewer, asks)
    first, second = (one for one in over.report.spoken if one.name.startswith("ask:A1"))
    assert second.seconds / len(second.text) > 1.1 * first.seconds / len(first.text)
    assert interviewer.manner is not None
    assert interviewer.manner.rate < 1


@pytest.mark.parametrize(("words", "louder"), [("听不清，大声点", True), ("再说一遍", False)])
def test_who_hardly_hears_us_is_spoken_to_louder_t09(
    interviewer: MemoryInterviewer, words: str, louder: bool
) -> None:
    async def asks(telephone: Telephone) -> None:
        await telephone.next_question(0)
        telephone.say(spoken(words))
        await telephone.next_question(len(telephone.prompts))
        telephone.hang_up()

    over = hold(interviewer, asks)
    asked = [one for one in over.telephone.prompts if one.name.startswith("ask:A1")]
    first, second = (AudioChunk(TELEPHONE, one.sound).level for one in asked)
    assert (second > first + 3.0) is louder


class SlowSpeaker:
    """Somebody who pauses up to ``longest`` seconds between the words of every answer."""

    def __init__(self, longest: float, seed: int) -> None:
        self._random = random.Random(seed)
        self.longest = longest

    def says(self, words: str) -> bytes:
        middle = self._random.randint(1, len(words) - 1)
        waits = self._random.uniform(0.4, 1.0) * self.longest
        return spoken(words[:middle]) + pause(waits) + spoken(words[middle:])

    async def __call__(self, telephone: Telephone) -> None:
        for said in ("我就是本人", "幺零四二", "同意", "农村户口"):
            await telephone.next_question(len(telephone.prompts), 90)
            telephone.say(self.says(said))
            await telephone.until(lambda: not telephone.is_talking, 60)
        await telephone.next_question(len(telephone.prompts), 60)
        telephone.hang_up()


@pytest.mark.parametrize("group", range(6))
def test_people_with_long_pauses_are_not_cut_off_t10(
    forms: dict[str, Questionnaire], group: int
) -> None:
    """Sixty speakers whose pauses are known from a call before, up to eight seconds."""
    for seed in range(group * SLOW_SPEAKERS // 6, (group + 1) * SLOW_SPEAKERS // 6):
        longest = 0.5 + 7.5 * seed / (SLOW_SPEAKERS - 1)
        interviewer = MemoryInterviewer(forms["person"], manner=Manner(pause=longest))
        over = hold(interviewer, SlowSpeaker(longest, seed))
        said = [turn.words for turn in over.report.turns]
        assert said == ["我就是本人", "幺零四二", "同意", "农村户口"], (seed, longest, said)
        assert over.telephone.clears == []
        assert interviewer.manner is not None
        assert interviewer.manner.pause > 0.4 * longest


def test_a_pause_is_learned_within_the_call_t10(forms: dict[str, Questionnaire]) -> None:
    """Somebody never heard before, whose speech is impaired by the register, is given time."""
    for seed, longest in enumerate((0.8, 1.6, 2.4)):
        facts = {**FACTS, "category": "3"}
        interviewer = MemoryInterviewer(forms["person"], facts)
        over = hold(interviewer, SlowSpeaker(longest, seed))
        assert [turn.words for turn in over.report.turns][:2] == ["我就是本人", "幺零四二"]
        assert over.telephone.clears == []


def test_words_said_while_we_think_are_not_lost_t11(interviewer: MemoryInterviewer) -> None:
    """The second breath begins while the first is being taken; both are one answer."""

    async def goes_on(telephone: Telephone) -> None:
        await to_question(telephone, ["我就是本人", "#1042", "同意", "农村户口"])
        await telephone.next_question(len(telephone.prompts))
        telephone.say(spoken("结婚了") + pause(0.92) + spoken("离了"))
        await asyncio.sleep(6)
        telephone.hang_up()

    hold(interviewer, goes_on, seconds_a_sign=0.2)
    assert interviewer.held.answers["A4"].value == "40"


def test_the_rules_name_every_kind_t05() -> None:
    rules = turn_rules()
    assert set(rules.ends) == set(rules.first) == set(Kind)
    assert OWN["A2"] == "幺零四二"
