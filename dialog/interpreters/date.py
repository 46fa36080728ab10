"""Days and months in figures and in Chinese numerals."""

import re
from datetime import date

from dialog.clause import Sign, clauses_of
from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.interpreters.number import numeral
from dialog.normalisation import Text
from dialog.question import Question
from dialog.strength import Strength, strength
from survey_engine.wait import Accepts

_NAME = "date"
_N = "0-9零〇一二两三四五六七八九十"
_SPOKEN = re.compile(
    rf"([{_N}]{{2,4}})年(?:的)?([{_N}]{{1,3}})月(?:份)?(?:的)?(?:([{_N}]{{1,3}})[日号]?)?"
)
_WRITTEN = re.compile(r"([0-9]{4})[-/。]([0-9]{1,2})(?:[-/。]([0-9]{1,2}))?")
_LUNAR = re.compile(r"农历|阴历|旧历|腊月|正月|冬月|初[一二三四五六七八九十]|老历")
_CENTURY = 1900
_RECENT = 30


class Dates:
    """Reads one date; a lunar one is left to a person."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return the date that was said as ISO text, to the month or to the day."""
        if question.accepts is not Accepts.DATE:
            return Interpretation()
        if _LUNAR.search(text.plain):
            return Interpretation(doubts=("lunar",))
        hedged = any(Sign.HEDGE in clause.signs for clause in clauses_of(text.plain))
        values = {iso for match in _matches(text.digits) if (iso := _iso(match))}
        if len(values) != 1 or hedged:
            return Interpretation(doubts=("date",) if values else ())
        evidence = Evidence(text.raw[:80], 0, len(text.plain))
        sure = strength(Strength.DATE)
        return Interpretation((Candidate(values.pop(), sure, evidence, _NAME),))


def _matches(digits: str) -> list[re.Match[str]]:
    return [*_SPOKEN.finditer(digits), *_WRITTEN.finditer(digits)]


def _iso(match: re.Match[str]) -> str:
    year, month, day = (_figures(part) for part in match.groups())
    if year is None or month is None or (match[3] and day is None):
        return ""
    try:
        whole = date(_full(year, match[1]), month, day or 1)
    except ValueError:
        return ""
    return whole.isoformat() if day else f"{whole.year:04d}-{whole.month:02d}"


def _figures(text: str | None) -> int | None:
    if not text:
        return None
    if text.isdigit() and text.isascii():
        return int(text)
    digits = {char: str(n) for n, char in enumerate("零一二三四五六七八九")} | {
        "〇": "0",
        "两": "2",
    }
    if "十" not in text and len(text) > 1:
        joined = "".join(digits.get(char, "") for char in text)
        return int(joined) if len(joined) == len(text) else None
    value = numeral(text) if not any(char.isascii() for char in text) else None
    return int(value) if value else None


def _full(year: int, said: str) -> int:
    """五八年 is 1958; a year of two digits is the latest that may be meant."""
    if len(said) > 2:
        return year
    return _CENTURY + year if year > _RECENT else _CENTURY + 100 + year
