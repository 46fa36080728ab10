"""A questionnaire's mapping written as an XLSForm that ODK can use and that reads back whole.

``survey``, ``choices`` and ``settings`` are plain XLSForm. What XLSForm has no place for travels in
the sheets ``_items``, ``_choices`` and ``_form``, which other programs pass over: one column or
row per field, named by its path. ``hint`` and ``choice_filter`` are made for ODK and not read back.
"""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from server.forms.flat_mapping import flattened
from server.forms.markdown_tables import write_tables
from server.forms.xlsform_sheets import EXPRESSIONS
from survey_engine.expression import references
from survey_engine.form_model import SUPPLIED_FACTS
from survey_engine.reading import read_questionnaire

Rows = list[list[str]]
SURVEY = ("type", "name", "label", "hint", *EXPRESSIONS.values(), "choice_filter")
CHOICES = ("list_name", "name", "label", "offer")
ALWAYS = "always"
_SPOKEN = {"{who}": "您", "{ta}": "他/她", "{last}": "……", "{from}": "", "{to}": "", "{day}": ""}
_TYPES = {"single": "select_one", "multi": "select_multiple"}
_QUIET = frozenset({"note", "calculate", "hidden"})


def write_xlsform(form: Mapping[str, Any], path: Path) -> None:
    """Write ``form``, the mapping of a sound questionnaire, as .xlsx or .md.

    Raises ValueError for another suffix, and for .md if a cell holds what no table can.
    """
    sheets = _sheets(form)
    if path.suffix.lower() == ".md":
        path.write_text(write_tables(sheets), encoding="utf-8")
    elif path.suffix.lower() == ".xlsx":
        path.write_bytes(_workbook(sheets))
    else:
        message = f"{path.name} has no suffix that says how to write it; use .xlsx or .md."
        raise ValueError(message)


def _sheets(form: Mapping[str, Any]) -> dict[str, Rows]:
    items = list(_items(form.get("sections", ())))
    return {
        "survey": [list(SURVEY), *_facts(form), *_survey(form.get("sections", ()))],
        "choices": [list(CHOICES), *_choices(items)],
        "settings": _settings(form, items),
        "_items": _table("name", [(str(one["name"]), _own(one)) for one in _named(form)]),
        "_choices": _choice_fields(items),
        "_form": [["path", "value"], *map(list, flattened(_rest(form)))],
    }


def _settings(form: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> Rows:
    codes = [[str(choice["code"]) for choice in item.get("choices", ())] for item in items]
    twice = any(len(set(one)) < len(one) for one in codes)
    return [
        ["form_title", "form_id", "version", "allow_choice_duplicates"],
        [str(form["title"]), str(form["form"]), str(form["version"]), "yes" if twice else "no"],
    ]


def _items(entries: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the items below sections, in order."""
    for entry in entries:
        if "items" in entry:
            yield from _items(entry["items"])
        else:
            yield entry


def _named(form: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield sections and items alike, in order."""
    waiting = list(form.get("sections", ()))
    while waiting:
        entry = waiting.pop(0)
        yield entry
        waiting[:0] = entry.get("items", ())


def _facts(form: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield a hidden row for each name that expressions use and no question has."""
    own = [str(fact["name"]) for fact in form.get("facts", ())]
    used = _references(form)
    for name in dict.fromkeys([*own, *(fact for fact in SUPPLIED_FACTS if fact in used)]):
        yield _row(type="hidden", name=name)


def _references(form: Mapping[str, Any]) -> frozenset[str]:
    read = read_questionnaire(form)
    trees = [section.relevant for section in read.sections]
    for item in read.items:
        trees += [item.relevant, item.required, item.readonly, item.constraint, item.calculation]
        trees += [item.default, *(choice.when for choice in item.choices)]
    return frozenset().union(*(references(tree) for tree in trees if tree is not None))


def _row(**cells: str) -> list[str]:
    return [cells.get(column, "") for column in SURVEY]


def _survey(entries: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    for entry in entries:
        if "items" in entry:
            relevant = str(entry.get("relevant", ""))
            name, label = str(entry["name"]), str(entry["label"])
            yield _row(type="begin group", name=name, label=label, relevant=relevant)
            yield from _survey(entry["items"])
            yield _row(type="end group")
        else:
            yield _question(entry)


def _question(item: Mapping[str, Any]) -> list[str]:
    name, kind = str(item["name"]), str(item["type"])
    cells = {column: str(item.get(key, "")) for key, column in EXPRESSIONS.items()}
    if kind not in _QUIET:
        cells["required"] = cells["required"] or "true"
        cells["hint"] = _spoken(item)
    if kind in _TYPES:
        cells["choice_filter"] = _filter(item["choices"])
    written = f"{_TYPES[kind]} {name}" if kind in _TYPES else kind
    return _row(type=written, name=name, label=str(item.get("label") or name), **cells)


def _spoken(item: Mapping[str, Any]) -> str:
    text = str((item.get("wording") or {}).get("ask", ""))
    for slot, word in _SPOKEN.items():
        text = text.replace(slot, word)
    return text


def _conditions(choices: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return a key for each condition under which choices are offered."""
    written = dict.fromkeys(str(choice["when"]) for choice in choices if choice.get("when"))
    return {when: f"when{number}" for number, when in enumerate(written, start=1)}


def _filter(choices: Sequence[Mapping[str, Any]]) -> str:
    conditions = _conditions(choices)
    if not conditions:
        return ""
    parts = [f"offer = '{key}' and ({when})" for when, key in conditions.items()]
    return " or ".join([f"offer = '{ALWAYS}'", *parts])


def _choices(items: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    for item in items:
        keys = _conditions(item.get("choices", ()))
        for choice in item.get("choices", ()):
            offer = keys.get(str(choice.get("when", "")), ALWAYS) if keys else ""
            yield [str(item["name"]), str(choice["code"]), str(choice["label"]), offer]


def _own(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a section or item for which ``survey`` has no column."""
    elsewhere = {"name", "label", "type", "items", "choices", *EXPRESSIONS}
    return dict(flattened({key: value for key, value in entry.items() if key not in elsewhere}))


def _choice_fields(items: Sequence[Mapping[str, Any]]) -> Rows:
    rows = []
    for item in items:
        for choice in item.get("choices", ()):
            fields = {key: value for key, value in choice.items() if key not in ("code", "label")}
            rows.append((str(item["name"]), dict(flattened(fields))))
    return _table("list_name", rows)


def _table(key: str, rows: Sequence[tuple[str, Mapping[str, str]]]) -> Rows:
    columns = list(dict.fromkeys(column for _, fields in rows for column in fields))
    body = [[name, *(fields.get(column, "") for column in columns)] for name, fields in rows]
    return [[key, *columns], *body]


def _rest(form: Mapping[str, Any]) -> Mapping[str, Any]:
    elsewhere = ("form", "version", "title", "sections")
    return {key: value for key, value in form.items() if key not in elsewhere}


def _workbook(sheets: Mapping[str, Rows]) -> bytes:
    data = BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for column, text in enumerate(row):
                    if text:
                        sheet.write_string(number, column, text)
    return data.getvalue()
