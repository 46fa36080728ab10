"""The dates that a question speaks of, and ages on them."""

from dataclasses import dataclass
from datetime import date, timedelta

from survey_engine.item import ReferencePeriod


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day of a reference period, both included."""

    first: date
    last: date


def period_of(
    reference: ReferencePeriod, reference_day: date, asked_on: date, two_weeks_before: str
) -> Period:
    """Return the dates of ``reference`` for a campaign with this reference day.

    Y1 is the year that ends on the reference day (望城 2021: 上年10月1日至当年9月30日). The anchor
    of the two weeks is stated nowhere, so the form says it: ``interview`` or ``reference_day``.
    """
    if reference is ReferencePeriod.PAST_YEAR:
        return Period(year_before(reference_day) + timedelta(days=1), reference_day)
    if reference is ReferencePeriod.TWO_WEEKS:
        anchor = reference_day if two_weeks_before == "reference_day" else asked_on
        return Period(anchor - timedelta(days=14), anchor - timedelta(days=1))
    day = asked_on if reference is ReferencePeriod.NOW else reference_day
    return Period(day, day)


def year_before(day: date) -> date:
    """Return the same day a year earlier; 29 February goes back to the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def age_on(birth: date, day: date) -> int:
    """Return the age in completed years on ``day``.

    Somebody born on 29 February turns a year older on 1 March of a common year, since only then
    has the year been completed (民法典 Art. 1259: 届满).
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
