"""What was said or typed, in one plain spelling, with the way back to the words as given."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from opencc import OpenCC

#: No answer is longer; what stands behind is not read, and nothing is recorded from such a text.
READ_LIMIT = 240

_PUNCTUATION = str.maketrans(
    {",": "，", "、": "，", ".": "。", "?": "？", "!": "！", ";": "；", ":": "：", "…": "，"}
)
_KEPT_SYMBOLS = frozenset("，。？！；：+-/%")
_STRETCHED = str.maketrans({"哒": "了", "啦": "了", "喽": "了"})
_FILLERS = re.compile(
    r"[嗯呃唔诶欸哎唉咳啊呀哟喔噢哦哼]|(?<![不什怎])就是说|怎么说呢|(?<!干)嘛|[呢咯呗撒噻嘞咧哩]"
)
_NUMERAL = "0-9零〇一二两三四五六七八九十百千万亿几幺"
_REPEATED = re.compile(rf"([^{_NUMERAL}，。？！；：\s]{{2,5}})(?:，?\1)+")
_STAMMERED = re.compile(rf"([^{_NUMERAL}，。？！；：\s])\1\1+")
_EDGES = re.compile(r"^[，。；：\s]+|[，；：\s]+$")
_PAUSES = re.compile(r"[，；：\s]*([，。？！；：])[，。；：\s]*")


@dataclass(frozen=True, slots=True)
class Text:
    """An utterance: ``raw`` as given, ``plain`` as it is read.

    ``plain`` is NFKC, simplified, lower case and without fillers, stretched particles, repeated
    words, emoji, control and direction characters. ``digits`` is the same with every repeated
    sign kept. ``origins`` gives the place in ``raw`` of each character of ``plain``. ``cut``
    tells that ``raw`` was too long to be read to its end.
    """

    raw: str
    plain: str
    digits: str
    origins: tuple[int, ...]
    cut: bool = False

    def words(self, start: int, end: int) -> str:
        """Return the words as given behind ``plain[start:end]``."""
        if start >= end or start >= len(self.origins):
            return ""
        return self.raw[self.origins[start] : self.origins[min(end, len(self.origins)) - 1] + 1]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left that could be an answer."""
        return not self.plain


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def normalise(raw: str) -> Text:
    """Return ``raw`` in its plain spelling."""
    head = raw[:READ_LIMIT]
    signs = _spelled(head)
    spelled = _simplified(signs[:READ_LIMIT])
    whole = _dropped(spelled, _FILLERS)
    if not any(char.isalnum() for char, _ in whole):
        whole = spelled
    digits = "".join(char for char, _ in whole)
    once = _tidied(_once(whole))
    return Text(
        raw=raw,
        plain="".join(char for char, _ in once),
        digits=digits,
        origins=tuple(origin for _, origin in once),
        cut=max(len(raw), len(signs)) > READ_LIMIT,
    )


_Chars = list[tuple[str, int]]


def _spelled(raw: str) -> _Chars:
    chars: _Chars = []
    for origin, char in enumerate(raw):
        for one in unicodedata.normalize("NFKC", char.translate(_PUNCTUATION)):
            kept = _kept(one.translate(_PUNCTUATION))
            if kept:
                chars.append((kept, origin))
    return chars


def _kept(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Cs", "Co", "Cn"):
        return ""
    if char in _KEPT_SYMBOLS or category[0] in "LN":
        return char.lower()
    return " "


def _simplified(chars: _Chars) -> _Chars:
    text = "".join(char for char, _ in chars).lower()
    converted = _converter().convert(text)
    if len(converted) != len(chars):
        converted = "".join(_converter().convert(char)[:1] or char for char, _ in chars)
    translated = converted.translate(_STRETCHED)
    return [(char, origin) for char, (_, origin) in zip(translated, chars, strict=True)]


def _dropped(chars: _Chars, pattern: re.Pattern[str]) -> _Chars:
    text = "".join(char for char, _ in chars)
    gone = {place for match in pattern.finditer(text) for place in range(*match.span())}
    return [pair for place, pair in enumerate(chars) if place not in gone]


def _once(chars: _Chars) -> _Chars:
    """Keep one of several repeated words: 没有没有 is no double negation."""
    text = "".join(char for char, _ in chars)
    gone: set[int] = set()
    for pattern in (_STAMMERED, _REPEATED):
        for match in pattern.finditer(text):
            gone.update(range(match.end(1), match.end()))
    return [pair for place, pair in enumerate(chars) if place not in gone]


def _tidied(chars: _Chars) -> _Chars:
    text = "".join(char for char, _ in chars)
    gone: set[int] = set()
    for match in _PAUSES.finditer(text):
        gone.update(set(range(*match.span())) - {match.start(1)})
    for match in _EDGES.finditer(text):
        gone.update(range(*match.span()))
    return [pair for place, pair in enumerate(chars) if place not in gone]
