"""Calls: admitted when they are dialled, claimed by one stream, ended once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)

from models.database import Database
from models.failure import CallRefusedError, DuplicateError, NotFoundError
from models.opt_out import has_opted_out
from models.region import COUNTRY
from models.tables import AssignmentRow, BridgeRow, PhoneCallRow
from models.tries import next_try, tries_of, try_limits

#: How long a call occupies a line if nothing is heard of it, ringing or speaking.
RINGING, SPEAKING = timedelta(minutes=3), timedelta(minutes=65)
#: How long after it was dialled, and again after its answer, a call's stream may come.
_TOKEN_LASTS = timedelta(minutes=2)
#: After the carrier's last word, the call itself has this long to put itself away.
_GRACE = timedelta(seconds=60)
_RANKS = {"queued": 0, "ringing": 1, "answered": 2}
_OVER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCall:
    """One call as it stands; see :class:`models.tables.call.PhoneCallRow`.

    ``assignment_id`` is empty as long as nobody knows who calls.
    """

    id: str
    assignment_id: str
    carrier: str
    external_id: str | None
    state: str
    sequence: int
    answered_by: str | None
    placed_at: datetime
    media_at: datetime | None
    ended_at: datetime | None
    caller: bytes | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls at once, and how many a second."""

    lines: int
    per_second: int


class PhoneCalls:
    """All calls; every change is one guarded update, so that any process may make it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def admit(self, assignment_id: str, carrier: str, limits: Limits, now: datetime) -> PhoneCall:
        """Take a line for a call that is to be dialled now.

        Raises :class:`models.failure.CallRefusedError` if the person does not want to be called
        or was called often enough, or if every line is taken.
        """
        with self._database.writing() as connection:
            self._hold_dialling(connection)
            _refuse_if_opted_out(connection, assignment_id)
            _refuse_if_called(connection, assignment_id, now)
            _refuse_if_busy(connection, limits, now)
            _refuse_if_tried(connection, assignment_id, now)
            return self._insert(connection, assignment_id, carrier, now)

    def admit_legs(
        self, assignment_id: str, carrier: str, lines: int, now: datetime
    ) -> tuple[PhoneCall, PhoneCall]:
        """Take the lines of a call that a caller leads: the caller's own leg, and the person's.

        Raises :class:`models.failure.CallRefusedError` as :meth:`admit` does.
        """
        with self._database.writing() as connection:
            self._hold_dialling(connection)
            _refuse_if_opted_out(connection, assignment_id)
            _refuse_if_called(connection, assignment_id, now)
            _refuse_if_taken(connection, lines - 1, now)
            caller = self._insert(connection, assignment_id, carrier, now)
            return caller, self._insert(connection, assignment_id, carrier, now)

    def has_line(self, lines: int, now: datetime) -> bool:
        """Whether one of so many lines is free now."""
        with self._database.reading() as connection:
            return _taken(connection, now) < lines

    def admit_leg(self, assignment_id: str, carrier: str, lines: int, now: datetime) -> PhoneCall:
        """Take the line of one more leg of a call that goes on: the caller's own.

        Raises :class:`models.failure.CallRefusedError` if every line is taken.
        """
        with self._database.writing() as connection:
            self._hold_dialling(connection)
            _refuse_if_taken(connection, lines, now)
            return self._insert(connection, assignment_id, carrier, now)

    def refuse_opted_out(self, assignment_id: str) -> None:
        """Raise :class:`models.failure.CallRefusedError` for who asked not to be called again."""
        with self._database.reading() as connection:
            _refuse_if_opted_out(connection, assignment_id)

    def _hold_dialling(self, connection: Connection) -> None:
        """One process counts at a time; SQLite has one writer anyway."""
        if not self._database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(815206302)"))

    def _insert(
        self,
        connection: Connection,
        assignment_id: str,
        carrier: str,
        now: datetime,
        caller: bytes | None = None,
    ) -> PhoneCall:
        call = PhoneCall(
            id=self._database.new_id(),
            assignment_id=assignment_id,
            carrier=carrier,
            external_id=None,
            state="queued",
            sequence=-1,
            answered_by=None,
            placed_at=now,
            media_at=None,
            ended_at=None,
            caller=caller,
        )
        values = {name: getattr(call, name) for name in _FIELDS}
        values["assignment_id"] = assignment_id or None
        connection.execute(insert(PhoneCallRow).values(**values, lease_until=now + RINGING))
        return call

    def receive(
        self, assignment_id: str, carrier: str, external_id: str, now: datetime
    ) -> PhoneCall:
        """Take note of a call that came in; the same one again is the same call."""
        with self._database.writing() as connection:
            known = _found(connection, PhoneCallRow.external_id == external_id)
            if known:
                return known[0]
            return self._received(connection, assignment_id, carrier, external_id, now)

    def take(
        self,
        assignment_id: str,
        carrier: str,
        external_id: str,
        lines: int,
        now: datetime,
        caller: bytes | None = None,
    ) -> PhoneCall:
        """Take a call that came in, where a line is free and nobody speaks with the person.

        Without an ``assignment_id`` it is nobody's until :meth:`identify`; ``caller`` is then the
        blind index of the number. Raises :class:`models.failure.CallRefusedError` as
        :meth:`admit` does.
        """
        with self._database.writing() as connection:
            self._hold_dialling(connection)
            known = _found(connection, PhoneCallRow.external_id == external_id)
            if known:
                return known[0]
            _refuse_if_opted_out(connection, assignment_id)
            _refuse_if_called(connection, assignment_id, now)
            _refuse_if_taken(connection, lines, now)
            return self._received(connection, assignment_id, carrier, external_id, now, caller)

    def identify(self, call_id: str, assignment_id: str, now: datetime) -> None:
        """Let a call be this person's, who has shown who they are.

        Raises :class:`models.failure.CallRefusedError` if they do not want to be called or are on
        the telephone already, or if the call is over or somebody's.
        """
        nobodys = (
            PhoneCallRow.id == call_id,
            PhoneCallRow.assignment_id.is_(None),
            PhoneCallRow.ended_at.is_(None),
        )
        naming = update(PhoneCallRow).where(*nobodys).values(assignment_id=assignment_id)
        with self._database.writing() as connection:
            self._hold_dialling(connection)
            _refuse_if_opted_out(connection, assignment_id)
            _refuse_if_called(connection, assignment_id, now)
            if connection.execute(naming).rowcount != 1:
                raise CallRefusedError(
                    f"Call {call_id} is over, or known to be somebody's; look it up anew.",
                    "call-over",
                )

    def _received(
        self,
        connection: Connection,
        assignment_id: str,
        carrier: str,
        external_id: str,
        now: datetime,
        caller: bytes | None = None,
    ) -> PhoneCall:
        call = self._insert(connection, assignment_id, carrier, now, caller)
        mine = PhoneCallRow.id == call.id
        named = {"external_id": external_id, "state": "answered"}
        connection.execute(update(PhoneCallRow).where(mine).values(**named))
        return _found(connection, mine)[0]

    def get(self, call_id: str) -> PhoneCall:
        """Return a call. Raises :class:`models.failure.NotFoundError`."""
        with self._database.reading() as connection:
            found = _found(connection, PhoneCallRow.id == call_id)
        if not found:
            raise NotFoundError(f"There is no call {call_id}; look it up anew.")
        return found[0]

    def is_machine(self, call_id: str) -> bool:
        """Whether the carrier has told any process that a machine answered."""
        mine = (PhoneCallRow.id == call_id, PhoneCallRow.answered_by.in_(("machine", "fax")))
        with self._database.reading() as connection:
            return connection.scalar(select(PhoneCallRow.id).where(*mine)) is not None

    def find(self, call_id: str, external_id: str) -> PhoneCall | None:
        """Return the call with this id, or else with this name at the carrier, if there is one.

        A call that the carrier knows by another name is not meant.
        """
        mine = or_(PhoneCallRow.id == call_id, PhoneCallRow.external_id == external_id)
        with self._database.reading() as connection:
            found = _found(connection, mine)
        fitting = [one for one in found if one.external_id in (None, external_id)]
        return fitting[0] if fitting else None

    def name(self, call_id: str, external_id: str) -> bool:
        """Keep the carrier's name for a call; False if it has another one, or another call has it.

        The carrier may report before the answer to our dialling is read, so both may name it.
        """
        mine = (
            PhoneCallRow.id == call_id,
            or_(PhoneCallRow.external_id.is_(None), PhoneCallRow.external_id == external_id),
        )
        try:
            return self._changed(update(PhoneCallRow).where(*mine).values(external_id=external_id))
        except DuplicateError:
            return False

    def give_token(self, call_id: str, token: str, now: datetime) -> bool:
        """Let the stream that brings ``token`` be this call's; a later token replaces an earlier.

        False once a stream has come, or the call has ended.
        """
        giving = update(PhoneCallRow).where(
            PhoneCallRow.id == call_id,
            PhoneCallRow.media_at.is_(None),
            PhoneCallRow.ended_at.is_(None),
        )
        values = {"token": self._digest(token), "token_until": now + _TOKEN_LASTS}
        return self._changed(giving.values(**values))

    def renew_token(self, call_id: str, token: str, now: datetime) -> bool:
        """Let the next stream of a call that goes on be the one that brings ``token``.

        False if the call has ended.
        """
        going_on = (PhoneCallRow.id == call_id, PhoneCallRow.ended_at.is_(None))
        values = {"token": self._digest(token), "token_until": now + _TOKEN_LASTS, "media_at": None}
        return self._changed(update(PhoneCallRow).where(*going_on).values(**values))

    def stay(self, call_id: str, token: str, now: datetime) -> None:
        """No other stream is to come after all: the one that brought ``token`` goes on."""
        mine = (PhoneCallRow.id == call_id, PhoneCallRow.media_at.is_(None))
        values = {"token": self._digest(token), "media_at": now}
        self._changed(update(PhoneCallRow).where(*mine).values(**values))

    def has_token(self, call_id: str, token: str) -> bool:
        """Whether ``token`` is the last one that a call was given."""
        mine = (PhoneCallRow.id == call_id, PhoneCallRow.token == self._digest(token))
        with self._database.reading() as connection:
            return connection.scalar(select(PhoneCallRow.id).where(*mine)) is not None

    def claim_media(self, external_id: str | None, token: str, now: datetime) -> PhoneCall | None:
        """Give the call to the stream that brings its token, once; None to every other one.

        Without ``external_id``, as from carriers that bring nothing else, the token alone says
        whose it is.
        """
        own = PhoneCallRow.token == self._digest(token)
        mine = (
            own,
            PhoneCallRow.token_until > now,
            PhoneCallRow.external_id == external_id if external_id is not None else true(),
            PhoneCallRow.ended_at.is_(None),
        )
        claiming = update(PhoneCallRow).where(*mine, PhoneCallRow.media_at.is_(None))
        with self._database.writing() as connection:
            values = {"media_at": now, "state": "answered", "lease_until": now + SPEAKING}
            if connection.execute(claiming.values(**values)).rowcount != 1:
                return None
            return _found(connection, own)[0]

    def report(
        self,
        call_id: str,
        now: datetime,
        *,
        state: str | None = None,
        sequence: int | None = None,
        answered_by: str | None = None,
    ) -> bool:
        """Take a report of the carrier; False if a later one was taken before it.

        Reports are ordered by their number, and by how far the call has come where one has none.
        Nothing follows the end.
        """
        mine = PhoneCallRow.id == call_id
        changed = False
        if answered_by:
            unsaid = PhoneCallRow.answered_by.is_(None)
            changed = self._changed(
                update(PhoneCallRow).where(mine, unsaid).values(answered_by=answered_by)
            )
        if state:
            changed |= self._changed(_advance(mine, state, sequence, now))
        return changed

    def end(self, call_id: str, now: datetime, report: Mapping[str, object] | None = None) -> bool:
        """End a call and free its line; False if it had ended before.

        ``report`` is kept as by :meth:`keep_report`.
        """
        ending = update(PhoneCallRow).where(
            PhoneCallRow.id == call_id, PhoneCallRow.ended_at.is_(None)
        )
        if report is not None:
            self.keep_report(call_id, report)
        return self._changed(ending.values(ended_at=now, token=None))

    def keep_report(self, call_id: str, report: Mapping[str, object]) -> None:
        """Keep what a call has left behind so far; the first one stays."""
        unsaid = (PhoneCallRow.id == call_id, PhoneCallRow.report.is_(None))
        self._changed(update(PhoneCallRow).where(*unsaid).values(report=report))

    def lost(self, now: datetime, *, led: bool = False) -> tuple[PhoneCall, ...]:
        """Return the calls that have not ended although nothing was heard of them for too long.

        ``led`` chooses the legs of calls that callers lead, and else those of the machine.
        """
        leg = _is_leg()
        silent = (PhoneCallRow.ended_at.is_(None), PhoneCallRow.lease_until <= now)
        with self._database.reading() as connection:
            return _found(connection, *silent, leg if led else ~leg)

    def going_on(self, carrier: str, placed_before: datetime) -> tuple[PhoneCall, ...]:
        """Return the machine's calls by ``carrier`` that have not ended, and that it has named."""
        mine = (
            PhoneCallRow.carrier == carrier,
            PhoneCallRow.placed_at <= placed_before,
            PhoneCallRow.ended_at.is_(None),
            PhoneCallRow.external_id.is_not(None),
        )
        with self._database.reading() as connection:
            return _found(connection, *mine, ~_is_leg())

    def speak(self, call_id: str, now: datetime) -> None:
        """Note that a call was answered: it occupies its line for as long as people speak."""
        mine = (PhoneCallRow.id == call_id, PhoneCallRow.ended_at.is_(None))
        going_on = (*mine, PhoneCallRow.state.in_(_RANKS))
        values = {"state": "answered", "lease_until": now + SPEAKING}
        self._changed(update(PhoneCallRow).where(*going_on).values(**values))

    def of(self, assignment_id: str) -> tuple[PhoneCall, ...]:
        """Return the calls of an assignment, oldest first."""
        with self._database.reading() as connection:
            return _found(connection, PhoneCallRow.assignment_id == assignment_id)

    def report_of(self, call_id: str) -> Mapping[str, object]:
        """Return what a call left behind: what was said and heard, and how long it took."""
        wanted = select(PhoneCallRow.report).where(PhoneCallRow.id == call_id)
        with self._database.reading() as connection:
            return connection.execute(wanted).scalar_one_or_none() or {}

    def _digest(self, token: str) -> bytes:
        return self._database.keys.index(f"call-token:{token}")

    def _changed(self, change: Update) -> bool:
        with self._database.writing() as connection:
            return connection.execute(change).rowcount == 1


_FIELDS = tuple(PhoneCall.__dataclass_fields__)


def _found(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[PhoneCall, ...]:
    columns = [getattr(PhoneCallRow, name) for name in _FIELDS]
    wanted = select(*columns).where(*conditions).order_by(PhoneCallRow.placed_at, PhoneCallRow.id)
    rows = connection.execute(wanted).mappings()
    return tuple(PhoneCall(**{**row, "assignment_id": row["assignment_id"] or ""}) for row in rows)


def _is_leg() -> ColumnElement[bool]:
    """Whether a call is one leg of a call that a caller leads."""
    mine = or_(BridgeRow.caller_call == PhoneCallRow.id, BridgeRow.person_call == PhoneCallRow.id)
    return exists().where(mine)


def _refuse_if_opted_out(connection: Connection, assignment_id: str) -> None:
    if has_opted_out(connection, assignment_id):
        raise CallRefusedError(
            f"The person of assignment {assignment_id} asked never to be called again; use"
            " another way.",
            "opted-out",
        )


def _refuse_if_called(connection: Connection, assignment_id: str, now: datetime) -> None:
    mine = (PhoneCallRow.assignment_id == assignment_id, PhoneCallRow.ended_at.is_(None))
    if _found(connection, *mine, PhoneCallRow.lease_until > now):
        raise CallRefusedError(
            f"Assignment {assignment_id} is being called already; wait for that call's end.",
            "being-called",
        )


def _taken(connection: Connection, now: datetime) -> int:
    calls = select(func.count()).select_from(PhoneCallRow)
    live = calls.where(PhoneCallRow.ended_at.is_(None), PhoneCallRow.lease_until > now)
    return connection.scalar(live) or 0


def _refuse_if_taken(connection: Connection, lines: int, now: datetime) -> None:
    if _taken(connection, now) >= lines:
        raise CallRefusedError(
            f"All {lines} lines are taken; call again when one is free.", "lines-taken"
        )


def _refuse_if_busy(connection: Connection, limits: Limits, now: datetime) -> None:
    _refuse_if_taken(connection, limits.lines, now)
    calls = select(func.count()).select_from(PhoneCallRow)
    recent = calls.where(PhoneCallRow.placed_at > now - timedelta(seconds=1))
    if (connection.scalar(recent) or 0) >= limits.per_second:
        raise CallRefusedError(
            f"The carrier takes {limits.per_second} call(s) a second; call again in a second.",
            "too-fast",
        )


def _refuse_if_tried(connection: Connection, assignment_id: str, now: datetime) -> None:
    limits = try_limits(connection)
    region = select(AssignmentRow.region).where(AssignmentRow.id == assignment_id)
    tries = tries_of(connection, assignment_id, limits)
    after = next_try(connection.scalar(region) or COUNTRY, tries, limits)
    if after is not None and after > now:
        raise CallRefusedError(
            f"The person of assignment {assignment_id} was called as often as the settings allow"
            f" ({limits.a_day} a day, {limits.a_week} in seven days); call again from"
            f" {after.isoformat(timespec='minutes')} on.",
            "tried-enough",
        )


def _advance(mine: ColumnElement[bool], state: str, sequence: int | None, now: datetime) -> Update:
    rank = _RANKS.get(state, _OVER)
    earlier = [name for name, value in _RANKS.items() if value < rank]
    further = PhoneCallRow.state.in_(earlier)
    allowed = further if sequence is None else further & (PhoneCallRow.sequence < sequence)
    values: dict[str, object] = {"state": state}
    if sequence is not None:
        values["sequence"] = sequence
    if rank == _OVER:
        values["lease_until"] = now + _GRACE
    return update(PhoneCallRow).where(mine, allowed).values(**values)
