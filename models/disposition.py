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
    """Return all of them by name, in the order of their keys, as they lie on a keyboard."""
    columns = [getattr(DispositionRow, name) for name in _FIELDS]
    rows = connection.execute(select(*columns)).mappings()
    found = sorted((Disposition(**row) for row in rows), key=lambda one: _by_keys(one.place))
    return {one.name: one for one in found}


def _by_keys(place: str) -> str:
    """Return what sorts 0 after 9."""
    return place.replace("0", ":")


def disposition_of(
    known: Mapping[str, Disposition],
    code: str | None,
    aapor: str | None,
    name: str | None = None,
) -> Disposition | None:
    """Return what an attempt with these codes leads to.

    The result that the caller gave, if it has the code; without one, that to which both codes fit,
    or else the local code alone. Of several, the one that comes first.
    """
    given = known.get(name or "")
    if given is not None and given.code == code:
        return given
    fitting = [one for one in known.values() if one.code == code]
    exact = [one for one in fitting if one.aapor == aapor]
    return next(iter(exact or fitting), None)
