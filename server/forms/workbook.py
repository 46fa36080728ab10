"""An Excel workbook read as rows of text, without trusting it.

Nothing in a workbook is believed before it is counted: entries, expanded bytes, cells. The XML is
read as a stream that stops at the first limit, and document types and entities are refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, ZipFile, ZipInfo

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring, iterparse  # type: ignore[import-untyped]

from server.forms.sheet_fault import SheetError, file_fault

MAX_FILE = 10 * 1024 * 1024
MAX_EXPANDED = 40 * 1024 * 1024
MAX_RATIO = 200
MAX_ENTRIES = 1_000
MAX_ELEMENTS = 1_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 500
MAX_CELL = 32_767
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CHUNK = 256 * 1024
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Rows = list[list[str]]


def read_workbook(
    data: bytes, wanted: Callable[[str], bool] = lambda _name: True
) -> Mapping[str, Rows]:
    """Return the rows of cell texts of each ``wanted`` sheet, or of the only one.

    Other sheets are named without rows and cost nothing. Raises :class:`SheetError` for what is
    no safe .xlsx workbook.
    """
    if len(data) > MAX_FILE:
        raise file_fault("file-too-large", f"The file has more than {MAX_FILE} bytes; shorten it.")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        message = "The file is an old or protected .xls workbook; save it as plain .xlsx."
        raise file_fault("not-xlsx", message)
    try:
        return _Workbook(data).sheets(wanted)
    except (BadZipFile, KeyError, ParseError, EOFError, NotImplementedError, RuntimeError) as error:
        message = (
            "The file is no readable .xlsx workbook; save it again from the spreadsheet program."
        )
        raise file_fault("not-xlsx", message) from error
    except (ValueError, DefusedXmlException) as error:
        if isinstance(error, SheetError):
            raise
        message = "The workbook holds XML entities or wrong numbers; save it again."
        raise file_fault("unsafe-xml", message) from error


class _Workbook:
    """One workbook under reading, with what it may still cost."""

    def __init__(self, data: bytes) -> None:
        self._archive = ZipFile(BytesIO(data))
        self._bytes_left = MAX_EXPANDED
        self._elements_left = MAX_ELEMENTS
        entries = self._archive.infolist()
        if len(entries) > MAX_ENTRIES or any(map(_is_bomb, entries)):
            raise _too_much()

    def sheets(self, wanted: Callable[[str], bool]) -> Mapping[str, Rows]:
        strings, parts = tuple(self._strings()), dict(self._parts())
        return {
            name: self._rows(part, strings) if len(parts) == 1 or wanted(name) else []
            for name, part in parts.items()
        }

    def _content(self, name: str) -> BytesIO:
        """Expand one entry, counting what comes out and not what the entry says of itself."""
        content = BytesIO()
        with self._archive.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                self._bytes_left -= len(chunk)
                if self._bytes_left < 0:
                    raise _too_much()
                content.write(chunk)
        content.seek(0)
        return content

    def _parts(self) -> Iterator[tuple[str, str]]:
        links = fromstring(self._content("xl/_rels/workbook.xml.rels").read(), forbid_dtd=True)
        targets = {link.get("Id", ""): link.get("Target", "") for link in links}
        book = fromstring(self._content("xl/workbook.xml").read(), forbid_dtd=True)
        for sheet in book.iter(f"{_MAIN}sheet"):
            target = targets[sheet.get(_LINK, "")]
            yield sheet.get("name", ""), target.lstrip("/") if target[:1] == "/" else f"xl/{target}"

    def _elements(self, name: str, *tags: str) -> Iterator[Element]:
        """Yield the closed elements with these tags; forget each afterwards."""
        wanted = {f"{_MAIN}{tag}" for tag in tags}
        for event, element in iterparse(
            self._content(name), events=("start", "end"), forbid_dtd=True
        ):
            if event == "start":
                self._elements_left -= 1
                if self._elements_left < 0:
                    raise _too_much()
            elif element.tag in wanted:
                yield element
                element.clear()

    def _strings(self) -> Iterator[str]:
        if "xl/sharedStrings.xml" in self._archive.namelist():
            for element in self._elements("xl/sharedStrings.xml", "si"):
                yield _text(element)

    def _rows(self, part: str, strings: tuple[str, ...]) -> Rows:
        rows: Rows = []
        previous = 0
        for row in self._elements(part, "row"):
            number = int(row.get("r") or previous + 1)
            if number <= previous:
                raise _disordered()
            previous = number
            cells = _cells(row, strings)
            if not any(cells):
                continue
            if number > MAX_ROWS:
                raise _too_much()
            rows.extend([] for _ in range(number - len(rows)))
            rows[-1] = cells
        return rows


def _is_bomb(entry: ZipInfo) -> bool:
    return entry.file_size > MAX_EXPANDED or entry.file_size > MAX_RATIO * max(
        entry.compress_size, 1_000
    )


def _too_much() -> SheetError:
    message = "The workbook is far larger inside than a form can be; remove what is not the form."
    return file_fault("workbook-too-large", message)


def _disordered() -> SheetError:
    message = (
        "The workbook names its cells out of order; save it again from the spreadsheet program."
    )
    return file_fault("not-xlsx", message)


def _cells(row: Element, strings: tuple[str, ...]) -> list[str]:
    """Return the texts of a row; blank cells at its end, which carry only looks, are left out."""
    cells: list[str] = []
    following = 0
    for cell in row.iter(f"{_MAIN}c"):
        column = _column(cell.get("r"), following)
        if column < following:
            raise _disordered()
        following = column + 1
        text = _value(cell, strings)[:MAX_CELL].replace("\u00a0", " ")
        if text and column >= MAX_COLUMNS:
            raise _too_much()
        if text:
            cells.extend([""] * (column - len(cells)))
            cells.append(text)
    return cells


def _column(place: str | None, following: int) -> int:
    found = _PLACE.fullmatch(place or "")
    if found is None:
        return following
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _value(cell: Element, strings: tuple[str, ...]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    text = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s" and text:
        return strings[int(text)] if int(text) < len(strings) else ""
    if kind == "b":
        return "TRUE" if text == "1" else "FALSE"
    return _number(text) if kind == "n" and text else text


def _number(text: str) -> str:
    number = float(text)
    return str(int(number)) if number.is_integer() else text.replace("E", "e")


def _text(element: Element) -> str:
    """Return the text of a string item, without the reading aids (``rPh``) beside it."""
    parts = [element, *element.findall(f"{_MAIN}r"), *element.findall(f"{_MAIN}is")]
    parts += element.findall(f"{_MAIN}is/{_MAIN}r")
    return "".join(part.findtext(f"{_MAIN}t") or "" for part in parts)
