"""Who is signed in: sittings, kept by the server and known to a browser by one opaque cookie."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from models.database import Database
from models.failure import SittingEndedError
from models.staff import Account, Staff
from models.tables import SittingRow, StaffRow

#: A sitting ends after 15 idle minutes and after eight hours at the latest (GB/T 22239 8.1.4.1).
IDLE = timedelta(minutes=15)
LASTING = timedelta(hours=8)
#: Between the password and the second factor.
PENDING = timedelta(minutes=5)
#: How often a busy sitting is noted; an idle one may end by this much sooner.
_GLANCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Held:
    """A sitting that holds: whose it is, and the token that its forms must send back.

    ``ends_at`` is when it ends if nobody does anything from now on, ``lasts_until`` when it ends
    whatever is done.
    """

    account: Account
    cookie: str
    token: str
    pending: bool
    ends_at: datetime
    lasts_until: datetime
    challenge: bytes | None = None


class Sittings:
    """Begins, finds and ends sittings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, login: str, at: datetime, *, pending: bool = False) -> str:
        """Begin a sitting of ``login`` and return its cookie, which is kept nowhere.

        Every sign-in gets a cookie of its own, so none that was planted beforehand becomes one.
        """
        cookie = secrets.token_urlsafe(32)
        lasting = PENDING if pending else LASTING
        mine = select(StaffRow.id).where(StaffRow.login == login).scalar_subquery()
        with self._database.writing() as connection:
            connection.execute(delete(SittingRow).where(SittingRow.ends_at <= at))
            connection.execute(
                insert(SittingRow).values(
                    id=self._id(cookie),
                    staff_id=mine,
                    pending=pending,
                    begun_at=at,
                    seen_at=at,
                    ends_at=at + lasting,
                )
            )
        return cookie

    def held(self, cookie: str, at: datetime, *, idle: bool = False) -> Held:
        """Return the sitting of ``cookie`` and note that it is used, unless by an ``idle`` page.

        Raises :class:`models.failure.SittingEndedError` for one that is forged, over, idle, or
        of an account that is no longer active.
        """
        found = self._find(cookie, at) if cookie else None
        account = Staff(self._database).get(found.login) if found else None
        if found is None or account is None or not account.active:
            raise SittingEndedError("Nobody is signed in here, or no longer; sign in again.")
        seen_at = found.seen_at
        if not idle and at - seen_at >= _GLANCE:
            self._see(cookie, at)
            seen_at = at
        return Held(
            account=account,
            cookie=cookie,
            token=self.token(cookie),
            pending=found.pending,
            ends_at=min(seen_at + IDLE, found.ends_at),
            lasts_until=found.ends_at,
            challenge=found.challenge,
        )

    def token(self, cookie: str) -> str:
        """Return what forms of this cookie must send back (against cross-site requests)."""
        return self._database.keys.index(f"csrf:{cookie}").hex()

    def challenge(self, cookie: str, challenge: bytes | None) -> None:
        """Keep what a passkey has to sign; it is taken once."""
        mine = update(SittingRow).where(SittingRow.id == self._id(cookie))
        with self._database.writing() as connection:
            connection.execute(mine.values(challenge=challenge))

    def end(self, cookie: str) -> None:
        """End a sitting; one that is over already is no error."""
        with self._database.writing() as connection:
            connection.execute(delete(SittingRow).where(SittingRow.id == self._id(cookie)))

    def _find(self, cookie: str, at: datetime) -> Any:
        columns = (SittingRow.pending, SittingRow.seen_at, SittingRow.ends_at, SittingRow.challenge)
        wanted = (
            select(StaffRow.login, *columns)
            .join(StaffRow, StaffRow.id == SittingRow.staff_id)
            .where(
                SittingRow.id == self._id(cookie),
                SittingRow.ends_at > at,
                SittingRow.seen_at > at - IDLE,
            )
        )
        with self._database.reading() as connection:
            return connection.execute(wanted).one_or_none()

    def _see(self, cookie: str, at: datetime) -> None:
        seeing = update(SittingRow).where(SittingRow.id == self._id(cookie))
        with self._database.writing() as connection:
            connection.execute(seeing.values(seen_at=at))

    def _id(self, cookie: str) -> bytes:
        return self._database.keys.index(f"sitting:{cookie}")
