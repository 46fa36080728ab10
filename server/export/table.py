"""A table to be exported: named columns of one kind each, and rows that come one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

Cell = str | int | bool | datetime | None
Row = Sequence[Cell]
_CHINA = timezone(timedelta(hours=8))


class Kind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its rows can be taken once."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Row]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


def as_text(cell: Cell) -> str:
    """Return a cell as files of text hold it: nothing is blank, times are Chinese time."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.astimezone(_CHINA).isoformat(timespec="seconds")
    return str(cell)
