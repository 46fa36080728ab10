"""Bridged calls: two legs that the carrier connects, led by a caller."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, exists, insert, or_, select, update

from models.bridge_line import erase_sounds
from models.database import Database
from models.failure import DuplicateError
from models.tables import AttemptRow, BridgeRow
from models.tables.bridge import LEADERS

CALLER, MACHINE = LEADERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """One bridged call as it stands; see :class:`models.tables.bridge.BridgeRow`."""

    id: str
    assignment_id: str
    staff: str
    caller_call: str
    person_call: str
    begun_at: datetime
    number: int = 0
    met_at: datetime | None = None
    asked_from: int = 0
    code: str | None = None
    aapor: str | None = None
    hears: bool = True
    led_by: str = CALLER
    moves: int = 0
    wanted: bool = False
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.ended_at is None

    @property
    def is_lent(self) -> bool:
        """Whether the machine asks the person."""
        return self.led_by == MACHINE

    @property
    def is_offer(self) -> bool:
        """Whether it is a call of the machine's own that no caller has taken yet."""
        return self.is_lent and not self.moves


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
        """Return the bridged call that a caller leads, or None."""
        mine = (BridgeRow.staff == staff, BridgeRow.led_by == CALLER)
        return self._one(*mine, BridgeRow.ended_at.is_(None))

    def lent_of(self, staff: str) -> tuple[Bridge, ...]:
        """Return the calls of a caller that the machine leads now."""
        mine = (BridgeRow.staff == staff, BridgeRow.led_by == MACHINE)
        with self._database.reading() as connection:
            return _found(connection, *mine, BridgeRow.ended_at.is_(None))

    def open_with(self, assignment_id: str) -> Bridge | None:
        """Return the bridged call that goes on with somebody, whoever leads it, or None."""
        return self._one(BridgeRow.assignment_id == assignment_id, BridgeRow.ended_at.is_(None))

    def last_of(self, assignment_id: str, staff: str, since: datetime) -> Bridge | None:
        """Return the latest bridged call of a caller with somebody, begun since then, or None."""
        mine = (BridgeRow.assignment_id == assignment_id, BridgeRow.staff == staff)
        return self._one(*mine, BridgeRow.begun_at >= since)

    def open(self) -> tuple[Bridge, ...]:
        """Return everything that goes on."""
        with self._database.reading() as connection:
            return _found(connection, BridgeRow.ended_at.is_(None))

    def left(self, ended_before: datetime) -> tuple[Bridge, ...]:
        """Return what the machine led for a caller and has ended, but whose attempt never did.

        The process that held the line has died; no other one puts it away.
        """
        attempt = (
            AttemptRow.assignment_id == BridgeRow.assignment_id,
            AttemptRow.staff == BridgeRow.staff,
            AttemptRow.ended_at.is_(None),
            AttemptRow.started_at <= BridgeRow.ended_at,
        )
        lent = (BridgeRow.led_by == MACHINE, BridgeRow.moves > 0)
        with self._database.reading() as connection:
            over = BridgeRow.ended_at <= ended_before
            return _found(connection, *lent, over, exists().where(*attempt))

    def meet(self, bridge_id: str, now: datetime) -> bool:
        """Note that the person is there; False if that was known, or the call is over."""
        unmet = (BridgeRow.met_at.is_(None), BridgeRow.ended_at.is_(None))
        return self._changed(
            update(BridgeRow).where(BridgeRow.id == bridge_id, *unmet).values(met_at=now)
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

    def hand(self, bridge: Bridge, to: str) -> Bridge | None:
        """Let ``to`` lead, once for each change; None if somebody was faster, or it is over.

        A caller who leads another call cannot lead this one too: None as well.
        """
        as_it_was = (BridgeRow.id == bridge.id, BridgeRow.moves == bridge.moves)
        open_one = (BridgeRow.led_by != to, BridgeRow.ended_at.is_(None))
        values = {"led_by": to, "moves": bridge.moves + 1, "wanted": False}
        handing = update(BridgeRow).where(*as_it_was, *open_one).values(**values)
        try:
            return self.get(bridge.id) if self._changed(handing) else None
        except DuplicateError:
            return None

    def hand_back(self, before: Bridge) -> None:
        """Undo what :meth:`hand` did to ``before``, because the person was not moved."""
        as_made = (BridgeRow.id == before.id, BridgeRow.moves == before.moves + 1)
        values = {"led_by": before.led_by, "moves": before.moves}
        self._changed(update(BridgeRow).where(*as_made).values(**values))

    def note_lent(self, bridge_id: str, *, lent: bool) -> bool:
        """Note whether the machine leads, as the sound that has come shows; False if known."""
        leader = MACHINE if lent else CALLER
        other = (BridgeRow.id == bridge_id, BridgeRow.led_by != leader)
        return self._changed(
            update(BridgeRow).where(*other, BridgeRow.ended_at.is_(None)).values(led_by=leader)
        )

    def want(self, bridge: Bridge, caller_call: str) -> bool:
        """Let ``caller_call`` be the caller's leg that the person is to be brought to.

        False if the call is over or the machine does not lead it any more.
        """
        lent = (BridgeRow.id == bridge.id, BridgeRow.led_by == MACHINE)
        as_it_was = (BridgeRow.caller_call == bridge.caller_call, BridgeRow.ended_at.is_(None))
        values = {"caller_call": caller_call, "wanted": True}
        return self._changed(update(BridgeRow).where(*lent, *as_it_was).values(**values))

    def offer(self, bridge: Bridge, staff: str, caller_call: str) -> bool:
        """Offer a call of the machine to another caller; False if it is over, or was taken."""
        values = {"staff": staff, "caller_call": caller_call, "wanted": True}
        return self._changed(update(BridgeRow).where(*_offered(bridge)).values(**values))

    def withdraw(self, bridge: Bridge, now: datetime) -> bool:
        """End what was only an offer; False if it has been taken."""
        return self._changed(update(BridgeRow).where(*_offered(bridge)).values(ended_at=now))

    def unwant(self, bridge: Bridge) -> bool:
        """Let nobody be brought to the caller any more; False if they have been brought."""
        lent = (BridgeRow.led_by == MACHINE, BridgeRow.moves == bridge.moves)
        mine = update(BridgeRow).where(BridgeRow.id == bridge.id, *lent)
        return self._changed(mine.values(wanted=False))

    def end(self, bridge_id: str, now: datetime) -> bool:
        """End one and erase the sound that became no answer; False if it had ended before."""
        ending = update(BridgeRow).where(BridgeRow.id == bridge_id, BridgeRow.ended_at.is_(None))
        with self._database.writing() as connection:
            ended = connection.execute(ending.values(ended_at=now)).rowcount == 1
            if ended:
                erase_sounds(connection, bridge_id)
        return ended

    def _one(self, *conditions: ColumnElement[bool]) -> Bridge | None:
        with self._database.reading() as connection:
            found = _found(connection, *conditions)
        return found[-1] if found else None

    def _changed(self, change: Update) -> bool:
        with self._database.writing() as connection:
            return connection.execute(change).rowcount == 1


def _offered(bridge: Bridge) -> tuple[ColumnElement[bool], ...]:
    mine = (BridgeRow.id == bridge.id, BridgeRow.led_by == MACHINE, BridgeRow.moves == 0)
    return *mine, BridgeRow.ended_at.is_(None)


_FIELDS = tuple(Bridge.__dataclass_fields__)


def _found(connection: Connection, *conditions: Any) -> tuple[Bridge, ...]:
    columns = [getattr(BridgeRow, name) for name in _FIELDS]
    wanted = select(*columns).where(*conditions).order_by(BridgeRow.begun_at, BridgeRow.id)
    return tuple(Bridge(**row) for row in connection.execute(wanted).mappings())
