"""When people may be called."""

import re
from datetime import datetime, time, timedelta, timezone

#: One time zone holds for the whole country, and it knows no summer time.
CHINA = timezone(timedelta(hours=8))
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_DAY = 24 * 60


def may_call(hours: str, at: datetime) -> bool:
    """Whether ``at`` lies within ``hours``, like ``09:00-12:00,14:00-20:00``; empty is always."""
    local = at.astimezone(CHINA)
    minute = local.hour * 60 + local.minute
    spans = [tuple(map(int, span)) for span in _SPAN.findall(hours)]
    return not spans or any(
        _minutes(*span[:2]) <= minute < max(_minutes(*span[2:]), 1) for span in spans
    )


def _minutes(hour: int, minute: int) -> int:
    """A day ends at 24:00, which some write as 23:59."""
    ends = hour * 60 + minute
    return _DAY if ends == _DAY - 1 else ends


def day_of(at: datetime) -> datetime:
    """Return when the day of ``at`` began where people live."""
    return datetime.combine(at.astimezone(CHINA).date(), time(), CHINA)
