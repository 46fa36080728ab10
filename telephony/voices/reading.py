"""How a sentence is read out: numbers, dates, letters and characters with two readings.

Voices say 12385 as a number and 还款 as hái; everything that they could get wrong is written out.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import yaml

_FIGURES = "零一二三四五六七八九"
#: 1 is said 幺 where digits are read one by one, so that it is not taken for 7.
_APART = str.maketrans("0123456789", "零幺二三四五六七八九")
_READ_OUT = str.maketrans("0123456789", _FIGURES)
_UNITS = ("", "十", "百", "千")
_GREAT = ("", "万", "亿")
_GROUP = 4
_BREATHLESS = 6
#: What is counted or measured is a number and not a string of digits.
_COUNTED = r"(?!\s*[元块岁个人年月日天次位名户套间件％%级万亿])"
#: Numbers that people know digit by digit: 110, 120, 12345 …
_KNOWN = rf"(?<![0-9.])(?:1[12][0-9]|12[0-9]{{3}})(?![0-9.]){_COUNTED}"
_NAMED = r"(?<=[码号位数是为])[0-9]{3,}[Xx]?(?![0-9])" + _COUNTED
#: What somebody has said, as it is read back to them; and what no number begins with.
_QUOTED = r"(?<=[“「])[0-9][0-9Xx]{2,}(?=[”」])|(?<![0-9.])0[0-9]{2,}[Xx]?(?![0-9.])"
_LONG = rf"(?<![0-9.])[0-9]{{5,}}[Xx]?(?![0-9.]){_COUNTED}"
_LETTERS = {
    "A": "诶",
    "B": "必",
    "C": "西",
    "D": "地",
    "E": "义",
    "F": "爱福",
    "G": "机",
    "H": "爱尺",
    "N": "恩",
    "X": "爱克斯",
    "Y": "外",
}


def read_out(text: str) -> str:
    """Return ``text`` as it is spoken, in Chinese characters and punctuation.

    >>> read_out("证号末四位是1042，2026年9月30日，补贴120元")
    '证号末四位是幺零四二，二零二六年九月三十日，补贴一百二十元'
    """
    for pattern, said in _rules():
        text = pattern.sub(said, text)
    return _respelled(text)


_Said = Callable[[re.Match[str]], str]


@cache
def _rules() -> tuple[tuple[re.Pattern[str], _Said], ...]:
    """In order: what is read digit by digit comes before what is a number."""
    listed: tuple[tuple[str, _Said], ...] = (
        (r"[（(]([^（()）]{1,3})[)）]", lambda match: match[1]),
        (r"[（(]([^（()）]*)[)）]", lambda match: f"，{match[1]}，"),
        (r"([0-9]{4})年", lambda match: match[1].translate(_READ_OUT) + "年"),
        (r"([0-9]{1,4})[:：]([0-5][0-9])", _time),
        (r"[0-9]+(?:-[0-9]+){1,3}", _parts),
        (_LONG, _apart),
        (_KNOWN, _apart),
        (_NAMED, _apart),
        (_QUOTED, _apart),
        (r"([0-9]+(?:\.[0-9]+)?)[%％]", lambda match: "百分之" + _number(match[1])),
        (r"[0-9]+(?:\.[0-9]+)?", lambda match: _number(match[0])),
        (r"(?<=[A-Za-z\u4e00-\u9fff])/(?=[A-Za-z\u4e00-\u9fff])", lambda _: "或"),
        (r"[A-Z]", lambda match: _LETTERS.get(match[0], match[0])),
        (r"[“”\"‘’《》【】<>]", lambda _: ""),
        (r"[，,]\s*(?=[，,。？！])|(?<=[。？！])\s*[，,]", lambda _: ""),
    )
    return tuple((re.compile(pattern), said) for pattern, said in listed)


def _apart(match: re.Match[str]) -> str:
    """Digit by digit, with a breath after every three or four."""
    digits = match[0].upper()
    if len(digits) <= _BREATHLESS:
        return digits.translate(_APART)
    size = 3 if len(digits) == len("13800138000") else 4
    head = digits[:size]
    rest = [digits[at : at + 4] for at in range(size, len(digits), 4)]
    return "，".join(part.translate(_APART) for part in (head, *rest))


def _parts(match: re.Match[str]) -> str:
    return "，".join(part.translate(_APART) for part in match[0].split("-"))


def _time(match: re.Match[str]) -> str:
    minutes = "" if match[2] == "00" else _number(str(int(match[2]))) + "分"
    return f"{_number(match[1])}点{minutes}"


def _number(figures: str) -> str:
    whole, _, part = figures.partition(".")
    said = chinese(int(whole))
    return f"{said}点{part.translate(_READ_OUT)}" if part else said


def chinese(number: int) -> str:
    """Return a number from 0 up as it is said: 10 十, 102 一百零二, 12000 一万二千.

    >>> chinese(20305)
    '二万零三百零五'
    """
    if number == 0:
        return "零"
    groups: list[str] = []
    for great in _GREAT:
        number, group = divmod(number, 10**_GROUP)
        said = _section(group)
        pad = "零" if number and 0 < group < 10 ** (_GROUP - 1) else ""
        groups.append(pad + said + great if said else "")
    joined = "".join(reversed(groups))
    return joined.removeprefix("一") if joined.startswith("一十") else joined


def _section(group: int) -> str:
    said, gap = "", False
    for place in range(_GROUP - 1, -1, -1):
        digit = group // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + _FIGURES[digit] + _UNITS[place]
        gap = not digit
    return said


def _respelled(text: str) -> str:
    for written, said in _spellings().items():
        text = text.replace(written, said)
    return text


@cache
def _spellings() -> Mapping[str, str]:
    """Words that are read wrong, in characters that are read right; longest first."""
    listed = yaml.safe_load(Path(__file__).with_name("spellings.yaml").read_text(encoding="utf-8"))
    return dict(sorted(listed.items(), key=lambda pair: -len(pair[0])))
