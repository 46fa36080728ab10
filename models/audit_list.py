"""The audit log as the audit administrator reads it: newest first, within the wall."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from models.audit_entry import AuditEntry
from models.database import Database
from models.region import COUNTRY, within
from models.tables import AuditRow, StaffRow
from models.viewer import Viewer

PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which entries are sought; ``action`` may end at a dot (``review.`` is all of them)."""

    actor: str = ""
    action: str = ""
    before: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One entry and its place in the chain."""

    seq: int
    entry: AuditEntry


class AuditList:
    """What was done by those whose accounts belong to one viewer's region.

    Only who sees the whole country also reads what the program and the command line did.
    """

    def __init__(self, database: Database, viewer: Viewer) -> None:
        self._database = database
        self._viewer = viewer

    def page(self, sought: Sought) -> Sequence[Line]:
        """Return up to :data:`PAGE` entries before place ``sought.before`` (0 is the end)."""
        row = AuditRow
        wanted = (
            select(row.seq, row.at, row.actor, row.action, row.object, row.detail)
            .where(*self._conditions(sought))
            .order_by(row.seq.desc())
            .limit(PAGE)
        )
        with self._database.reading() as connection:
            found = [dict(one) for one in connection.execute(wanted).mappings()]
        return tuple(Line(one.pop("seq"), AuditEntry(**one)) for one in found)

    def _conditions(self, sought: Sought) -> list[ColumnElement[bool]]:
        row = AuditRow
        found: list[ColumnElement[bool]] = []
        if self._viewer.region != COUNTRY:
            mine = select(StaffRow.login).where(within(StaffRow.region, self._viewer.region))
            found.append(row.actor.in_(mine))
        if sought.actor:
            found.append(row.actor == sought.actor)
        if sought.action:
            begins = row.action.startswith(sought.action, autoescape=True)
            found.append(begins if sought.action.endswith(".") else row.action == sought.action)
        if sought.before:
            found.append(row.seq < sought.before)
        return found
