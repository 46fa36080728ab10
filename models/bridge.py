"""Bridged calls: two legs that the carrier connects, led by a caller or by the machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, insert, or_, select, update

from models.bridge_line import erase_sounds
from models.database import Database
from models.failure import DuplicateError
from models.tables import AssignmentRow, BridgeRow, ReadyCallerRow
from models.viewer import Viewer
from models.walled import Walled


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """One bridged call as it stands; see :class:`models.tables.bridge.BridgeRow`."""

    id: str
    assignment_id: str
    staff: str | None
    person_call: str
    begun_at: datetime
    number: int = 0
    caller_call: str | None = None
    led_by: str = "caller"
    offered_until: datetime | None = None
    met_at: datetime | None = None
    asked_from: int = 0
    code: str | None = None
    aapor: str | None = None
    hears: bool = True
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.ended_at is None


class Bridges:
    """All bridged calls; every change is one guarded update, so that any process may make it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, bridge: Bridge) -> bool:
        """Begin one; False while its caller, or somebody else with that person, has one open."""
        values = {name: getattr(bridge, name) for name in _FIELDS}
        try:
            with self._database.writing() as connection:
                connection.execute(insert(BridgeRow).values(**values))
        except DuplicateError:
            return False
        return True

    def get(self, bridge_id: str) -> Bridge | None:
        """Return a bridged call, or None."""
        return self._one(BridgeRow.id == bridge_id)

    def of_call(self, call_id: str) -> Bridge | None:
        """Return the bridged call that a leg belongs to, or None."""
        return self._one(or_(BridgeRow.caller_call == call_id, BridgeRow.person_call == call_id))

    def open_of(self, staff: str) -> Bridge | None:
        """Return the bridged call that a caller has going on, or None."""
        return self._one(BridgeRow.staff == staff, BridgeRow.ended_at.is_(None))

    def last_of(self, assignment_id: str, staff: str, since: datetime) -> Bridge | None:
        """Return the latest bridged call of a caller with somebody, begun since then, or None."""
        mine = (BridgeRow.assignment_id == assignment_id, BridgeRow.staff == staff)
        return self._one(*mine, BridgeRow.begun_at >= since)

    def open(self) -> tuple[Bridge, ...]:
        """Return everything that goes on."""
        with self._database.reading() as connection:
            return _found(connection, BridgeRow.ended_at.is_(None))

    def offers(self, records: Walled, now: datetime) -> tuple[Bridge, ...]:
        """Return the calls of the machine that wait for a person, within the wall."""
        columns = [getattr(BridgeRow, name) for name in _FIELDS]
        waiting = (
            BridgeRow.staff.is_(None),
            BridgeRow.ended_at.is_(None),
            BridgeRow.offered_until > now,
        )
        wanted = (
            select(*columns)
            .join(AssignmentRow, AssignmentRow.id == BridgeRow.assignment_id)
            .where(records.viewer.wall(AssignmentRow.region), *waiting)
            .order_by(BridgeRow.begun_at)
        )
        with records.reading() as connection:
            return tuple(Bridge(**row) for row in connection.execute(wanted).mappings())

    def accept(self, bridge_id: str, staff: str, caller_call: str, now: datetime) -> bool:
        """Give an offered call to a caller; False if another one has it, or it waits no more."""
        mine = update(BridgeRow).where(
            BridgeRow.id == bridge_id,
            BridgeRow.staff.is_(None),
            BridgeRow.ended_at.is_(None),
            BridgeRow.offered_until > now,
        )
        try:
            return self._changed(mine.values(staff=staff, caller_call=caller_call))
        except DuplicateError:
            return False

    def meet(self, bridge_id: str, now: datetime) -> bool:
        """Note that the person is there; False if that was known, or the call is over."""
        unmet = (BridgeRow.met_at.is_(None), BridgeRow.ended_at.is_(None))
        return self._changed(
            update(BridgeRow).where(BridgeRow.id == bridge_id, *unmet).values(met_at=now)
        )

    def lead(self, bridge_id: str, leader: str) -> bool:
        """Give the questions to ``leader``; False if they have them already, or it is over."""
        led = (BridgeRow.led_by != leader, BridgeRow.ended_at.is_(None))
        return self._changed(
            update(BridgeRow).where(BridgeRow.id == bridge_id, *led).values(led_by=leader)
        )

    def suggest(self, bridge_id: str, code: str, aapor: str) -> None:
        """Keep the result that reports of the carrier suggest."""
        self._changed(
            update(BridgeRow).where(BridgeRow.id == bridge_id).values(code=code, aapor=aapor)
        )

    def hear(self, bridge_id: str, *, hears: bool) -> None:
        """Note whether what is said is being recognised."""
        other = (BridgeRow.id == bridge_id, BridgeRow.hears != hears)
        self._changed(update(BridgeRow).where(*other).values(hears=hears))

    def end(self, bridge_id: str, now: datetime) -> bool:
        """End one and erase the sound that became no answer; False if it had ended before."""
        ending = update(BridgeRow).where(BridgeRow.id == bridge_id, BridgeRow.ended_at.is_(None))
        with self._database.writing() as connection:
            ended = connection.execute(ending.values(ended_at=now)).rowcount == 1
            if ended:
                erase_sounds(connection, bridge_id)
        return ended

    # Who is ready to take calls that the machine hands on.

    def be_ready(self, viewer: Viewer, until: datetime) -> None:
        """Take this caller for ready until then; a moment that is past makes them not ready."""
        mine = ReadyCallerRow.staff == viewer.login
        values = {"region": viewer.region, "until": until}
        with self._database.writing() as connection:
            if not connection.execute(update(ReadyCallerRow).where(mine).values(**values)).rowcount:
                connection.execute(insert(ReadyCallerRow).values(staff=viewer.login, **values))

    def is_ready(self, staff: str, now: datetime) -> bool:
        """Whether a caller waits for calls of the machine."""
        mine = (ReadyCallerRow.staff == staff, ReadyCallerRow.until > now)
        with self._database.reading() as connection:
            return connection.scalar(select(ReadyCallerRow.staff).where(*mine)) is not None

    def ready_for(self, regions: Sequence[str], now: datetime) -> int:
        """Return how many callers of these regions are ready and have no call."""
        busy = select(BridgeRow.staff).where(BridgeRow.ended_at.is_(None), BridgeRow.staff != "")
        wanted = select(ReadyCallerRow.staff).where(
            ReadyCallerRow.region.in_(list(regions)),
            ReadyCallerRow.until > now,
            ReadyCallerRow.staff.not_in(busy),
        )
        with self._database.reading() as connection:
            return len(connection.scalars(wanted).all())

    def _one(self, *conditions: ColumnElement[bool]) -> Bridge | None:
        with self._database.reading() as connection:
            found = _found(connection, *conditions)
        return found[-1] if found else None

    def _changed(self, change: Update) -> bool:
        with self._database.writing() as connection:
            return connection.execute(change).rowcount == 1


_FIELDS = tuple(Bridge.__dataclass_fields__)


def _found(connection: Connection, *conditions: Any) -> tuple[Bridge, ...]:
    columns = [getattr(BridgeRow, name) for name in _FIELDS]
    wanted = select(*columns).where(*conditions).order_by(BridgeRow.begun_at, BridgeRow.id)
    return tuple(Bridge(**row) for row in connection.execute(wanted).mappings())
