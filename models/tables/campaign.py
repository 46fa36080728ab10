"""Where and when is surveyed."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, one_of
from models.columns import Moment

CAMPAIGN_STATES = ("open", "closed")

#: The places of a code that name each level, from the country to the village.
_LEVEL = """
CASE WHEN code = '000000000000' THEN 1
     WHEN substr(code, 3) = '0000000000' THEN 2
     WHEN substr(code, 5) = '00000000' THEN 3
     WHEN substr(code, 7) = '000000' THEN 4
     WHEN substr(code, 10) = '000' THEN 5
     ELSE 6 END"""
_PARENT = """
(code = '000000000000' AND parent IS NULL) OR (parent IS NOT NULL AND parent <> code AND parent IN (
    '000000000000', substr(code, 1, 2) || '0000000000', substr(code, 1, 4) || '00000000',
    substr(code, 1, 6) || '000000', substr(code, 1, 9) || '000'))"""


class RegionRow(Record):
    """One place on one of the six levels, by its 12-digit code (区划代码)."""

    __tablename__ = "region"
    __table_args__ = (
        CheckConstraint(
            "length(code) = 12 AND ltrim(code, '0123456789') = ''", name="code_twelve_digits"
        ),
        CheckConstraint(f"level = {_LEVEL}", name="level_of_code"),
        CheckConstraint(_PARENT, name="parent_of_code"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    parent: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)


class CampaignRow(Record):
    """One year's survey in one region."""

    __tablename__ = "campaign"
    __table_args__ = (
        one_of("status", CAMPAIGN_STATES),
        CheckConstraint("length(id) > 0", name="id_given"),
        CheckConstraint("closes_on >= opens_on", name="window_forward"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    form: Mapped[str]
    version: Mapped[str]
    region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    reference_day: Mapped[date]
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    call_hours: Mapped[str]
    legal_basis: Mapped[str]
    status: Mapped[str]
    demands: Mapped[Mapping[str, object]] = mapped_column(JSON, server_default="{}")
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
