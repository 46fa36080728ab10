"""Who writes in WeChat, what they sent, and what must not come twice."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, digest, one_of
from models.columns import EncryptedText, Moment

#: What somebody who is not bound is being asked: nothing, their name, or the last four places.
ASKED = ("", "name", "last4")
BOUND_BY = ("", "ticket", "questions")


class WechatContactRow(Record):
    """One account that follows ours, by the blind index of its open id.

    ``heard_at`` is when it last wrote: for 48 hours after that it may be written to.
    """

    __tablename__ = "wechat_contact"
    __table_args__ = (
        digest("key"),
        one_of("asked", ASKED),
        one_of("bound_by", BOUND_BY),
        CheckConstraint("(person_id IS NULL) = (bound_by = '')", name="bound_somehow"),
    )

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    open_id: Mapped[str] = mapped_column(EncryptedText("wechat_contact.open_id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    bound_by: Mapped[str]
    asked: Mapped[str]
    name: Mapped[str | None] = mapped_column(EncryptedText("wechat_contact.name"))
    follows: Mapped[bool]
    heard_at: Mapped[datetime] = mapped_column(Moment)


class WechatMessageRow(Record):
    """One message with the reply that it got; without one it is worked on until ``taken_until``."""

    __tablename__ = "wechat_message"
    __table_args__ = (
        digest("key"),
        digest("fingerprint"),
        CheckConstraint("tries >= 1", name="tries_from_one"),
        Index(
            "ix_wechat_message_unanswered",
            "taken_until",
            sqlite_where=text("reply IS NULL"),
            postgresql_where=text("reply IS NULL"),
        ),
    )

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    contact: Mapped[bytes] = mapped_column(ForeignKey("wechat_contact.key"), index=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[str] = mapped_column(EncryptedText("wechat_message.content"))
    reply: Mapped[str | None] = mapped_column(EncryptedText("wechat_message.reply"))
    tries: Mapped[int]
    taken_until: Mapped[datetime] = mapped_column(Moment)
    received_at: Mapped[datetime] = mapped_column(Moment, index=True)


class WechatNonceRow(Record):
    """A nonce that was used, and the message that it was used for."""

    __tablename__ = "wechat_nonce"
    __table_args__ = (digest("key"), digest("message"))

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    message: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class WechatTicketRow(Record):
    """A binding ticket that was used; it works for one account only."""

    __tablename__ = "wechat_ticket"

    nonce: Mapped[str] = mapped_column(primary_key=True)
    contact: Mapped[bytes] = mapped_column(ForeignKey("wechat_contact.key"))
    at: Mapped[datetime] = mapped_column(Moment)
