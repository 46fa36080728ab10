"""The roster as a desk lists it: page by page, in the order of the villages."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from models.case import name_index, person_key
from models.database import Database
from models.region import within
from models.tables import AssignmentRow, PersonRow
from models.walled import Walled

PAGE = 50
_NUMBER = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One person of a roster, with what a list needs."""

    assignment_id: str
    region: str
    name: str
    certificate: str
    status: str
    outcome: str
    outcome_decided: bool
    visited: str
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which people are wanted.

    ``who`` is a whole name or a certificate number; both are kept sealed, so that nothing but the
    whole of it can be found.
    """

    campaign: str
    region: str
    status: str = ""
    visited: str = ""
    who: str = ""
    after: str = ""


class RosterList:
    """Lists the people whom one viewer may see."""

    def __init__(self, database: Database, records: Walled) -> None:
        self._keys = database.keys
        self._records = records

    def page(self, wanted: Wanted) -> Sequence[Listed]:
        """Return up to :data:`PAGE` people behind ``wanted.after``, an assignment's id.

        Raises :class:`models.failure.NotFoundError` for a region or a start beyond the wall.
        """
        self._records.region(wanted.region)
        row = AssignmentRow
        query = (
            select(
                row.id.label("assignment_id"),
                row.region,
                PersonRow.name,
                PersonRow.certificate,
                row.status,
                row.outcome,
                row.outcome_decided,
                row.visited,
                row.channel,
            )
            .join(PersonRow, PersonRow.id == row.person_id)
            .where(self._records.viewer.wall(row.region), *self._conditions(wanted))
            .order_by(row.region, row.id)
            .limit(PAGE)
        )
        with self._records.reading() as connection:
            return tuple(Listed(**one) for one in connection.execute(query).mappings())

    def _conditions(self, wanted: Wanted) -> list[ColumnElement[bool]]:
        row = AssignmentRow
        found = [row.campaign_id == wanted.campaign, within(row.region, wanted.region)]
        if wanted.status:
            found.append(row.status == wanted.status)
        if wanted.visited:
            found.append(row.visited == ("" if wanted.visited == "none" else wanted.visited))
        if wanted.who:
            found.append(self._is(wanted.who))
        if wanted.after:
            last = self._records.case(wanted.after)
            behind = and_(row.region == last.region, row.id > last.assignment_id)
            found.append(or_(row.region > last.region, behind))
        return found

    def _is(self, who: str) -> ColumnElement[bool]:
        if len("".join(who.split())) >= _NUMBER:
            return PersonRow.key == person_key(self._keys, who)
        return PersonRow.name_index == name_index(self._keys, who)
