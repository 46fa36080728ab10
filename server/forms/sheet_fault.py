"""What is wrong with a spreadsheet form, each fault with its sheet and row."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SheetFault:
    """One fault: its stable code, its sheet and row, its sentence; row 0 is the whole file."""

    code: str
    sheet: str
    row: int
    message: str

    def __str__(self) -> str:
        place = f"Sheet {self.sheet}, row {self.row}: " if self.row else ""
        return f"{place}{self.message}"


class SheetError(ValueError):
    """A spreadsheet form that cannot be read; ``faults`` names every fault found."""

    def __init__(self, faults: Iterable[SheetFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def file_fault(code: str, message: str) -> SheetError:
    """Return the error of a file that is refused as a whole."""
    return SheetError((SheetFault(code, "", 0, message),))
