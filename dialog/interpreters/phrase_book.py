"""The phrases and patterns by which one item's codes are said."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from dialog.lexicon.word_list import pattern, places, plain
from dialog.question import Question
from survey_engine.item import Choice, Item, ReferencePeriod

#: The code under which words stand that no careful person codes.
UNCLEAR = "unclear"
_LIGHT = re.compile(r"[的了着个吧]")
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One way of saying ``code``: a phrase of the form, or a pattern of the lexicon."""

    code: str
    text: str
    light: str = ""
    regex: re.Pattern[str] | None = None
    weak: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether the form itself lists the phrase."""
        return self.regex is None

    def spans(self, text: str, light: "Light") -> Iterator[tuple[int, int]]:
        """Yield where in ``text`` this is said."""
        if self.regex is not None:
            for match in self.regex.finditer(text):
                if match.end() > match.start():
                    yield match.span()
        elif len(self.light) >= _LEAST:
            yield from light.spans(self.light)
        else:
            place = text.find(self.text)
            if place >= 0:
                yield place, place + len(self.text)


class Light:
    """A clause without its particles, so that 评C级 is found in 评了个C级."""

    __slots__ = ("origins", "text")

    def __init__(self, text: str) -> None:
        kept = [place for place, char in enumerate(text) if not _LIGHT.match(char)]
        self.text = "".join(text[place] for place in kept)
        self.origins = kept

    def spans(self, phrase: str) -> Iterator[tuple[int, int]]:
        """Yield where the light ``phrase`` stands, as places of the full text."""
        place = self.text.find(phrase)
        while place >= 0:
            yield self.origins[place], self.origins[place + len(phrase) - 1] + 1
            place = self.text.find(phrase, place + 1)


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """What is known of the words of one item.

    ``tense`` is ``now`` where only the present counts, ``window`` where the past year does and
    ``event`` where the past counts as well. ``affirm`` and ``deny`` are the codes that yes and no
    stand for, empty where they say nothing. ``verbs`` say yes with an aspect (交了) and no with a
    negative; ``-`` where only a plain yes or no counts. ``other`` tells that what is said of
    somebody else is no answer, ``pending`` that what is only applied for is none yet.
    ``complement`` gives the code that follows when another one is denied; ``enduring`` codes hold
    on when they are said of the past. ``telling`` items are answered by one word however long the
    rest is; ``sole`` ones have one code where people often name two things.
    """

    entries: tuple[Entry, ...]
    tense: str
    affirm: str = ""
    deny: str = ""
    verbs: str = ""
    other: bool = True
    pending: bool = True
    complement: Mapping[str, str] | None = None
    enduring: frozenset[str] = frozenset()
    telling: bool = False
    sole: bool = False


_TENSES = {
    ReferencePeriod.REFERENCE_DAY: "now",
    ReferencePeriod.TWO_WEEKS: "now",
    ReferencePeriod.PAST_YEAR: "window",
    ReferencePeriod.NOW: "event",
}


def book_of(question: Question) -> PhraseBook | None:
    """Return the book of the item that ``question`` is about, or None without choices."""
    if question.item is None or not question.choices:
        return None
    return _book(question.form.form, question.place, _Ware(question.item, question.choices))


@dataclass(frozen=True, slots=True, eq=False)
class _Ware:
    """An item and its offered choices, compared by what decides the book."""

    item: Item
    choices: tuple[Choice, ...]

    def __hash__(self) -> int:
        return hash((self.item.name, tuple(id(choice) for choice in self.choices)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Ware)
            and self.item is other.item
            and all(a is b for a, b in zip(self.choices, other.choices, strict=False))
            and len(self.choices) == len(other.choices)
        )


@lru_cache(maxsize=512)
def _book(form: str, place: str, ware: _Ware) -> PhraseBook:
    own = places().get(place if form == "person" else f"{form}/{place}", {})
    codes = {choice.code for choice in ware.choices}
    dropped = frozenset(plain(phrase) for phrase in own.get("drop", ()))
    listed = [entry for entry in _listed(ware) if entry.text not in dropped]
    entries = [*listed, *_own(own, codes)]
    return PhraseBook(
        entries=tuple({(one.code, one.text, one.weak): one for one in entries}.values()),
        tense=_setting(own, "tense", _TENSES[ware.item.reference]),
        affirm=_setting(own, "affirm"),
        deny=_setting(own, "deny"),
        verbs=_setting(own, "verbs"),
        other=_setting(own, "other", "yes") == "yes",
        pending=_setting(own, "pending", _pending(ware.item)) == "yes",
        complement=dict(pair.split("=") for pair in own.get("complement", ()))
        or _binary(ware.item),
        enduring=frozenset(own.get("enduring", ())),
        telling=_setting(own, "telling", "no") == "yes",
        sole=_setting(own, "sole", "no") == "yes",
    )


def _setting(own: Mapping[str, tuple[str, ...]], name: str, default: str = "") -> str:
    return own.get(name, (default,))[0]


def _pending(item: Item) -> str:
    return "no" if item.reference is ReferencePeriod.NOW else "yes"


def _binary(item: Item) -> Mapping[str, str]:
    """Of two codes, a yes and a no, the one that is denied gives the other."""
    codes = [choice.code for choice in item.choices]
    labels = [choice.label for choice in item.choices]
    if labels == ["是", "否"]:
        return {codes[0]: codes[1], codes[1]: codes[0]}
    return {}


def _listed(ware: _Ware) -> Iterator[Entry]:
    for choice in ware.choices:
        if choice.effect.startswith("outcome:"):
            continue
        label = plain(choice.label)
        for phrase in (
            *choice.says,
            *((label,) if label not in ("是", "否", "无", "其他") else ()),
        ):
            yield _phrase(choice.code, plain(phrase))
    for unclear in ware.item.unclear:
        for phrase in unclear.says:
            yield _phrase(UNCLEAR, plain(phrase))


def _phrase(code: str, text: str) -> Entry:
    light = _LIGHT.sub("", text)
    return Entry(code, text, light)


def _own(own: Mapping[str, tuple[str, ...]], codes: set[str]) -> Iterator[Entry]:
    for key, listed in own.items():
        code, weak = key.rstrip("?"), key.endswith("?")
        if code == UNCLEAR or set(code.split("+")) <= codes:
            for text in listed:
                yield Entry(code, text, regex=pattern(text), weak=weak)
