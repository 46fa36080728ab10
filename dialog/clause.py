"""The clauses of an utterance, each with what its words say about time, certainty and person."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from dialog.lexicon.word_list import any_of

_MARKS = "，。？！；："
_END = re.compile(rf"[{_MARKS}]|\s+")
_LEAST_BEFORE = 3


class Sign(StrEnum):
    """What a clause says besides its matter."""

    PAST = "past"
    LONG_AGO = "long_ago"
    NOW = "now"
    FUTURE = "future"
    PENDING = "pending"
    HEDGE = "hedge"
    HEARSAY = "hearsay"
    QUESTION = "question"
    OTHER = "other"
    FAMILY = "family"
    CONDITION = "condition"
    WISH = "wish"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the plain text from ``start`` to ``end``."""

    text: str
    start: int
    end: int
    signs: frozenset[Sign] = frozenset()


@cache
def _markers() -> tuple[tuple[Sign, re.Pattern[str]], ...]:
    return tuple((sign, any_of("signs.yaml", sign.value)) for sign in Sign)


def clauses_of(plain: str) -> tuple[Clause, ...]:
    """Return the clauses of ``plain`` after its last correction of itself."""
    spans = [span for start, end in _pieces(plain) for span in _turns(plain, start, end)]
    spans = _corrected(plain, spans)
    return tuple(_clause(plain, start, end) for start, end in spans)


def stood_by(plain: str, *, today: bool) -> str:
    """Return the part of ``plain`` that the speaker stands by.

    What was taken back is left out (初中，不对，高中); where only ``today`` counts, also what was
    said of earlier times before a clause that turns to now (以前在厂里，现在闲着).
    """
    clauses = list(clauses_of(plain))
    while today and len(clauses) > 1 and _is_over(clauses[0], clauses[1]):
        clauses.pop(0)
    return plain[clauses[0].start :] if clauses else plain


def _is_over(clause: Clause, then: Clause) -> bool:
    past = Sign.PAST in clause.signs and Sign.NOW not in clause.signs
    return past and (Sign.NOW in then.signs or Sign.TURN in then.signs)


def _clause(plain: str, start: int, end: int) -> Clause:
    text = plain[start:end]
    found = {sign for sign, pattern in _markers() if pattern.search(text)}
    if plain[end : end + 1] == "？":
        found.add(Sign.QUESTION)
    return Clause(text, start, end, frozenset(found))


def _pieces(plain: str) -> list[tuple[int, int]]:
    """Cut at marks and blanks; a bare 有 or 没有 after a blank stays with what it is about."""
    pieces: list[tuple[int, int]] = []
    start = 0
    for match in [*_END.finditer(plain), None]:
        end = match.start() if match else len(plain)
        if end > start:
            joined = pieces and plain[start - 1] == " " and _is_bare(plain[start:end])
            pieces.append((pieces.pop()[0], end) if joined else (start, end))
        start = match.end() if match else end
    return pieces


def _is_bare(text: str) -> bool:
    return any_of("signs.yaml", "bare").fullmatch(text) is not None


def _turns(plain: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut an unpunctuated stretch before the words that turn to another time or thought."""
    cuts = [start]
    for match in any_of("signs.yaml", "cut").finditer(plain, start, end):
        if match.start() - cuts[-1] >= _LEAST_BEFORE:
            cuts.append(match.start())
    return list(zip(cuts, [*cuts[1:], end], strict=True))


def _corrected(plain: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Drop what the speaker took back: 初中，不对，高中 leaves 高中."""
    pattern = any_of("signs.yaml", "correction")
    for place in range(len(spans) - 2, 0, -1):
        start, end = spans[place]
        if pattern.fullmatch(plain[start:end]):
            return spans[place + 1 :]
    return spans
