"""Codes that mean one thing under one condition and another under another."""

from survey_engine.answer import AnswerState
from survey_engine.event import ItemsReopened
from survey_engine.interview import Interview
from survey_engine.item import Item
from survey_engine.questionnaire import Questionnaire
from survey_engine.sprint import Sprint


def void_changed_meanings(sprint: Sprint, before: Interview) -> None:
    """Ask again whatever an answer since ``before`` gave another meaning.

    Rural and urban forms share codes (L10): 1 is 建档立卡户 in one and 低保家庭 in the other, so
    a changed 户口性质 must not carry the code over.
    """
    now = sprint.interview
    if now.answers is before.answers:
        return
    changed = [
        item
        for item in now.questionnaire.derived(_with_shared_codes)
        if _means_otherwise(before, now, item)
    ]
    for item in changed:
        sprint.miss(item, AnswerState.TO_VERIFY, "meaning_changed")
    if changed:
        names = tuple(item.name for item in changed)
        sprint.emit(ItemsReopened(at=sprint.at, items=names))


def _means_otherwise(before: Interview, now: Interview, item: Item) -> bool:
    answer = now.answers.get(item.name)
    if answer is None or not answer.value or answer is not before.answers.get(item.name):
        return False
    return _label(before, item, answer.value) != _label(now, item, answer.value)


def _with_shared_codes(form: Questionnaire) -> tuple[Item, ...]:
    return tuple(item for item in form.items if len(item.codes) < len(item.choices))


def _label(interview: Interview, item: Item, value: str) -> tuple[str, ...]:
    codes, test = value.split(), interview.instance.test
    return tuple(
        choice.label
        for choice in item.choices
        if choice.code in codes and (choice.when is None or test(choice.when))
    )
