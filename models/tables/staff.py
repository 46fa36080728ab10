"""Who works with the records."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, one_of
from models.columns import EncryptedText, Moment

#: The last three are the administrators that no one account may combine.
ROLES = (
    "caller",
    "caseworker",
    "clerk",
    "supervisor",
    "system_admin",
    "security_admin",
    "audit_admin",
)


class StaffRow(Record):
    """One account: one person, one role, one region below which they may look."""

    __tablename__ = "staff"
    __table_args__ = (
        one_of("role", ROLES),
        CheckConstraint("login <> ''", name="login_given"),
        CheckConstraint("failures >= 0", name="failures_counted"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(EncryptedText("staff.name"))
    role: Mapped[str]
    region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    password: Mapped[str] = mapped_column(EncryptedText("staff.password"))
    second_factor: Mapped[str | None] = mapped_column(EncryptedText("staff.second_factor"))
    active: Mapped[bool]
    failures: Mapped[int]
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
