"""A wave's or a region's changes to a form, laid over its plain mapping."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_engine.fault import Fault, FaultKind, FormError
from survey_engine.node import Node

Plain = Mapping[str, object]
_KEYED = {"choices": "code", "unclear": "why", "variants": "when"}


@dataclass(frozen=True, slots=True)
class Overlay:
    """What an overlay says of itself."""

    name: str
    extends: str
    wave: str
    region: str
    reference_day: str


def lay_over(form: Plain, overlay: Plain) -> tuple[dict[str, object], Overlay]:
    """Return ``form`` with ``overlay`` applied, and what the overlay says of itself.

    ``form`` is left as it is. Raises :class:`FormError` where the overlay is malformed or
    changes, drops or adds what cannot be. The result still has to be read.
    """
    faults: list[Fault] = []
    node = Node(overlay, "", faults)
    about = _read_about(node)
    if about.extends != form.get("form"):
        node.note(FaultKind.OVERLAY_FORM, "extends", found=about.extends, form=form.get("form"))
    result = _merged(form, node.plain("set"))
    result["sections"] = _with_items(form, node.child("items"))
    for key, name in (("checks", "id"), ("checks_elsewhere", "id"), ("outcomes", "code")):
        result[key] = _with_entries(form.get(key), node.child(key), name)
    result["script"] = _merged(_mapping(form.get("script")), node.plain("script"))
    node.close()
    if faults:
        raise FormError(faults)
    return result, about


def _read_about(node: Node) -> Overlay:
    about = Overlay(
        name=node.name("overlay"),
        extends=node.text("extends", required=True),
        wave=node.text("wave"),
        region=node.text("region"),
        reference_day=node.text("reference_day"),
    )
    if about.reference_day and not _is_month_day(about.reference_day):
        node.note(FaultKind.BAD_MONTH_DAY, "reference_day", found=about.reference_day)
    return about


def _is_month_day(text: str) -> bool:
    """Whether ``text`` is a day that every year has."""
    try:
        date.fromisoformat(f"2001-{text}")
    except ValueError:
        return False
    return len(text) == len("09-30")


def _mapping(value: object) -> Plain:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _merged(base: Plain, change: Plain) -> dict[str, object]:
    """Merge mappings key by key; lists merge by their entries' key, others are replaced."""
    result = dict(base)
    for key, value in change.items():
        old = base.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = _merged(old, value)
        elif key in _KEYED and _list(old) and _list(value):
            result[key] = _merged_list(_list(old), _list(value), _KEYED[key])
        else:
            result[key] = value
    return result


def _merged_list(old: Sequence[object], new: Sequence[object], name: str) -> list[object]:
    """Each new entry changes the old one of its key, or all of them if several share it."""
    changes = {_mapping(entry).get(name): _mapping(entry) for entry in new}
    known = {_mapping(entry).get(name) for entry in old}
    kept = [_merged(_mapping(entry), changes.get(_mapping(entry).get(name), {})) for entry in old]
    added = [entry for key, entry in changes.items() if key not in known]
    return [*kept, *added]


def _with_entries(base: object, node: Node, name: str) -> list[object]:
    entries = {str(_mapping(entry).get(name)): _mapping(entry) for entry in _list(base)}
    for key in node.texts("drop"):
        if entries.pop(key, None) is None:
            node.note(FaultKind.OVERLAY_TARGET, "drop", name=key)
    for change in node.nodes("change"):
        key = change.text(name, required=True)
        if key in entries:
            entries[key] = _merged(entries[key], change.values)
        else:
            change.note(FaultKind.OVERLAY_TARGET, name=key)
    for added in node.nodes("add"):
        key = added.text(name, required=True)
        if key in entries:
            added.note(FaultKind.OVERLAY_DUPLICATE, name=key)
        entries.setdefault(key, added.values)
    node.close()
    return list(entries.values())


def _with_items(form: Plain, node: Node) -> list[object]:
    names = set(_item_names(_list(form.get("sections"))))
    dropped = set(node.texts("drop"))
    changes = {change.text("name", required=True): change for change in node.nodes("change")}
    for key in sorted(dropped - names):
        node.note(FaultKind.OVERLAY_TARGET, "drop", name=key)
    for key in sorted(set(changes) - names):
        changes[key].note(FaultKind.OVERLAY_TARGET, name=key)
    sections = _edited(
        _list(form.get("sections")),
        dropped,
        {key: change.values for key, change in changes.items()},
        list(_additions(node, names, set(_section_names(_list(form.get("sections")))))),
    )
    node.close()
    return sections


@dataclass(frozen=True, slots=True)
class _Addition:
    section: str
    after: str
    item: Plain


def _additions(node: Node, names: set[str], sections: set[str]) -> Iterator[_Addition]:
    for entry in node.nodes("add"):
        addition = _Addition(
            section=entry.text("section", required=True),
            after=entry.text("after"),
            item=entry.plain("item"),
        )
        name = str(addition.item.get("name"))
        if name in names:
            entry.note(FaultKind.OVERLAY_DUPLICATE, "item", name=name)
        if addition.section and addition.section not in sections:
            entry.note(FaultKind.UNKNOWN_SECTION, "section", name=addition.section)
        if addition.after and addition.after not in names:
            entry.note(FaultKind.OVERLAY_TARGET, "after", name=addition.after)
        names.add(name)
        entry.close()
        yield addition


def _edited(
    entries: Sequence[object],
    dropped: set[str],
    changes: Mapping[str, Plain],
    additions: Sequence[_Addition],
) -> list[object]:
    result: list[object] = []
    for entry in map(_mapping, entries):
        name = str(entry.get("name"))
        if name in dropped:
            continue
        if "items" not in entry:
            result.append(_merged(entry, changes.get(name, {})))
            continue
        items = _edited(_list(entry["items"]), dropped, changes, additions)
        result.append({**entry, "items": _placed(items, name, additions)})
    return result


def _placed(items: list[object], section: str, additions: Sequence[_Addition]) -> list[object]:
    for addition in additions:
        if addition.section != section:
            continue
        names = [str(_mapping(item).get("name")) for item in items]
        place = names.index(addition.after) + 1 if addition.after in names else len(items)
        items.insert(place, addition.item)
    return items


def _item_names(entries: Sequence[object]) -> Iterator[str]:
    for entry in map(_mapping, entries):
        if "items" in entry:
            yield from _item_names(_list(entry["items"]))
        else:
            yield str(entry.get("name"))


def _section_names(entries: Sequence[object]) -> Iterator[str]:
    for entry in map(_mapping, entries):
        if "items" in entry:
            yield str(entry.get("name"))
            yield from _section_names(_list(entry["items"]))
