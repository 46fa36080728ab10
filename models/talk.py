"""What was said back and forth in one interview, as a page shows it again."""

from dataclasses import dataclass

from sqlalchemy import select

from models.database import Database
from models.tables import InboundRow, InterviewRow


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message from outside and the reply that it got, as they were kept."""

    channel: str
    external_id: str
    body: str
    reply: str


class Talk:
    """Reads the exchanges of assignments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, assignment_id: str, limit: int = 30) -> tuple[Exchange, ...]:
        """Return the last ``limit`` exchanges in the order in which the interview took them."""
        columns = (
            InboundRow.channel, InboundRow.external_id, InboundRow.body, InboundRow.reply,
        )  # fmt: skip
        wanted = (
            select(*columns)
            .where(InboundRow.assignment_id == assignment_id)
            .order_by(InboundRow.length.desc(), InboundRow.received_at.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple(Exchange(**row) for row in reversed(rows))

    def body_of(self, channel: str, external_id: str) -> str | None:
        """Return the body of one message as it was kept, or None if it never came."""
        wanted = select(InboundRow.body).where(
            InboundRow.channel == channel, InboundRow.external_id == external_id
        )
        with self._database.reading() as connection:
            return connection.execute(wanted).scalar_one_or_none()

    def reply_to(self, channel: str, external_id: str) -> str | None:
        """Return the reply that one message got, or None if it never came."""
        wanted = select(InboundRow.reply).where(
            InboundRow.channel == channel, InboundRow.external_id == external_id
        )
        with self._database.reading() as connection:
            return connection.execute(wanted).scalar_one_or_none()

    def interview_with(self, assignment_id: str) -> str | None:
        """Return the interview of an assignment, or None if it has none yet."""
        wanted = select(InterviewRow.id).where(InterviewRow.assignment_id == assignment_id)
        with self._database.reading() as connection:
            return connection.execute(wanted).scalar_one_or_none()

    def interview_of(self, channel: str, external_id: str) -> str | None:
        """Return the interview that one message went into, or None if it never came."""
        wanted = select(InboundRow.interview_id).where(
            InboundRow.channel == channel, InboundRow.external_id == external_id
        )
        with self._database.reading() as connection:
            return connection.execute(wanted).scalar_one_or_none()
