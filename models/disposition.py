"""What the results of calls lead to: codes, the pause before the next try, and when to stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, select

from models.tables import DispositionRow

COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """One result of a call; see :class:`models.tables.calling.DispositionRow`."""

    name: str
    place: str
    label: str
    code: str
    aapor: str
    delay: int
    most: int
    final: bool
    reports: bool
    skill: str = ""

    @property
    def pause(self) -> timedelta:
        """How long to wait before the next try."""
        return timedelta(minutes=self.delay)


_FIELDS = tuple(Disposition.__dataclass_fields__)


def read_dispositions(connection: Connection) -> Mapping[str, Disposition]:
    """Return all of them by name, in the order of their keys."""
    columns = [getattr(DispositionRow, name) for name in _FIELDS]
    rows = connection.execute(select(*columns).order_by(DispositionRow.place)).mappings()
    return {row["name"]: Disposition(**row) for row in rows}


def disposition_of(
    known: Mapping[str, Disposition], code: str | None, aapor: str | None
) -> Disposition | None:
    """Return what an attempt with these codes leads to: both fit, or else the local code alone."""
    fitting = [one for one in known.values() if one.code == code]
    exact = [one for one in fitting if one.aapor == aapor]
    return next(iter(exact or fitting), None)
