"""Who looks at the records, and the wall around what they may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam
from sqlalchemy.orm import InstrumentedAttribute

from models.region import Region
from models.wall_guard import WALL_FROM, WALL_TO


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """An account as far as the records care: role, and the region below which it may look."""

    login: str
    name: str
    role: str
    region: str
    languages: Sequence[str] = ()
    skills: Sequence[str] = ()

    def sees(self, region: str) -> bool:
        """Whether a record of ``region`` (12 digits) is on this side of the wall."""
        low, high = self.bounds
        return low <= region <= high and len(region) == len(low)

    @property
    def bounds(self) -> tuple[str, str]:
        """The lowest and the highest code within the viewer's region."""
        prefix = Region(self.region).prefix
        return prefix.ljust(12, "0"), prefix.ljust(12, "9")

    def wall(self, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Return the condition that ``column`` holds a region that this viewer may see.

        Every statement that reads people's records for a desk carries it: see
        :meth:`models.walled.Walled.reading`.
        """
        low, high = self.bounds
        return and_(column >= bindparam(WALL_FROM, low), column <= bindparam(WALL_TO, high))
