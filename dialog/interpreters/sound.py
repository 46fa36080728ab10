"""Words that a recogniser or an accent has turned into others that sound alike.

Only the choices and words of the item just asked are listened for: 地宝 is 低保 where the question
is about relief, and nothing anywhere else. Yes and no are never turned into each other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from dialog.interpretation import Candidate, Interpretation
from dialog.interpreters.phrase_book import book_of
from dialog.interpreters.phrases import Phrases
from dialog.interpreters.yes_no import YesNo
from dialog.lexicon.word_list import plain
from dialog.normalisation import Text
from dialog.pinyin import sounds_of
from dialog.question import Question
from dialog.strength import Strength, strength
from survey_engine.item import Choice

_NAME = "sound"
_LEAST, _MOST = 2, 8
_POLAR = frozenset("有没不无冇未否非勿别弗是")
_READERS = (Phrases(), YesNo())


class Sound:
    """Reads the utterance again with the item's words in place of what sounds like them."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return what the utterance means if the words that sound alike are the item's."""
        if question.item is None or book_of(question) is None:
            return Interpretation()
        words = _words(question.choices)
        respelled = _respelled(text.plain, words)
        if respelled == text.plain:
            return Interpretation()
        heard = replace(text, plain=respelled)
        readings = [reader.read(question, heard) for reader in _READERS]
        return Interpretation(
            candidates=tuple(_weaker(readings)),
            doubts=tuple(doubt for reading in readings for doubt in reading.doubts),
        )


def _weaker(readings: Iterable[Interpretation]) -> Iterator[Candidate]:
    share = strength(Strength.SOUND)
    for reading in readings:
        for one in reading.candidates:
            yield replace(one, confidence=one.confidence * share, interpreter=_NAME)


@lru_cache(maxsize=512)
def _words(choices: tuple[Choice, ...]) -> tuple[str, ...]:
    """Return the item's own words, longest first; single signs sound like too much."""
    phrases = (phrase for one in choices for phrase in (one.label, *one.says))
    words = {plain(phrase) for phrase in phrases}
    kept = {one for one in words if _LEAST <= len(one) <= _MOST and one.isalpha()}
    return tuple(sorted(kept, key=lambda one: (-len(one), one)))


def _respelled(text: str, words: tuple[str, ...]) -> str:
    settled = [False] * len(text)
    signs = list(text)
    begins = {first: _places_of(text, first) for first in {word[0] for word in words}}
    for word in words:
        for start in begins[word[0]]:
            span = range(start, start + len(word))
            if text.startswith(word, start):
                for place in span:
                    settled[place] = True
            elif _is_heard_as(text, start, word) and not any(settled[place] for place in span):
                for place, sign in zip(span, word, strict=True):
                    signs[place], settled[place] = sign, True
    return "".join(signs)


def _places_of(text: str, sign: str) -> tuple[int, ...]:
    """Return where ``sign`` may have been said; most words are not begun anywhere."""
    return tuple(place for place, heard in enumerate(text) if _alike(heard, sign))


def _is_heard_as(text: str, start: int, word: str) -> bool:
    spoken = text[start : start + len(word)]
    return len(spoken) == len(word) and all(_alike(a, b) for a, b in zip(spoken, word, strict=True))


def _alike(heard: str, meant: str) -> bool:
    if heard == meant:
        return True
    if heard in _POLAR or meant in _POLAR:
        return False
    return not sounds_of(heard).isdisjoint(sounds_of(meant))
