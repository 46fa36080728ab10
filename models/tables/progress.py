"""How many of each village are how far: kept by triggers, whoever writes."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, one_of
from models.columns import Moment

#: At home (入户), which is what the demanded rate counts, and elsewhere face to face (见面).
VISIT_KINDS = ("home", "met")


class VisitRow(Record):
    """Somebody was met face to face, at home or elsewhere. A call or a chat is no visit (L79)."""

    __tablename__ = "visit"
    __table_args__ = (
        one_of("kind", VISIT_KINDS),
        UniqueConstraint("assignment_id", "kind", "visited_on"),
        CheckConstraint("recorded_by <> ''", name="signed"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"))
    kind: Mapped[str]
    visited_on: Mapped[date]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class ProgressRow(Record):
    """One count of one village; the sum over ``shard`` is the count.

    ``shard`` keeps writers on different connections from waiting for each other. Triggers on
    ``assignment`` and ``review_task`` keep the rows; :mod:`models.progress` names the measures.
    """

    __tablename__ = "progress"

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    region: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    many: Mapped[int]
