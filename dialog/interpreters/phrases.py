"""Choices by the words people use for them, with negation, time, person and certainty."""

import re
from collections.abc import Iterable
from dataclasses import replace

from dialog.clause import Clause, clauses_of
from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.interpreters.hit import Hit, Standing, hits_of
from dialog.interpreters.phrase_book import UNCLEAR, PhraseBook, book_of
from dialog.lexicon.word_list import any_of
from dialog.normalisation import Text
from dialog.question import Question
from dialog.strength import Strength, strength

_NAME = "phrases"
_THIN, _PART = 3, 0.3
_BREAK = re.compile(r"[，。？！；：\s]")
#: A phrase with one of these standings neither gives a value nor takes the others' certainty.
_HARMLESS = (Standing.PAST, Standing.OTHER, Standing.ASKED, Standing.DENIED, Standing.PENDING)


class Phrases:
    """Reads the phrases of the form and the patterns of the lexicon."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return the codes that were said; for an option yes or no."""
        book = book_of(question)
        if book is None or question.item is None:
            return Interpretation()
        clauses = clauses_of(text.plain)
        hits = hits_of(book, clauses, question)
        if not hits:
            return Interpretation()
        denial = _denial(question, hits, text)
        if denial:
            return denial
        reading = _reading(question, book, hits, text)
        return _shaken(reading, question, book, clauses, hits)


def _reading(
    question: Question, book: PhraseBook, hits: tuple[Hit, ...], text: Text
) -> Interpretation:
    if question.is_multiple:
        return _several(question, hits, text)
    if question.option:
        return _option(question, book, hits, text)
    return _single(question, book, hits, text)


def _shaken(
    reading: Interpretation,
    question: Question,
    book: PhraseBook,
    clauses: tuple[Clause, ...],
    hits: tuple[Hit, ...],
) -> Interpretation:
    """Take some certainty away if the speaker went on with something that was not understood."""
    said = {hit.clause for hit in hits}
    rest = [
        clause for place, clause in enumerate(clauses) if place > min(said) and place not in said
    ]
    kinds = ("against", "besides") if question.is_multiple or book.sole else ("against",)
    if not any(any_of("signs.yaml", kind).search(one.text) for one in rest for kind in kinds):
        return reading
    share = strength(Strength.RISK)
    less = tuple(replace(one, confidence=one.confidence * share) for one in reading.candidates)
    return replace(reading, candidates=less)


def _evidence(hits: Iterable[Hit], text: Text) -> Evidence:
    listed = list(hits)
    first, end = min(hit.start for hit in listed), max(hit.end for hit in listed)
    return Evidence(text.words(first, end), max(hit.start for hit in listed), end)


def _candidate(value: str, confidence: float, hits: Iterable[Hit], text: Text) -> Candidate:
    return Candidate(value, confidence, _evidence(hits, text), _NAME)


def _affirmed(hits: Iterable[Hit]) -> list[Hit]:
    """Return what was affirmed; a weak phrase counts only where nothing else was."""
    said = [hit for hit in hits if hit.standing is Standing.AFFIRMED and hit.code != UNCLEAR]
    return [hit for hit in said if not hit.entry.weak] or said


def _doubt(hits: Iterable[Hit], codes: set[str]) -> float:
    """Return what is left of the certainty after the words that make a careful person ask."""
    left = 1.0
    for hit in hits:
        if hit.code == UNCLEAR and hit.standing not in _SETTLED:
            left *= strength(Strength.SOFT if _is_soft(hit) else Strength.UNCLEAR)
        elif hit.standing is Standing.HEDGED:
            left *= strength(Strength.HEDGED)
        elif hit.standing is Standing.DOUBLED or (hit.standing in _HARMLESS and hit.code in codes):
            left *= strength(Strength.MIXED)
    return left


_SETTLED = (Standing.DENIED, Standing.PAST, Standing.PENDING)


def _is_soft(hit: Hit) -> bool:
    """Whether the words only say too little, so that a value said beside them still counts."""
    hard = any_of("signs.yaml", "hard").search(hit.entry.text) is not None
    return hit.entry.weak or (hit.entry.is_listed and not hard)


def _trust(hits: list[Hit], text: Text, *, alone: bool = False) -> float:
    """Return how sure affirmed phrases of one code make it."""
    listed = max(
        strength(Strength.LISTED if hit.entry.is_listed else Strength.PATTERN) for hit in hits
    )
    places = {hit.start for hit in hits}
    if any(hit.end - hit.start >= len(text.plain) - 1 for hit in hits):
        return max(listed, strength(Strength.WHOLE))
    if len(places) > 1:
        return max(listed, strength(Strength.TWICE))
    if alone and _is_thin(hits[0], text):
        return strength(Strength.THIN)
    if all(hit.end - hit.start < 2 for hit in hits):
        return strength(Strength.SHORT)
    return listed


def _is_thin(hit: Hit, text: Text) -> bool:
    """Whether a short word inside a clause is all that was understood of a long sentence."""
    length = hit.end - hit.start
    if hit.turn or length > _THIN or length >= _PART * len(text.plain):
        return False
    return not _is_clause(text.plain[: hit.start], text.plain[hit.end :])


def _is_clause(before: str, after: str) -> bool:
    """Whether what stands between these is a clause of its own, but for a particle."""
    opens = any_of("yes_no.yaml", "lead").sub("", _BREAK.split(before)[-1], count=1) == ""
    rest = after.lstrip("的了着")
    return opens and (not rest or _BREAK.match(rest) is not None)


def _winner(affirmed: list[Hit]) -> tuple[list[Hit], float]:
    """Of several codes, take the one that a later clause turns to; otherwise none is certain."""
    codes = {hit.code for hit in affirmed}
    if len(codes) <= 1:
        return affirmed, 1.0
    last = affirmed[-1]
    rest = [hit for hit in affirmed if hit.code != last.code]
    if last.turn and all(hit.clause < last.clause for hit in rest):
        return [hit for hit in affirmed if hit.code == last.code], strength(Strength.TURNED)
    return [], 0.0


def _single(
    question: Question, book: PhraseBook, hits: tuple[Hit, ...], text: Text
) -> Interpretation:
    affirmed = _affirmed(hits)
    won, share = _winner(affirmed)
    if won:
        codes = {won[0].code}
        confidence = _trust(won, text, alone=not book.telling) * share * _doubt(hits, codes)
        if question.is_confirmation:
            return _confirmation(question, won, confidence, text)
        return Interpretation((_candidate(won[0].code, confidence, won, text),))
    if affirmed:
        return _undecided(affirmed, text)
    return _complement(question, book, hits, text)


def _denial(question: Question, hits: tuple[Hit, ...], text: Text) -> Interpretation | None:
    """A value read back that is denied by its own words is a no."""
    denied = [hit for hit in hits if hit.standing is Standing.DENIED and hit.code == question.value]
    if not (question.is_confirmation and denied):
        return None
    return Interpretation((_candidate("no", strength(Strength.DENIED), denied, text),))


def _confirmation(
    question: Question, won: list[Hit], confidence: float, text: Text
) -> Interpretation:
    value = "yes" if won[0].code == question.value else "no"
    return Interpretation((_candidate(value, confidence, won, text),))


def _undecided(affirmed: list[Hit], text: Text) -> Interpretation:
    """Two codes at once: each may be meant, neither is certain."""
    codes = list(dict.fromkeys(hit.code for hit in affirmed))
    share = strength(Strength.UNDECIDED) / len(codes)
    return Interpretation(
        tuple(
            _candidate(code, share, [hit for hit in affirmed if hit.code == code], text)
            for code in codes
        ),
        doubts=("several",),
    )


def _complement(
    question: Question, book: PhraseBook, hits: tuple[Hit, ...], text: Text
) -> Interpretation:
    """Nothing was affirmed: a denied code may give the other, a doubtful one is only a guess."""
    others = book.complement or {}
    gone = [hit for hit in hits if hit.code in others and _is_gone(hit, question, book)]
    rest = [hit for hit in hits if hit not in gone]
    values = {others[hit.code] for hit in gone}
    if len(values) == 1:
        value = values.pop()
        said = ("yes" if value == question.value else "no") if question.is_confirmation else value
        least = min(strength(_LOSS[hit.standing]) for hit in gone)
        confidence = least * _doubt(rest, {value})
        return Interpretation((_candidate(said, confidence, gone, text),))
    return _guess(question, hits, text)


def _is_gone(hit: Hit, question: Question, book: PhraseBook) -> bool:
    """Whether the other code follows; from what is over or only applied for just a no does."""
    if hit.standing is Standing.DENIED:
        return True
    return hit.standing in _gone(book) and hit.code == question.choices[0].code


_LOSS = {
    Standing.DENIED: Strength.DENIED,
    Standing.PENDING: Strength.PENDING,
    Standing.PAST: Strength.PAST,
}


def _gone(book: PhraseBook) -> tuple[Standing, ...]:
    """What counts as a no: a denial, and where things are received also what is only applied."""
    if book.tense == "window":
        return (Standing.DENIED, Standing.PENDING, Standing.PAST)
    return (Standing.DENIED,)


def _guess(question: Question, hits: tuple[Hit, ...], text: Text) -> Interpretation:
    weak = [
        hit
        for hit in hits
        if hit.standing in (Standing.HEDGED, Standing.PAST) and hit.code != UNCLEAR
    ]
    doubts = _doubts(hits)
    if len({hit.code for hit in weak}) != 1 or question.is_confirmation:
        return Interpretation(doubts=doubts)
    guess = _candidate(weak[0].code, strength(Strength.GUESS), weak, text)
    return Interpretation((guess,), doubts=doubts)


def _several(question: Question, hits: tuple[Hit, ...], text: Text) -> Interpretation:
    exclusive = question.item.exclusive_codes() if question.item else frozenset()
    affirmed = _affirmed(hits)
    named = [hit for hit in affirmed if hit.code not in exclusive]
    won = named or affirmed
    if not won:
        return Interpretation(doubts=_doubts(hits))
    codes = {code for hit in won for code in hit.code.split("+")}
    order = [choice.code for choice in question.choices if choice.code in codes]
    denied = {hit.code for hit in hits if hit.standing is Standing.DENIED} & codes
    confidence = min(_trust(_of_code(won, code), text, alone=len(won) == 1) for code in codes)
    confidence *= _doubt([hit for hit in hits if hit not in won], codes)
    confidence *= strength(Strength.MIXED) if denied else 1.0
    return Interpretation((_candidate("+".join(dict.fromkeys(order)), confidence, won, text),))


def _of_code(hits: list[Hit], code: str) -> list[Hit]:
    return [hit for hit in hits if code in hit.code.split("+")]


def _option(
    question: Question, book: PhraseBook, hits: tuple[Hit, ...], text: Text
) -> Interpretation:
    exclusive = question.item.exclusive_codes() if question.item else frozenset()
    mine = [hit for hit in hits if question.option in hit.code.split("+")]
    affirmed = [hit for hit in mine if hit.standing is Standing.AFFIRMED]
    gone = [hit for hit in mine if hit.standing in (*_gone(book), Standing.OTHER)]
    none = [hit for hit in _affirmed(hits) if hit.code in exclusive]
    doubt = _doubt(hits, {question.option})
    if affirmed and not gone and not none:
        confidence = _trust(affirmed, text, alone=not book.telling) * doubt
        return Interpretation((_candidate("yes", confidence, affirmed, text),))
    if gone and not affirmed:
        weakest = min(strength(_LOSS.get(hit.standing, Strength.GUESS)) for hit in gone)
        return Interpretation((_candidate("no", weakest * min(1.0, doubt + 0.02), gone, text),))
    if none and not mine:
        value = strength(Strength.LISTED) * doubt
        return Interpretation((_candidate("no", value, none, text),))
    doubts = {*_doubts(hits), *(("several",) if affirmed else ())}
    return Interpretation(doubts=tuple(sorted(doubts)))


def _doubts(hits: Iterable[Hit]) -> tuple[str, ...]:
    """Return what makes a careful person ask: words nobody codes, and standings but a plain one."""
    said = {UNCLEAR if hit.code == UNCLEAR else hit.standing.value for hit in hits}
    return tuple(sorted(said - {Standing.AFFIRMED.value}))
