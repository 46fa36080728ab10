"""Which choice somebody means who says its place in the list: 第三个, 选二, 第一和第四."""

import re

from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.normalisation import Text
from dialog.question import Question
from dialog.strength import Strength, strength

_NAME = "place"
_PLACES = {char: n for n, char in enumerate("一二三四五六七八九十", start=1)}
_ONE = r"(?:第[一二三四五六七八九十\d]|头一)(?:个|项|条|样|种|号|点)?"
_PICKED = r"(?:选|选择|要选)第?[一二三四五六七八九十\d](?:个|项|条|样|种|号)?"
_WHOLE = re.compile(
    rf"(?:我|那|就|是|嗯|要|应该|就是|属于|选|算){{0,3}}(?:{_ONE}|{_PICKED})"
    rf"(?:(?:，|和|跟|还有|加)?(?:{_ONE}|{_PICKED}|[一二三四五六七八九十\d]))*"
    r"(?:吧|嘛|的|啊|呢|了|那个|就行)?[。！]?"
)
_NUMBERED = re.compile(r"[一二三四五六七八九十\d]")


class Place:
    """Reads an answer that is nothing but a place in the list of choices.

    What was read out, and in which order, only the speaker knows for certain, so such an answer
    is never sure enough to be recorded without being read back.
    """

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return the choice at the place that was said; nothing if the list is not that long."""
        if not question.choices or question.is_yes_no or not _WHOLE.fullmatch(text.plain):
            return Interpretation()
        places = [_place(found) for found in _NUMBERED.findall(text.plain)]
        codes = [one.code for one in question.choices]
        if any(place > len(codes) for place in places):
            return Interpretation(doubts=("several",))
        chosen = sorted({codes[place - 1] for place in places})
        if not chosen or (len(chosen) > 1 and not question.is_multiple):
            return Interpretation(doubts=("several",))
        evidence = Evidence(text.raw[:80], 0, len(text.plain))
        return Interpretation(
            (Candidate("+".join(chosen), strength(Strength.READ_BACK), evidence, _NAME),)
        )


def _place(found: str) -> int:
    return int(found) if found.isdigit() else _PLACES[found]
