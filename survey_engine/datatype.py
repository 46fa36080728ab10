"""What kinds of value a node holds, and the one text that each value is kept as."""

import re
from collections.abc import Callable
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from math import isinf, trunc

from survey_engine.conversion import BLANKS, words

_WHOLE_LIMIT = 2**31
_DECIMALS = Decimal(1).scaleb(-20)
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?")
_TIME = r"(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[-+](?:0\d|1[0-4]):[0-5]\d)?"
_CLOCK_TIME = re.compile(_TIME, re.ASCII)
_MOMENT = re.compile(rf"(\d{{4}}-\d\d-\d\d)T{_TIME}", re.ASCII)
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d)(:\d\d)?(:\d\d)?(?:(?<=:\d\d:\d\d)\.\d+)?)?", re.ASCII
)


class Kind(StrEnum):
    """The kind of a node; a group holds other nodes and has no value."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATETIME = "dateTime"
    SINGLE = "single"
    MULTI = "multi"
    ACKNOWLEDGE = "acknowledge"
    GROUP = "group"

    @property
    def has_choices(self) -> bool:
        """Whether values are codes of a list."""
        return self in (Kind.SINGLE, Kind.MULTI)


def canonical(kind: Kind, text: str) -> str:
    """Return the text that a value of ``kind`` is kept as; blank for what is no such value."""
    convert = _CANONICAL.get(kind)
    return text if convert is None or text == "" else convert(text)


def _number(text: str) -> float | None:
    stripped = text.strip(BLANKS)
    number = float(stripped) if _NUMBER.fullmatch(stripped) else float("nan")
    return None if number != number or isinf(number) else number


def _integer(text: str) -> str:
    """Cut decimals off; beyond 32 bits there is no value, as in ODK."""
    number = _number(text)
    if number is None or not -_WHOLE_LIMIT <= trunc(number) < _WHOLE_LIMIT:
        return ""
    return str(trunc(number))


def _decimal(text: str) -> str:
    """Write a decimal with at least one digit after the point, never with an exponent."""
    number = _number(text)
    if number is None:
        return ""
    exact = Decimal(repr(number))
    if exact.as_tuple().exponent < -20:  # type: ignore[operator]
        exact = exact.quantize(_DECIMALS, ROUND_HALF_UP)
    digits = format(exact, "f")
    if "." not in digits:
        return f"{digits}.0"
    digits = digits.rstrip("0")
    return f"{digits}0" if digits.endswith(".") else digits


def _date(text: str) -> str:
    found = _DATE.fullmatch(text)
    return found[1] if found and _is_day(found[1]) else ""


def _time(text: str) -> str:
    found = _CLOCK_TIME.fullmatch(text)
    return text if found and _is_time(found[1]) else ""


def _datetime(text: str) -> str:
    found = _MOMENT.fullmatch(text)
    return text if found and _is_day(found[1]) and _is_time(found[2]) else ""


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return True


def _codes(text: str) -> str:
    return " ".join(words(text))


def _acknowledgement(text: str) -> str:
    return "OK" if text.lower() == "ok" else ""


_CANONICAL: dict[Kind, Callable[[str], str]] = {
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.DATETIME: _datetime,
    Kind.MULTI: _codes,
    Kind.ACKNOWLEDGE: _acknowledgement,
}
