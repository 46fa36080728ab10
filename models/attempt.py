"""Attempts: every try to reach somebody, with what came of it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from models.calling import refresh_callings
from models.database import Database
from models.failure import AttemptOpenError, DuplicateError, NotFoundError
from models.tables import AttemptRow
from survey_engine.channel import Channel

_TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try on one channel; open until it has an outcome.

    ``external_id`` is the carrier's name for it; ``staff`` who made it, empty for the machine;
    ``outcome`` a local code (N15 …) or ``completed``, ``aapor`` the AAPOR code, ``disposition``
    the result that a caller gave, by its name. ``incoming`` says that they called us.
    """

    id: str
    assignment_id: str
    number: int
    channel: Channel
    started_at: datetime
    external_id: str | None = None
    staff: str = ""
    ended_at: datetime | None = None
    outcome: str | None = None
    aapor: str | None = None
    disposition: str | None = None
    incoming: bool = False


class Attempts:
    """The attempts of all assignments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self,
        assignment_id: str,
        channel: Channel,
        at: datetime,
        *,
        external_id: str | None = None,
        staff: str = "",
        incoming: bool = False,
    ) -> Attempt:
        """Begin an attempt; the same ``external_id`` again gives the same attempt.

        Raises :class:`models.failure.AttemptOpenError` while another one is open on the channel.
        """
        for _ in range(_TRIES):
            known = self._known(assignment_id, channel, external_id)
            if known is not None:
                return known
            with suppress(DuplicateError):
                return self._add(
                    Attempt(
                        id=self._database.new_id(),
                        assignment_id=assignment_id,
                        number=1,
                        channel=channel,
                        started_at=at,
                        external_id=external_id,
                        staff=staff,
                        incoming=incoming,
                    )
                )
            if self._is_open(assignment_id, channel):
                break
        raise AttemptOpenError(
            f"Assignment {assignment_id} has an open attempt on {channel.value}, or its name at"
            " the carrier is used; end that one first."
        )

    def end(
        self,
        attempt_id: str,
        *,
        outcome: str,
        aapor: str,
        at: datetime,
        disposition: str | None = None,
    ) -> None:
        """End an attempt; one that has ended stays as it is.

        Raises :class:`models.failure.NotFoundError` if there is no such attempt.
        """
        mine = AttemptRow.id == attempt_id
        ending = update(AttemptRow).where(mine, AttemptRow.ended_at.is_(None))
        with self._database.writing() as connection:
            result = {"outcome": outcome, "aapor": aapor, "disposition": disposition}
            ended = connection.execute(ending.values(ended_at=at, **result))
            found = find_attempts(connection, mine)
            if not found:
                raise NotFoundError(f"There is no attempt {attempt_id}; look it up anew.")
            if ended.rowcount:
                refresh_callings(connection, found[0].assignment_id)

    def of(self, assignment_id: str) -> tuple[Attempt, ...]:
        """Return the attempts of an assignment, first one first."""
        with self._database.reading() as connection:
            return find_attempts(connection, AttemptRow.assignment_id == assignment_id)

    def open(self, *, begun_before: datetime) -> tuple[Attempt, ...]:
        """Return attempts that have been open since then, as a crash leaves them behind."""
        stale = (AttemptRow.ended_at.is_(None), AttemptRow.started_at < begun_before)
        with self._database.reading() as connection:
            return find_attempts(connection, *stale)

    def _is_open(self, assignment_id: str, channel: Channel) -> bool:
        return any(
            one.channel is channel and one.ended_at is None for one in self.of(assignment_id)
        )

    def _known(
        self, assignment_id: str, channel: Channel, external_id: str | None
    ) -> Attempt | None:
        if external_id is None:
            return None
        mine = (
            AttemptRow.channel == channel.value,
            AttemptRow.external_id == external_id,
            AttemptRow.assignment_id == assignment_id,
        )
        with self._database.reading() as connection:
            found = find_attempts(connection, *mine)
        return found[0] if found else None

    def _add(self, wanted: Attempt) -> Attempt:
        with self._database.writing() as connection:
            return add_attempt(connection, wanted)


def add_attempt(connection: Connection, wanted: Attempt) -> Attempt:
    """Keep an attempt as the next one of its assignment within the caller's transaction."""
    last = select(func.coalesce(func.max(AttemptRow.number), 0)).where(
        AttemptRow.assignment_id == wanted.assignment_id
    )
    attempt = replace(wanted, number=1 + (connection.scalar(last) or 0))
    values = {name: getattr(attempt, name) for name in _FIELDS}
    connection.execute(insert(AttemptRow).values(**{**values, "channel": attempt.channel.value}))
    refresh_callings(connection, attempt.assignment_id)
    return attempt


_FIELDS = tuple(Attempt.__dataclass_fields__)


def find_attempts(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Attempt, ...]:
    """Return the attempts that meet all conditions, in their order."""
    wanted = (
        select(*(getattr(AttemptRow, name) for name in _FIELDS))
        .where(*conditions)
        .order_by(AttemptRow.assignment_id, AttemptRow.number)
    )
    rows = connection.execute(wanted).mappings()
    return tuple(Attempt(**{**row, "channel": Channel(row["channel"])}) for row in rows)
