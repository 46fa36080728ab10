"""Counts and amounts in figures and in Chinese numerals, exact or rounded."""

import re
from decimal import Decimal

from dialog.clause import Sign, clauses_of
from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.normalisation import Text
from dialog.question import Question
from dialog.strength import Strength, strength
from survey_engine.wait import Accepts

_NAME = "number"
_DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_GREAT = {"万": 10_000, "亿": 100_000_000}
_NUMERAL = "零〇一二两俩三四五六七八九十百千万亿"
_FOUND = re.compile(
    rf"(?P<figure>[0-9]+(?:\.[0-9]+)?)(?P<great>[万亿]?)|(?P<numeral>[{_NUMERAL}]+)"
)
_ROUND = re.compile(
    r"^(?:来|多|几|把|左右|上下|出头|往上|以上|以下|不到)|^[个块户人名口岁]?(?:左右|上下|出头|多)"
)
_ROUND_BEFORE = re.compile(r"(?:大概|差不多|好几|大几|几|不到|将近|快|上|约|最多|至少|第)$")
_NONE = re.compile(r"(?:一个|一户|一人)?(?:都|也)?(?:没有|没|冇|无|冇得)(?:了|的)?")
_NOT_A_COUNT = re.compile(r"^(?:块(?=[的儿去来住玩弄搞吃过])|下|直|样|般|共|起|些|定|会|点)")
#: 一个月一千二 is one number, the other names what it is counted by.
_EACH = re.compile(rf"^(?:个月|年|天)[^，。？！；：]*[0-9{_NUMERAL}]")

#: One number that is said more than once, not one beside another of the same size. What was matched
#: is never given back, which on a long row of digits would take for ever.
_REPEATED = re.compile(
    rf"(?:(?:就|是|对|嗯|也|只|有|共|总共|一共|我说|说了|，|。|！)*+"
    rf"[0-9.{_NUMERAL}]++[个位户次回场趟人元块钱的啊了吧嘛]*+)+[，。！]?"
)


class Number:
    """Reads the one number of an answer; a rounded one is only a guess."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return the number that was said, if the question asks for one and one was said."""
        if question.accepts not in (Accepts.INTEGER, Accepts.DECIMAL):
            return Interpretation()
        found = [one for clause in clauses_of(text.plain) for one in _numbers(clause.text)]
        signs = {sign for clause in clauses_of(text.plain) for sign in clause.signs}
        if _NONE.fullmatch(text.plain):
            return _one("0", strength(Strength.PLAIN_NO), text)
        values = {value for value, _ in found}
        if len(values) != 1 or (question.accepts is Accepts.INTEGER and "." in found[0][0]):
            return Interpretation(doubts=("several",) if found else ())
        if len(found) > 1 and _REPEATED.fullmatch(text.plain) is None:
            return Interpretation(doubts=("several",))
        rounded = any(is_rounded for _, is_rounded in found) or Sign.HEDGE in signs
        sure = strength(Strength.GUESS) if rounded else strength(Strength.NUMBER)
        return _one(values.pop(), sure, text)


def _one(value: str, confidence: float, text: Text) -> Interpretation:
    evidence = Evidence(text.raw[:80], 0, len(text.plain))
    return Interpretation((Candidate(value, confidence, evidence, _NAME),))


def _numbers(text: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    for match in _FOUND.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        each = _NOT_A_COUNT.match(after) or _EACH.match(after)
        if each and match["numeral"] == "一":
            continue
        value = _figure(match) if match["figure"] else numeral(match["numeral"])
        if value is not None:
            found.append((value, bool(_ROUND.match(after) or _ROUND_BEFORE.search(before))))
    return found


def _figure(match: re.Match[str]) -> str | None:
    great = _GREAT.get(match["great"], 1)
    if great == 1:
        return match["figure"]
    value = Decimal(match["figure"]) * great
    return str(int(value)) if value == value.to_integral_value() else None


def numeral(text: str) -> str | None:
    """Return the figures of a Chinese numeral: 三百二 is 320, 一千二 is 1200, 二〇二六 is 2026.

    None if it is no single number, as in 两三.
    """
    if not any(char in _UNITS or char in _GREAT for char in text):
        return _read_out(text)
    total, section, digit, last = 0, 0, 0, 1
    zero = False
    for char in text:
        if char in _DIGITS:
            if digit and _DIGITS[char]:
                return None
            digit, zero = _DIGITS[char], zero or char in "零〇"
        elif char in _UNITS:
            section += (digit or 1) * _UNITS[char]
            digit, last, zero = 0, _UNITS[char], False
        else:
            total = (total + section + digit) * _GREAT[char]
            section, digit, last, zero = 0, 0, _GREAT[char], False
    spoken_short = digit and last >= 100 and not zero
    return str(total + section + digit * (last // 10 if spoken_short else 1))


def _read_out(text: str) -> str | None:
    """二〇二六 is read out digit by digit; 两三 is no number."""
    figures = "".join(str(_DIGITS[char]) for char in text)
    if len(text) == 1:
        return figures
    return figures if len(text) >= len("二〇二六") else None
