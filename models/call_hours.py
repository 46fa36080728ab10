"""When people may be called, by the clock of the place where they live."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta, timezone
from types import MappingProxyType
from typing import Final

from models.tables.calling import BANDS

#: Clocks that people live by, by the beginning of their region's code. The whole country has one
#: official time; in Xinjiang offices and people keep to two hours later.
_OFFSETS: Final[Mapping[str, timedelta]] = MappingProxyType({"65": timedelta(hours=6)})
_OFFICIAL = timedelta(hours=8)
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_WHOLE_DAY = 24 * 60
#: The hours from which it is afternoon and evening.
_AFTERNOON, _EVENING = 12, 17
#: By how much the two clocks may differ with which a call is decided.
AGREEMENT: Final = timedelta(seconds=60)


def offset_of(region: str) -> timedelta:
    """Return how far the clock of a region is ahead of UTC."""
    return next((off for start, off in _OFFSETS.items() if region.startswith(start)), _OFFICIAL)


def local(region: str, at: datetime) -> datetime:
    """Return a time as the clock of a region shows it."""
    return at.astimezone(timezone(offset_of(region)))


def begin_of_day(region: str, at: datetime) -> datetime:
    """Return when the day of ``at`` began in a region."""
    here = local(region, at)
    return datetime.combine(here.date(), time(), here.tzinfo)


def band_of(region: str, at: datetime) -> str:
    """Return the part of the day: one of :data:`models.tables.calling.BANDS`."""
    hour = local(region, at).hour
    return BANDS[(hour >= _AFTERNOON) + (hour >= _EVENING)]


def may_call(hours: str, region: str, at: datetime) -> bool:
    """Whether ``at`` lies within ``hours`` where somebody lives; empty hours are always.

    ``hours`` like ``09:00-12:00,14:00-20:00``, each span without its last moment.
    """
    here = local(region, at)
    minute = here.hour * 60 + here.minute
    spans = [tuple(map(int, span)) for span in _SPAN.findall(hours)]
    return not spans or any(
        first * 60 + begins <= minute < _end(last, ends) for first, begins, last, ends in spans
    )


def _end(hour: int, minute: int) -> int:
    """A day ends at 24:00, which some write as 23:59."""
    ends = hour * 60 + minute
    return _WHOLE_DAY if ends in (0, _WHOLE_DAY - 1) else ends


def clocks_agree(ours: datetime, other: datetime) -> bool:
    """Whether two clocks agree well enough to decide on a call by them."""
    return abs(ours - other) <= AGREEMENT


def other_clocks() -> tuple[str, ...]:
    """Return the beginnings of region codes whose clock is not the official one."""
    return tuple(_OFFSETS)
