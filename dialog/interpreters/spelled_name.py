"""Names that are told sign by sign: 口天吴，爱情的爱，莲花的莲."""

import re
from functools import cache

from dialog.lexicon.word_list import read_file

_HAN = "[\u4e00-\u9fff]"
#: A sign by a word that it stands in: 军队的军, 强大的强.
_OF_WORD = rf"{_HAN}{{0,2}}(?P<of>{_HAN}){_HAN}{{0,2}}的(?P=of)"
_FEWEST, _MOST = 2, 4


def spelled_name(plain: str, surnames: str) -> str:
    """Return the name that is spelled in ``plain``, or nothing.

    Each sign is told by a word that it stands in or, the surname, by its parts (双木林); a surname
    may also just be said (姓吴). ``surnames`` is the pattern of those that are known.
    """
    found = list(_shape(surnames).finditer(plain))
    name = "".join(match["of"] or match["parts"] or match["said"] for match in found)
    is_name = _FEWEST <= len(name) <= _MOST and re.match(surnames, name) is not None
    return name if len(found) >= _FEWEST and is_name else ""


@cache
def _shape(surnames: str) -> re.Pattern[str]:
    listed = read_file("names.yaml")["spelled"]
    pairs = listed.items() if isinstance(listed, dict) else ()
    by_parts = "|".join(f"(?<={parts}){sign}" for parts, sign in pairs)
    return re.compile(rf"{_OF_WORD}|(?P<parts>{by_parts})|姓(?P<said>{surnames})")
