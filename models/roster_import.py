"""Imports of rosters from a desk, as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from models.database import Database
from models.failure import NotFoundError
from models.tables import RosterImportRow
from models.walled import Walled


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterImport:
    """One import; ``state`` is ``running``, ``done`` or ``refused`` (then nothing was stored).

    ``report`` is what the import says of the rows, or the one sentence of the refusal.
    """

    id: str
    campaign_id: str
    region: str
    file_name: str
    state: str
    report: Mapping[str, Any] | None
    begun_by: str
    begun_at: datetime
    ended_at: datetime | None


_FIELDS = tuple(RosterImport.__dataclass_fields__)


class RosterImports:
    """The imports into the regions that one viewer may see."""

    def __init__(self, database: Database, records: Walled) -> None:
        self._database = database
        self._records = records

    def begin(self, campaign_id: str, region: str, file_name: str, at: datetime) -> str:
        """Note that an import begins; return its id."""
        new_id = self._database.new_id()
        with self._database.writing() as connection:
            connection.execute(
                insert(RosterImportRow).values(
                    id=new_id,
                    campaign_id=campaign_id,
                    region=region,
                    file_name=file_name,
                    state="running",
                    begun_by=self._records.viewer.login,
                    begun_at=at,
                )
            )
        return new_id

    def end(self, import_id: str, state: str, report: Mapping[str, Any], at: datetime) -> None:
        """Note how an import ended."""
        mine = update(RosterImportRow).where(RosterImportRow.id == import_id)
        with self._database.writing() as connection:
            connection.execute(mine.values(state=state, report=report, ended_at=at))

    def get(self, import_id: str) -> RosterImport:
        """Return one import. Raises :class:`models.failure.NotFoundError`."""
        found = self._find(RosterImportRow.id == import_id)
        if not found:
            raise NotFoundError("There is no such import; look at the list again.")
        return found[0]

    def latest(self) -> tuple[RosterImport, ...]:
        """Return the latest imports, newest first."""
        return self._find()

    def _find(self, *conditions: Any) -> tuple[RosterImport, ...]:
        columns = [getattr(RosterImportRow, name) for name in _FIELDS]
        wanted = (
            select(*columns)
            .where(self._records.viewer.wall(RosterImportRow.region), *conditions)
            .order_by(RosterImportRow.begun_at.desc())
            .limit(20)
        )
        with self._records.reading() as connection:
            return tuple(RosterImport(**row) for row in connection.execute(wanted).mappings())
