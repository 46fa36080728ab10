"""The campaign in the database that a roster is imported into."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from models import roster as kept
from models.case import Case, find_cases, person_key
from models.database import Database
from models.tables import AssignmentRow, PersonRow
from models.viewer import Viewer
from server.roster.row import RosterRow


class CampaignTarget:
    """Stores accepted rows as persons and assignments; a :class:`RosterTarget`.

    Whoever imports at a desk is given as ``viewer``: somebody who is known beyond their wall is
    neither stored nor compared, and answered like somebody who is in the campaign with other data.
    """

    def __init__(
        self,
        database: Database,
        campaign_id: str,
        *,
        by: str,
        at: datetime,
        viewer: Viewer | None = None,
    ) -> None:
        self._database = database
        self._campaign_id = campaign_id
        self._by = by
        self._at = at
        self._viewer = viewer

    def store(self, rows: Iterator[RosterRow]) -> Mapping[int, bool]:
        """Store the rows that are new, all or none, and say of the others whether they differ."""
        already: dict[int, bool] = {}
        store = kept.Roster(self._database)
        store.keep(self._campaign_id, self._fresh(rows, already), by=self._by, at=self._at)
        return already

    def _fresh(
        self, rows: Iterator[RosterRow], already: dict[int, bool]
    ) -> Iterator[kept.RosterRow]:
        known = self._known()
        with self._database.reading() as connection:
            for row in rows:
                record = _record(row)
                key = person_key(self._database.keys, record.certificate)
                case = known.get(key)
                if self._is_beyond(connection, case, key):
                    already[row.row] = False
                elif case is None:
                    yield record
                else:
                    already[row.row] = _says_the_same(case, record)

    def _is_beyond(self, connection: Connection, case: Case | None, key: bytes) -> bool:
        """Whether the person belongs to another region than those of whoever imports."""
        if self._viewer is None:
            return False
        if case is not None:
            return not self._viewer.sees(case.region)
        region = connection.scalar(select(PersonRow.region).where(PersonRow.key == key))
        return region is not None and not self._viewer.sees(region)

    def _known(self) -> dict[bytes, Case]:
        mine = AssignmentRow.campaign_id == self._campaign_id
        with self._database.reading() as connection:
            cases = find_cases(connection, mine, AssignmentRow.person_id.is_not(None))
        return {person_key(self._database.keys, case.certificate): case for case in cases}


def _record(row: RosterRow) -> kept.RosterRow:
    return kept.RosterRow(
        row=row.row,
        certificate=row.certificate.number + row.certificate.suffix,
        name=row.name,
        region=row.region.digits,
        telephone=row.telephone.digits if row.telephone else "",
        residence=row.residence,
        reason=row.reason,
        guardian_name=row.guardian,
        guardian_telephone=row.guardian_telephone.digits if row.guardian_telephone else "",
        relation=row.relation,
        address=row.address,
        household=row.household,
        note=row.note,
        last_year=row.last_year,
    )


def _says_the_same(case: Case, row: kept.RosterRow) -> bool:
    mine = (case.certificate, case.name, case.region, case.telephone, case.reason, case.note)
    theirs = (row.certificate, row.name, row.region, row.telephone, row.reason, row.note)
    particulars = dict(case.particulars) == row.particulars()
    return mine == theirs and particulars and dict(case.last_year) == dict(row.last_year)
