"""Stored events: how they are written, and how those of older schemas are read today."""

from collections.abc import Callable, Mapping

from survey_engine.event import SCHEMA, Event
from survey_engine.plain import PlainError, from_plain, to_plain

_TYPES: Mapping[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
Stored = Mapping[str, object]


def store(event: Event) -> Stored:
    """Return ``event`` as JSON can hold it, with its type and the schema's number."""
    record = to_plain(event)
    if not isinstance(record, dict):
        raise TypeError(f"{event!r} is no event")
    return {"schema": SCHEMA, "type": type(event).__name__, **record}


def load(stored: Stored) -> Event:
    """Return the event that ``stored`` holds, brought up to the present schema first.

    Raises :class:`survey_engine.plain.PlainError` for what is no event of any known schema.
    """
    record = dict(stored)
    schema = record.pop("schema", None)
    if type(schema) is not int or not 1 <= schema <= SCHEMA:
        raise PlainError(f"schema {schema!r} is unknown; this version reads 1 to {SCHEMA}")
    for number in range(schema, SCHEMA):
        record = _UPGRADES[number](record)
    kind = _TYPES.get(str(record.pop("type", None)))
    if kind is None:
        raise PlainError(f"{stored.get('type')!r} is no type of event")
    return from_plain(kind, record)


def _from_1_to_2(record: dict[str, object]) -> dict[str, object]:
    """Schema 1 wrote the speaker flat and joined several codes by ``+``."""
    if record.get("type") not in ("AnswerRecorded", "AnswerMissing"):
        return record
    upgraded = dict(record)
    speaker = {"kind": upgraded.pop("speaker"), "relation": upgraded.pop("relation", "")}
    upgraded["speaker"] = speaker
    if "value" in upgraded:
        upgraded["value"] = str(upgraded["value"]).replace("+", " ")
    return upgraded


_UPGRADES: Mapping[int, Callable[[dict[str, object]], dict[str, object]]] = {1: _from_1_to_2}
