"""What a person has to look at, and what they decided."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, one_of
from models.columns import EncryptedJson, EncryptedText, Moment

#: ``superseded``: the respondent answered the item anew and surely before anybody decided.
TASK_STATES = ("open", "decided", "superseded")
DECISIONS = ("confirmed", "changed", "undetermined", "reopened", "accepted", "rejected")


class ReviewTaskRow(Record):
    """One answer, or outcome, to be verified; made from a ``ReviewRequested`` event."""

    __tablename__ = "review_task"
    __table_args__ = (
        ForeignKeyConstraint(
            ["interview_id", "event_seq"],
            ["event.interview_id", "event.seq"],
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("interview_id", "event_seq"),
        one_of("status", TASK_STATES),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim_has_an_end"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_has_time"),
        Index("ix_review_task_campaign_status", "campaign_id", "status", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    interview_id: Mapped[str]
    event_seq: Mapped[int]
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), index=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    item: Mapped[str]
    reason: Mapped[str]
    value: Mapped[str] = mapped_column(EncryptedText("review_task.value"))
    words: Mapped[str] = mapped_column(EncryptedText("review_task.words"))
    utterance: Mapped[str]
    confidence: Mapped[float | None]
    candidates: Mapped[Sequence[tuple[str, float]]] = mapped_column(
        EncryptedJson("review_task.candidates")
    )
    status: Mapped[str]
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class VerdictRow(Record):
    """What was decided about a task, by whom and why; at most one a task."""

    __tablename__ = "verdict"
    __table_args__ = (
        one_of("decision", DECISIONS),
        CheckConstraint("given_by <> ''", name="signed"),
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("review_task.id"), primary_key=True)
    given_by: Mapped[str]
    decision: Mapped[str]
    value: Mapped[str] = mapped_column(EncryptedText("verdict.value"))
    reason: Mapped[str] = mapped_column(EncryptedText("verdict.reason"))
    event_seq: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Moment)
