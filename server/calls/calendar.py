"""The times that can be promised to somebody: quarters of an hour, by their own clock."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta, timezone

from models.call_hours import local, may_call, offset_of
from server.calls.sent import Booked

_DAYS, _QUARTER = 14, timedelta(minutes=15)
_QUARTERS_A_DAY = 96


def last_of_calendar(region: str, now: datetime) -> datetime:
    """Return until when times are offered in a region."""
    return _today(region, now) + timedelta(days=_DAYS)


def calendar_of(
    region: str, hours: str, now: datetime, taken: Collection[datetime]
) -> Sequence[tuple[str, str, Sequence[tuple[str, bool]]]]:
    """Return the days ahead, each with its times within ``hours`` and whether one is ``taken``."""
    first = _today(region, now)
    days = (first + timedelta(days=number) for number in range(_DAYS))
    return [
        (f"{day:%Y-%m-%d}", _words(day), slots)
        for day in days
        if (slots := _slots(region, hours, day, now, taken))
    ]


def booked_at(region: str, sent: Booked) -> datetime | None:
    """Return the time that was chosen, by the clock of the place; None if it is none."""
    zone = timezone(offset_of(region))
    try:
        return datetime.fromisoformat(f"{sent.day}T{sent.clock}:00").replace(tzinfo=zone)
    except ValueError:
        return None


def _today(region: str, now: datetime) -> datetime:
    here = local(region, now)
    return datetime.combine(here.date(), time(), here.tzinfo)


def _words(day: datetime) -> str:
    return f"{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"


def _slots(
    region: str, hours: str, day: datetime, now: datetime, taken: Collection[datetime]
) -> Sequence[tuple[str, bool]]:
    quarters = (day + number * _QUARTER for number in range(_QUARTERS_A_DAY))
    return [
        (f"{at:%H:%M}", at in taken) for at in quarters if at > now and may_call(hours, region, at)
    ]
