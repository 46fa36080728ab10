"""One phrase found in an utterance, and what its clause makes of it."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from dialog.clause import Clause, Sign
from dialog.interpreters.phrase_book import UNCLEAR, Entry, Light, PhraseBook
from dialog.lexicon.word_list import any_of
from dialog.question import Question
from dialog.segmentation import segmenter_of

_SHORT = 2
_LISTING = "和跟与及或还有 "
#: What a pattern only looks at, before or behind, is no word of it.
_LOOK = re.compile(r"\(\?<?[!=](?:[^()]|\([^()]*\))*\)")
_NEGATIVE = re.compile("[不没冇未弗勿无]|哪(?!个|里|样)")


class Standing(StrEnum):
    """Whether a phrase was said of the person and the time in question."""

    AFFIRMED = "affirmed"
    DENIED = "denied"
    PENDING = "pending"
    PAST = "past"
    OTHER = "other"
    HEDGED = "hedged"
    ASKED = "asked"
    DOUBLED = "doubled"


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of ``entry`` at ``start`` to ``end`` of the plain text, in clause ``clause``."""

    entry: Entry
    start: int
    end: int
    clause: int
    standing: Standing = Standing.AFFIRMED
    turn: bool = False

    @property
    def code(self) -> str:
        """The code that is said."""
        return self.entry.code


def hits_of(book: PhraseBook, clauses: tuple[Clause, ...], question: Question) -> tuple[Hit, ...]:
    """Return the phrases found, the longest of those that overlap, in the order they were said."""
    found: list[Hit] = []
    for index, clause in enumerate(clauses):
        for hit in _longest(_whole_words(_found(book, clause, index), clause, question)):
            standing = _standing(hit, clause, book, question)
            found.append(replace(hit, standing=standing, turn=Sign.TURN in clause.signs))
    return tuple(_denied_together(found, clauses))


def _denied_together(found: list[Hit], clauses: tuple[Clause, ...]) -> list[Hit]:
    """Deny what is only listed before something denied with all the rest: 低保，五保都没有."""
    hits = list(found)
    for place in range(len(hits) - 2, -1, -1):
        hit, then = hits[place], hits[place + 1]
        if hit.standing is Standing.AFFIRMED and then.standing is Standing.DENIED:
            before = clauses[hit.clause].text[: hit.start - clauses[hit.clause].start]
            behind = clauses[then.clause].text[then.end - clauses[then.clause].start :]
            every = any_of("signs.yaml", "every").search(behind) is not None
            if every and not before and _adjoins(hit, then, clauses):
                hits[place] = replace(hit, standing=Standing.DENIED)
    return hits


def _adjoins(hit: Hit, then: Hit, clauses: tuple[Clause, ...]) -> bool:
    """Whether nothing but a word that lists stands between the two."""
    own, next_ = clauses[hit.clause], clauses[then.clause]
    rest = own.text[hit.end - own.start :]
    if hit.clause == then.clause:
        return rest[: then.start - hit.end].strip(_LISTING) == ""
    lead = next_.text[: then.start - next_.start]
    return then.clause == hit.clause + 1 and (rest + lead).strip(_LISTING) == ""


def _found(book: PhraseBook, clause: Clause, index: int) -> list[Hit]:
    light = Light(clause.text)
    return [
        Hit(entry, clause.start + start, clause.start + end, index)
        for entry in book.entries
        for start, end in entry.spans(clause.text, light)
    ]


def _whole_words(hits: list[Hit], clause: Clause, question: Question) -> list[Hit]:
    """Leave out short phrases of the form that are only part of a word: the 行 in 银行."""
    short = [hit for hit in hits if hit.entry.is_listed and hit.end - hit.start <= _SHORT]
    if not short:
        return hits
    bounds = question.form.derived(segmenter_of).bounds(clause.text)
    cut = [hit for hit in short if not {hit.start - clause.start, hit.end - clause.start} <= bounds]
    return [hit for hit in hits if hit not in cut]


def _longest(hits: list[Hit]) -> list[Hit]:
    """Keep the longest of overlapping hits; of equally long ones that which is unclear."""
    ordered = sorted(hits, key=lambda hit: (hit.start - hit.end, hit.code != UNCLEAR, hit.start))
    kept: list[Hit] = []
    for hit in ordered:
        clash = [one for one in kept if one.start < hit.end and hit.start < one.end]
        if _has_room(hit, clash):
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def _standing(hit: Hit, clause: Clause, book: PhraseBook, question: Question) -> Standing:
    before = clause.text[: hit.start - clause.start]
    after = clause.text[hit.end - clause.start :]
    own = clause.text[hit.start - clause.start : hit.end - clause.start]
    if _swallows(hit.entry, own):
        return Standing.ASKED
    if _is_of_one_thing(hit, before, question):
        return Standing.OTHER
    if any_of("signs.yaml", "weakened").match(after):
        return Standing.HEDGED
    polarity = _polarity(before, own, after)
    if polarity is not Standing.AFFIRMED:
        return polarity
    return _circumstance(hit, clause, before, own, book, question)


def _has_room(hit: Hit, clash: list[Hit]) -> bool:
    """Whether nothing longer stands there, or words that make all around them unclear.

    The same words may stand for two codes.
    """
    if hit.code == UNCLEAR and not hit.entry.is_listed:
        return True
    same = all((one.start, one.end) == (hit.start, hit.end) for one in clash)
    return same and not any(one.code in (hit.code, UNCLEAR) for one in clash)


def _is_of_one_thing(hit: Hit, before: str, question: Question) -> bool:
    """Whether 没领 is said of something named before it, and so not of everything."""
    item = question.item
    if item is None or hit.code not in item.exclusive_codes() or hit.entry.is_listed:
        return False
    return any_of("yes_no.yaml", "lead").sub("", before, count=1) != ""


def _swallows(entry: Entry, own: str) -> bool:
    """Whether a gap of the pattern holds a negative that the pattern does not speak of."""
    if entry.is_listed or _NEGATIVE.search(_LOOK.sub("", entry.text)):
        return False
    return _NEGATIVE.search(own) is not None


def _polarity(before: str, own: str, after: str) -> Standing:
    if any_of("signs.yaml", "reversed").search(before[-6:]):
        return Standing.AFFIRMED
    if any_of("signs.yaml", "disputed").search(before):
        return Standing.DENIED
    tail = any_of("signs.yaml", "doubled")
    if any(match.end() >= len(before) - 1 for match in tail.finditer(before)):
        return Standing.DOUBLED
    negative = _is_negative(own)
    ends = [match.end() for match in any_of("signs.yaml", "negator").finditer(before)]
    if ends and ends[-1] == len(before):
        return Standing.DOUBLED if negative else Standing.DENIED
    if not negative and any_of("signs.yaml", "negative_tail").fullmatch(after.strip()):
        return Standing.DENIED
    return Standing.AFFIRMED


def _is_negative(own: str) -> bool:
    match = any_of("signs.yaml", "negator").match(own)
    return match is not None


def _reaches_today(own: str) -> bool:
    """Whether a negative speaks of all the time since: 再没去过, 从来没有, 没上过."""
    return (
        _NEGATIVE.search(own[:3]) is not None
        and any_of("signs.yaml", "since").search(own) is not None
    )


def _circumstance(
    hit: Hit, clause: Clause, before: str, own: str, book: PhraseBook, question: Question
) -> Standing:
    signs = clause.signs
    if Sign.HEDGE in signs or (Sign.HEARSAY in signs and "听" not in own):
        return Standing.HEDGED
    if book.tense == "window" and any_of("signs.yaml", "last_year").search(clause.text):
        return Standing.HEDGED
    if Sign.CONDITION in signs and book.tense != "event":
        return Standing.HEDGED
    if Sign.QUESTION in signs:
        return Standing.ASKED
    if book.other and (Sign.OTHER in signs or _is_of_family(signs, question)):
        return Standing.OTHER
    if book.pending and (Sign.PENDING in signs or (Sign.FUTURE in signs and book.tense == "now")):
        return Standing.PENDING
    lasts = hit.code in book.enduring or _reaches_today(own)
    if _is_past(signs, before, book.tense) and not lasts:
        return Standing.PAST
    return Standing.AFFIRMED


def _is_of_family(signs: frozenset[Sign], question: Question) -> bool:
    return Sign.FAMILY in signs and question.context.speaker != "proxy"


def _is_past(signs: frozenset[Sign], before: str, tense: str) -> bool:
    if tense == "event" or Sign.NOW in signs:
        return False
    if tense == "window":
        return Sign.LONG_AGO in signs
    return any_of("signs.yaml", Sign.PAST).search(before) is not None
