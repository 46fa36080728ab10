"""Names and free texts of a roster: what may stand in them."""

import unicodedata

from server.roster.fault import RowFault
from server.roster.rejection import CellError
from survey_engine.half_width import INVISIBLE, half_width

MAX_NAME = 50
MAX_TEXT = 500
MAX_CODE = 40
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
#: Dots, dashes, brackets and blanks within names, and the mark between Tibetan syllables.
_NAME_SIGNS = frozenset("·•・‧∙⋅．.-－'’()（） 　〇○་༌")
#: Mongolian letters change their shape by these; they belong to the name.
_SHAPES = frozenset("᠋᠌᠍᠎᠏")
_RARE_HANZI = range(0x20000, 0x40000)
_BLANKS = " \t\r\n\u3000\xa0" + "".join(map(chr, INVISIBLE))


def plain(cell: str) -> str:
    """Return a cell without the blanks around it. Raises CellError for what is no content."""
    text = cell.strip(_BLANKS)
    if text[:1] in ("=", "＝"):
        raise CellError(RowFault.FORMULA_CELL)
    if text[:1] == "#" and text.upper() in _ERRORS:
        raise CellError(RowFault.ERROR_CELL)
    return text


def name(cell: str) -> str:
    """Return a name as given: any script, rare hanzi, dots between its parts."""
    text = plain(cell)
    if len(text) > MAX_NAME:
        raise CellError(RowFault.NAME_LENGTH, limit=MAX_NAME)
    for sign in text:
        if not _may_be_in_name(sign):
            raise CellError(RowFault.NAME_CHARACTERS, found=_shown(sign))
    return text


def has_private_character(text: str) -> bool:
    """Whether a character is of a private set, which other computers may not show."""
    return not text.isascii() and any(unicodedata.category(sign) == "Co" for sign in text)


def code(cell: str) -> str:
    """Return a short code, half-width and in capitals."""
    text = half_width(plain(cell)).upper()
    if len(text) > MAX_CODE:
        raise CellError(RowFault.TEXT_LENGTH, limit=MAX_CODE)
    return free_text(text)


def free_text(cell: str) -> str:
    """Return a text as given; line breaks may stand in it."""
    text = plain(cell)
    if len(text) > MAX_TEXT:
        raise CellError(RowFault.TEXT_LENGTH, limit=MAX_TEXT)
    for sign in text if not text.isprintable() else "":
        if sign not in "\t\r\n" and unicodedata.category(sign) in ("Cc", "Cf", "Cs"):
            raise CellError(RowFault.TEXT_CHARACTERS, found=_shown(sign))
    return text


def _may_be_in_name(sign: str) -> bool:
    if "一" <= sign <= "鿿" or sign in _NAME_SIGNS or sign in _SHAPES or ord(sign) in _RARE_HANZI:
        return True
    return unicodedata.category(sign)[0] in "LM" or unicodedata.category(sign) == "Co"


def _shown(sign: str) -> str:
    return sign if sign.isprintable() else f"U+{ord(sign):04X}"
