"""How characters sound, with what telephones, dialects and recognisers mix up made alike.

Tones are ignored; zh/z, ch/c, sh/s, n/l, f/h, and an/ang, en/eng, in/ing count as one sound each.
"""

import os
from functools import cache

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


def sound_alike(one: str, other: str) -> bool:
    """Whether two texts of the same length may be heard for each other, sign by sign."""
    return len(one) == len(other) and all(
        a == b or not sounds_of(a).isdisjoint(sounds_of(b)) for a, b in zip(one, other, strict=True)
    )
