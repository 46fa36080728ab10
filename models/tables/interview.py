"""What was said: events, and everything that is computed from them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, digest, one_of
from models.columns import EncryptedBytes, EncryptedJson, EncryptedText, Moment
from survey_engine.answer import AnswerState, SpeakerKind
from survey_engine.channel import Channel
from survey_engine.interview import Status

_VALUELESS = "state NOT IN ('declined', 'unknown', 'skipped') OR value IS NULL"


class InterviewRow(Record):
    """The interview of an assignment as it stands; ``lock_version`` lets one writer win."""

    __tablename__ = "interview"
    __table_args__ = (
        one_of("status", Status),
        one_of("channel", Channel),
        digest("link"),
        CheckConstraint("lock_version >= 1 AND length >= 1", name="counts_from_one"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), unique=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), index=True)
    form: Mapped[str]
    form_version: Mapped[str]
    status: Mapped[str]
    channel: Mapped[str]
    waiting_for: Mapped[str]
    usable: Mapped[bool]
    lock_version: Mapped[int]
    length: Mapped[int]
    link: Mapped[bytes] = mapped_column(LargeBinary)
    schema: Mapped[int]
    snapshot: Mapped[Mapping[str, object]] = mapped_column(EncryptedJson("interview.snapshot"))
    started_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class EventRow(Record):
    """One event. Its places in the two chains order it; its time only tells."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("campaign_id", "campaign_seq"),
        CheckConstraint("seq >= 1 AND campaign_seq >= 1", name="counts_from_one"),
        digest("link"),
        digest("campaign_link"),
    )

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    campaign_seq: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str]
    item: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    payload: Mapped[bytes] = mapped_column(EncryptedBytes("event.payload"))
    link: Mapped[bytes] = mapped_column(LargeBinary)
    campaign_link: Mapped[bytes] = mapped_column(LargeBinary)


class AnswerRow(Record):
    """The current value of one item; a projection that can be made anew from the events."""

    __tablename__ = "answer"
    __table_args__ = (
        one_of("state", AnswerState),
        one_of("speaker", SpeakerKind),
        CheckConstraint(_VALUELESS, name="no_value_without_answer"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence_is_share"),
    )

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    value: Mapped[str | None] = mapped_column(EncryptedText("answer.value"))
    source: Mapped[str]
    confidence: Mapped[float | None]
    speaker: Mapped[str]
    relation: Mapped[str | None] = mapped_column(EncryptedText("answer.relation"))
    channel: Mapped[str]
    words: Mapped[str | None] = mapped_column(EncryptedText("answer.words"))
    utterance: Mapped[str]
    confirmed: Mapped[bool]
    reconfirm: Mapped[bool]
    at: Mapped[datetime | None] = mapped_column(Moment)


class RevisionRow(Record):
    """One change of one answer: by whom, why, from what to what."""

    __tablename__ = "revision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["interview_id", "event_seq"],
            ["event.interview_id", "event.seq"],
            deferrable=True,
            initially="DEFERRED",
        ),
        one_of("state", AnswerState),
        CheckConstraint(_VALUELESS, name="no_value_without_answer"),
        CheckConstraint("actor <> ''", name="actor_named"),
    )

    interview_id: Mapped[str] = mapped_column(primary_key=True)
    event_seq: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    state_before: Mapped[str]
    value_before: Mapped[str | None] = mapped_column(EncryptedText("revision.value_before"))
    state: Mapped[str]
    value: Mapped[str | None] = mapped_column(EncryptedText("revision.value"))
    confirmed: Mapped[bool]
    source: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str] = mapped_column(EncryptedText("revision.reason"))
    at: Mapped[datetime] = mapped_column(Moment)


class ClipRow(Record):
    """The sound of one utterance."""

    __tablename__ = "clip"
    __table_args__ = (CheckConstraint("rate > 0", name="rate_positive"),)

    utterance: Mapped[str] = mapped_column(primary_key=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), index=True)
    format: Mapped[str]
    rate: Mapped[int]
    sound: Mapped[bytes] = mapped_column(EncryptedBytes("clip.sound"))
    words: Mapped[Sequence[tuple[str, float, float, float]] | None] = mapped_column(
        EncryptedJson("clip.words")
    )
    recorded_at: Mapped[datetime] = mapped_column(Moment, index=True)
