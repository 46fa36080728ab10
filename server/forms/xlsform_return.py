"""An XLSForm that this project wrote, read back with the fields of its own sheets."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.forms.flat_mapping import nested
from server.forms.sheet_fault import SheetError, SheetFault
from server.forms.xlsform_sheets import EXPRESSIONS, Line, XlsFormSheets, cell

OWN_SHEETS = ("_items", "_choices", "_form")
_TYPES = {"select_one": "single", "select_multiple": "multi"}

Entry = dict[str, Any]


def is_own(sheets: XlsFormSheets) -> bool:
    """Whether the file has the sheets in which this project's own fields travel."""
    return all(sheet in sheets.tables for sheet in OWN_SHEETS)


def read_own(sheets: XlsFormSheets) -> Entry:
    """Return the mapping that was written; SheetError for a field whose place makes no sense."""
    settings = next((line for _, line in sheets.lines("settings")), {})
    form: Entry = {
        "form": settings.get("form_id", sheets.name),
        "version": settings.get("version", "1"),
        "title": settings.get("form_title", sheets.name),
    }
    form.update(_rest(sheets))
    facts = {str(fact.get("name")) for fact in form.get("facts", ())}
    form["sections"] = _entries(iter(_survey(sheets, facts)))
    return form


def _nested(sheet: str, row: int, fields: Mapping[str, str]) -> Entry:
    try:
        return nested(fields)
    except ValueError as error:
        message = f"The field `{error}` stands where none can; correct the name of its column."
        raise SheetError((SheetFault("field-misplaced", sheet, row, message),)) from error


def _rest(sheets: XlsFormSheets) -> Entry:
    fields = {
        line["path"]: line.get("value", "") for _, line in sheets.raw("_form") if "path" in line
    }
    return _nested("_form", 1, fields)


def _survey(sheets: XlsFormSheets, facts: set[str]) -> Iterator[Entry]:
    own = {
        line["name"]: _nested("_items", row, _fields(line, "name"))
        for row, line in sheets.raw("_items")
        if "name" in line
    }
    choices = _choices(sheets)
    known = own.keys() - facts
    for _, line in sheets.lines("survey"):
        kind, name = cell(line, "type"), cell(line, "name")
        if kind.startswith("end"):
            yield {"end": True}
        elif name and (name in known or kind != "hidden"):
            yield {**_entry(line, kind, name, choices), **own.get(name, {})}


def _fields(line: Line, key: str) -> dict[str, str]:
    return {column: text for column, text in line.items() if column != key}


def _entry(line: Line, kind: str, name: str, choices: Mapping[str, list[Entry]]) -> Entry:
    entry: Entry = {"name": name, "label": cell(line, "label") or name}
    for key, column in EXPRESSIONS.items():
        if line.get(column):
            entry[key] = line[column]
    if kind.startswith("begin"):
        return {**entry, "items": []}
    first, _, list_name = kind.partition(" ")
    entry["type"] = _TYPES.get(first, kind)
    if first in _TYPES:
        entry["choices"] = choices.get(list_name, [])
    return entry


def _choices(sheets: XlsFormSheets) -> Mapping[str, list[Entry]]:
    fields: dict[str, list[Entry]] = {}
    for row, line in sheets.raw("_choices"):
        found = _nested("_choices", row, _fields(line, "list_name"))
        fields.setdefault(line.get("list_name", ""), []).append(found)
    choices: dict[str, list[Entry]] = {}
    for _, line in sheets.lines("choices"):
        listed = choices.setdefault(line.get("list_name", ""), [])
        own = fields.get(line.get("list_name", ""), [])
        extra = own[len(listed)] if len(listed) < len(own) else {}
        listed.append({"code": cell(line, "name"), "label": line.get("label", ""), **extra})
    return choices


def _entries(lines: Iterator[Entry]) -> list[Entry]:
    """Gather lines into sections up to the end of the one that they stand in."""
    entries: list[Entry] = []
    for line in lines:
        if "end" in line:
            break
        if "items" in line:
            line["items"] = _entries(lines)
        entries.append(line)
    return entries
