"""The callers' queue: who comes next by rules, claimed by one guarded update."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    TextualSelect,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)

from models.call_hours import band_of, may_call, other_clocks
from models.calling import refresh_calling
from models.campaign import Campaign, read_campaigns
from models.columns import Moment
from models.database import Database
from models.failure import CaseNotHeldError, DuplicateError
from models.opt_out import opted_out
from models.region import COUNTRY, Region
from models.tables import CallingRow, RegionRow
from models.walled import Walled

#: How long a case is held since its caller last did something.
HOLD = timedelta(minutes=20)
#: An appointment is due from this long before its time.
EARLY = timedelta(minutes=2)
#: Beyond so many tries in a part of the day, more make no difference.
_MOST = 3
#: What is offered after the urgent ones: urgency, and tries in this part of the day.
_ORDER = ((2, 0), (3, 0), *((2, tries) for tries in range(1, _MOST)), (2, None))
_COUNTY_PLACES, _COUNTY_LEVEL = 6, 4
#: So many places are looked for by one statement.
_AT_ONCE = 10


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
_MINE = select(*_COLUMNS).where(CallingRow.claimed_by == bindparam("login"))
_COUNTIES = (
    select(func.substr(RegionRow.code, 1, _COUNTY_PLACES))
    .where(
        RegionRow.level.in_((_COUNTY_LEVEL, _COUNTY_LEVEL + 1)),
        RegionRow.code.between(bindparam("low"), bindparam("high")),
    )
    .distinct()
)


class CallQueue:
    """The queue of one caller, behind their wall."""

    def __init__(self, database: Database, records: Walled) -> None:
        self._database = database
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
        try:
            with self._database.writing(lasting=False) as connection:
                return self._held_or_let_go(connection, now) or self._first(connection, now)
        except DuplicateError:  # pressed twice in the same moment: the other one has claimed
            return self.held(now)

    def _held_or_let_go(self, connection: Connection, now: datetime) -> Calling | None:
        found = connection.execute(_MINE, {"login": self._viewer.login}).mappings().one_or_none()
        if found is None:
            return None
        held = Calling(**found)
        if held.is_held_by(self._viewer.login, now) and self._viewer.sees(held.region):
            return held
        self._let_go(connection)
        return None

    def _first(self, connection: Connection, now: datetime) -> Calling | None:
        known, allowed = allowed_places(self._campaigns(connection), now)
        counties = {f"county{n}": one for n, one in enumerate(self._counties(connection))}
        picks = [*_pressing(allowed), *_waiting(allowed, counties, band_of(COUNTRY, now))]
        low, high = self._viewer.bounds
        times = {"now": now, "soon": now + EARLY, "until": now + HOLD}
        given = {
            **known,
            **counties,
            **times,
            "login": self._viewer.login,
            "low": low,
            "high": high,
        }
        for start in range(0, len(picks), _AT_ONCE):
            found = self._claim(connection, picks[start : start + _AT_ONCE], given)
            if found is not None:
                return found
        return None

    def _campaigns(self, connection: Connection) -> Sequence[Campaign]:
        known = read_campaigns(connection)
        return [one for one in known if one.status == "open" and self._records.concerns(one.region)]

    def _claim(
        self, connection: Connection, picks: Sequence[str], given: Mapping[str, object]
    ) -> Calling | None:
        """Claim the first that the picks find: one guarded update that touches exactly one row."""
        lists = {"language": ("", *self._viewer.languages), "skill": ("", *self._viewer.skills)}
        fitting = " AND ".join(
            f"{name} IN ({', '.join(f':{name}{n}' for n in range(len(some)))})"
            for name, some in lists.items()
        )
        can = {f"{name}{n}": one for name, some in lists.items() for n, one in enumerate(some)}
        statement = _claiming(tuple(picks), fitting, skips=not self._database.is_sqlite)
        while True:
            found = connection.execute(statement, {**given, **can}).mappings().one_or_none()
            if found is None or not found["opted_out"]:
                return Calling(**{name: found[name] for name in _FIELDS}) if found else None
            refresh_calling(connection, found["assignment_id"])
            self._let_go(connection)

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

    def _let_go(self, connection: Connection) -> None:
        """What this caller holds no longer is anybody's."""
        row = CallingRow
        mine = update(row).where(row.claimed_by == self._viewer.login)
        connection.execute(mine.values(claimed_by=None, claimed_until=None))

    def _counties(self, connection: Connection) -> Sequence[str]:
        """Return the counties below the wall, or the one around it, each as six places.

        Callers of a province begin at different ones.
        """
        place = Region(self._viewer.region)
        if place.level >= _COUNTY_LEVEL:
            return (place.code[:_COUNTY_PLACES],)
        low, high = self._viewer.bounds
        codes = sorted(connection.scalars(_COUNTIES, {"low": low, "high": high}))
        start = sum(map(ord, self._viewer.login)) % max(1, len(codes))
        return [*codes[start:], *codes[:start]]

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
            connection.execute(lapsed.values(claimed_by=None, claimed_until=None))
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
        connection.execute(freeing.values(claimed_by=None, claimed_until=None))


_QUEUED = "due_at IS NOT NULL AND appointment_at IS NULL AND due_at <= :now"
_TIMES = ("now", "soon", "until")
_OPTED_OUT = f"{opted_out(literal_column('calling.assignment_id'))} AS opted_out"
_FREE = "(claimed_until IS NULL OR claimed_until <= :now)"


def _pressing(allowed: Mapping[str, str]) -> Iterator[str]:
    """Yield what finds appointments that are due, and whom the urgent reasons concern."""
    for campaign, where in allowed.items():
        yield (
            f"campaign_id = :{campaign} AND {where} AND appointment_at IS NOT NULL"
            " AND appointment_at <= :soon AND appointment_for IN ('', :login)"
            " ORDER BY appointment_at"
        )
    for campaign, where in allowed.items():
        yield (
            f"campaign_id = :{campaign} AND {where} AND {_QUEUED} AND urgency <= 1"
            " ORDER BY urgency, due_at"
        )


def _waiting(allowed: Mapping[str, str], counties: Iterable[str], band: str) -> Iterator[str]:
    """Yield what finds the others: least tried in this part of the day first."""
    for urgency, tries in _ORDER:
        tried = f"{band} >= {_MOST}" if tries is None else f"{band} = {tries}"
        for campaign, where in allowed.items():
            for county in counties:
                yield (
                    f"campaign_id = :{campaign} AND county = :{county} AND urgency = {urgency}"
                    f" AND {tried} AND {where} AND {_QUEUED} ORDER BY due_at"
                )


@lru_cache(maxsize=512)
def _claiming(picks: tuple[str, ...], fitting: str, *, skips: bool) -> TextualSelect:
    """Return the guarded update for the first that ``picks`` find, in their order.

    Each pick is looked at only if those before it find nobody (COALESCE), and passes over rows
    that others are claiming right now. What it returns says whether the person opted out.
    """
    lock = " FOR UPDATE SKIP LOCKED" if skips else ""
    guard = f"region BETWEEN :low AND :high AND {_FREE} AND {fitting}"
    found = ", ".join(  # all parts are this module's own words; what comes from outside is bound
        f"(SELECT assignment_id FROM calling WHERE {guard} AND {one} LIMIT 1{lock})"  # noqa: S608
        for one in picks
    )
    updating = (
        "UPDATE calling SET claimed_by = :login, claimed_until = :until"  # noqa: S608
        f" WHERE assignment_id = COALESCE({found}, NULL) AND {_FREE}"
        f" RETURNING {', '.join(_FIELDS)}, {_OPTED_OUT}"
    )
    times = (bindparam(one, type_=Moment()) for one in _TIMES if f":{one}" in updating)
    return text(updating).bindparams(*times).columns(*_COLUMNS, column("opted_out", Boolean))


def allowed_places(
    campaigns: Sequence[Campaign], now: datetime
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return names for the campaigns that may call now, and where each of them may."""
    where = {one.id: _where(one.call_hours, now) for one in campaigns}
    known = {f"campaign{n}": one for n, one in enumerate(one for one in where if where[one])}
    return known, {name: where[one] for name, one in known.items()}


def _where(hours: str, now: datetime) -> str:
    official = may_call(hours, COUNTRY, now)
    others = {start: may_call(hours, start, now) for start in other_clocks()}
    differing = [_inside(start) for start, allowed in others.items() if allowed is not official]
    if official:
        return f"NOT ({' OR '.join(differing)})" if differing else "region <> ''"
    return f"({' OR '.join(differing)})" if differing else ""


def _inside(start: str) -> str:
    return f"region BETWEEN '{start.ljust(12, '0')}' AND '{start.ljust(12, '9')}'"
