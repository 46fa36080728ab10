"""How characters sound, with what telephones, dialects and recognisers mix up made alike.

Tones are ignored; zh/z, ch/c, sh/s, n/l, f/h, and an/ang, en/eng, in/ing count as one sound each.
"""

import os
from collections.abc import Mapping
from functools import cache
from itertools import product

# Single characters need no dictionary of phrases, which takes 46 MB and most of the time to load.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")

from pypinyin import Style, pinyin

_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("hu", "f"), ("h", "f"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@cache
def sounds_of(char: str) -> frozenset[str]:
    """Return the merged syllables that ``char`` may be read as; itself where it has none."""
    if not "\u4e00" <= char <= "\u9fff":
        return frozenset((char,))
    read = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    return frozenset(merged(one) for one in read[0]) if read else frozenset((char,))


def merged(syllable: str) -> str:
    """Return ``syllable`` (without tone) as the sound that it shares with others.

    >>> merged("zhang"), merged("fei") == merged("hui")
    ('zan', True)
    """
    for given, kept in _INITIALS:
        if syllable.startswith(given):
            syllable = kept + syllable.removeprefix(given)
            break
    for given, kept in _FINALS:
        if syllable.endswith(given):
            return syllable.removesuffix(given) + kept
    return syllable


def sound_key(text: str) -> str:
    """Return one text for all that sound like ``text`` sign by sign, as far as each has one sound.

    >>> sound_key("张伟") == sound_key("章炜")
    True
    """
    return " ".join(min(sounds_of(char)) for char in text)


@cache
def signs_alike(char: str) -> tuple[str, ...]:
    """Return the signs of GB 2312 that may be heard for ``char``, itself and common ones first."""
    known = _signs_by_sound()
    same = (sign for sound in sorted(sounds_of(char)) for sign in known.get(sound, ()))
    return tuple(dict.fromkeys((char, *same)))


@cache
def _signs_by_sound() -> Mapping[str, tuple[str, ...]]:
    """By their usual reading; GB 2312 has its common signs (rows 16 to 55) before the others."""
    found: dict[str, list[str]] = {}
    for row, place in product(range(0xB0, 0xF8), range(0xA1, 0xFF)):
        sign = bytes((row, place)).decode("gb2312", "ignore")
        if sign:
            usual = pinyin(sign, style=Style.NORMAL)[0][0]
            found.setdefault(merged(usual), []).append(sign)
    return {sound: tuple(signs) for sound, signs in found.items()}


def sound_alike(one: str, other: str) -> bool:
    """Whether two texts of the same length may be heard for each other, sign by sign."""
    return len(one) == len(other) and all(
        a == b or not sounds_of(a).isdisjoint(sounds_of(b)) for a, b in zip(one, other, strict=True)
    )
