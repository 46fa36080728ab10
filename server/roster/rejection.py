"""A row that was not imported, and why."""

from dataclasses import dataclass
from enum import Enum

from server.roster.fault import code_of


class CellError(ValueError):
    """One cell cannot be taken; ``code`` and the sentence say why and what to do."""

    def __init__(self, fault: Enum, **slots: object) -> None:
        self.code = code_of(fault)
        super().__init__(str(fault.value).format(**slots) + "。")


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row of the file that is not in the campaign because of it.

    The message is one sentence: which row, which column, what is wrong, what to do. Of a number
    it shows the last four places, of a name nothing.
    """

    row: int
    column: str
    code: str
    message: str

    @classmethod
    def of(cls, row: int, column: str, code: str, sentence: str, cell: str = "") -> "Rejection":
        """Return the rejection of ``row`` because of what stands in ``column``."""
        tail = f"（尾号 {cell[-4:]}）" if cell else ""
        return cls(row, column, code, f"第 {row} 行“{column}”{tail}：{sentence}")

    def as_dict(self) -> dict[str, object]:
        """Return the rejection as it is written in JSON."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "message": self.message,
        }
