"""What a respondent may do instead of answering, by the words of the lexicon."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from dialog.interpretation import Evidence, Intent, Interpretation
from dialog.lexicon.word_list import pattern, read_file, words
from dialog.normalisation import Text
from dialog.question import Question
from dialog.strength import Strength, strength

_NAME = "intents"


@dataclass(frozen=True, slots=True)
class Wish:
    """One intent: its patterns, what silences them, and the items where it counts or not."""

    name: str
    weight: int
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    only_at: frozenset[str]
    not_at: frozenset[str]

    def fits(self, question: Question) -> bool:
        """Whether this can be meant in answer to ``question``."""
        at = question.item.name if question.item else question.target
        return at not in self.not_at and (not self.only_at or at in self.only_at)


class Intents:
    """Reads intents; a person's life at risk comes before everything."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return every intent whose words were said."""
        found = tuple(_found(question, text))
        return Interpretation(intents=found)


def _found(question: Question, text: Text) -> Iterator[Intent]:
    for wish in _wishes():
        if not wish.fits(question) or any(one.search(text.plain) for one in wish.unless):
            continue
        match = next((m for one in wish.patterns if (m := one.search(text.plain))), None)
        if match:
            evidence = Evidence(text.words(*match.span()), *match.span())
            sure = strength(Strength.INTENT)
            yield Intent(wish.name, sure, evidence, _NAME, wish.weight)


@cache
def _wishes() -> tuple[Wish, ...]:
    listed = read_file("intents.yaml")
    return tuple(_wish(entry) for entry in _entries(listed.get("intents")))


def _entries(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _wish(entry: Mapping[str, object]) -> Wish:
    return Wish(
        name=str(entry["intent"]),
        weight=int(str(entry["weight"])),
        patterns=tuple(pattern(one) for one in words(entry["says"])),
        unless=tuple(pattern(one) for one in words(entry.get("unless"))),
        only_at=frozenset(words(entry.get("only_at"))),
        not_at=frozenset(words(entry.get("not_at"))),
    )
