"""By which way somebody was invited, in an attempt, to go on elsewhere."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, one_of
from models.columns import Moment

#: The link was sent by WeChat or as a text message, or shown to be read out, typed or scanned.
WAYS = ("wechat", "sms", "shown")
_SENT = "way <> 'shown'"


class InvitationRow(Record):
    """A link to the rest of an interview; in one attempt it is sent at most once.

    ``sent_by`` is the caller's login, empty for the machine.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        one_of("way", WAYS),
        Index(
            "uq_invitation_sent",
            "attempt_id",
            unique=True,
            sqlite_where=text(_SENT),
            postgresql_where=text(_SENT),
        ),
    )

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    way: Mapped[str] = mapped_column(primary_key=True)
    sent_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
