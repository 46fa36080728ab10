"""Callers who are ready to be connected with somebody whom the machine is speaking with."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update

from models.database import Database
from models.sitting import IDLE
from models.tables import SittingRow, StaffRow


class ReadyCallers:
    """Who has said that they are ready, until they are rung, say otherwise or are signed out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, login: str, now: datetime) -> None:
        """Let a caller be ready from now on."""
        self._set(login, now)

    def unmark(self, login: str) -> bool:
        """Let a caller be ready no more, once; False if they were not."""
        return self._set(login, None, StaffRow.ready_at.is_not(None))

    def holds(self, login: str, now: datetime) -> bool:
        """Whether a caller is ready."""
        return bool(self._found(now, StaffRow.login == login))

    def waiting(self, now: datetime) -> tuple[str, ...]:
        """Return who is ready, the longest waiting first."""
        return self._found(now)

    def _found(self, now: datetime, *conditions: ColumnElement[bool]) -> tuple[str, ...]:
        """Return who is ready, has a telephone and is signed in since before they said so."""
        sits = exists().where(
            SittingRow.staff_id == StaffRow.id,
            SittingRow.pending.is_(False),
            SittingRow.begun_at <= StaffRow.ready_at,
            SittingRow.ends_at > now,
            SittingRow.seen_at > now - IDLE,
        )
        can = (StaffRow.active, StaffRow.telephone.is_not(None), StaffRow.ready_at.is_not(None))
        wanted = select(StaffRow.login).where(*can, sits, *conditions).order_by(StaffRow.ready_at)
        with self._database.reading() as connection:
            return tuple(connection.scalars(wanted))

    def _set(self, login: str, at: datetime | None, *conditions: ColumnElement[bool]) -> bool:
        changing = update(StaffRow).where(StaffRow.login == login, *conditions)
        with self._database.writing() as connection:
            return connection.execute(changing.values(ready_at=at)).rowcount == 1
