"""The wait for an item: what it accepts on this channel, and when an earlier value will do."""

from collections.abc import Iterator
from datetime import date

from survey_engine.answer import Answer
from survey_engine.interview import Interview
from survey_engine.item import Item, ItemType, VoiceHint
from survey_engine.questionnaire import Questionnaire
from survey_engine.value import canonical, is_allowed
from survey_engine.wait import Accepts, Wait, WaitKind

_ACCEPTS = {
    ItemType.SINGLE: Accepts.CHOICE,
    ItemType.MULTI: Accepts.CHOICES,
    ItemType.INTEGER: Accepts.INTEGER,
    ItemType.DECIMAL: Accepts.DECIMAL,
    ItemType.DATE: Accepts.DATE,
    ItemType.TIME: Accepts.TIME,
    ItemType.DATETIME: Accepts.DATETIME,
    ItemType.ACKNOWLEDGE: Accepts.YES_NO,
}


def yes_no(target: str, kind: WaitKind = WaitKind.SCRIPT, value: str = "") -> Wait:
    """Return a wait for yes or no."""
    return Wait(kind, target, Accepts.YES_NO, value=value, keypad=True)


def is_due_again(interview: Interview, item: Item, answer: Answer, today: date) -> bool:
    """Whether an answer is asked for again: from before the reference day, or no longer offered."""
    if answer.reconfirm and interview.reconfirming:
        day = interview.facts.get("reference_day", "")
        return bool(day) and today >= date.fromisoformat(day)
    if not answer.value or item.name not in interview.questionnaire.derived(_filtered):
        return False
    return canonical(item, answer.value, interview.instance) is None


def _filtered(form: Questionnaire) -> frozenset[str]:
    """The items some of whose choices are not always on offer."""
    return frozenset(
        item.name for item in form.items if any(choice.when for choice in item.choices)
    )


def last_wait(interview: Interview, item: Item, today: date) -> Wait | None:
    """Return the wait that confirms an earlier value in one sentence, if there is such a value."""
    answer = interview.answers.get(item.name)
    if answer and answer.value and is_due_again(interview, item, answer, today):
        return _confirming(interview, item, answer.value)
    value = interview.last_year.get(item.name, "")
    if not (item.stable and item.wording.last and value) or item.name in interview.answers:
        return None
    return _confirming(interview, item, value)


def _confirming(interview: Interview, item: Item, value: str) -> Wait | None:
    """Return the wait for a yes to ``value``, if it could be recorded today."""
    known = canonical(item, value, interview.instance)
    if known is None or not is_allowed(item, known, interview.instance, interview.at):
        return None
    return yes_no(item.name, WaitKind.LAST, known)


def item_wait(interview: Interview, item: Item, tries: int = 0, rule: str = "") -> Wait:
    """Return the wait for ``item`` on the interview's channel.

    Where questions are heard, a multiple choice is asked option by option: at once if the form
    says ``series``, and after the first open question was not understood if it says ``open``.
    """
    kind = WaitKind.CHECK if rule else WaitKind.ASK
    if item.type is ItemType.MULTI and interview.channel.is_spoken and not rule:
        option = next(open_options(interview, item), "")
        serial = item.hints.voice is VoiceHint.SERIES or tries > 0
        if option and (serial or interview.options.get(item.name)):
            target = f"{item.name}/{option}"
            return Wait(kind, target, Accepts.YES_NO, keypad=True)
    accepts = _ACCEPTS.get(item.type, Accepts.TEXT)
    if item.hints.digits and accepts is Accepts.TEXT:
        accepts = Accepts.DIGITS
    return Wait(
        kind,
        item.name,
        accepts,
        codes=tuple(dict.fromkeys(interview.instance.offers(item.name))),
        tries=tries,
        rule=rule,
        digits=item.hints.digits,
        keypad=item.hints.keypad != "none",
    )


def open_options(interview: Interview, item: Item) -> Iterator[str]:
    """Yield the options of a multiple choice that are on offer and not settled yet."""
    done = interview.options.get(item.name, {})
    for code in interview.instance.offers(item.name):
        if code not in done and code not in item.exclusive_codes():
            yield code
