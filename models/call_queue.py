"""The callers' queue: who comes next by rules, claimed by one guarded update."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, not_, or_, select, update

from models.call_claim import claiming
from models.call_hours import band_of
from models.call_places import CallPlaces, Open, picks_json, places_json
from models.calling import refresh_calling
from models.database import Database
from models.failure import CaseNotHeldError, DuplicateError
from models.region import COUNTRY
from models.tables import CallingRow
from models.walled import Walled

#: How long a case is held since its caller last did something.
HOLD = timedelta(minutes=20)
#: An appointment is due from this long before its time.
EARLY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """How the calling of one person stands; see :class:`models.tables.calling.CallingRow`."""

    assignment_id: str
    campaign_id: str
    region: str
    due_at: datetime | None
    reason: str
    morning: int
    afternoon: int
    evening: int
    language: str
    skill: str
    appointment_at: datetime | None
    appointment_for: str
    remind_at: datetime | None
    claimed_by: str | None
    claimed_until: datetime | None

    def is_held_by(self, login: str, now: datetime) -> bool:
        """Whether ``login`` holds it."""
        return self.claimed_by == login and bool(self.claimed_until and self.claimed_until > now)

    def appointment_is_due(self, now: datetime) -> bool:
        """Whether an appointment is to be kept now."""
        return self.appointment_at is not None and self.appointment_at - EARLY <= now


_FIELDS = tuple(Calling.__dataclass_fields__)
_COLUMNS = [getattr(CallingRow, name) for name in _FIELDS]
_NOBODY: Final = {"claimed_by": None, "claimed_until": None}


class CallQueue:
    """The queue of one caller, behind their wall."""

    def __init__(
        self, database: Database, records: Walled, places: CallPlaces | None = None
    ) -> None:
        self._database = database
        self._places = places or CallPlaces(database)
        self._records = records
        self._viewer = records.viewer

    def held(self, now: datetime) -> Calling | None:
        """Return the case that the caller holds, if any."""
        row = CallingRow
        mine = (row.claimed_by == self._viewer.login, row.claimed_until > now)
        found = self._find(*mine)
        return found[0] if found else None

    def get(self, assignment_id: str) -> Calling | None:
        """Return how the calling of an assignment within the wall stands."""
        found = self._find(CallingRow.assignment_id == assignment_id)
        return found[0] if found else None

    def claim_next(self, now: datetime) -> Calling | None:
        """Claim who comes next for this caller, and return them; None if nobody may be called.

        An appointment that is due comes first, whatever the pauses and limits; then who waits
        for a person or was asked again by review, then interrupted interviews, then whoever was
        tried least in this part of the day. Nobody outside the hours of their campaign where
        they live, who needs another language or skill, whom somebody else holds, or who opted
        out. A caller holds one case; who holds one gets it again.
        """
        known = self._places.of(self._viewer.region, now)
        found = self._claim_by(known, now)
        if found is None:  # something may have been opened since
            found = self._claim_by(self._places.of(self._viewer.region, now, but=known), now)
        return found

    def _claim_by(self, known: Open, now: datetime) -> Calling | None:
        try:
            return self._claim(known, now)
        except DuplicateError:  # pressed twice in the same moment, or an old case is still theirs
            self._let_go_lost(now)
            return self._claim(known, now)

    def _claim(self, known: Open, now: datetime) -> Calling | None:
        """Claim the first that is found: one guarded update that touches exactly one row."""
        viewer, until = self._viewer, now + HOLD
        can = _listed("language", ("", *viewer.languages)) | _listed("skill", ("", *viewer.skills))
        low, high = viewer.bounds
        places = known.now(now)
        statement = claiming(
            _FIELDS, band_of(COUNTRY, now), len(viewer.languages) + 1, len(viewer.skills) + 1,
            sqlite=self._database.is_sqlite,
        )  # fmt: skip
        given = {
            **can, "login": viewer.login, "low": low, "high": high,
            "now": now, "soon": now + EARLY, "until": until,
            "places": places_json(places),
            "picks": picks_json(places, known.counties_from(viewer.login)),
        }  # fmt: skip
        while True:
            with self._database.single(lasting=False) as connection:
                found = connection.execute(statement, given).mappings().one_or_none()
            if found is None:
                return None
            if found["claimed_until"] != until or not found["opted_out"]:
                return Calling(**{name: found[name] for name in _FIELDS})
            self._pass_over(found["assignment_id"])

    def _pass_over(self, assignment_id: str) -> None:
        """Give back whoever was claimed and had opted out, and say so in the queue."""
        with self._database.writing(lasting=False) as connection:
            refresh_calling(connection, assignment_id)
            mine = CallingRow.claimed_by == self._viewer.login
            connection.execute(update(CallingRow).where(mine).values(**_NOBODY))

    def _let_go_lost(self, now: datetime) -> None:
        """What this caller holds no longer, or may not see any more, is nobody's."""
        row, (low, high) = CallingRow, self._viewer.bounds
        lost = or_(row.claimed_until <= now, not_(row.region.between(low, high)))
        mine = update(row).where(row.claimed_by == self._viewer.login, lost)
        with self._database.writing(lasting=False) as connection:
            connection.execute(mine.values(**_NOBODY))

    def keep(self, assignment_id: str, now: datetime) -> None:
        """Hold a case longer. Raises :class:`models.failure.CaseNotHeldError` if it is not held."""
        row = CallingRow
        mine = (row.assignment_id == assignment_id, row.claimed_by == self._viewer.login)
        keeping = update(row).where(*mine, row.claimed_until > now)
        with self._database.writing(lasting=False) as connection:
            if connection.execute(keeping.values(claimed_until=now + HOLD)).rowcount != 1:
                raise CaseNotHeldError(
                    f"Assignment {assignment_id} is not held by you, or no longer; take the next"
                    " case."
                )

    def release(self, assignment_id: str) -> None:
        """Give a case back; one that is not held by this caller stays as it is."""
        release(self._database, assignment_id, self._viewer.login)

    def _find(self, *conditions: ColumnElement[bool]) -> tuple[Calling, ...]:
        wanted = select(*_COLUMNS).where(self._viewer.wall(CallingRow.region), *conditions)
        with self._records.reading() as connection:
            return tuple(Calling(**row) for row in connection.execute(wanted).mappings())


def claim(database: Database, assignment_id: str, login: str, now: datetime) -> bool:
    """Let ``login`` hold a case that nobody holds; False if somebody does, or they hold another.

    Whether the case is theirs to see, and what it needs, is for whoever calls this to know.
    """
    row = CallingRow
    lapsed = update(row).where(row.claimed_by == login, row.claimed_until <= now)
    free = or_(row.claimed_until.is_(None), row.claimed_until <= now)
    taking = update(row).where(row.assignment_id == assignment_id, free)
    try:
        with database.writing(lasting=False) as connection:
            connection.execute(lapsed.values(**_NOBODY))
            held = taking.values(claimed_by=login, claimed_until=now + HOLD)
            return connection.execute(held).rowcount == 1
    except DuplicateError:
        return False


def release(database: Database, assignment_id: str, login: str) -> None:
    """Give back a case that ``login`` holds; one that they do not hold stays as it is."""
    row = CallingRow
    mine = (row.assignment_id == assignment_id, row.claimed_by == login)
    freeing = update(row).where(*mine)
    with database.writing(lasting=False) as connection:
        connection.execute(freeing.values(**_NOBODY))


def _listed(name: str, some: Sequence[str]) -> dict[str, object]:
    return {f"{name}{n}": one for n, one in enumerate(some)}
