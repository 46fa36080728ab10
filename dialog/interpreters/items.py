"""Which of several items somebody means when one of a section is wrong."""

from itertools import pairwise

from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.lexicon.word_list import plain
from dialog.normalisation import Text
from dialog.question import Question
from dialog.segmentation import segmenter_of
from dialog.strength import Strength, strength
from survey_engine.item import Item
from survey_engine.wait import Accepts

_NAME = "items"
_LEAST = 2
#: What a label adds to the word that people use for it.
_KINDS = ("状况", "性质", "程度")
_ORDINALS = "一二三四五六七八九"


class Items:
    """Reads the name, the number in the list, or a word of the label or of a choice."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return the one item among those on offer that the words fit."""
        if question.accepts is not Accepts.ITEM or text.is_empty:
            return Interpretation()
        fits = [name for name in question.names if _is_named(question, name, text.plain)]
        if not fits:
            fits = [name for name in question.names if _is_meant(question, name, text.plain)]
        if len(fits) != 1:
            return Interpretation(doubts=("several",) if fits else ())
        evidence = Evidence(text.raw[:80], 0, len(text.plain))
        return Interpretation((Candidate(fits[0], strength(Strength.NAME), evidence, _NAME),))


def _is_named(question: Question, name: str, said: str) -> bool:
    place = question.names.index(name) + 1
    numbers = {str(place), f"第{place}", f"第{place}个"}
    if place <= len(_ORDINALS):
        ordinal = _ORDINALS[place - 1]
        numbers |= {f"第{ordinal}个", f"第{ordinal}", f"第{ordinal}条", f"第{ordinal}项"}
    item = question.form.item(name)
    return said == name.lower() or said in numbers or (item is not None and said == item.label)


def _is_meant(question: Question, name: str, said: str) -> bool:
    item = question.form.item(name)
    return item is not None and any(word in said for word in _words(question, item))


def _words(question: Question, item: Item) -> set[str]:
    label = plain(item.label)
    places = sorted(question.form.derived(segmenter_of).bounds(label))
    pairs = pairwise(places)
    words = {label[start:end] for start, end in pairs if end - start >= _LEAST}
    words |= {word[: -len(end)] for word in words for end in _KINDS if word[_LEAST:].endswith(end)}
    common = {
        "是否",
        "情况",
        "主要",
        "原因",
        "目前",
        "过去",
        "一年",
        "享受",
        "参加",
        "家庭",
        "得到",
    }
    return words - common
