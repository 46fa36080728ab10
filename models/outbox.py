"""What is to be sent: kept with the turn, claimed by one worker at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Update, and_, insert, or_, select, update

from models.database import Database
from models.failure import TaskTakenError
from models.tables import OutboxRow

#: How long a worker may take before another one may try the same message.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to be sent. ``key`` makes it unique for ever; an empty one is filled in."""

    channel: str
    body: str
    key: str = ""
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that this worker, and nobody else, is to send; the receiver sees ``key``."""

    id: str
    key: str
    assignment_id: str
    channel: str
    body: str
    tries: int


def add_outgoing(
    connection: Connection,
    assignment_id: str,
    messages: Sequence[Outgoing],
    at: datetime,
    new_id: Callable[[], str],
) -> None:
    """Put messages into the outbox within the caller's transaction."""
    rows = [_row(new_id(), assignment_id, message, at) for message in messages]
    if rows:
        connection.execute(insert(OutboxRow), rows)


def _row(row_id: str, assignment_id: str, message: Outgoing, at: datetime) -> dict[str, Any]:
    return {
        "id": row_id,
        "key": message.key or row_id,
        "assignment_id": assignment_id,
        "channel": message.channel,
        "body": message.body,
        "status": "waiting",
        "not_before": message.not_before or at,
        "tries": 0,
        "created_at": at,
    }


class Outbox:
    """Messages on their way out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, assignment_id: str, messages: Sequence[Outgoing], at: datetime) -> None:
        """Put messages into the outbox that no turn caused."""
        with self._database.writing() as connection:
            add_outgoing(connection, assignment_id, messages, at, self._database.new_id)

    def claim(
        self, worker: str, now: datetime, limit: int = 10, *, channel: str = ""
    ) -> tuple[Claimed, ...]:
        """Claim messages that are due, or whose worker was lost; each has one claimant.

        Only those of ``channel`` if one is given.
        """
        due = or_(
            and_(OutboxRow.status == "waiting", OutboxRow.not_before <= now),
            and_(OutboxRow.status == "taken", OutboxRow.taken_until <= now),
        )
        due = and_(due, OutboxRow.channel == channel) if channel else due
        wanted = select(OutboxRow.id).where(due).order_by(OutboxRow.not_before).limit(limit)
        with self._database.writing() as connection:
            ids = list(connection.scalars(wanted.with_for_update(skip_locked=True)))
            connection.execute(
                update(OutboxRow)
                .where(OutboxRow.id.in_(ids), due)
                .values(
                    status="taken",
                    taken_by=worker,
                    taken_until=now + LEASE,
                    tries=OutboxRow.tries + 1,
                )
            )
            columns = [getattr(OutboxRow, name) for name in Claimed.__dataclass_fields__]
            taken = connection.execute(select(*columns).where(OutboxRow.id.in_(ids))).mappings()
            return tuple(Claimed(**row) for row in taken)

    def sent(self, message_id: str, worker: str, at: datetime) -> None:
        """Note that a claimed message was sent.

        Raises :class:`models.failure.TaskTakenError` if the claim ran out and another has it.
        """
        self._settle(message_id, worker, {"status": "sent", "sent_at": at})

    def retry(self, message_id: str, worker: str, not_before: datetime) -> None:
        """Give a claimed message back, to be tried again later."""
        self._settle(message_id, worker, {"status": "waiting", "not_before": not_before})

    def failed(self, message_id: str, worker: str) -> None:
        """Give a claimed message up."""
        self._settle(message_id, worker, {"status": "failed"})

    def turn(
        self, connection: Connection, message_id: str, worker: str, other: Outgoing, now: datetime
    ) -> None:
        """Have a claimed message go another way instead, within the caller's transaction.

        It keeps its key, so it is still one message. Raises
        :class:`models.failure.TaskTakenError` as :meth:`sent` does.
        """
        turned = {"channel": other.channel, "body": other.body, "tries": 0, "not_before": now}
        self._settled(connection, message_id, worker, {"status": "waiting", **turned})

    def _settle(self, message_id: str, worker: str, values: dict[str, object]) -> None:
        with self._database.writing() as connection:
            self._settled(connection, message_id, worker, values)

    def _settled(
        self, connection: Connection, message_id: str, worker: str, values: dict[str, object]
    ) -> None:
        settling: Update = (
            update(OutboxRow)
            .where(
                OutboxRow.id == message_id,
                OutboxRow.status == "taken",
                OutboxRow.taken_by == worker,
            )
            .values(taken_by=None, taken_until=None, **values)
        )
        if connection.execute(settling).rowcount != 1:
            raise TaskTakenError(
                f"Message {message_id} is not held by {worker}; leave it to who has it."
            )
