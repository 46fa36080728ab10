"""One sheet of a workbook as lines of text, read as a stream and never held whole."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation

from server.roster.fault import FileFault, RosterError
from server.roster.limits import (
    MAX_ASIDES,
    MAX_BLANK_CELLS,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_STRING_CHARACTERS,
    MAX_STRINGS,
)
from server.roster.markup import Attributes, Markup, local
from server.roster.table import Line

_LETTERS = re.compile(r"[A-Z]{1,3}")
_DIGITS = "0123456789"
_TEXTS = ("v", "t")
_EXACT = Decimal(10) ** 15
_TRUE = ("1", "true")


class SheetReader:
    """Collects cells into lines; blank cells between are kept as empty texts."""

    def __init__(self, strings: Sequence[str]) -> None:
        self._strings = strings
        self._lines: list[Line] = []
        self._row, self._row_text = 0, ""
        self._hidden = False
        self._cells: list[str] = []
        self._kind = "n"
        self._pieces: list[str] = []
        self._length = 0
        self._listening = False
        self._aside = 0
        self._others = 0
        self._blanks = 0

    def lines(self, chunks: Iterable[bytes]) -> Iterator[Line]:
        """Yield the lines that hold cells, in order."""
        markup = Markup(self._opened, self._closed, self._text)
        for _length in markup.read(chunks):
            found, self._lines = self._lines, []
            yield from found
        yield from self._lines

    def _opened(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._open_cell(attributes)
        elif name in _TEXTS:
            self._listening = not self._aside
        elif name == "row":
            self._open_row(attributes)
        elif name == "rPh":
            self._aside += 1
        elif name in ("f", "mergeCell"):
            self._refuse(name, attributes)
        elif name != "is":
            self._open_other(name, attributes)

    def _open_other(self, name: str, attributes: Attributes) -> None:
        self._others += 1
        if self._others > MAX_ASIDES:
            raise RosterError(FileFault.PACKED_TOO_TIGHT)
        if ":" in name:
            self._opened(local(name), attributes)

    def _refuse(self, name: str, attributes: Attributes) -> None:
        if name == "mergeCell":
            raise RosterError(FileFault.MERGED, place=attributes.get("ref", "")[:21])
        column = letters(len(self._cells) - 1)
        raise RosterError(FileFault.FORMULA, row=self._row, column=column)

    def _open_row(self, attributes: Attributes) -> None:
        number = attributes.get("r", str(self._row + 1))
        if not (number.isascii() and number.isdigit() and len(number) < 9):
            raise RosterError(FileFault.DAMAGED)
        if int(number) <= self._row:
            raise RosterError(FileFault.DAMAGED)
        self._row, self._row_text, self._cells = int(number), number, []
        self._hidden = attributes.get("hidden") in _TRUE

    def _open_cell(self, attributes: Attributes) -> None:
        cells = self._cells
        column = self._column(attributes["r"]) if "r" in attributes else len(cells)
        if column >= MAX_COLUMNS:
            raise RosterError(FileFault.TOO_MANY_COLUMNS, row=self._row, limit=MAX_COLUMNS)
        gap = column - len(cells)
        if gap < 0:
            raise RosterError(FileFault.DAMAGED)
        cells.extend([""] * (gap + 1))
        self._kind = attributes.get("t", "n")
        self._pieces, self._length = [], 0

    def _column(self, place: str) -> int:
        name = place.rstrip(_DIGITS)
        column = _COLUMNS.get(name)
        if column is None:
            if not _LETTERS.fullmatch(name):
                raise RosterError(FileFault.DAMAGED)
            raise RosterError(FileFault.TOO_MANY_COLUMNS, row=self._row, limit=MAX_COLUMNS)
        if place[len(name) :] != self._row_text:
            raise RosterError(FileFault.DAMAGED)
        return column

    def _text(self, text: str) -> None:
        if self._listening:
            self._pieces.append(text)
            self._length += len(text)
            if self._length > MAX_CELL:
                raise RosterError(FileFault.CELL_TOO_LONG, row=self._row, limit=MAX_CELL)

    def _closed(self, name: str) -> None:
        if name in _TEXTS:
            self._listening = False
        elif name == "c":
            self._cells[-1] = self._value()
        elif name == "row":
            self._lines.append(Line(self._row, tuple(self._cells), self._hidden))
        elif name == "rPh":
            self._aside -= 1
        elif ":" in name:
            self._closed(local(name))

    def _value(self) -> str:
        text = "".join(self._pieces)
        if not text:
            self._blanks += 1
            if self._blanks > MAX_BLANK_CELLS:
                raise RosterError(FileFault.PACKED_TOO_TIGHT)
            return ""
        if self._kind == "s":
            return self._shared(text)
        return number_text(text) if self._kind == "n" else text

    def _shared(self, text: str) -> str:
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise RosterError(FileFault.DAMAGED)
        if int(text) >= len(self._strings):
            raise RosterError(FileFault.DAMAGED)
        return self._strings[int(text)]


class StringReader:
    """Collects the texts that cells share, without the reading aids (``rPh``) beside them."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._characters = 0
        self._listening = False
        self._aside = 0

    def read(self, chunks: Iterable[bytes]) -> list[str]:
        """Return all texts in order."""
        Markup(self._opened, self._closed, self._text).read_all(chunks)
        return self.strings

    def _opened(self, name: str, attributes: Attributes) -> None:
        if name == "t":
            self._listening = not self._aside
        elif name == "rPh":
            self._aside += 1
        elif ":" in name:
            self._opened(local(name), attributes)

    def _text(self, text: str) -> None:
        if self._listening:
            self._characters += len(text)
            self._pieces.append(text)

    def _closed(self, name: str) -> None:
        if name == "t":
            self._listening = False
        elif name == "rPh":
            self._aside -= 1
        elif name == "si":
            self.strings.append("".join(self._pieces))
            self._pieces = []
            if len(self.strings) > MAX_STRINGS or self._characters > MAX_STRING_CHARACTERS:
                raise RosterError(FileFault.PACKED_TOO_TIGHT)
        elif ":" in name:
            self._closed(local(name))


def number_text(text: str) -> str:
    """Return a number cell as text; what has lost places keeps an exponent, so that it shows."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise RosterError(FileFault.DAMAGED) from None
    if not number.is_finite():
        raise RosterError(FileFault.DAMAGED)
    if abs(number) >= _EXACT:
        return format(number.normalize(), "E")
    whole = number == number.to_integral_value()
    return str(int(number)) if whole else text


def letters(column: int) -> str:
    """Return the letters of the column at this place: 0 is A."""
    name, rest = "", column + 1
    while rest > 0:
        rest, digit = divmod(rest - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


_COLUMNS = {letters(column): column for column in range(MAX_COLUMNS)}
