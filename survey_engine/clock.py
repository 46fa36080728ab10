"""The time that expressions see, and dates as numbers of days since 1970-01-01.

A day number counts wall-clock days: a date without an offset means midnight where the interview
is held, and a time with an offset is first moved to that place. Dates are whole numbers, so
differences between them are exact in every time zone.
"""

import re
from datetime import date, datetime, timedelta

DAY_MILLISECONDS = 86_400_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock time has no zone
_TIME = r"T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[-+](?:0\d|1[0-4]):[0-5]\d)?"
_MOMENT = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)(?:{_TIME})?", re.ASCII)
_CLOCK_TIME = re.compile(
    r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[-+](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII
)
NAN = float("nan")


class Day(float):
    """A moment as days since 1970-01-01; its text is a date, or a time with its offset."""

    __slots__ = ()


class DayCount(Day):
    """A moment counted: its text is the whole number of its days."""

    __slots__ = ()


NO_DAY = Day(NAN)


class Clock:
    """The present moment, given by whoever calls the engine."""

    __slots__ = ("_today", "now")

    def __init__(self, now: datetime) -> None:
        if now.utcoffset() is None:
            message = (
                "The clock has no time zone, so no day can be told from it; pass an aware time."
            )
            raise ValueError(message)
        self.now = now
        self._today: Day | None = None

    def today(self) -> Day:
        """Return the day number of the present day."""
        if self._today is None:
            self._today = day_of(self.now.date())
        return self._today

    def moment(self) -> Day:
        """Return the present moment, to the millisecond."""
        return _wall_day(self.now.replace(tzinfo=None))

    def wall(self, moment: datetime) -> datetime:
        """Return an aware ``moment`` as the wall clock here shows it, without its zone."""
        return moment.astimezone(self.now.tzinfo).replace(tzinfo=None)

    def offset(self, wall: datetime) -> str:
        """Return the offset from UTC of a wall-clock time here, as ``+08:00``."""
        shift = wall.replace(tzinfo=self.now.tzinfo).utcoffset() or timedelta()
        minutes = round(shift.total_seconds() / 60)
        return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def day_of(day: date) -> Day:
    """Return the day number of a calendar day."""
    return Day((day - _EPOCH.date()).days)


def _wall_day(wall: datetime) -> Day:
    gap = wall - _EPOCH
    milliseconds = gap.days * DAY_MILLISECONDS + gap.seconds * 1000 + gap.microseconds // 1000
    return Day(milliseconds / DAY_MILLISECONDS)


def moment_of(text: str, clock: Clock) -> datetime | None:
    """Return the wall-clock time that an ISO date or date-time says, or None for other text."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    micro = int(f"{fraction or '0':0<6.6}")
    try:
        wall = datetime(  # noqa: DTZ001 - the offset, if any, is applied below
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            micro,
        )
        return _shifted(wall, offset, clock) if offset else wall
    except (ValueError, OverflowError):
        return None


def _shifted(wall: datetime, offset: str, clock: Clock) -> datetime:
    return clock.wall(datetime.fromisoformat(wall.isoformat() + offset.replace("Z", "+00:00")))


def day_number(text: str, clock: Clock) -> Day | None:
    """Return the day number of an ISO date or date-time, or None for other text."""
    wall = moment_of(text, clock)
    return None if wall is None else _wall_day(wall)


def time_fraction(text: str, clock: Clock) -> float:
    """Return the part of a day that a time like ``14:30`` stands at, or NaN."""
    if not _CLOCK_TIME.fullmatch(text):
        return NAN
    day = day_number(f"1970-01-01T{text}", clock)
    return NAN if day is None else float(day) % 1


def wall_of(day: float) -> datetime | None:
    """Return the wall-clock time of a day number, or None where no calendar reaches."""
    if day != day:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=round(day * DAY_MILLISECONDS))
    except OverflowError:
        return None


def day_text(day: float, clock: Clock) -> str:
    """Return the ISO text of a day number: a date at midnight, else a time with its offset."""
    wall = wall_of(day)
    if wall is None:
        return ""
    if wall.hour == wall.minute == wall.second == wall.microsecond == 0:
        return wall.date().isoformat()
    return wall.isoformat(timespec="milliseconds") + clock.offset(wall)
