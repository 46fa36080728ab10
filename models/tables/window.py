"""What a service window keeps: who sits at which counter, photographs, sound, and signed forms."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, digest, one_of
from models.columns import EncryptedBytes, EncryptedJson, Moment

#: Who agreed to a photograph or to sound, or signed: the person, or a proxy (代).
SIGNERS = ("self", "proxy")


class WindowSeatRow(Record):
    """Whom a clerk is serving, so that the second screen shows the same."""

    __tablename__ = "window_seat"

    login: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class PhotoRow(Record):
    """A photograph that somebody agreed to."""

    __tablename__ = "photo"
    __table_args__ = (
        one_of("agreed_by", SIGNERS),
        CheckConstraint("taken_by <> ''", name="taken_by_somebody"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), index=True)
    agreed_by: Mapped[str]
    taken_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    image: Mapped[bytes] = mapped_column(EncryptedBytes("photo.image"))


class SoundConsentRow(Record):
    """Somebody agreed that the sound of what is said at the window is kept."""

    __tablename__ = "sound_consent"
    __table_args__ = (
        one_of("agreed_by", SIGNERS),
        CheckConstraint("asked_by <> ''", name="asked_by_somebody"),
    )

    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    agreed_by: Mapped[str]
    asked_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)


class SignedFormRow(Record):
    """A form as it was signed: its print with the signatures, and the digests of both.

    ``content`` is the SM3 of what was signed, ``sm3`` and ``sha256`` are of the print.
    """

    __tablename__ = "signed_form"
    __table_args__ = (
        one_of("signer", SIGNERS),
        digest("content"),
        digest("sm3"),
        digest("sha256"),
        CheckConstraint("signed_with <> ''", name="signed_with_somebody"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), index=True)
    signer: Mapped[str]
    signed_with: Mapped[str]
    signatures: Mapped[Mapping[str, str]] = mapped_column(EncryptedJson("signed_form.signatures"))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    print: Mapped[bytes] = mapped_column(EncryptedBytes("signed_form.print"))
    sm3: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Moment)
