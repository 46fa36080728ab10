"""Accounts of those who work with the records."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.failure import DuplicateError, NotFoundError, TakenNameError
from models.region import COUNTRY, ensure_regions
from models.tables import StaffRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's account: one role, and the region below which they may look.

    ``password`` is what a password hasher made of it, never the password; ``second_factor`` the
    secret of one-time codes.
    """

    login: str
    name: str
    role: str
    password: str
    region: str = COUNTRY
    second_factor: str | None = None
    active: bool = True
    failures: int = 0
    locked_until: datetime | None = None


_FIELDS = tuple(Account.__dataclass_fields__)


class Staff:
    """All accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, account: Account, *, by: str, at: datetime) -> None:
        """Add an account. Raises :class:`models.failure.TakenNameError` for a used login."""
        values = {name: getattr(account, name) for name in _FIELDS}
        new_id = self._database.new_id()
        try:
            with self._database.writing() as connection:
                ensure_regions(connection, (account.region,))
                connection.execute(insert(StaffRow).values(id=new_id, created_at=at, **values))
                self._note(connection, "staff.add", account.login, by, at)
        except DuplicateError as error:
            raise TakenNameError(
                f"Login {account.login} exists already; choose another one."
            ) from error

    def get(self, login: str) -> Account | None:
        """Return an account, or None."""
        columns = [getattr(StaffRow, name) for name in _FIELDS]
        with self._database.reading() as connection:
            found = connection.execute(select(*columns).where(StaffRow.login == login)).mappings()
            row = found.one_or_none()
        return None if row is None else Account(**row)

    def all(self) -> tuple[Account, ...]:
        """Return every account, by login."""
        columns = [getattr(StaffRow, name) for name in _FIELDS]
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).order_by(StaffRow.login)).mappings().all()
        return tuple(Account(**row) for row in rows)

    def replace(self, account: Account, *, by: str, at: datetime) -> None:
        """Keep an account as it is now. Raises :class:`models.failure.NotFoundError`."""
        values = {name: getattr(account, name) for name in _FIELDS}
        changing = update(StaffRow).where(StaffRow.login == account.login).values(**values)
        with self._database.writing() as connection:
            ensure_regions(connection, (account.region,))
            if not connection.execute(changing).rowcount:
                raise NotFoundError(f"There is no login {account.login}; add it first.")
            self._note(connection, "staff.change", account.login, by, at)

    def count_failure(self, login: str, *, locked_until: datetime | None) -> int:
        """Count a failed sign-in in one guarded update and return how many there are now."""
        mine = StaffRow.login == login
        counting = update(StaffRow).where(mine).values(failures=StaffRow.failures + 1)
        if locked_until is not None:
            counting = counting.values(locked_until=locked_until)
        with self._database.writing() as connection:
            connection.execute(counting)
            return connection.scalar(select(StaffRow.failures).where(mine)) or 0

    def clear_failures(self, login: str) -> None:
        """Forget failed sign-ins after a good one."""
        clearing = update(StaffRow).where(StaffRow.login == login)
        with self._database.writing() as connection:
            connection.execute(clearing.values(failures=0, locked_until=None))

    def _note(self, connection: Connection, action: str, login: str, by: str, at: datetime) -> None:
        entry = AuditEntry(at=at, actor=by, action=action, object=login)
        add_audit(connection, self._database.keys, entry)
