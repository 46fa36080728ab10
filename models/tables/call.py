"""Telephone calls, who wants none, and how people talk."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, digest, one_of
from models.columns import EncryptedJson, Moment

CALL_STATES = (
    "queued",
    "ringing",
    "answered",
    "completed",
    "busy",
    "no_answer",
    "failed",
    "canceled",
)
ANSWERERS = ("human", "machine", "fax", "unknown")


class PhoneCallRow(Record):
    """One call through a carrier; ``external_id`` is the carrier's name for it.

    ``token`` is the digest of what its media stream has to bring, once; ``media_at`` is when the
    stream came. Until ``lease_until`` a call that has not ended occupies a line. As long as nobody
    knows who calls it has no assignment, but ``caller``: the blind index of the number shown.
    """

    __tablename__ = "phone_call"
    __table_args__ = (
        one_of("state", CALL_STATES),
        one_of("answered_by", ANSWERERS),
        digest("token"),
        CheckConstraint("media_at IS NULL OR external_id IS NOT NULL", name="media_has_name"),
        Index("ix_phone_call_ended_at_lease_until", "ended_at", "lease_until"),
        Index("ix_phone_call_placed_at", "placed_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str | None] = mapped_column(ForeignKey("assignment.id"), index=True)
    caller: Mapped[bytes | None] = mapped_column(LargeBinary)
    carrier: Mapped[str]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    token: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    token_until: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[str]
    sequence: Mapped[int]
    answered_by: Mapped[str | None]
    placed_at: Mapped[datetime] = mapped_column(Moment)
    media_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    lease_until: Mapped[datetime] = mapped_column(Moment)
    report: Mapped[Mapping[str, object] | None] = mapped_column(EncryptedJson("phone_call.report"))


class OptOutRow(Record):
    """Somebody said never to call again; kept for ever, for the person and for the number."""

    __tablename__ = "opt_out"
    __table_args__ = (digest("telephone_index"),)

    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    telephone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    said_at: Mapped[datetime] = mapped_column(Moment)


class TalkingRow(Record):
    """How one person talks on the telephone, as their calls have shown."""

    __tablename__ = "talking"
    __table_args__ = (CheckConstraint("pause >= 0 AND rate > 0", name="sane"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    pause: Mapped[float]
    rate: Mapped[float]
    updated_at: Mapped[datetime] = mapped_column(Moment)


class IdentityMissRow(Record):
    """A wrong answer to who somebody is: from which account or number, and about which name."""

    __tablename__ = "identity_miss"
    __table_args__ = (digest("source"), digest("name_index"))

    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    name_index: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    at: Mapped[datetime] = mapped_column(Moment)
