"""Who is to be called next: how the calling of each person stands, and what outcomes lead to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, one_of
from models.columns import Moment

#: Why somebody is to be called, what presses most first.
CALL_REASONS = ("with_person", "call_back", "resume", "retry", "new")
#: The parts of a day that tries are spread over.
BANDS = ("morning", "afternoon", "evening")
_IN_QUEUE = text("due_at IS NOT NULL AND appointment_at IS NULL")
_URGENT = text("due_at IS NOT NULL AND appointment_at IS NULL AND urgency <= 1")
_BOOKED = text("appointment_at IS NOT NULL")
_HELD = text("claimed_by IS NOT NULL")
_NAMED = text("appointment_at IS NOT NULL AND appointment_for <> ''")


def _queue(band: str) -> Index:
    return Index(
        f"ix_calling_{band}", "campaign_id", "county", "urgency", band, "due_at",
        sqlite_where=_IN_QUEUE, postgresql_where=_IN_QUEUE,
    )  # fmt: skip


class CallingRow(Record):
    """How the calling of one person stands; computed from attempts, follow-ups and the interview.

    ``due_at`` is when they may be called next, NULL for not at all; ``urgency`` is 0 for who is
    waiting for a person or was asked again by review, 1 for an interrupted interview, 2 for
    another try, 3 for a first one. ``morning``, ``afternoon`` and ``evening`` count the tries.
    ``county`` is the first six places of ``region``. A trigger on ``assignment`` adds the row.
    """

    __tablename__ = "calling"
    __table_args__ = (
        one_of("reason", CALL_REASONS),
        CheckConstraint("urgency BETWEEN 0 AND 3", name="urgency_known"),
        CheckConstraint("morning >= 0 AND afternoon >= 0 AND evening >= 0", name="counted"),
        CheckConstraint("county = substr(region, 1, 6)", name="county_of_region"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim_has_an_end"),
        CheckConstraint("claimed_by IS NULL OR claimed_by <> ''", name="claim_signed"),
        CheckConstraint(
            "appointment_at IS NOT NULL OR (appointment_for = '' AND remind_at IS NULL)",
            name="appointment_has_time",
        ),
        CheckConstraint("remind_at IS NULL OR remind_at <= appointment_at", name="reminds_before"),
        *map(_queue, BANDS),
        Index(
            "ix_calling_urgent", "campaign_id", "urgency", "due_at",
            sqlite_where=_URGENT, postgresql_where=_URGENT,
        ),
        Index(
            "ix_calling_appointment", "campaign_id", "appointment_at",
            sqlite_where=_BOOKED, postgresql_where=_BOOKED,
        ),
        Index(
            "uq_calling_held", "claimed_by", unique=True,
            sqlite_where=_HELD, postgresql_where=_HELD,
        ),
        Index(
            "uq_calling_appointment", "appointment_for", "appointment_at", unique=True,
            sqlite_where=_NAMED, postgresql_where=_NAMED,
        ),
    )  # fmt: skip

    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    county: Mapped[str]
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    urgency: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str]
    morning: Mapped[int] = mapped_column(SmallInteger)
    afternoon: Mapped[int] = mapped_column(SmallInteger)
    evening: Mapped[int] = mapped_column(SmallInteger)
    language: Mapped[str]
    skill: Mapped[str]
    appointment_at: Mapped[datetime | None] = mapped_column(Moment)
    appointment_for: Mapped[str]
    remind_at: Mapped[datetime | None] = mapped_column(Moment)
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)


class DispositionRow(Record):
    """What one result of a call leads to; see :mod:`models.disposition_book` for changing it.

    ``place`` are the two keys by which a caller gives it; ``delay`` is in minutes; ``most`` is
    after how many tries of this result nobody is called again, 0 for never; ``reports`` says that
    the interview itself is told the outcome, which then goes to review.
    """

    __tablename__ = "disposition"
    __table_args__ = (
        UniqueConstraint("place"),
        CheckConstraint("name <> '' AND label <> ''", name="named"),
        CheckConstraint("length(place) = 2", name="two_keys"),
        CheckConstraint("delay >= 0 AND most >= 0", name="sane"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]
    label: Mapped[str]
    code: Mapped[str]
    aapor: Mapped[str]
    delay: Mapped[int]
    most: Mapped[int] = mapped_column(SmallInteger)
    final: Mapped[bool]
    reports: Mapped[bool]
    skill: Mapped[str]


class DispositionChangeRow(Record):
    """One change of a result: its fields before and after, as JSON."""

    __tablename__ = "disposition_change"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("before <> after", name="changes"),
        CheckConstraint("changed_by <> ''", name="signed"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("disposition.name"))
    before: Mapped[str]
    after: Mapped[str]
    changed_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
