"""A .csv file as lines of text, its encoding decided by what can be read, never by likelihood."""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from server.roster.fault import FileFault, RosterError
from server.roster.limits import MAX_COLUMNS, MAX_LINE
from server.roster.remark import Remark
from server.roster.table import Line

_BOM = codecs.BOM_UTF8
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = {"utf-8": "UTF-8", "gb18030": "GB18030"}
_OTHER_SEPARATORS = ("\t", ";", "，", "；", "|")
_LINE_ENDS = ("\n", "\r")
_PHYSICAL = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


class Delimited:
    """A .csv file under reading; a :class:`server.roster.table.Table`."""

    may_shift = True
    remarks: tuple[Remark, ...] = ()

    def __init__(self, path: Path, known: tuple[str, ...]) -> None:
        """Open the file; a header that shows one of the words ``known`` proves its encoding.

        Raises :class:`RosterError` if no encoding fits. Close it when done.
        """
        self._bytes: BinaryIO = path.open("rb")
        self.total = path.stat().st_size
        self._read = 0
        self._row = 1
        self._ended = True
        try:
            self._encoding = _encoding(self._bytes.readline(MAX_LINE), known)
        except RosterError:
            self.close()
            raise
        self._bytes.seek(0)

    def close(self) -> None:
        """Close the file."""
        self._bytes.close()

    @property
    def done(self) -> int:
        """How many bytes were read."""
        return self._read

    def lines(self) -> Iterator[Line]:
        """Yield every line, blank ones too; a file that ends amid a line is refused at its end.

        A last line without a line end is whole if it has as many cells as the header.
        """
        wanted = found = 0
        for line in self._rows():
            found = len(line.cells)
            if line.number == 1:
                _refuse_separator(line)
                wanted = found
            yield line
        if not self._ended and found < wanted:
            raise RosterError(FileFault.LAST_ROW, row=self._row - 1)

    def _rows(self) -> Iterator[Line]:
        reader = csv.reader(self._texts(), strict=True)
        try:
            for cells in reader:
                if len(cells) > MAX_COLUMNS:
                    raise RosterError(FileFault.TOO_MANY_COLUMNS, row=self._row, limit=MAX_COLUMNS)
                yield Line(self._row, tuple(cells))
                self._row += 1
        except csv.Error as error:
            raise RosterError(FileFault.QUOTES, row=self._row) from error

    def _texts(self) -> Iterator[str]:
        """Yield physical lines; no byte of a line end is part of another character."""
        while content := self._bytes.readline(MAX_LINE):
            if len(content) == MAX_LINE:
                raise RosterError(FileFault.CELL_TOO_LONG, row=self._row, limit=MAX_LINE)
            text = self._decoded(content.removeprefix(_BOM) if not self._read else content)
            self._read += len(content)
            self._ended = text.endswith(_LINE_ENDS)
            yield from _PHYSICAL.findall(text) if "\r" in text[:-2] else (text,)

    def _decoded(self, content: bytes) -> str:
        try:
            return content.decode(self._encoding)
        except UnicodeDecodeError as error:
            encoding = _ENCODINGS[self._encoding]
            raise RosterError(FileFault.BAD_BYTES, row=self._row, encoding=encoding) from error


def _encoding(first: bytes, known: tuple[str, ...]) -> str:
    """Return the encoding in which the header can be read; its own words are the proof."""
    if first.startswith(_BOM):
        return "utf-8"
    if first.startswith(_WIDE_MARKS):
        raise RosterError(FileFault.ENCODING)
    readable = {}
    for encoding in _ENCODINGS:
        try:
            readable[encoding] = first.decode(encoding)
        except UnicodeDecodeError:
            continue
    proven = (name for name, text in readable.items() if any(word in text for word in known))
    found = next(proven, next(iter(readable), ""))
    if not found:
        raise RosterError(FileFault.ENCODING)
    return found


def _refuse_separator(line: Line) -> None:
    if len(line.cells) == 1 and any(sign in line.cells[0] for sign in _OTHER_SEPARATORS):
        raise RosterError(FileFault.SEPARATOR)
