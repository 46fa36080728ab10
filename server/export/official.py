"""What of an answer may leave as an official code: a sure value, and nothing in its place."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.projection import CurrentAnswer
from survey_engine.answer import AnswerState
from survey_engine.item import Item

_SURE = (AnswerState.RECORDED, AnswerState.VERIFIED)
#: What a form of another service may write where there is no answer; here the state says it.
_NO_ANSWER: Mapping[str, AnswerState] = {
    "96": AnswerState.TO_VERIFY,
    "97": AnswerState.UNKNOWN,
    "98": AnswerState.DECLINED,
    "99": AnswerState.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Published:
    """A state, and the value as it is stored; the value is blank in any state but a sure one."""

    state: str
    value: str = ""


def published(item: Item, answer: CurrentAnswer) -> Published:
    """Return what is published of ``answer``: codes 96 to 99 become the state they stand for."""
    value = answer.value or ""
    if answer.state not in _SURE:
        return Published(answer.state)
    internal = [code for code in value.split() if is_internal(item, code)]
    if internal:
        return Published(_NO_ANSWER[internal[0]].value)
    return Published(answer.state, value)


def is_internal(item: Item, code: str) -> bool:
    """Whether ``code`` is one of 96 to 99, which are no answers to a choice."""
    return item.type.has_choices and code in _NO_ANSWER


def joined(item: Item | None, value: str | None) -> str:
    """Return a value as others read it: the codes of a choice joined by ``+``."""
    if item is None or value is None or not item.type.has_choices:
        return value or ""
    return "+".join(code for code in value.split() if not is_internal(item, code))
