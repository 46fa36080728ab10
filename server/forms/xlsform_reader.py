"""An XLSForm file read into the plain mapping of a questionnaire."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.forms.sheet_fault import SheetError, SheetFault
from server.forms.xlsform_return import is_own, read_own
from server.forms.xlsform_sheets import XlsFormSheets, cell
from server.forms.xlsform_support import IGNORED, TYPES, type_fault, unsupported
from survey_engine.expression import Expression, ExpressionError, Text, parse, substitute, to_text

_TRUTHS = {"yes": "true()", "true": "true()", "no": "false()", "false": "false()"}
_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_BRACES = str.maketrans({"{": "｛", "}": "｝"})
_BIND_TYPES = {
    "int": "int({})",
    "integer": "int({})",
    "date": "string(date({}))",
    "decimal": "if(string(number({0})) = '' or contains(string(number({0})), '.'),"
    " string(number({0})), concat(number({0}), '.0'))",
}
_OWN_COLUMNS = frozenset({"label", "media", "image", "audio", "video", "big-image"})

Entry = dict[str, object]


@dataclass(frozen=True, slots=True)
class SheetForm:
    """A form from sheets: its mapping, and the survey row of each section's and item's path."""

    value: Mapping[str, object]
    rows: Mapping[str, int]


def read_xlsform(path: Path) -> Mapping[str, object]:
    """Return the mapping that :func:`survey_engine.reading.read_questionnaire` takes.

    Raises :class:`SheetError` with every row that is not supported or not understood.
    """
    return read_sheet_form(path).value


def read_sheet_form(path: Path) -> SheetForm:
    """Return the mapping with the row of every path; raises as :func:`read_xlsform` does."""
    sheets = XlsFormSheets(path)
    faults = list(unsupported(sheets))
    if faults:
        raise SheetError(faults)
    rows = _rows(sheets)
    value = _own(sheets) if is_own(sheets) else _foreign(sheets, rows)
    return SheetForm(value, dict(_placed(value.get("sections"), "sections", rows)))


def _own(sheets: XlsFormSheets) -> Entry:
    sheets.understood()
    return read_own(sheets)


def _foreign(sheets: XlsFormSheets, rows: Mapping[str, int]) -> Entry:
    reader = _Reader(sheets.understood(), rows, sheets.name)
    form = reader.form()
    if reader.faults:
        raise SheetError(reader.faults)
    return form


def _placed(entries: object, path: str, rows: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Yield the path of each entry in ``entries`` with its row."""
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        place = f"{path}[{index}]"
        if entry.get("name") in rows:
            yield place, rows[entry["name"]]
        yield from _placed(entry.get("items"), f"{place}.items", rows)


def _rows(sheets: XlsFormSheets) -> Mapping[str, int]:
    rows: dict[str, int] = {}
    for row, line in sheets.lines("survey"):
        rows.setdefault(cell(line, "name"), row)
    return rows


class _Reader:
    """Turns what pyxform understood into sections and items, noting faults by row."""

    def __init__(self, form: Mapping[str, Any], rows: Mapping[str, int], stem: str) -> None:
        self.faults: list[SheetFault] = []
        self._form = form
        self._rows = rows
        self._stem = stem
        self._language = str(form.get("default_language") or "default")

    def form(self) -> Entry:
        """Return the whole form."""
        title = str(self._form.get("title") or self._stem)
        return {
            "form": _identifier(str(self._form.get("id_string") or self._stem)),
            "version": str(self._form.get("version") or "1"),
            "foreign": "true",
            "title": title,
            "sections": list(self._sections(title)),
        }

    def _sections(self, title: str) -> Iterator[Entry]:
        """Yield groups as sections; questions outside any group get sections of their own."""
        loose: list[Entry] = []
        parts = 0
        for child in self._children(self._form):
            if child.get("type") == "group":
                if loose:
                    parts += 1
                    yield self._part(parts, title, loose)
                    loose = []
                yield self._group(child)
            else:
                loose.extend(self._item(child))
        if loose:
            yield self._part(parts + 1, title, loose)

    def _part(self, number: int, title: str, items: list[Entry]) -> Entry:
        name = f"part{number}"
        while name in self._rows:
            name += "_"
        return {"name": name, "label": title, "items": items}

    def _children(self, parent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        for child in parent.get("children") or ():
            generated = child.get("name") == "meta" and "meta" not in self._rows
            if child.get("type") not in IGNORED and not generated:
                yield child

    def _group(self, group: Mapping[str, Any]) -> Entry:
        name = str(group["name"])
        items: list[Entry] = []
        for child in self._children(group):
            items.extend(
                [self._group(child)] if child.get("type") == "group" else self._item(child)
            )
        entry: Entry = {"name": name, "label": self._text(group.get("label")) or name}
        self._put(entry, "relevant", name, group.get("bind", {}).get("relevant"))
        entry["items"] = items
        return entry

    def _item(self, node: Mapping[str, Any]) -> Iterator[Entry]:
        name = str(node["name"])
        kind = TYPES.get(str(node.get("type", "")).lower())
        if kind is None:
            self.faults.append(type_fault(self._rows.get(name, 0), str(node.get("type"))))
            return
        label = self._text(node.get("label")) or self._text(node.get("hint")) or name
        entry: Entry = {"name": name, "label": label, "type": _item_type(kind, node)}
        self._expressions(entry, name, kind, node)
        if entry["type"] not in ("note", "calculate", "hidden"):
            self._question(entry, label, node)
        if kind in ("single", "multi"):
            entry["choices"] = list(self._choices(name, node))
        yield entry

    def _question(self, entry: Entry, label: str, node: Mapping[str, Any]) -> None:
        wording = {"ask": label}
        hint = self._text(node.get("hint"))
        if hint:
            wording["explain"] = hint
        entry["wording"] = wording
        entry.setdefault("required", "false()")
        if entry["type"] == "multi":
            entry["hints"] = {"voice": "open"}

    def _expressions(self, entry: Entry, name: str, kind: str, node: Mapping[str, Any]) -> None:
        bind = node.get("bind") or {}
        for key in ("relevant", "required", "readonly", "constraint"):
            self._put(entry, key, name, bind.get(key))
        self._put(entry, "calculation", name, _calculation(bind))
        self._put(entry, "default", name, _default(kind, node))
        if kind == "note":
            entry.setdefault("readonly", "true()")
        if kind == "range":
            entry["constraint"] = _bounded(node, str(entry.get("constraint", "")))
        message = self._text(bind.get("jr:constraintMsg"))
        if message:
            entry["constraint_message"] = message

    def _put(self, entry: Entry, key: str, name: str, text: object) -> None:
        """Keep an expression if there is one and it can be read."""
        written = "" if text is None else str(text).strip()
        written = _TRUTHS.get(written.lower(), written)
        if written and self._parsed(written, name, key) is not None:
            entry[key] = written

    def _parsed(
        self, text: str, name: str, column: str, columns: Collection[str] = ()
    ) -> Expression | None:
        try:
            return parse(text, columns=columns)
        except ExpressionError as error:
            message = f"`{column}` of `{name}` cannot be read. {error}"
            self.faults.append(SheetFault(error.code, "survey", self._rows.get(name, 0), message))
            return None

    def _choices(self, name: str, node: Mapping[str, Any]) -> Iterator[Entry]:
        choices: Sequence[Mapping[str, Any]] = node.get("choices") or ()
        if not choices:
            message = f"`{name}` has no choices of its own; list them in the sheet choices."
            row = self._rows.get(name, 0)
            self.faults.append(SheetFault("xlsform-unsupported", "survey", row, message))
        condition = self._filter(name, node, choices)
        for choice in choices:
            code = str(choice["name"])
            entry: Entry = {"code": code, "label": self._text(choice.get("label")) or code}
            if condition is not None:
                when = to_text(substitute(condition, _cells(choice)))
                if when != "true()":
                    entry["when"] = when
            yield entry

    def _filter(
        self, name: str, node: Mapping[str, Any], choices: Sequence[Mapping[str, Any]]
    ) -> Expression | None:
        text = str(node.get("choice_filter") or "").strip()
        if not text:
            return None
        columns = {"name", "label"}.union(*(_cells(choice) for choice in choices))
        return self._parsed(text, name, "choice_filter", columns)

    def _text(self, value: object) -> str:
        """Return a text in the form's default language, safe as wording."""
        if isinstance(value, Mapping):
            value = value.get(self._language) or next(iter(value.values()), "")
        text = "" if value is None or isinstance(value, Mapping) else str(value).strip()
        return _REFERENCE.sub("…", text).translate(_BRACES)


def _identifier(text: str) -> str:
    found = re.sub(r"[^A-Za-z0-9_.\-]+", "-", text).strip("-_.")[:64]
    return found if found[:1].isalpha() else f"form-{found}".rstrip("-")


def _item_type(kind: str, node: Mapping[str, Any]) -> str:
    if kind == "range":
        numbers = (str(value) for value in (node.get("parameters") or {}).values())
        return "decimal" if any("." in number for number in numbers) else "integer"
    return "hidden" if kind in ("start", "today") else kind


def _calculation(bind: Mapping[str, Any]) -> str:
    """Return the calculation; a type given to a calculate row converts what it gives."""
    text = str(bind.get("calculate") or "").strip()
    return _BIND_TYPES.get(str(bind.get("type")), "{}").format(text) if text else ""


def _default(kind: str, node: Mapping[str, Any]) -> str:
    if kind in ("start", "today"):
        return "now()" if kind == "start" else "today()"
    text = str(node.get("default") or "")
    if not text or node.get("_dynamic_default"):
        return text
    return to_text(Text(text))


def _bounded(node: Mapping[str, Any], constraint: str) -> str:
    limits = node.get("parameters") or {}
    bounds = f". >= {limits.get('start', 0)} and . <= {limits.get('end', 10)}"
    return f"({constraint}) and {bounds}" if constraint else bounds


def _cells(choice: Mapping[str, Any]) -> Mapping[str, str]:
    plain = {key: str(value) for key, value in choice.items() if not isinstance(value, Mapping)}
    return {key: value for key, value in plain.items() if key not in _OWN_COLUMNS or key == "label"}
