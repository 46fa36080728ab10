"""People on the telephone, who answer whatever they are asked."""

import asyncio
from collections.abc import Callable, Mapping

from survey_engine.item import Item, ItemType
from survey_engine.questionnaire import Questionnaire
from tests.telephony.coded_speech import spoken
from tests.telephony.simulator import Heard, Person, Telephone

Answers = Callable[[Heard], str]


def answers_of(form: Questionnaire, own: Mapping[str, str]) -> Answers:
    """Return answers in the form's own words; ``own`` has those of some items, keys after ``#``."""

    def answer(asked: Heard) -> str:
        kind, _, rest = asked.name.partition(":")
        target = rest.rpartition(":")[0]
        if target in own:
            return own[target]
        if kind == "confirm":
            return "对"
        item = form.item(target.partition("/")[0])
        if item is None:
            return own.get("script", "同意")
        return "没有" if "/" in target else _words(item)

    return answer


def _words(item: Item) -> str:
    if item.type.has_choices:
        choice = item.choices[0]
        return choice.says[0] if choice.says else choice.label
    return {ItemType.INTEGER: "两个", ItemType.DECIMAL: "两亩"}.get(item.type, "不知道")


def answering(answer: Answers, think: float = 0.4, most: int = 200) -> Person:
    """Return somebody who hears every question out and answers it; ``#`` before keys presses."""

    async def live(telephone: Telephone) -> None:
        known = 0
        for _ in range(most):
            asked = await telephone.next_question(known)
            if asked is None:
                return
            known = telephone.prompts.index(asked) + 1
            await asyncio.sleep(think)
            words = answer(asked)
            if words.startswith("#"):
                telephone.press(words[1:])
            elif words:
                telephone.say(spoken(words))

    return live


async def silent(telephone: Telephone) -> None:
    """Never say a word."""
    await telephone.until(lambda: telephone.stopped_by_us, 600)
