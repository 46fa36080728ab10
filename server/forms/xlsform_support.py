"""Which XLSForm features have a place in an interview, and why the others have none."""

from collections.abc import Iterator

from server.forms.sheet_fault import SheetFault
from server.forms.xlsform_sheets import Line, XlsFormSheets, cell

TYPES = {
    "text": "text", "string": "text", "q string": "text", "add text prompt": "text",
    "barcode": "text", "q barcode": "text",
    "integer": "integer", "int": "integer", "q int": "integer", "add integer prompt": "integer",
    "decimal": "decimal", "q decimal": "decimal", "add decimal prompt": "decimal",
    "range": "range",
    "date": "date", "q date": "date", "add date prompt": "date",
    "time": "time",
    "datetime": "dateTime", "date time": "dateTime", "q date time": "dateTime",
    "q datetime": "dateTime", "add date time prompt": "dateTime", "add datetime prompt": "dateTime",
    "select one": "single", "q select1": "single", "add select one prompt using": "single",
    "select all that apply": "multi", "q select": "multi",
    "note": "note", "q note": "note", "add note prompt": "note",
    "acknowledge": "acknowledge", "trigger": "acknowledge", "q acknowledge": "acknowledge",
    "calculate": "calculate", "q calculate": "calculate", "add calculate prompt": "calculate",
    "hidden": "hidden",
    "start": "start", "start time": "start", "get start time": "start",
    "end": "hidden", "end time": "hidden", "get end time": "hidden",
    "today": "today", "get today": "today",
    "deviceid": "hidden", "device id": "hidden", "get device id": "hidden",
    "username": "hidden", "email": "hidden", "phonenumber": "hidden", "phone number": "hidden",
    "get phone number": "hidden", "simserial": "hidden", "sim id": "hidden",
    "subscriberid": "hidden", "subscriber id": "hidden",
}  # fmt: skip
"""pyxform's question types, in lower case, and the item type that each becomes."""

MAX_NESTING = 30
IGNORED = frozenset({"audit"})
_MEDIA = "an interview collects no pictures, sounds or files"
_PLACE = "an interview collects no places on a map"
_REPEAT = "one person is asked each question once"
_FILE = "forms carry no attached files"
_REASONS = {
    "begin repeat": _REPEAT, "begin loop": _REPEAT, "begin lgroup": _REPEAT,
    "begin looped group": _REPEAT, "rank": "an order cannot be given by voice",
    "image": _MEDIA, "photo": _MEDIA, "audio": _MEDIA, "video": _MEDIA, "file": _MEDIA,
    "background-audio": _MEDIA, "background audio": _MEDIA,
    "geopoint": _PLACE, "geotrace": _PLACE, "geoshape": _PLACE, "location": _PLACE,
    "gps": _PLACE, "start-geopoint": _PLACE, "background-geopoint": _PLACE, "osm": _PLACE,
    "csv-external": _FILE, "xml-external": _FILE, "select one external": _FILE,
    "select one from file": _FILE, "select multiple from file": _FILE,
}  # fmt: skip
_COLUMNS = {
    "trigger": "a calculation follows what it names by itself",
    "save_to": "entities are not kept",
    "repeat_count": _REPEAT,
}
_SHEETS = {"external_choices": _FILE, "entities": "entities are not kept", "osm": _PLACE}


def unsupported(sheets: XlsFormSheets) -> Iterator[SheetFault]:
    """Yield a fault for every row that asks for something an interview does not have."""
    depth = 0
    for row, line in sheets.lines("survey"):
        yield from _line_faults(row, line)
        kind = _kind(line)
        depth += kind.startswith("begin") - kind.startswith("end ")
        if depth > MAX_NESTING:
            message = f"Groups nest more than {MAX_NESTING} deep; take some apart."
            yield SheetFault("xlsform-unsupported", "survey", row, message)
            break
    for sheet, reason in _SHEETS.items():
        for row, line in sheets.lines(sheet):
            if line:
                yield _fault(sheet, row, f"The sheet `{sheet}`", reason)


def _kind(line: Line) -> str:
    return " ".join(cell(line, "type").lower().replace("_", " ").split())


def _line_faults(row: int, line: Line) -> Iterator[SheetFault]:
    kind = _kind(line)
    for start, reason in _REASONS.items():
        if kind == start or kind.startswith(f"{start} "):
            yield _fault("survey", row, f"The type `{cell(line, 'type')}`", reason)
    for column, reason in _COLUMNS.items():
        if cell(line, column):
            yield _fault("survey", row, f"The column `{column}`", reason)
    if "randomize=true" in cell(line, "parameters").lower().replace(" ", ""):
        yield _fault("survey", row, "`randomize`", "the order of choices is part of the question")


def type_fault(row: int, kind: str) -> SheetFault:
    """Return the fault of a type that is neither supported nor known to be unsupported."""
    return _fault("survey", row, f"The type `{kind}`", "an interview has no such question")


def _fault(sheet: str, row: int, what: str, reason: str) -> SheetFault:
    message = f"{what} is not supported, since {reason}; remove the row or change it."
    return SheetFault("xlsform-unsupported", sheet, row, message)
