"""Where somebody may be called right now: the open campaigns, and the counties that they reach."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from models.call_hours import may_call, other_clocks
from models.database import Database
from models.region import Region
from models.tables import CampaignRow, RegionRow

#: What is open is read again after this; whoever claims by it looks whether it still holds.
FRESH: Final = timedelta(seconds=10)
_COUNTY_PLACES, _COUNTY_LEVEL = 6, 4
#: In each county: who was tried but not in this part of the day, who never was, the others; by
#: urgency, and the tries in this part of the day from and to.
_ORDER = ((2, 0, 0), (3, 0, 0), (2, 1, 32_767))
_OPEN = select(CampaignRow.id, CampaignRow.region, CampaignRow.call_hours).where(
    CampaignRow.status == "open"
)
_COUNTIES = (
    select(func.substr(RegionRow.code, 1, _COUNTY_PLACES))
    .where(
        RegionRow.level.in_((_COUNTY_LEVEL, _COUNTY_LEVEL + 1)),
        RegionRow.code.between(bindparam("low"), bindparam("high")),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Place:
    """A range of codes that keep to one clock, in which a campaign may call by its ``hours``."""

    campaign: str
    hours: str
    low: str
    high: str

    def reaches(self, county: str) -> bool:
        """Whether the place holds a county, given by its six digits, or a part of it."""
        return self.low <= county.ljust(12, "9") and county.ljust(12, "0") <= self.high


@dataclass(frozen=True, slots=True)
class Open:
    """The campaigns that concern a region and are open, and its counties, when they were read."""

    read_at: datetime
    places: Sequence[Place]
    counties: Sequence[str]

    def now(self, now: datetime) -> tuple[Place, ...]:
        """Return where it is within the hours of a campaign, by the clock of the place."""
        return tuple(one for one in self.places if may_call(one.hours, one.low, now))

    def counties_from(self, login: str) -> tuple[str, ...]:
        """Return the counties so that different callers begin at different ones."""
        start = sum(map(ord, login)) % max(1, len(self.counties))
        return (*self.counties[start:], *self.counties[:start])


class CallPlaces:
    """What is open for the callers of each region, read once for all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, Open] = {}
        self._reading = threading.Lock()

    def of(self, region: str, now: datetime, *, but: Open | None = None) -> Open:
        """Return what is open for a caller of ``region``; another reading than ``but``."""
        with self._reading:
            known = self._known.get(region)
            if known is None or known is but or abs(now - known.read_at) >= FRESH:
                known = self._known[region] = self._read(region, now)
            return known

    def _read(self, region: str, now: datetime) -> Open:
        prefix = Region(region).prefix
        low, high = prefix.ljust(12, "0"), prefix.ljust(12, "9")
        with self._database.reading() as connection:
            campaigns = connection.execute(_OPEN.order_by(CampaignRow.created_at, CampaignRow.id))
            places = [
                Place(one.id, one.call_hours, *span)
                for one in campaigns.all()
                for span in _of_one_clock(*_shared(one.region, low, high))
            ]
            return Open(now, places, _counties(connection, region, low, high))


@lru_cache(maxsize=128)
def places_json(places: tuple[Place, ...]) -> str:
    """Return places as a statement takes them, numbered."""
    return json.dumps([{"n": n, **asdict(one)} for n, one in enumerate(places)])


@lru_cache(maxsize=128)
def picks_json(places: tuple[Place, ...], counties: tuple[str, ...]) -> str:
    """Return, county by county, what is looked for in turn by whoever has nothing urgent."""
    picks = [
        {
            "campaign": place.campaign,
            "hours": place.hours,
            "county": county,
            "urgency": urgency,
            "least": least,
            "most": most,
        }
        for urgency, least, most in _ORDER
        for place in places
        for county in counties
        if place.reaches(county)
    ]
    return json.dumps([{"n": n, **one} for n, one in enumerate(picks)])


def _shared(region: str, low: str, high: str) -> tuple[str, str]:
    """Return the codes that a campaign's region has in common with a range."""
    prefix = Region(region).prefix
    return max(low, prefix.ljust(12, "0")), min(high, prefix.ljust(12, "9"))


def _of_one_clock(low: str, high: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a range of codes that keep to one clock each; none of an empty one."""
    first, last = int(low), int(high)
    changes = (
        edge
        for start in other_clocks()
        for edge in (int(start.ljust(12, "0")), int(start.ljust(12, "9")) + 1)
    )
    for edge in sorted(one for one in changes if first < one <= last):
        yield f"{first:012}", f"{edge - 1:012}"
        first = edge
    if first <= last:
        yield f"{first:012}", f"{last:012}"


def _counties(connection: Connection, region: str, low: str, high: str) -> tuple[str, ...]:
    """Return the counties below a region, or the one around it, each as six places."""
    if Region(region).level >= _COUNTY_LEVEL:
        return (region[:_COUNTY_PLACES],)
    return tuple(sorted(connection.scalars(_COUNTIES, {"low": low, "high": high})))
