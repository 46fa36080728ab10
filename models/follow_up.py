"""What has to be asked again: by a call that asks only the open items, or by a visit at home."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from models.audit_entry import AuditEntry, add_audit
from models.calling import refresh_calling
from models.database import Database
from models.failure import NotFoundError
from models.region import COUNTRY, within
from models.tables import FollowUpRow

#: Who finished a follow-up whose items the respondent has answered.
BY_INTERVIEW = "interview"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One thing to be asked again; ``items`` are empty where it is not about an item.

    The interview itself knows which items it asks again (``Interview.reopened``); resume it.
    """

    id: str
    kind: str
    assignment_id: str
    region: str
    items: tuple[str, ...]
    asked_by: str
    asked_at: datetime
    done_by: str | None = None
    done_at: datetime | None = None


class FollowUps:
    """Call-backs and visits that caseworkers asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, kind: str = "", region: str = COUNTRY, limit: int = 100) -> tuple[FollowUp, ...]:
        """Return what is still to be done in a region, oldest first."""
        row = FollowUpRow
        wanted: list[ColumnElement[bool]] = [row.done_at.is_(None), within(row.region, region)]
        if kind:
            wanted.append(row.kind == kind)
        with self._database.reading() as connection:
            return _find(connection, *wanted, limit=limit)

    def of(self, assignment_id: str) -> tuple[FollowUp, ...]:
        """Return everything asked for about one assignment, oldest first."""
        with self._database.reading() as connection:
            return _find(connection, FollowUpRow.assignment_id == assignment_id)

    def finish(self, follow_up_id: str, *, by: str, at: datetime) -> None:
        """Say that it was done; one that was done before stays as it is.

        Raises :class:`models.failure.NotFoundError` if there is no such follow-up.
        """
        mine = FollowUpRow.id == follow_up_id
        ending = update(FollowUpRow).where(mine, FollowUpRow.done_at.is_(None))
        with self._database.writing() as connection:
            if connection.execute(ending.values(done_by=by, done_at=at)).rowcount:
                entry = AuditEntry(at=at, actor=by, action="follow-up.done", object=follow_up_id)
                add_audit(connection, self._database.keys, entry)
                refresh_calling(connection, _find(connection, mine)[0].assignment_id)
            elif not _find(connection, mine):
                raise NotFoundError(f"There is no follow-up {follow_up_id}; look it up anew.")


def add_follow_up(connection: Connection, wanted: FollowUp, ruling_id: str) -> None:
    """Ask for what a ruling demands within the caller's transaction."""
    values = {name: getattr(wanted, name) for name in _FIELDS}
    values["items"] = " ".join(wanted.items)
    connection.execute(insert(FollowUpRow).values(ruling_id=ruling_id, **values))
    refresh_calling(connection, wanted.assignment_id)


def finish_asked(
    connection: Connection,
    assignment_id: str,
    items: Collection[str],
    at: datetime,
    *,
    over: bool = False,
) -> None:
    """Finish what asked for one of these items again, now that the interview has settled them.

    An interview that is ``over`` has also settled what was to be asked by a call about no item.
    """
    if not (items or over):
        return
    row = FollowUpRow
    about: ColumnElement[bool] = row.items.in_(items)
    if over:
        about = or_(about, and_(row.items == "", row.kind == "call_back"))
    asked = and_(row.assignment_id == assignment_id, about, row.done_at.is_(None))
    connection.execute(update(row).where(asked).values(done_by=BY_INTERVIEW, done_at=at))


_FIELDS = tuple(FollowUp.__dataclass_fields__)


def _find(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> tuple[FollowUp, ...]:
    columns = [getattr(FollowUpRow, name) for name in _FIELDS]
    wanted = select(*columns).where(*conditions).order_by(FollowUpRow.asked_at, FollowUpRow.id)
    rows = connection.execute(wanted.limit(limit)).mappings()
    return tuple(FollowUp(**{**row, "items": tuple(row["items"].split())}) for row in rows)
