"""What a recogniser may expect to hear in answer to a question."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from dialog.question import Question
from survey_engine.item import Choice
from survey_engine.wait import Accepts
from telephony.recogniser import Hints

_NUMBERS = {
    Accepts.INTEGER: ("numbers",),
    Accepts.DECIMAL: ("numbers",),
    Accepts.DATE: ("numbers", "dates"),
    Accepts.TIME: ("numbers", "dates"),
    Accepts.DATETIME: ("numbers", "dates"),
    Accepts.DIGITS: ("digits",),
}
#: Of so many choices so many ways of saying them are likely.
_CHOICES, _SAYS = 8, 3


def hints_of(question: Question | None) -> Hints:
    """Return the phrases of the form for ``question`` and those that anybody may say anytime.

    A question for a name or free words, and None, gives no hints: anything may be heard.
    """
    if question is None or question.accepts in (Accepts.TEXT, Accepts.ITEM):
        return Hints()
    lists = _NUMBERS.get(question.accepts, ())
    phrases = (
        *(phrase for name in lists for phrase in _phrases(name)),
        *_said(_choices(question)),
        *(() if lists else _phrases("yes_no")),
        *_phrases("always"),
    )
    return Hints(
        tuple(dict.fromkeys(phrases)),
        digits=question.accepts is Accepts.DIGITS,
        likely=_likely(question),
    )


def _likely(question: Question) -> tuple[str, ...]:
    """The commonest answers: of every choice on offer its name and how it is most often said.

    To a value that is read back, only yes and no.
    """
    if question.is_confirmation:
        return _phrases("likely_confirmation")
    if question.accepts in _NUMBERS:
        return _phrases(f"likely_{_NUMBERS[question.accepts][-1]}")
    choices = tuple(_choices(question))[:_CHOICES]
    labels = (choice.label for choice in choices)
    says = (phrase for choice in choices for phrase in choice.says[:_SAYS])
    return tuple(dict.fromkeys((*_phrases("likely"), *labels, *says)))


def _choices(question: Question) -> Iterable[Choice]:
    """The choices on offer; for one option of a multiple choice, that one."""
    if question.option:
        return (one for one in question.choices if one.code == question.option)
    return question.choices


def _said(choices: Iterable[Choice]) -> Iterable[str]:
    return (phrase for choice in choices for phrase in (choice.label, *choice.says))


def _phrases(name: str) -> tuple[str, ...]:
    return tuple(_lists()[name])


@cache
def _lists() -> Mapping[str, list[str]]:
    """Every list of the file; each entry is a phrase, even where YAML takes it for a number."""
    written = Path(__file__).with_name("hints.yaml").read_text(encoding="utf-8")
    return {name: [str(one) for one in listed] for name, listed in yaml.safe_load(written).items()}
