"""Reference periods and ages, on ordinary days and on the edges of the calendar."""

from datetime import date

import pytest

from survey_engine.item import ReferencePeriod
from survey_engine.period import Period, age_on, period_of, year_before

P = ReferencePeriod


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("reference_day", "year"),
    [
        ("2026-09-30", days("2025-10-01", "2026-09-30")),
        ("2016-06-30", days("2015-07-01", "2016-06-30")),
        ("2026-12-31", days("2026-01-01", "2026-12-31")),
        ("2024-02-29", days("2023-03-01", "2024-02-29")),
        ("2025-02-28", days("2024-02-29", "2025-02-28")),
        ("2024-02-28", days("2023-03-01", "2024-02-28")),
    ],
)
def test_past_year_ends_on_the_reference_day(reference_day: str, year: Period) -> None:
    day = date.fromisoformat(reference_day)
    asked_on = date(2030, 1, 1)
    assert period_of(P.PAST_YEAR, day, asked_on, "interview") == year


@pytest.mark.parametrize(
    ("anchor", "weeks"),
    [
        ("interview", days("2026-09-28", "2026-10-11")),
        ("reference_day", days("2026-09-16", "2026-09-29")),
    ],
)
def test_two_weeks_are_the_fourteen_days_before_their_anchor(anchor: str, weeks: Period) -> None:
    period = period_of(P.TWO_WEEKS, date(2026, 9, 30), date(2026, 10, 12), anchor)
    assert period == weeks
    assert (period.last - period.first).days + 1 == 14


def test_two_weeks_reach_over_a_leap_day() -> None:
    period = period_of(P.TWO_WEEKS, date(2024, 9, 30), date(2024, 3, 7), "interview")
    assert period == days("2024-02-22", "2024-03-06")


@pytest.mark.parametrize(
    ("reference", "day"), [(P.REFERENCE_DAY, "2026-09-30"), (P.NOW, "2026-10-12")]
)
def test_single_days_are_the_reference_day_and_today(reference: P, day: str) -> None:
    period = period_of(reference, date(2026, 9, 30), date(2026, 10, 12), "interview")
    assert period == days(day, day)


@pytest.mark.parametrize(
    ("day", "earlier"),
    [("2026-09-30", "2025-09-30"), ("2024-02-29", "2023-02-28"), ("2025-02-28", "2024-02-28")],
)
def test_year_before(day: str, earlier: str) -> None:
    assert year_before(date.fromisoformat(day)) == date.fromisoformat(earlier)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("2012-09-30", "2026-09-29", 13),
        ("2012-09-30", "2026-09-30", 14),
        ("2012-10-01", "2026-09-30", 13),
        ("2010-09-30", "2026-09-30", 16),
        ("1966-09-30", "2026-09-30", 60),
        ("1966-10-01", "2026-09-30", 59),
        ("2012-02-29", "2026-02-28", 13),
        ("2012-02-29", "2026-03-01", 14),
        ("2012-02-29", "2028-02-29", 16),
        ("2026-09-30", "2026-09-30", 0),
    ],
)
def test_age_in_completed_years(birth: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(birth), date.fromisoformat(day)) == age
