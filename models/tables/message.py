"""What came in, once each, and what is to go out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, one_of
from models.columns import EncryptedText, Moment

#: ``waiting`` to be claimed; ``taken`` until the lease ends; ``sent``; ``failed`` for good.
OUTBOX_STATES = ("waiting", "taken", "sent", "failed")


class InboundRow(Record):
    """One message from outside with the reply that it got; kept as long as the interview."""

    __tablename__ = "inbound"
    __table_args__ = (CheckConstraint("external_id <> '' AND channel <> ''", name="key_given"),)

    channel: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), index=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    body: Mapped[str] = mapped_column(EncryptedText("inbound.body"))
    reply: Mapped[str] = mapped_column(EncryptedText("inbound.reply"))
    length: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(Moment)


class OutboxRow(Record):
    """One message to be sent, claimed by one worker at a time."""

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("status", OUTBOX_STATES),
        CheckConstraint(
            "(status = 'taken') = (taken_by IS NOT NULL)"
            " AND (status = 'taken') = (taken_until IS NOT NULL)",
            name="taken_has_lease",
        ),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
        Index("ix_outbox_status_not_before", "status", "not_before"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), index=True)
    channel: Mapped[str]
    body: Mapped[str] = mapped_column(EncryptedText("outbox.body"))
    status: Mapped[str]
    not_before: Mapped[datetime] = mapped_column(Moment)
    taken_by: Mapped[str | None]
    taken_until: Mapped[datetime | None] = mapped_column(Moment)
    tries: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
