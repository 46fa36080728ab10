"""The table of results as supervisors change it: every change is kept, and can be taken back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.disposition import Disposition, read_dispositions
from models.failure import ConflictError, NotFoundError
from models.tables import DispositionChangeRow, DispositionRow

#: What may be changed; the name, the keys and whether the interview is told stay.
CHANGEABLE = ("label", "code", "aapor", "delay", "most", "final")


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionChange:
    """One change of a result: what it said before and after, by field."""

    number: int
    name: str
    before: Mapping[str, str | int | bool]
    after: Mapping[str, str | int | bool]
    changed_by: str
    at: datetime


class DispositionBook:
    """Changes results; one change is one unit of work, with its history and its audit entry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Disposition, ...]:
        """Return the results in the order of their keys."""
        with self._database.reading() as connection:
            return tuple(read_dispositions(connection).values())

    def change(self, seen: Disposition, wanted: Disposition, *, by: str, at: datetime) -> bool:
        """Change a result from what was ``seen``; False if nothing is different.

        Raises :class:`models.failure.ConflictError` if somebody changed it meanwhile, and
        :class:`models.failure.NotFoundError` if there is none of this name.
        """
        if _text(seen) == _text(wanted):
            return False
        with self._database.writing() as connection:
            self._change(connection, seen, wanted, by=by, at=at)
        return True

    def _change(
        self,
        connection: Connection,
        seen: Disposition,
        wanted: Disposition,
        *,
        by: str,
        at: datetime,
    ) -> None:
        if connection.dialect.name == "postgresql":
            held = select(DispositionRow.name).where(DispositionRow.name == seen.name)
            connection.execute(held.with_for_update())
        now = read_dispositions(connection).get(seen.name)
        if now is None:
            raise NotFoundError(f"There is no result {seen.name}; look at the table anew.")
        if _text(now) != _text(seen):
            raise ConflictError(f"Result {seen.name} was changed meanwhile; look at it anew.")
        row, change = DispositionRow, DispositionChangeRow
        values = {name: getattr(wanted, name) for name in CHANGEABLE}
        connection.execute(update(row).where(row.name == seen.name).values(**values))
        entry = AuditEntry(
            at=at,
            actor=by,
            action="disposition.change",
            object=seen.name,
            detail={"before": _text(seen), "after": _text(wanted)},
        )
        # The audit log's chain is held from here on, so that numbers are given one by one.
        add_audit(connection, self._database.keys, entry)
        last = connection.scalar(select(func.coalesce(func.max(change.number), 0))) or 0
        connection.execute(
            insert(change).values(
                number=last + 1,
                name=seen.name,
                before=_text(seen),
                after=_text(wanted),
                changed_by=by,
                at=at,
            )
        )

    def history(self, limit: int = 100) -> tuple[DispositionChange, ...]:
        """Return the changes, the last one first."""
        row = DispositionChangeRow
        wanted = select(row.__table__).order_by(row.number.desc()).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple(
            DispositionChange(
                **{**one, "before": json.loads(one["before"]), "after": json.loads(one["after"])}
            )
            for one in rows
        )


def _text(one: Disposition) -> str:
    return json.dumps({name: getattr(one, name) for name in CHANGEABLE}, ensure_ascii=False)
