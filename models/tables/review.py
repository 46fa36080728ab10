"""What a person has to look at, and what they decided."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, one_of
from models.columns import EncryptedJson, EncryptedText, Moment

#: ``superseded``: the respondent answered the item anew and surely before anybody decided.
TASK_STATES = ("open", "decided", "superseded")
DECISIONS = ("confirmed", "changed", "undetermined", "reopened", "accepted", "rejected")
#: What a caseworker may say of a task; ``reopen`` asks again by a call, ``visit`` at home.
RULINGS = ("confirm", "change", "undetermined", "reopen", "visit", "accept", "reject")
#: ``review`` counts for the interview; ``gold`` only measures, since the answer is known.
RULING_KINDS = ("review", "gold")
#: ``refused``: the interview went on and no longer takes it. Only ``settled`` ones count.
RULING_ENDS = ("settled", "withdrawn", "superseded", "refused")
FOLLOW_UPS = ("call_back", "visit")
#: Sorts behind every day that a campaign may close on.
NO_DAY = date(9999, 12, 31)
_OPEN = text("status = 'open'")
_AHEAD = text("status = 'open' AND (pending IS NOT NULL OR round > 1)")
_PENDING = text("pending IS NOT NULL")


class ReviewTaskRow(Record):
    """One answer, or outcome, to be verified; made from a ``ReviewRequested`` event.

    ``pending`` is the ruling that has been given and may still be withdrawn. ``round`` is 2 while
    a second person has to look without knowing the first ruling, 3 while a third has to decide
    between two. ``entered_by`` wrote the answer down, ``first_by`` and ``second_by`` have ruled:
    none of them may hold the task.
    """

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
        CheckConstraint("round BETWEEN 1 AND 3", name="round_known"),
        CheckConstraint(
            "claimed_by IS NULL OR claimed_by NOT IN (entered_by, first_by, second_by)",
            name="four_eyes",
        ),
        CheckConstraint("second_by = '' OR second_by <> first_by", name="second_is_another"),
        Index("ix_review_task_campaign_status", "campaign_id", "status", "created_at"),
        Index(
            "ix_review_task_queue", "due_on", "urgency", "region", "assignment_id", "id",
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index(
            "ix_review_task_kinds", "campaign_id", "item", "reason", "region", "channel",
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index(
            "ix_review_task_ahead", "interview_id", "item",
            sqlite_where=_AHEAD, postgresql_where=_AHEAD,
        ),
        Index(
            "uq_review_task_pending", "pending", unique=True,
            sqlite_where=_PENDING, postgresql_where=_PENDING,
        ),
    )  # fmt: skip

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
    channel: Mapped[str] = mapped_column(server_default="")
    due_on: Mapped[date] = mapped_column(server_default=NO_DAY.isoformat())
    urgency: Mapped[int] = mapped_column(SmallInteger, server_default="5")
    round: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    pending: Mapped[str | None]
    entered_by: Mapped[str] = mapped_column(server_default="")
    first_by: Mapped[str] = mapped_column(server_default="")
    second_by: Mapped[str] = mapped_column(server_default="")


class VerdictRow(Record):
    """What was decided about a task, by whom and why; at most one a task."""

    __tablename__ = "verdict"
    __table_args__ = (
        one_of("decision", DECISIONS),
        CheckConstraint("given_by <> ''", name="signed"),
        Index("ix_verdict_at", "at"),
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("review_task.id"), primary_key=True)
    given_by: Mapped[str]
    decision: Mapped[str]
    value: Mapped[str] = mapped_column(EncryptedText("verdict.value"))
    reason: Mapped[str] = mapped_column(EncryptedText("verdict.reason"))
    event_seq: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Moment)


class RulingRow(Record):
    """What one caseworker said of a task; it counts unless its end says otherwise."""

    __tablename__ = "ruling"
    __table_args__ = (
        one_of("decision", RULINGS),
        one_of("kind", RULING_KINDS),
        CheckConstraint("round BETWEEN 1 AND 3", name="round_known"),
        CheckConstraint("id <> '' AND given_by <> ''", name="signed"),
        CheckConstraint("settles_at >= at", name="settles_later"),
        Index("ix_ruling_given_by_at", "given_by", "at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("review_task.id"), index=True)
    kind: Mapped[str]
    round: Mapped[int] = mapped_column(SmallInteger)
    given_by: Mapped[str]
    decision: Mapped[str]
    value: Mapped[str] = mapped_column(EncryptedText("ruling.value"))
    reason: Mapped[str] = mapped_column(EncryptedText("ruling.reason"))
    at: Mapped[datetime] = mapped_column(Moment)
    settles_at: Mapped[datetime] = mapped_column(Moment)


class RulingEndRow(Record):
    """What became of a ruling; at most one end each, so of undoing and settling one wins."""

    __tablename__ = "ruling_end"
    __table_args__ = (one_of("ending", RULING_ENDS),)

    ruling_id: Mapped[str] = mapped_column(ForeignKey("ruling.id"), primary_key=True)
    ending: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)


class FollowUpRow(Record):
    """Something that has to be asked again: by a call, or by a visit at home."""

    __tablename__ = "follow_up"
    __table_args__ = (
        one_of("kind", FOLLOW_UPS),
        CheckConstraint("asked_by <> ''", name="signed"),
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done_by_somebody"),
        Index(
            "ix_follow_up_open", "region", "asked_at",
            sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), index=True)
    region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    ruling_id: Mapped[str] = mapped_column(ForeignKey("ruling.id"), unique=True)
    items: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(Moment)
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None] = mapped_column(Moment)


class NoteRow(Record):
    """What somebody of the staff wrote down about an assignment."""

    __tablename__ = "note"
    __table_args__ = (CheckConstraint("written_by <> ''", name="signed"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), index=True)
    written_by: Mapped[str]
    words: Mapped[str] = mapped_column(EncryptedText("note.words"))
    at: Mapped[datetime] = mapped_column(Moment)


class GoldRow(Record):
    """A decided task whose verdict is beyond doubt, so that it can measure who decides it anew."""

    __tablename__ = "gold"
    __table_args__ = (CheckConstraint("chosen_by <> ''", name="signed"),)

    task_id: Mapped[str] = mapped_column(ForeignKey("review_task.id"), primary_key=True)
    chosen_by: Mapped[str]
    chosen_at: Mapped[datetime] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)
