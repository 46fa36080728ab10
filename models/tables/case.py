"""Who is to be interviewed, and every try to reach them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, digest, one_of
from models.columns import EncryptedJson, EncryptedText, Moment
from models.tables.progress import VISIT_KINDS
from survey_engine.channel import Channel

#: ``waiting`` has no interview yet; the others are the states of an interview.
ASSIGNMENT_STATES = ("waiting", "open", "paused", "with_person", "completed", "ended")


class PersonRow(Record):
    """A certificate holder, known by the blind index of the first 18 places of the number."""

    __tablename__ = "person"
    __table_args__ = (digest("key"), digest("name_index"), digest("telephone_index"))

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    name: Mapped[str] = mapped_column(EncryptedText("person.name"))
    name_index: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    certificate: Mapped[str] = mapped_column(EncryptedText("person.certificate"))
    telephone: Mapped[str | None] = mapped_column(EncryptedText("person.telephone"))
    telephone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    particulars: Mapped[Mapping[str, str] | None] = mapped_column(
        EncryptedJson("person.particulars")
    )
    household_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    region: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class AssignmentRow(Record):
    """One person (or, without a person, one village) to be interviewed in one campaign.

    ``visited`` is the best visit so far, ``home`` before ``met``; ``channel`` the one on which the
    interview was last.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        one_of("status", ASSIGNMENT_STATES),
        one_of("visited", ("", *VISIT_KINDS)),
        UniqueConstraint("campaign_id", "person_id"),
        Index(
            "uq_assignment_place",
            "campaign_id",
            "region",
            unique=True,
            sqlite_where=text("person_id IS NULL"),
            postgresql_where=text("person_id IS NULL"),
        ),
        Index("ix_assignment_campaign_region", "campaign_id", "region"),
        CheckConstraint("NOT outcome_decided OR outcome <> ''", name="decided_outcome_named"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    status: Mapped[str]
    outcome: Mapped[str]
    outcome_decided: Mapped[bool]
    visited: Mapped[str] = mapped_column(server_default="")
    channel: Mapped[str | None]
    reason: Mapped[str | None] = mapped_column(EncryptedText("assignment.reason"))
    note: Mapped[str | None] = mapped_column(EncryptedText("assignment.note"))
    last_year: Mapped[Mapping[str, str] | None] = mapped_column(
        EncryptedJson("assignment.last_year")
    )
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class AttemptRow(Record):
    """One try to reach somebody on one channel.

    ``disposition`` is the result that a caller gave, of which several may have the same codes;
    ``incoming`` says that they called us.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        one_of("channel", Channel),
        UniqueConstraint("assignment_id", "number"),
        UniqueConstraint("channel", "external_id"),
        Index(
            "uq_attempt_open",
            "assignment_id",
            "channel",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_attempt_started_at", "started_at"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="end_has_outcome"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"))
    number: Mapped[int]
    channel: Mapped[str]
    external_id: Mapped[str | None]
    staff: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str | None]
    aapor: Mapped[str | None]
    disposition: Mapped[str | None]
    incoming: Mapped[bool] = mapped_column(server_default=false())
