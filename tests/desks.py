"""Accounts and sittings for tests that walk into a desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from models.sitting import Sittings
from models.staff import Account, Staff
from models.tables import SittingRow, StaffRow
from server.desk.door import COOKIE
from server.service import Service

#: No hash of any password, so nobody can sign in with one.
NO_PASSWORD = "unused"


def add_account(service: Service, login: str, role: str, region: str) -> Account:
    """Add an account that is ready to work."""
    account = Account(
        login=login, name=f"试用{login}", role=role, password=NO_PASSWORD, region=region
    )
    Staff(service.database).add(account, by="test", at=datetime.now(UTC))
    return account


def cookies(service: Service, login: str) -> dict[str, str]:
    """Sign ``login`` in past the sign-in page and return the cookie for a client."""
    return {COOKIE: Sittings(service.database).begin(login, datetime.now(UTC))}


def csrf(service: Service, cookie: dict[str, str]) -> str:
    """Return the token that forms of this sitting send back."""
    return Sittings(service.database).token(cookie[COOKIE])


def let_idle(service: Service, login: str, for_: timedelta) -> datetime:
    """Let ``login`` have done nothing for so long; return when they were seen last."""
    seen = datetime.now(UTC) - for_
    mine = select(StaffRow.id).where(StaffRow.login == login).scalar_subquery()
    with service.database.writing() as connection:
        theirs = update(SittingRow).where(SittingRow.staff_id == mine)
        connection.execute(theirs.values(seen_at=seen))
    return seen


def seen(service: Service, login: str) -> datetime | None:
    """Return when ``login`` was seen last; None if they are signed in nowhere."""
    mine = select(func.max(SittingRow.seen_at)).join(StaffRow).where(StaffRow.login == login)
    with service.database.reading() as connection:
        found: datetime | None = connection.scalar(mine)
    return found


@contextmanager
def brief_streams() -> Iterator[None]:
    """Let what streams to a page end at once, so that all routes can be asked in turn."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("server.window.facing_routes._LASTS", 0.01)
        patched.setattr("server.window.facing_routes._EVERY", 0.01)
        yield
