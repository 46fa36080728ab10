"""A table of text as it comes out of a file, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from server.roster.remark import Remark


@dataclass(frozen=True, slots=True)
class Line:
    """One row as a spreadsheet counts it (the first is 1), with the text of its cells."""

    number: int
    cells: tuple[str, ...]
    hidden: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return not any(self.cells)


class Table(Protocol):
    """A file under reading. What is wrong with it may show only at its end."""

    @property
    def may_shift(self) -> bool:
        """Whether a stray separator can move the cells of a line."""

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What should be looked at in the file itself."""

    def lines(self) -> Iterator[Line]:
        """Yield the lines in order. Raises RosterError where the file is refused."""

    @property
    def done(self) -> int:
        """How many bytes of ``total`` were read so far."""

    @property
    def total(self) -> int:
        """How many bytes there are to read."""
