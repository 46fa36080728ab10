"""Accounts of those who work with the records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.failure import DuplicateError, NotFoundError, RoleRefusedError, TakenNameError
from models.region import COUNTRY, ensure_regions, within
from models.tables import PasskeyRow, SittingRow, StaffRow
from models.tables.staff import ADMINISTRATORS, ROLES
from models.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's account: one role, and the region below which they may look.

    ``password`` is what a password hasher made of it, never the password; ``second_factor`` the
    secret of one-time codes; ``telephone`` the number or SIP address of their own telephone at
    work; ``fresh`` until the person has chosen password and second factor themselves.
    """

    login: str
    name: str
    role: str
    password: str
    region: str = COUNTRY
    second_factor: str | None = None
    languages: Sequence[str] = ()
    skills: Sequence[str] = ()
    telephone: str | None = None
    active: bool = True
    fresh: bool = False

    def viewer(self) -> Viewer:
        """Return the account as the records see it."""
        return Viewer(
            login=self.login,
            name=self.name,
            role=self.role,
            region=self.region,
            languages=self.languages,
            skills=self.skills,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One passkey (WebAuthn credential) of an account; ``id`` in base64url."""

    id: str
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime


_FIELDS = tuple(Account.__dataclass_fields__)
_KEY_FIELDS = tuple(Passkey.__dataclass_fields__)
#: Whoever is signed in while one of these changes is signed out.
_ENDS_SITTINGS = ("role", "password", "region", "second_factor", "active")


class Staff:
    """All accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, account: Account, *, by: str, at: datetime) -> None:
        """Add an account.

        Raises :class:`models.failure.TakenNameError` for a used login and
        :class:`models.failure.RoleRefusedError` for a role that does not exist.
        """
        _check_role(account.role)
        new_id = self._database.new_id()
        try:
            with self._database.writing() as connection:
                ensure_regions(connection, (account.region,))
                connection.execute(
                    insert(StaffRow).values(id=new_id, created_at=at, **_values(account))
                )
                self._note(connection, "staff.add", account, by, at)
        except DuplicateError as error:
            raise TakenNameError(
                f"Login {account.login} exists already; choose another one."
            ) from error

    def get(self, login: str) -> Account | None:
        """Return an account, or None."""
        found = self._find(StaffRow.login == login)
        return found[0] if found else None

    def all(self, region: str = COUNTRY) -> tuple[Account, ...]:
        """Return every account of ``region`` and below, by login."""
        return self._find(within(StaffRow.region, region))

    def replace(self, account: Account, *, by: str, at: datetime) -> None:
        """Keep an account as it is now; where what it may do changes, its sittings end at once.

        Raises :class:`models.failure.NotFoundError`, and
        :class:`models.failure.RoleRefusedError` for a step from one administrator to another:
        that needs another person, so another account.
        """
        _check_role(account.role)
        with self._database.writing() as connection:
            self._keep(connection, account, by, at)

    def _keep(self, connection: Connection, account: Account, by: str, at: datetime) -> None:
        mine = StaffRow.login == account.login
        before = _found(connection, mine)
        if not before:
            raise _missing(account.login)
        _check_step(before[0].role, account.role)
        ensure_regions(connection, (account.region,))
        connection.execute(update(StaffRow).where(mine).values(**_values(account)))
        if any(getattr(before[0], one) != getattr(account, one) for one in _ENDS_SITTINGS):
            end_sittings(connection, account.login)
        self._note(connection, "staff.change", account, by, at)

    def keep_telephone(self, login: str, telephone: str, *, by: str, at: datetime) -> None:
        """Keep the telephone at which an account is reached; empty for none.

        Raises :class:`models.failure.NotFoundError`.
        """
        keeping = update(StaffRow).where(StaffRow.login == login)
        with self._database.writing() as connection:
            if not connection.execute(keeping.values(telephone=telephone or None)).rowcount:
                raise _missing(login)
            self._audit(connection, "staff.telephone", login, by, at)

    def use_code(self, login: str, code_step: int) -> bool:
        """Take the one-time code of a step of time; False if it or a later one was used."""
        fresh = or_(StaffRow.code_step.is_(None), StaffRow.code_step < code_step)
        using = update(StaffRow).where(StaffRow.login == login, fresh)
        with self._database.writing() as connection:
            return connection.execute(using.values(code_step=code_step)).rowcount == 1

    def renew(self, login: str, *, password: str, by: str, at: datetime) -> None:
        """Give an account a first password again: its codes and passkeys are gone.

        Raises :class:`models.failure.NotFoundError`.
        """
        account = self.get(login)
        if account is None:
            raise _missing(login)
        anew = replace(account, password=password, second_factor=None, fresh=True)
        with self._database.writing() as connection:
            connection.execute(delete(PasskeyRow).where(PasskeyRow.staff_id == _id_of(login)))
            self._keep(connection, anew, by, at)

    def passkeys(self, login: str) -> tuple[Passkey, ...]:
        """Return the passkeys of an account, oldest first."""
        columns = [getattr(PasskeyRow, name) for name in _KEY_FIELDS]
        wanted = select(*columns).where(PasskeyRow.staff_id == _id_of(login))
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(PasskeyRow.created_at)).mappings().all()
        return tuple(Passkey(**row) for row in rows)

    def add_passkey(self, login: str, passkey: Passkey, *, at: datetime) -> None:
        """Add a passkey to an account. Raises :class:`models.failure.TakenNameError`."""
        values = {name: getattr(passkey, name) for name in _KEY_FIELDS}
        try:
            with self._database.writing() as connection:
                connection.execute(insert(PasskeyRow).values(staff_id=_id_of(login), **values))
                self._audit(connection, "staff.passkey", login, login, at)
        except DuplicateError as error:
            raise TakenNameError("This passkey is known already; use another one.") from error

    def count_passkey(self, passkey_id: str, sign_count: int) -> None:
        """Keep the counter that a passkey came with."""
        counting = update(PasskeyRow).where(PasskeyRow.id == passkey_id)
        with self._database.writing() as connection:
            connection.execute(counting.values(sign_count=sign_count))

    def _find(self, *conditions: Any) -> tuple[Account, ...]:
        with self._database.reading() as connection:
            return _found(connection, *conditions)

    def _note(
        self, connection: Connection, action: str, account: Account, by: str, at: datetime
    ) -> None:
        detail = {"role": account.role, "region": account.region, "active": str(account.active)}
        self._audit(connection, action, account.login, by, at, detail)

    def _audit(
        self,
        connection: Connection,
        action: str,
        login: str,
        by: str,
        at: datetime,
        detail: dict[str, str] | None = None,
    ) -> None:
        entry = AuditEntry(at=at, actor=by, action=action, object=login, detail=detail or {})
        add_audit(connection, self._database.keys, entry)


def end_sittings(connection: Connection, login: str) -> None:
    """Sign an account out everywhere, within the caller's transaction."""
    connection.execute(delete(SittingRow).where(SittingRow.staff_id == _id_of(login)))


def _missing(login: str) -> NotFoundError:
    return NotFoundError(f"There is no login {login}; add it first.")


def _id_of(login: str) -> Any:
    return select(StaffRow.id).where(StaffRow.login == login).scalar_subquery()


def _found(connection: Connection, *conditions: Any) -> tuple[Account, ...]:
    columns = [getattr(StaffRow, name) for name in _FIELDS]
    wanted = select(*columns).where(*conditions).order_by(StaffRow.login)
    return tuple(_account(row) for row in connection.execute(wanted).mappings())


def _account(row: Any) -> Account:
    listed = {"languages": tuple(row["languages"]), "skills": tuple(row["skills"])}
    return Account(**{**row, **listed})


def _values(account: Account) -> dict[str, Any]:
    plain = {name: getattr(account, name) for name in _FIELDS}
    return {**plain, "languages": list(account.languages), "skills": list(account.skills)}


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise RoleRefusedError(f"{role} is no role; use one of {', '.join(ROLES)}.")


def _check_step(before: str, after: str) -> None:
    if before != after and before in ADMINISTRATORS and after in ADMINISTRATORS:
        raise RoleRefusedError(
            f"One person cannot be {before} and {after}; give that role to somebody else."
        )
