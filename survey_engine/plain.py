"""Frozen records as plain mappings, lists and texts, and back."""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
Plain = Mapping[str, object]


class PlainError(ValueError):
    """Plain data that is no such record; the message names the place and what was expected."""


def to_plain(value: object) -> object:
    """Return ``value`` as JSON can hold it; fields at their default are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_plain(held)
            for field in fields(value)
            if (held := getattr(value, field.name)) != field.default
        }
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(held) for key, held in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(to_plain(held) for held in value)  # type: ignore[type-var]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_plain(held) for held in value]
    return value


def from_plain(kind: type[T], data: object) -> T:
    """Return the record of ``kind`` that ``data`` holds. Raises :class:`PlainError`."""
    return read_plain(kind, data)  # type: ignore[no-any-return]


def read_plain(kind: Any, data: object) -> Any:
    """Return what ``data`` holds, of any annotated ``kind``. Raises :class:`PlainError`."""
    try:
        return _reader(kind)(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlainError(f"no {kind} can be read from this data: {error}") from error


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    if is_dataclass(kind) and isinstance(kind, type):
        return _record_reader(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return _optional_reader(arguments)
    if origin is tuple:
        return _tuple_reader(arguments)
    if origin is frozenset:
        inner = _reader(arguments[0])
        return lambda data: frozenset(inner(held) for held in data)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        inner = _reader(arguments[1])
        return lambda data: {str(key): inner(held) for key, held in data.items()}
    if kind is datetime:
        return _moment
    if kind is date:
        return date.fromisoformat
    return _strict(kind)


def _moment(data: Any) -> datetime:
    moment = datetime.fromisoformat(data)
    if moment.tzinfo is None:
        raise ValueError(f"{data} has no time zone")
    return moment


def _strict(kind: type) -> Callable[[Any], Any]:
    if issubclass(kind, StrEnum):
        return kind

    def read(data: Any) -> Any:
        accepted = (int, float) if kind is float else kind
        if not isinstance(data, accepted) or (kind is not bool and isinstance(data, bool)):
            raise TypeError(f"{data!r} is not {kind.__name__}")
        return data

    return read


def _record_reader(kind: type) -> Callable[[Any], Any]:
    """Read fields by their type; the reader is built on first use, since types may nest."""
    hints = get_type_hints(kind)

    def read(data: Any) -> Any:
        known = {name: _reader(hints[name])(held) for name, held in data.items()}
        return kind(**known)

    return read


def _optional_reader(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    inner = _reader(next(one for one in arguments if one is not types.NoneType))
    return lambda data: None if data is None else inner(data)


def _tuple_reader(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    readers = [_reader(one) for one in arguments if one is not Ellipsis]
    if Ellipsis in arguments:
        return lambda data: tuple(readers[0](held) for held in data)
    return lambda data: tuple(reader(held) for reader, held in zip(readers, data, strict=True))
