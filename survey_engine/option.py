"""One option of a multiple choice at a time, as it is asked by telephone."""

from survey_engine.answer import AnswerState
from survey_engine.event import OptionAnswered
from survey_engine.item import Item
from survey_engine.sprint import Sprint
from survey_engine.value import from_options, is_allowed
from survey_engine.waiting import open_options

_MISSING = {
    "unsure": (AnswerState.TO_VERIFY, "unsure_option"),
    "declined": (AnswerState.DECLINED, "refused"),
    "unknown": (AnswerState.UNKNOWN, "dont_know"),
}


def take_option(sprint: Sprint, item: Item, code: str, value: str) -> None:
    """Take ``yes``, ``no``, ``unknown``, ``declined`` or ``unsure`` for one option of ``item``.

    If the item is settled already, the answer is changed by this option; otherwise the item is
    settled once every option is.
    """
    if _is_settled(sprint, item):
        _change(sprint, item, code, value)
        return
    sprint.emit(
        OptionAnswered(at=sprint.at, item=item.name, code=code, value=value, heard=sprint.heard)
    )
    if not any(open_options(sprint.interview, item)):
        _settle(sprint, item)


def _is_settled(sprint: Sprint, item: Item) -> bool:
    """Whether the item has a value that this option changes, rather than a series under way."""
    answer, wait = sprint.interview.answers.get(item.name), sprint.interview.wait
    under_way = wait is not None and wait.item == item.name and not wait.rule
    return answer is not None and bool(answer.value) and not under_way


def _change(sprint: Sprint, item: Item, code: str, value: str) -> None:
    answer = sprint.interview.answers[item.name]
    codes = set(answer.value.split()) - item.exclusive_codes() - {code}
    codes |= {code} if value == "yes" or (value != "no" and code in answer.value.split()) else set()
    if value == "yes" and code in item.exclusive_codes():
        codes = {code}
    offers = sprint.interview.instance.offers(item.name)
    kept = [one for one in offers if one in codes]
    exclusive = next((one for one in offers if one in item.exclusive_codes()), "")
    changed = " ".join(kept) or exclusive
    _take(sprint, item, changed, "answer")
    if value in _MISSING:
        sprint.review(item.name, _MISSING[value][1], answer.value)


def _take(sprint: Sprint, item: Item, value: str, source: str) -> None:
    """Record what the options add up to; where that is nothing or not allowed, a person looks."""
    if value and is_allowed(item, value, sprint.interview.instance, sprint.at):
        sprint.record(item, value, source)
        return
    reason = "constraint" if value else "empty"
    sprint.miss(item, AnswerState.TO_VERIFY, reason)
    sprint.review(item.name, reason, value)


def _settle(sprint: Sprint, item: Item) -> None:
    options = dict(sprint.interview.options.get(item.name, {}))
    value = from_options(item, options, sprint.interview.instance.offers(item.name))
    lacking = [word for word in _MISSING if word in options.values()]
    if value or not lacking:
        _take(sprint, item, value, "series")
    else:
        sprint.miss(item, *_MISSING[lacking[0]])
    if lacking:
        sprint.review(item.name, _MISSING[lacking[0]][1], value)
