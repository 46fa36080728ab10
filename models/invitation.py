"""Invitations to go on with an interview elsewhere: by which way, in which attempt, once."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, literal, select, update

from models.database import Database
from models.failure import DuplicateError
from models.opt_out import has_opted_out
from models.outbox import Claimed, Outbox, Outgoing, add_outgoing
from models.tables import AttemptRow, InvitationRow, OutboxRow

_KEY = "link:"


class Way(StrEnum):
    """How a link reaches somebody."""

    WECHAT = "wechat"
    SMS = "sms"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One link; ``sent_by`` is a login, empty for the machine.

    ``state`` is how far its message has come: ``waiting``, ``taken``, ``sent`` or ``failed``, and
    empty for one that was shown.
    """

    attempt_id: str
    way: Way
    sent_by: str
    at: datetime
    state: str = ""


class Invitations:
    """Keeps them, and puts their messages into the outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, invitation: Invitation, assignment_id: str, body: str) -> bool:
        """Keep an invitation and have its message sent, both or neither.

        False, and nothing is sent, if the attempt has sent one before, or if the person wants no
        more calls.
        """
        message = Outgoing(
            channel=invitation.way.value, key=f"{_KEY}{invitation.attempt_id}", body=body
        )
        with suppress(DuplicateError), self._database.writing() as connection:
            if has_opted_out(connection, assignment_id):
                return False
            connection.execute(insert(InvitationRow).values(**_values(invitation)))
            new_id = self._database.new_id
            add_outgoing(connection, assignment_id, [message], invitation.at, new_id)
            return True
        return False

    def turn(self, message: Claimed, worker: str, body: str, now: datetime) -> None:
        """Send a claimed message of an invitation as a text message, since WeChat refused it.

        It stays one invitation, whose way is the other from now on. Raises
        :class:`models.failure.TaskTakenError` if the claim ran out and another has it.
        """
        other = Outgoing(channel=Way.SMS.value, body=body)
        mine = InvitationRow.attempt_id == message.key.removeprefix(_KEY)
        turning = update(InvitationRow).where(mine, InvitationRow.way == message.channel)
        with self._database.writing() as connection:
            Outbox(self._database).turn(connection, message.id, worker, other, now)
            connection.execute(turning.values(way=Way.SMS.value))

    def show(self, invitation: Invitation) -> None:
        """Note that a link was shown; the same again changes nothing."""
        with suppress(DuplicateError), self._database.writing() as connection:
            connection.execute(insert(InvitationRow).values(**_values(invitation)))

    def of(self, assignment_id: str) -> tuple[Invitation, ...]:
        """Return the invitations of an assignment, the first one first."""
        row, sent = InvitationRow, OutboxRow
        key = literal(_KEY) + row.attempt_id
        wanted = (
            select(row.attempt_id, row.way, row.sent_by, row.at, sent.status)
            .join(AttemptRow, AttemptRow.id == row.attempt_id)
            .outerjoin(sent, (sent.key == key) & (sent.channel == row.way))
            .where(AttemptRow.assignment_id == assignment_id)
            .order_by(row.at)
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).all()
        return tuple(
            Invitation(
                attempt_id=one.attempt_id,
                way=Way(one.way),
                sent_by=one.sent_by,
                at=one.at,
                state=one.status or "",
            )
            for one in found
        )


def _values(invitation: Invitation) -> dict[str, object]:
    return {
        "attempt_id": invitation.attempt_id,
        "way": invitation.way.value,
        "sent_by": invitation.sent_by,
        "at": invitation.at,
    }
