"""How values change between text, number and truth, as XPath 1.0 and ODK have it.

Everything is stored as text. Text that is not a number is NaN, and so is blank text; a comparison
with NaN is false. A date is its day number.
"""

import re
from decimal import Decimal
from math import floor, inf, isinf

from survey_engine.clock import NAN, Clock, Day, DayCount, day_number, day_text

BLANKS = " \t\r\n"
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_SPACES = re.compile(f"[{BLANKS}]+")
_EXACT = 2.0**53


class Stored(str):
    """Text read from a node of the form, which compares and counts as a node."""

    __slots__ = ()


class Absent(Stored):
    """What is read where there is no node at all; no comparison with it holds."""

    __slots__ = ()


ABSENT = Absent()

Value = str | float | bool


def number_of_text(text: str, clock: Clock) -> float:
    """Return the number that ``text`` is: a number, the day number of a date, or NaN."""
    if text.isdigit() and text.isascii():
        return float(text)
    stripped = text.strip(BLANKS)
    if _NUMBER.fullmatch(stripped):
        return float(stripped)
    if len(stripped) < 9:
        return {"Infinity": inf, "-Infinity": -inf}.get(stripped, NAN)
    day = day_number(text, clock)
    return NAN if day is None else float(day)


def number_of(value: Value, clock: Clock) -> float:
    """Return ``value`` as a number."""
    if isinstance(value, str):
        return number_of_text(value, clock)
    return float(value)


def text_of_number(number: float) -> str:
    """Return the shortest text of ``number``; whole numbers without a point, NaN as blank."""
    if number != number:
        return ""
    if isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < _EXACT:
        return str(int(number))
    size = abs(number)
    if 1e-6 <= size < 1e21:
        return format(Decimal(repr(number)), "f").removesuffix(".0")
    digits, _, exponent = f"{number!r}".partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent):+d}"


def text_of(value: Value, clock: Clock) -> str:
    """Return ``value`` as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, DayCount):
        return text_of_number(floor(value))
    if isinstance(value, Day):
        return day_text(value, clock)
    return text_of_number(value)


def truth_of(value: Value) -> bool:
    """Return ``value`` as a truth: a node is true even when blank, text when it is not empty."""
    if isinstance(value, Stored):
        return not isinstance(value, Absent)
    if isinstance(value, str):
        return value != ""
    return value == value and value != 0


def filled(value: Value) -> bool:
    """Whether ``value`` counts in a checklist: a node counts when it is not blank."""
    return value.strip(BLANKS) != "" if isinstance(value, Stored) else truth_of(value)


def equal(left: Value, right: Value, clock: Clock) -> bool:
    """Whether two values are equal: as truths, else as numbers, else as text."""
    if isinstance(left, bool) or isinstance(right, bool):
        return truth_of(left) == truth_of(right)
    if isinstance(left, Absent) or isinstance(right, Absent):
        return False
    if isinstance(left, float) or isinstance(right, float):
        return number_of(left, clock) == number_of(right, clock)
    return left == right


def unequal(left: Value, right: Value, clock: Clock) -> bool:
    """Whether two values differ; what is absent differs from nothing but from truths."""
    truths = isinstance(left, bool) or isinstance(right, bool)
    if not truths and (isinstance(left, Absent) or isinstance(right, Absent)):
        return False
    return not equal(left, right, clock)


def words(text: str) -> list[str]:
    """Return the codes of a multiple choice; blank text holds one blank code."""
    return _SPACES.split(text.strip(BLANKS))
