"""The canonical text of a value for an item, or the finding that it is none."""

import re
from datetime import date, datetime, time

from survey_engine.datatype import canonical as stored_text
from survey_engine.instance import Instance
from survey_engine.item import Item, ItemType

MAX_CHARACTERS = 2_000
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
_SEPARATOR = re.compile(r"[\s+]+")


def canonical(item: Item, text: str, instance: Instance) -> str | None:
    """Return ``text`` as it is stored for ``item``, or None if it is not of its type or choices.

    Several codes may be joined by spaces or ``+``; they are stored joined by a space in the order
    of the choices. A code is accepted only while its choice is on offer.
    """
    text = text.strip()
    if not text or len(text) > MAX_CHARACTERS:
        return None
    if item.type is ItemType.SINGLE:
        return text if text in instance.offers(item.name) else None
    if item.type is ItemType.MULTI:
        return _codes(item, text, instance.offers(item.name))
    if item.type is ItemType.ACKNOWLEDGE:
        return "OK" if text.lower() in ("ok", "yes") else None
    kind = instance.model.bind(item.name).kind
    written = _written(item.type, text)
    return written if written and stored_text(kind, written) else None


def is_allowed(item: Item, value: str, instance: Instance, at: datetime) -> bool:
    """Whether the canonical ``value`` meets the constraint of ``item`` too."""
    return not instance.with_value(item.name, value, at).is_invalid(item.name)


def _codes(item: Item, text: str, offers: tuple[str, ...]) -> str | None:
    chosen = set(_SEPARATOR.split(text))
    if not chosen <= set(offers) or (len(chosen) > 1 and chosen & item.exclusive_codes()):
        return None
    return " ".join(dict.fromkeys(code for code in offers if code in chosen))


def _written(kind: ItemType, text: str) -> str | None:
    if kind is ItemType.INTEGER:
        return str(int(text)) if _INTEGER.fullmatch(text) else None
    if kind is ItemType.DECIMAL:
        return text if _DECIMAL.fullmatch(text) else None
    try:
        if kind is ItemType.DATE:
            return date.fromisoformat(text).isoformat()
        if kind is ItemType.TIME:
            return time.fromisoformat(text).isoformat()
        return datetime.fromisoformat(text).isoformat() if kind is ItemType.DATETIME else text
    except ValueError:
        return None


def from_options(item: Item, options: dict[str, str], offers: tuple[str, ...]) -> str:
    """Return the value that yes and no to each option add up to, or an empty text.

    Only where every option was answered with no does the exclusive choice (无) follow; a yes to it
    beside a yes to another is a contradiction.
    """
    chosen = [code for code in offers if options.get(code) == "yes"]
    if chosen:
        contradictory = len(chosen) > 1 and item.exclusive_codes() & set(chosen)
        return "" if contradictory else " ".join(chosen)
    exclusive = [code for code in offers if code in item.exclusive_codes()]
    settled = all(value == "no" for value in options.values())
    return exclusive[0] if exclusive and settled and options else ""
