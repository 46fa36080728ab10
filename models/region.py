"""Regions on six levels, and the wall that keeps records of one apart from another's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from models.database import Database
from models.failure import NotFoundError
from models.tables import RegionRow

COUNTRY = "000000000000"
_PLACES = (0, 2, 4, 6, 9, 12)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Region:
    """One place: country, province, prefecture, county, township or village."""

    code: str
    name: str = ""

    def __post_init__(self) -> None:
        if len(self.code) != 12 or not (self.code.isascii() and self.code.isdigit()):
            raise ValueError("a region code has 12 digits; give the whole code")

    @property
    def level(self) -> int:
        """The level from 1, the country, to 6, the village."""
        return next(
            level for level, places in enumerate(_PLACES, 1) if not self.code[places:].strip("0")
        )

    @property
    def prefix(self) -> str:
        """The places that all codes within the region share."""
        return self.code[: _PLACES[self.level - 1]]

    @property
    def parent(self) -> str | None:
        """The code of the next larger region; a level that does not exist here is left out."""
        larger = (self.code[:places].ljust(12, "0") for places in reversed(_PLACES))
        return next((code for code in larger if code != self.code), None)


def within(column: InstrumentedAttribute[str], region: str) -> ColumnElement[bool]:
    """Return the condition that ``column`` holds the code of ``region`` or of a place in it."""
    prefix = Region(region).prefix
    return and_(column >= prefix.ljust(12, "0"), column <= prefix.ljust(12, "9"))


def ensure_regions(connection: Connection, codes: Iterable[str]) -> None:
    """Add the regions with these codes, and those around them, that are not known yet."""
    wanted = dict.fromkeys(sorted(_with_larger(codes)))
    known: set[str] = set()
    for some in _portions(list(wanted)):
        known.update(connection.scalars(select(RegionRow.code).where(RegionRow.code.in_(some))))
    rows = [_row(Region(code)) for code in wanted if code not in known]
    if rows:
        connection.execute(insert(RegionRow), sorted(rows, key=lambda row: row["level"]))


def _with_larger(codes: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for code in codes:
        at: str | None = code
        while at is not None and at not in found:
            found.add(at)
            at = Region(at).parent
    return found


def _portions(codes: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(codes), _AT_ONCE):
        yield codes[start : start + _AT_ONCE]


def _row(region: Region) -> dict[str, Any]:
    return {
        "code": region.code,
        "name": region.name,
        "level": region.level,
        "parent": region.parent,
    }


class Regions:
    """The places that records belong to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, regions: Iterable[Region]) -> None:
        """Add these regions with their names, and those around them without; all or nothing."""
        named = list(regions)
        with self._database.writing() as connection:
            ensure_regions(connection, (region.code for region in named))
            for region in named:
                connection.execute(
                    update(RegionRow).where(RegionRow.code == region.code).values(name=region.name)
                )

    def get(self, code: str) -> Region:
        """Return one region. Raises :class:`models.failure.NotFoundError`."""
        wanted = select(RegionRow.code, RegionRow.name).where(RegionRow.code == code)
        with self._database.reading() as connection:
            found = connection.execute(wanted).one_or_none()
        if found is None:
            raise NotFoundError(f"There is no region {code}; add it or give another code.")
        return Region(found.code, found.name)

    def below(self, code: str) -> tuple[Region, ...]:
        """Return the regions directly below ``code``, by code."""
        wanted = select(RegionRow.code, RegionRow.name).where(RegionRow.parent == code)
        with self._database.reading() as connection:
            found = connection.execute(wanted.order_by(RegionRow.code)).all()
        return tuple(Region(row.code, row.name) for row in found)
