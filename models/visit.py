"""Visits: who was met face to face, at home (入户) or elsewhere (见面)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.failure import DuplicateError
from models.tables import AssignmentRow, VisitRow
from models.walled import Walled


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit; ``kind`` is ``home`` or ``met``."""

    kind: str
    visited_on: date
    recorded_by: str


class Visits:
    """The visits of the people whom one viewer may see."""

    def __init__(self, database: Database, records: Walled) -> None:
        self._database = database
        self._records = records

    def record(self, assignment_id: str, kind: str, day: date, *, at: datetime) -> None:
        """Record a visit; the same one again changes nothing.

        Raises :class:`models.failure.NotFoundError` beyond the wall.
        """
        assignment_id, by = (
            self._records.case(assignment_id).assignment_id,
            self._records.viewer.login,
        )
        better = ("",) if kind == "met" else ("", "met")
        mine = AssignmentRow.id == assignment_id
        values = {"kind": kind, "visited_on": day, "recorded_by": by, "recorded_at": at}
        entry = AuditEntry(
            at=at, actor=by, action="visit.record", object=assignment_id, detail={"kind": kind}
        )
        try:
            with self._database.writing() as connection:
                connection.execute(
                    insert(VisitRow).values(
                        id=self._database.new_id(), assignment_id=assignment_id, **values
                    )
                )
                raising = update(AssignmentRow).where(mine, AssignmentRow.visited.in_(better))
                connection.execute(raising.values(visited=kind, updated_at=at))
                add_audit(connection, self._database.keys, entry)
        except DuplicateError:
            return

    def of(self, assignment_id: str) -> tuple[Visit, ...]:
        """Return the visits of an assignment, first one first."""
        wanted = (
            select(VisitRow.kind, VisitRow.visited_on, VisitRow.recorded_by)
            .join(AssignmentRow, AssignmentRow.id == VisitRow.assignment_id)
            .where(
                VisitRow.assignment_id == assignment_id,
                self._records.viewer.wall(AssignmentRow.region),
            )
            .order_by(VisitRow.visited_on)
        )
        with self._records.reading() as connection:
            return tuple(Visit(**row) for row in connection.execute(wanted).mappings())
