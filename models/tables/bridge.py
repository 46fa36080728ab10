"""Calls that a person leads through the carrier: their two legs, and what is heard on them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, one_of
from models.columns import EncryptedBytes, EncryptedJson, EncryptedText, Moment

#: Who says something on a bridged call.
SIDES = ("person", "caller")
#: Who asks the person: the caller, or the machine that the caller has handed them to.
LEADERS = ("caller", "machine")
_OPEN = text("ended_at IS NULL")
_LED = text("ended_at IS NULL AND led_by = 'caller'")


class BridgeRow(Record):
    """Two telephones connected by the carrier: a caller's, and that of whom they call.

    ``staff`` asks the questions; ``number`` says which of the person's numbers is dialled,
    ``met_at`` is when the person took the call. ``asked_from`` is the last line said before the
    present question. ``code`` and ``aapor`` are the result that the carrier's reports suggest;
    ``hears`` whether there is a recogniser. ``led_by`` says who asks the person, ``moves`` how
    often that has changed; ``wanted`` is set while the caller's telephone rings so that the person
    is brought to it.
    """

    __tablename__ = "bridge"
    __table_args__ = (
        CheckConstraint("staff <> ''", name="staff_given"),
        CheckConstraint("number >= 0 AND asked_from >= 0", name="counted"),
        CheckConstraint("(code IS NULL) = (aapor IS NULL)", name="suggests_both"),
        one_of("led_by", LEADERS),
        Index("uq_bridge_staff", "staff", unique=True, sqlite_where=_LED, postgresql_where=_LED),
        Index(
            "uq_bridge_assignment",
            "assignment_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"), index=True)
    staff: Mapped[str]
    number: Mapped[int]
    caller_call: Mapped[str] = mapped_column(ForeignKey("phone_call.id"), unique=True)
    person_call: Mapped[str] = mapped_column(ForeignKey("phone_call.id"), unique=True)
    begun_at: Mapped[datetime] = mapped_column(Moment)
    met_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_from: Mapped[int]
    code: Mapped[str | None]
    aapor: Mapped[str | None]
    hears: Mapped[bool]
    led_by: Mapped[str] = mapped_column(server_default="caller")
    moves: Mapped[int] = mapped_column(server_default="0")
    wanted: Mapped[bool] = mapped_column(server_default=false())
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class BridgeLineRow(Record):
    """One thing said on a bridged call; ``final`` once it was said to its end.

    What the machine says, to whom a caller has handed the person, is on the caller's side.
    ``utterance`` is the answer that it became part of. The sound of what became none is erased
    when the call is over.
    """

    __tablename__ = "bridge_line"
    __table_args__ = (one_of("side", SIDES),)

    bridge_id: Mapped[str] = mapped_column(ForeignKey("bridge.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[str]
    by_machine: Mapped[bool] = mapped_column(server_default=false())
    words: Mapped[str] = mapped_column(EncryptedText("bridge_line.words"))
    final: Mapped[bool]
    said_at: Mapped[datetime] = mapped_column(Moment)
    utterance: Mapped[str | None]
    sound: Mapped[bytes | None] = mapped_column(EncryptedBytes("bridge_line.sound"))
    heard: Mapped[Sequence[Sequence[object]] | None] = mapped_column(
        EncryptedJson("bridge_line.heard")
    )
