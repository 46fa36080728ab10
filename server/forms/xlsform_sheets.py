"""The sheets of an XLSForm as pyxform takes them, with the row of every line."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import DefinitionData

from server.forms.markdown_tables import read_tables
from server.forms.sheet_fault import SheetError, SheetFault, file_fault
from server.forms.workbook import MAX_FILE, MAX_ROWS, Rows, read_workbook

MAX_MARKDOWN = 2 * 1024 * 1024
_USED = ("survey", "choices", "settings", "external_choices", "entities", "osm")
_ALIASES = {"type": ("type", "command"), "name": ("name", "tag", "value")}
_ROW = re.compile(r"^\[row : (\d+)\]\s*")
_SHEET = re.compile(r"'(survey|choices|settings|entities)' sheet")

EXPRESSIONS = {
    "relevant": "relevant",
    "required": "required",
    "readonly": "read_only",
    "constraint": "constraint",
    "constraint_message": "constraint_message",
    "calculation": "calculation",
    "default": "default",
}
"""Keys of an item that are columns of the sheet ``survey``, with the names of the columns."""

Line = Mapping[str, str]


class XlsFormSheets:
    """An XLSForm file, read into lines but not yet understood."""

    def __init__(self, path: Path) -> None:
        data = _content(path)
        if path.suffix.lower() == ".md":
            self.tables = _markdown(data)
        elif path.suffix.lower() in (".xlsx", ".xlsm"):
            self.tables = read_workbook(data, _is_read)
        else:
            message = f"The file {path.name} is no XLSForm; give a .xlsx or .md file."
            raise file_fault("not-an-xlsform", message)
        self._workbook = _definition(self.tables)
        self.name = path.stem

    def lines(self, sheet: str) -> Iterator[tuple[int, Line]]:
        """Yield each line of ``sheet`` with its row; column names are in lower case."""
        for row, line in enumerate(getattr(self._workbook, sheet) or (), start=2):
            yield row, {str(key).lower(): str(value) for key, value in line.items()}

    def raw(self, sheet: str) -> Iterator[tuple[int, Line]]:
        """Yield each line of any sheet with its row, column names as they are written."""
        headers, *rows = self.tables.get(sheet) or [[]]
        for row, cells in enumerate(rows, start=2):
            yield row, _line(headers, cells)

    def understood(self) -> Mapping[str, object]:
        """Return the form as pyxform understands it; its own errors become ours."""
        try:
            form: Mapping[str, object] = workbook_to_json(
                workbook_dict=self._workbook, fallback_form_name=self.name, warnings=[]
            )
        except PyXFormError as error:
            raise SheetError((_pyxform_fault(str(error)),)) from error
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            message = f"The form cannot be understood ({error}); compare it with the XLSForm guide."
            raise file_fault("xlsform-error", message) from error
        return form


def cell(line: Line, column: str) -> str:
    """Return a line's cell in ``column`` or one of the column's other names."""
    names = _ALIASES.get(column, (column,))
    return next((line[name].strip() for name in names if line.get(name)), "")


def _is_read(sheet: str) -> bool:
    """Whether a sheet is part of the form; people keep notes and lists in others."""
    return sheet.strip().lower() in _USED or sheet.startswith("_")


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            message = f"The file {path.name} has more than {MAX_FILE} bytes; shorten it."
            raise file_fault("file-too-large", message)
        return path.read_bytes()
    except OSError as error:
        message = f"The file {path.name} cannot be read ({error.strerror}); check its name."
        raise file_fault("file-unreadable", message) from error


def _markdown(data: bytes) -> Mapping[str, Rows]:
    if len(data) > MAX_MARKDOWN or data.count(b"\n") > MAX_ROWS:
        message = "The Markdown form is too long; divide it or give it as .xlsx."
        raise file_fault("file-too-large", message)
    try:
        tables = read_tables(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise file_fault("not-an-xlsform", "The file is not UTF-8; save it as UTF-8.") from error
    if not tables:
        message = "The file holds no XLSForm tables; begin each sheet with a row `| survey |`."
        raise file_fault("not-an-xlsform", message)
    return tables


def _definition(sheets: Mapping[str, Rows]) -> DefinitionData:
    used = {
        name.strip().lower(): rows for name, rows in sheets.items() if name.strip().lower() in _USED
    }
    if len(sheets) == 1:
        used = {"survey": next(iter(sheets.values()))}
    if "survey" not in used:
        raise file_fault("no-survey", "The workbook has no sheet `survey`; add it.")
    parts: dict[str, object] = {"sheet_names": list(sheets), "fallback_form_name": None}
    for name, rows in used.items():
        headers = [" ".join(text.split()) for text in rows[0]] if rows else []
        _check_headers(name, headers)
        parts[name] = [_line(headers, row) for row in rows[1:]]
        parts[f"{name}_header"] = [dict.fromkeys(filter(None, headers))]
    return DefinitionData(**parts)


def _check_headers(sheet: str, headers: list[str]) -> None:
    named = [header for header in headers if header]
    twice = sorted({header for header in named if named.count(header) > 1})
    if twice:
        message = f"The column `{twice[0]}` stands twice; remove one."
        raise SheetError((SheetFault("duplicate-column", sheet, 1, message),))


def _line(headers: list[str], row: list[str]) -> dict[str, str]:
    cells = zip(headers, row, strict=False)
    return {header: text.strip() for header, text in cells if header and text.strip()}


def _pyxform_fault(text: str) -> SheetFault:
    found = _ROW.match(text)
    sheet = _SHEET.search(text)
    message = " ".join(_ROW.sub("", text).split())[:500].rstrip(".: ") + "."
    where = sheet[1] if sheet else "survey"
    return SheetFault("xlsform-error", where, int(found[1]) if found else 0, message)
