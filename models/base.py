"""What all tables share: names of constraints, and constraints that say a list of words."""

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, MetaData
from sqlalchemy.orm import DeclarativeBase

_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
LINK_BYTES = 32


class Record(DeclarativeBase):
    """A table."""

    metadata = MetaData(naming_convention=_NAMES)


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Return the constraint that ``column`` holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def digest(column: str) -> CheckConstraint:
    """Return the constraint that ``column`` holds an HMAC-SM3."""
    return CheckConstraint(f"length({column}) = {LINK_BYTES}", name=f"{column}_length")
