"""The words that the form itself lists for its choices, as whole answers."""

from collections.abc import Mapping
from functools import lru_cache

from dialog.lexicon.word_list import plain
from dialog.question import Question
from dialog.readings import Readings
from survey_engine.item import Choice


def as_listed(readings: Readings) -> str:
    """Return the value whose listed words are the whole answer, if the lexicon takes it so.

    What a county lists in its form counts at once, whatever was learned from other words.
    """
    best = readings.lexicon.best
    if best is None or readings.lexicon.doubts or readings.settled.intents:
        return ""
    value = _value(readings.question, readings.text.plain)
    return value if value == best.value else ""


def _value(question: Question, words: str) -> str:
    if question.is_confirmation:
        return ""
    codes = _listed(question.choices).get(words, frozenset())
    if len(codes) != 1:
        return ""
    (code,) = codes
    if question.option:
        return "yes" if code == question.option else ""
    return code


@lru_cache(maxsize=512)
def _listed(choices: tuple[Choice, ...]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for one in choices:
        for phrase in (one.label, *one.says):
            words = plain(phrase)
            found[words] = found.get(words, frozenset()) | {one.code}
    return found
