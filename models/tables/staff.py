"""Who works with the records, how they prove it, and who is signed in."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, digest, one_of
from models.columns import EncryptedJson, EncryptedText, Moment

#: No account ever changes from one of these to another (三权分立, GB/T 22239 8.1.4.2).
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
ROLES = ("caller", "caseworker", "clerk", "supervisor", "evaluator", *ADMINISTRATORS)
FAILURE_KINDS = ("account", "address")
APPROVAL_KINDS = ("roster", "export")
IMPORT_STATES = ("running", "done", "refused")


class StaffRow(Record):
    """One account: one person, one role, one region below which they may look.

    ``telephone`` is the number or SIP address of the person's own telephone at work;
    ``second_factor`` is the secret of one-time codes, ``code_step`` the last step of time whose
    code was used; ``fresh`` until the person has chosen a password and a second factor.
    ``ready_at`` is since when a caller is ready for somebody whom the machine speaks with.
    """

    __tablename__ = "staff"
    __table_args__ = (
        one_of("role", ROLES),
        CheckConstraint("login <> ''", name="login_given"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(EncryptedText("staff.name"))
    role: Mapped[str]
    region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    password: Mapped[str] = mapped_column(EncryptedText("staff.password"))
    second_factor: Mapped[str | None] = mapped_column(EncryptedText("staff.second_factor"))
    code_step: Mapped[int | None] = mapped_column(BigInteger)
    languages: Mapped[Sequence[str]] = mapped_column(JSON)
    skills: Mapped[Sequence[str]] = mapped_column(JSON)
    telephone: Mapped[str | None] = mapped_column(EncryptedText("staff.telephone"))
    active: Mapped[bool]
    fresh: Mapped[bool]
    ready_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class PasskeyRow(Record):
    """One passkey (WebAuthn credential) of an account."""

    __tablename__ = "passkey"

    id: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)


class SittingRow(Record):
    """One person signed in at one browser, by the blind index of the cookie.

    A ``pending`` sitting has shown the password only and opens nothing but the second factor.
    """

    __tablename__ = "sitting"
    __table_args__ = (digest("id"), CheckConstraint("ends_at > begun_at", name="forward"))

    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    pending: Mapped[bool]
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    begun_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)


class SignInFailureRow(Record):
    """Failed sign-ins of one login (also one that nobody has) or from one address."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        one_of("kind", FAILURE_KINDS),
        digest("key"),
        CheckConstraint("count >= 0", name="counted"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Moment, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)


class ApprovalRow(Record):
    """Leave to take many names at once, asked for by one person and given by another."""

    __tablename__ = "approval"
    __table_args__ = (
        one_of("kind", APPROVAL_KINDS),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="four_eyes"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_has_time"),
        CheckConstraint("reason <> '' AND asked_by <> ''", name="signed"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    region: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    rows: Mapped[int]
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    granted: Mapped[bool | None]
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class UncoveringRow(Record):
    """Somebody looked at one person's name and numbers, and said why."""

    __tablename__ = "uncovering"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_given"),
        Index("ix_uncovering_login_at", "login", "at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str]
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"))
    reason: Mapped[str] = mapped_column(EncryptedText("uncovering.reason"))
    at: Mapped[datetime] = mapped_column(Moment)


class RosterImportRow(Record):
    """One import of a roster from a desk: how it stands, and what became of the rows."""

    __tablename__ = "roster_import"
    __table_args__ = (one_of("state", IMPORT_STATES),)

    id: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    region: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    file_name: Mapped[str] = mapped_column(EncryptedText("roster_import.file_name"))
    state: Mapped[str]
    report: Mapped[Mapping[str, object] | None] = mapped_column(
        EncryptedJson("roster_import.report")
    )
    begun_by: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
