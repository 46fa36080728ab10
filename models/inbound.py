"""Messages from outside, each kept once with the reply that it got."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from models.tables import InboundRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A message from outside; ``channel`` and ``external_id`` name it for ever."""

    channel: str
    external_id: str
    assignment_id: str
    body: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply that was kept; ``repeated`` if the message had come before.

    ``length`` is the number of events of the interview after that turn.
    """

    body: str
    interview_id: str
    length: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class StoredInbound:
    """A message as it was kept the first time."""

    assignment_id: str
    body: str
    reply: Reply

    def is_same(self, inbound: Inbound) -> bool:
        """Whether ``inbound`` is this message again, and not another one under its key."""
        return (self.assignment_id, self.body) == (inbound.assignment_id, inbound.body)


_KNOWN = select(
    InboundRow.assignment_id,
    InboundRow.interview_id,
    InboundRow.body,
    InboundRow.reply,
    InboundRow.length,
).where(InboundRow.channel == bindparam("by"), InboundRow.external_id == bindparam("key"))

_ADD = insert(InboundRow)


def find_inbound(connection: Connection, inbound: Inbound) -> StoredInbound | None:
    """Return what was kept under the key of ``inbound``, or None."""
    found = connection.execute(
        _KNOWN, {"by": inbound.channel, "key": inbound.external_id}
    ).one_or_none()
    if found is None:
        return None
    reply = Reply(found.reply, found.interview_id, found.length, repeated=True)
    return StoredInbound(found.assignment_id, found.body, reply)


def add_inbound(connection: Connection, inbound: Inbound, reply: Reply) -> None:
    """Keep a message with its reply within the caller's transaction."""
    values = {
        "channel": inbound.channel,
        "external_id": inbound.external_id,
        "assignment_id": inbound.assignment_id,
        "interview_id": reply.interview_id,
        "body": inbound.body,
        "reply": reply.body,
        "length": reply.length,
        "received_at": inbound.received_at,
    }
    connection.execute(_ADD, values)
