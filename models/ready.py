"""Callers who are ready to be connected with somebody whom the machine is speaking with."""

from datetime import datetime

from sqlalchemy import exists, select, update

from models.database import Database
from models.sitting import IDLE
from models.tables import SittingRow, StaffRow


class ReadyCallers:
    """Who has said that they are ready, until they are rung or say otherwise."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, login: str, now: datetime) -> None:
        """Let a caller be ready from now on; who is ready already has been for longer."""
        self._set(login, now, was=False)

    def unmark(self, login: str) -> bool:
        """Let a caller be ready no more, once; False if they were not."""
        return self._set(login, None, was=True)

    def holds(self, login: str) -> bool:
        """Whether a caller is ready."""
        wanted = select(StaffRow.ready_at).where(StaffRow.login == login)
        with self._database.reading() as connection:
            return connection.scalar(wanted) is not None

    def waiting(self, now: datetime) -> tuple[str, ...]:
        """Return who is ready, signed in and has a telephone, the longest waiting first."""
        sits = exists().where(
            SittingRow.staff_id == StaffRow.id,
            SittingRow.pending.is_(False),
            SittingRow.ends_at > now,
            SittingRow.seen_at > now - IDLE,
        )
        can = (StaffRow.active, StaffRow.telephone.is_not(None), StaffRow.ready_at.is_not(None))
        wanted = select(StaffRow.login).where(*can, sits).order_by(StaffRow.ready_at)
        with self._database.reading() as connection:
            return tuple(connection.scalars(wanted))

    def _set(self, login: str, at: datetime | None, *, was: bool) -> bool:
        ready = StaffRow.ready_at.is_not(None) if was else StaffRow.ready_at.is_(None)
        changing = update(StaffRow).where(StaffRow.login == login, ready).values(ready_at=at)
        with self._database.writing() as connection:
            return connection.execute(changing).rowcount == 1
