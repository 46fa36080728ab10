"""Failed sign-ins, counted for each login and each address, also for logins that nobody has.

Every try is counted as a failure before it is judged and given back when it was right, so that
a hundred tries at once are no more than one after another. Whoever cannot count must not judge:
with the database down nobody signs in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from models.database import Database
from models.tables import SignInFailureRow

#: Failures after which a question has to be answered with each try.
CHALLENGE: Final = 5
#: Failures after which a login, or an address, is locked; and again after every five more.
LOCK: Final = {"account": 10, "address": 50}
LOCKED: Final = timedelta(minutes=15)
#: Failures as old as this count no longer.
REMEMBERED: Final = timedelta(hours=24)
_Keys = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a login and an address stand before a try."""

    of_login: int
    of_address: int
    locked_until: datetime | None

    @property
    def challenged(self) -> bool:
        """Whether a question has to be answered."""
        return max(self.of_login, self.of_address) >= CHALLENGE


class SignInFailures:
    """Counts and forgets failures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, login: str, address: str, now: datetime) -> Standing:
        """Return how ``login`` from ``address`` stands."""
        with self._database.reading() as connection:
            return _standing(connection, self._keys(login, address), now)

    def count(self, login: str, address: str, now: datetime) -> Standing | None:
        """Count a try as failed and return how things stood before; None if it is locked.

        Tries at once wait for each other here, so that each sees the ones before it.
        """
        keys = self._keys(login, address)
        with self._database.writing() as connection:
            connection.execute(delete(SignInFailureRow).where(_is_forgotten(now)))
            _hold(connection, keys, now)
            before = _standing(connection, keys, now)
            if before.locked_until is not None:
                return None
            for kind, key in keys:
                _count(connection, kind, key, now)
        return before

    def give_back(self, login: str, address: str, *, entirely: bool = False) -> None:
        """Take a try back that was right; ``entirely`` forgets all failures of the login."""
        row = SignInFailureRow
        with self._database.writing() as connection:
            for kind, key in self._keys(login, address):
                mine = and_(row.kind == kind, row.key == key, row.count > 0)
                left = 0 if entirely and kind == "account" else row.count - 1
                connection.execute(update(row).where(mine).values(count=left))
                below = and_(row.kind == kind, row.key == key, row.count < LOCK[kind])
                connection.execute(update(row).where(below).values(locked_until=None))

    def unlock(self, login: str) -> None:
        """Forget the failures of a login, as an administrator may."""
        (kind, key), _ = self._keys(login, "")
        row = SignInFailureRow
        with self._database.writing() as connection:
            connection.execute(delete(row).where(row.kind == kind, row.key == key))

    def locked(self, logins: Iterable[str], now: datetime) -> frozenset[str]:
        """Return which of these logins are locked."""
        row, by_key = SignInFailureRow, {self._keys(one, "")[0][1]: one for one in logins}
        wanted = select(row.key).where(row.kind == "account", row.locked_until > now)
        with self._database.reading() as connection:
            found = connection.scalars(wanted).all()
        return frozenset(by_key[key] for key in found if key in by_key)

    def _keys(self, login: str, address: str) -> _Keys:
        index = self._database.keys.index
        return (
            ("account", index(f"sign-in:account:{login}")),
            ("address", index(f"sign-in:address:{address}")),
        )


def _standing(connection: Connection, keys: _Keys, now: datetime) -> Standing:
    row = SignInFailureRow
    mine = or_(*(and_(row.kind == kind, row.key == key) for kind, key in keys))
    wanted = select(row.kind, row.count.label("many"), row.locked_until).where(
        mine, row.last_at > now - REMEMBERED
    )
    found = {one.kind: one for one in connection.execute(wanted)}
    counts = {kind: one.many for kind, one in found.items()}
    locks = [one.locked_until for one in found.values() if (one.locked_until or now) > now]
    return Standing(counts.get("account", 0), counts.get("address", 0), max(locks, default=None))


def _hold(connection: Connection, keys: _Keys, now: datetime) -> None:
    """Make the rows of these keys if need be, and hold them until the transaction ends."""
    row = SignInFailureRow
    adding = (insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql)(row)
    for kind, key in keys:
        values = {"kind": kind, "key": key, "count": 0, "last_at": now}
        connection.execute(adding.values(**values).on_conflict_do_nothing())
        mine = select(row.kind).where(row.kind == kind, row.key == key)
        connection.execute(mine.with_for_update())


def _count(connection: Connection, kind: str, key: bytes, now: datetime) -> None:
    row = SignInFailureRow
    mine = and_(row.kind == kind, row.key == key)
    connection.execute(update(row).where(mine).values(count=row.count + 1, last_at=now))
    many = connection.scalar(select(row.count).where(mine)) or 0
    if many >= LOCK[kind] and many % 5 == 0:
        connection.execute(update(row).where(mine).values(locked_until=now + LOCKED))


def _is_forgotten(now: datetime) -> ColumnElement[bool]:
    return SignInFailureRow.last_at <= now - REMEMBERED
