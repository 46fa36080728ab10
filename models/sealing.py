"""Sealing many values before a transaction begins, and the tables as they take them."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Column, LargeBinary, MetaData, Table
from sqlalchemy.types import UserDefinedType

from models.base import Record
from models.columns import EncryptedBytes, EncryptedJson, EncryptedText, json_bytes
from models.keys import KeyService

_BYTES = (EncryptedBytes, EncryptedJson, EncryptedText, LargeBinary)


class _Raw(UserDefinedType[bytes]):
    """Bytes that go to the driver and come from it as they are, which costs nothing a row."""

    cache_ok = True


class Sealing:
    """Seals values for columns by their ``table.column``; what is empty is kept as nothing."""

    def __init__(self, keys: KeyService) -> None:
        self._keys = keys

    def text(self, context: str, value: str) -> bytes | None:
        """Return ``value`` sealed as an ``EncryptedText`` column holds it."""
        return self._keys.encrypt(value.encode(), context) if value else None

    def json(self, context: str, value: Mapping[str, str]) -> bytes | None:
        """Return ``value`` sealed as an ``EncryptedJson`` column holds it."""
        return self._keys.encrypt(json_bytes(value), context) if value else None

    @staticmethod
    def plain(record: type[Record]) -> Table:
        """Return the table of ``record`` with its sealed columns as the bytes that they are."""
        return _plain(record)


@cache
def _plain(record: type[Record]) -> Table:
    columns = (
        Column(one.name, _Raw() if isinstance(one.type, _BYTES) else one.type)
        for one in record.__table__.columns
    )
    return Table(record.__tablename__, MetaData(), *columns)
