"""Who did what to the records, chained so that no row can be changed or lost unseen."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record, digest
from models.columns import EncryptedJson, Moment


class AuditRow(Record):
    """One act of staff or of the program."""

    __tablename__ = "audit"
    __table_args__ = (
        CheckConstraint("actor <> '' AND action <> ''", name="signed"),
        digest("link"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    detail: Mapped[Mapping[str, str]] = mapped_column(EncryptedJson("audit.detail"))
    link: Mapped[bytes] = mapped_column(LargeBinary)


class ChainHeadRow(Record):
    """How long a chain is and its last link; whoever adds to the chain holds this row."""

    __tablename__ = "chain_head"
    __table_args__ = (CheckConstraint("length >= 0", name="length_counted"), digest("link"))

    name: Mapped[str] = mapped_column(primary_key=True)
    length: Mapped[int] = mapped_column(BigInteger)
    link: Mapped[bytes] = mapped_column(LargeBinary)
