"""Column types: sealed text, JSON and bytes, and times that know their zone."""

import json
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import DateTime, Dialect, Engine, LargeBinary
from sqlalchemy.types import TypeDecorator

from models.keys import KeyService

#: A dialect belongs to one engine, so each database has the keys that it was opened with.
_KEYS: WeakKeyDictionary[Dialect, KeyService] = WeakKeyDictionary()


def bind_keys(engine: Engine, keys: KeyService) -> None:
    """Let the sealed columns of ``engine`` use ``keys``."""
    _KEYS[engine.dialect] = keys


def json_bytes(value: object) -> bytes:
    """Return ``value`` as the one JSON text that records are sealed and chained as."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class _Sealed(TypeDecorator[Any]):
    """A value that is ciphertext in the database; ``context`` is its ``table.column``."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def _seal(self, plain: bytes, dialect: Dialect) -> bytes:
        return _KEYS[dialect].encrypt(plain, self.context)

    def _open(self, sealed: bytes, dialect: Dialect) -> bytes:
        return _KEYS[dialect].decrypt(sealed, self.context)


class EncryptedBytes(_Sealed):
    """Bytes, sealed."""

    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Seal on the way in."""
        return None if value is None else self._seal(value, dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Open on the way out."""
        return None if value is None else self._open(value, dialect)


class EncryptedText(_Sealed):
    """Text, sealed."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Seal on the way in."""
        return None if value is None else self._seal(value.encode(), dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Open on the way out."""
        return None if value is None else self._open(value, dialect).decode()


class EncryptedJson(_Sealed):
    """What JSON can hold, sealed."""

    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> bytes | None:
        """Seal on the way in."""
        return None if value is None else self._seal(json_bytes(value), dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> object:
        """Open on the way out."""
        return None if value is None else json.loads(self._open(value, dialect))


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC; a time without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Move to UTC on the way in."""
        del dialect
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a stored time must be aware; give it a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say UTC on the way out, also where the database forgets it."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
