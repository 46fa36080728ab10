"""The functions of the expression language: what each takes, gives and does."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from survey_engine.clock import (
    NAN,
    NO_DAY,
    Clock,
    Day,
    DayCount,
    day_number,
    moment_of,
    time_fraction,
    wall_of,
)
from survey_engine.conversion import BLANKS, Value, filled, number_of, words

ANY_NUMBER = 255
_SPACES = re.compile(f"[{BLANKS}]+")
_UNPADDED = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(T.*)?")
_LEADING = re.compile(r"\s*[-+]?[0-9]{1,18}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives.

    ``takes`` names how each argument is read (text, number, truth, value, node, pattern); the last
    one holds for all further arguments, up to ``most``. ``run`` is None where the evaluator itself
    knows what to do. With ``timed`` it is given the clock before its arguments.
    """

    takes: tuple[str, ...]
    gives: str
    run: Callable[..., Value] | None = None
    least: int = 0
    most: int = 0
    timed: bool = False


def _selected(text: str, code: str) -> bool:
    return code.strip(BLANKS) in words(text)


def _selected_at(text: str, place: str) -> str:
    found, at = words(text), _place(place)
    return found[at] if at is not None and 0 <= at < len(found) else ""


def _place(text: str) -> int | None:
    """Return the whole number that ``text`` begins with, as ODK reads places, or None."""
    found = _LEADING.match(text)
    return None if found is None else int(found[0])


def _count_selected(text: str) -> float:
    return float(len(words(text))) if text.strip(BLANKS) else 0.0


def _substr(text: str, start: str, end: str | None = None) -> str:
    first, last = _place(start), len(text) if end is None else _place(end)
    return "" if first is None or last is None else text[first:last]


def _clamped(place: float, length: int) -> int:
    return int(min(place, float(length)))


def _substring(text: str, start: float, length: float = math.inf) -> str:
    first = _round_half_up(start)
    last = first + _round_half_up(length)
    if first != first or last != last:
        return ""
    return text[_clamped(max(first - 1, 0), len(text)) : _clamped(max(last - 1, 0), len(text))]


def _before(text: str, mark: str) -> str:
    return text.partition(mark)[0] if mark and mark in text else ""


def _after(text: str, mark: str) -> str:
    return text.partition(mark)[2] if mark else text


def _translate(text: str, source: str, target: str) -> str:
    table: dict[int, str] = {}
    for place, letter in enumerate(source):
        table.setdefault(ord(letter), target[place : place + 1])
    return text.translate(table)


def _normalize(text: str) -> str:
    return _SPACES.sub(" ", text.strip(BLANKS))


def _concat(*texts: str) -> str:
    return "".join(texts)


def _join(glue: str, *texts: str) -> str:
    return glue.join(texts)


def _round_half_up(number: float) -> float:
    if number != number or math.isinf(number):
        return number
    below = math.floor(number)
    return float(below + 1 if number - below >= 0.5 else below)


def _round(number: float, places: float = 0.0) -> float:
    """Round halves away from zero, to ``places`` decimals."""
    if number != number or places != places:
        return NAN
    scale = _power(10.0, places)
    if math.isinf(scale) or scale == 0:
        return number if scale else 0.0
    return math.copysign(_round_half_up(abs(number) * scale) / scale, number)


def _whole(number: float) -> float:
    return number if number != number or math.isinf(number) else float(math.trunc(number))


def _floor(number: float) -> float:
    return number if number != number or math.isinf(number) else float(math.floor(number))


def _ceiling(number: float) -> float:
    return number if number != number or math.isinf(number) else float(math.ceil(number))


def _power(base: float, exponent: float) -> float:
    if base != base or exponent != exponent:
        return NAN
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf if base > 0 or exponent % 2 == 0 else -math.inf
    except ValueError:
        return math.inf if base == 0 else NAN


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: -math.inf if number == 0 else _guarded(function)(number)


def _guarded(function: Callable[..., float]) -> Callable[..., float]:
    """Give NaN where ``function`` is undefined and infinity where it overflows."""

    def run(*numbers: float) -> float:
        try:
            return function(*numbers)
        except ValueError:
            return NAN
        except OverflowError:
            return math.inf

    return run


def _least(*numbers: float) -> float:
    return NAN if any(number != number for number in numbers) else min(numbers)


def _greatest(*numbers: float) -> float:
    return NAN if any(number != number for number in numbers) else max(numbers)


def _checklist(clock: Clock, least: Value, most: Value, *values: Value) -> bool:
    return _within(
        number_of(least, clock), number_of(most, clock), (1.0 for _ in filter(filled, values))
    )


def _weighted(clock: Clock, least: Value, most: Value, *pairs: Value) -> bool:
    counted = zip(pairs[::2], pairs[1::2], strict=True)
    weights = (number_of(weight, clock) for value, weight in counted if filled(value))
    return _within(number_of(least, clock), number_of(most, clock), weights)


def _within(least: float, most: float, weights: Iterable[float]) -> bool:
    """Whether the sum reaches ``least`` and on its way never exceeds ``most``; -1 is no limit."""
    if most == -1:
        if least < 1:
            return True
        most = math.inf
    total = 0.0
    for weight in weights:
        total += weight
        if total > most:
            return False
    return total >= least


def _from_string(text: str) -> bool:
    return text in ("1", "true")


def _date(clock: Clock, value: Value) -> Value:
    """Return a day; what is none is a day without a number, whose text is blank."""
    if isinstance(value, bool) or value == "":
        return ""
    if isinstance(value, float):
        return Day(value) if wall_of(value) else NO_DAY
    found = _UNPADDED.fullmatch(value)
    if found is None:
        return NO_DAY
    year, month, day, rest = found.groups()
    moment = day_number(f"{year}-{month:0>2}-{day:0>2}{rest or ''}", clock)
    return NO_DAY if moment is None else moment


def _number(clock: Clock, value: Value) -> Value:
    """Return a number; a day stays one, and the text of a day becomes its count of days."""
    if isinstance(value, float):
        return value
    day = day_number(value, clock) if isinstance(value, str) else None
    return number_of(value, clock) if day is None else DayCount(day)


def _decimal_date_time(clock: Clock, value: Value) -> float:
    moment = _date(clock, value)
    return NAN if isinstance(moment, str) else float(moment)


def _format_date(clock: Clock, text: str, pattern: str) -> str:
    wall = moment_of(text, clock)
    if wall is None:
        return ""
    parts = {
        "%Y": f"{wall.year:04d}", "%y": f"{wall.year % 100:02d}",
        "%m": f"{wall.month:02d}", "%n": str(wall.month), "%b": _MONTHS[wall.month - 1],
        "%d": f"{wall.day:02d}", "%e": str(wall.day), "%a": _DAYS[wall.weekday()],
        "%H": f"{wall.hour:02d}", "%h": str(wall.hour), "%M": f"{wall.minute:02d}",
        "%S": f"{wall.second:02d}", "%3": f"{wall.microsecond // 1000:03d}",
    }  # fmt: skip
    return re.sub("%.", lambda found: parts.get(found[0], found[0]), pattern)


def _count_filled(value: Value) -> float:
    return 1.0 if value != "" else 0.0


def _fixed(
    takes: str, gives: str, run: Callable[..., Value] | None, optional: int = 0, timed: bool = False
) -> Signature:
    kinds = tuple(takes.split())
    return Signature(kinds, gives, run, len(kinds) - optional, len(kinds), timed)


def _open(takes: str, gives: str, run: Callable[..., Value], least: int) -> Signature:
    return Signature(tuple(takes.split()), gives, run, least, ANY_NUMBER)


_WEIGHTED = Signature(("value",), "truth", _weighted, 4, ANY_NUMBER, timed=True)

SIGNATURES: dict[str, Signature] = {
    "abs": _fixed("number", "number", abs),
    "acos": _fixed("number", "number", _guarded(math.acos)),
    "asin": _fixed("number", "number", _guarded(math.asin)),
    "atan": _fixed("number", "number", math.atan),
    "atan2": _fixed("number number", "number", math.atan2),
    "boolean": _fixed("truth", "truth", bool),
    "boolean-from-string": _fixed("text", "truth", _from_string),
    "ceiling": _fixed("number", "number", _ceiling),
    "checklist": Signature(("value",), "truth", _checklist, 3, ANY_NUMBER, timed=True),
    "coalesce": _fixed("text text", "text", lambda first, second: first or second),
    "concat": _open("text", "text", _concat, 0),
    "contains": _fixed("text text", "truth", lambda text, part: part in text),
    "cos": _fixed("number", "number", _guarded(math.cos)),
    "count": _fixed("node", "number", lambda _: 1.0),
    "count-non-empty": _fixed("node", "number", _count_filled),
    "count-selected": _fixed("text", "number", _count_selected),
    "date": _fixed("value", "any", _date, timed=True),
    "date-time": _fixed("value", "any", _date, timed=True),
    "decimal-date-time": _fixed("value", "number", _decimal_date_time, timed=True),
    "decimal-time": _fixed(
        "text", "number", lambda clock, text: time_fraction(text, clock), timed=True
    ),
    "ends-with": _fixed("text text", "truth", str.endswith),
    "exp": _fixed("number", "number", _guarded(math.exp)),
    "exp10": _fixed("number", "number", lambda number: _power(10.0, number)),
    "false": _fixed("", "truth", lambda: False),
    "floor": _fixed("number", "number", _floor),
    "format-date": _fixed("text text", "text", _format_date, timed=True),
    "format-date-time": _fixed("text text", "text", _format_date, timed=True),
    "if": _fixed("truth value value", "any", None),
    "int": _fixed("number", "number", _whole),
    "join": _open("text text", "text", _join, 2),
    "jr:choice-name": _fixed("text node", "text", None),
    "log": _fixed("number", "number", _logarithm(math.log)),
    "log10": _fixed("number", "number", _logarithm(math.log10)),
    "lower-case": _fixed("text", "text", str.lower),
    "max": _open("number", "number", _greatest, 1),
    "min": _open("number", "number", _least, 1),
    "normalize-space": _fixed("text", "text", _normalize),
    "not": _fixed("truth", "truth", lambda truth: not truth),
    "now": _fixed("", "day", lambda clock: clock.moment(), timed=True),
    "number": _fixed("value", "any", _number, timed=True),
    "once": _fixed("text", "text", None),
    "pi": _fixed("", "number", lambda: math.pi),
    "pow": _fixed("number number", "number", _power),
    "regex": _fixed("text pattern", "truth", None),
    "round": _fixed("number number", "number", _round, optional=1),
    "selected": _fixed("text text", "truth", _selected),
    "selected-at": _fixed("text text", "text", _selected_at),
    "sin": _fixed("number", "number", _guarded(math.sin)),
    "sqrt": _fixed("number", "number", _guarded(math.sqrt)),
    "starts-with": _fixed("text text", "truth", str.startswith),
    "string": _fixed("text", "text", str),
    "string-length": _fixed("text", "number", lambda text: float(len(text))),
    "substr": _fixed("text text text", "text", _substr, optional=1),
    "substring": _fixed("text number number", "text", _substring, optional=1),
    "substring-after": _fixed("text text", "text", _after),
    "substring-before": _fixed("text text", "text", _before),
    "sum": _fixed("number", "number", float),
    "tan": _fixed("number", "number", _guarded(math.tan)),
    "today": _fixed("", "day", lambda clock: clock.today(), timed=True),
    "translate": _fixed("text text text", "text", _translate),
    "true": _fixed("", "truth", lambda: True),
    "upper-case": _fixed("text", "text", str.upper),
    "weighted-checklist": _WEIGHTED,
}

_REPEATS = "this form language has no repeats"
_CHANCE = "the same answers must always give the same form"
_FILES = "forms carry no attached files"
_PLACES = "places on a map are not collected"

#: Functions that take the value of the item itself where they are given nothing.
OF_OWN_VALUE = frozenset({"normalize-space", "number", "string", "string-length"})

UNSUPPORTED: dict[str, str] = {
    "area": _PLACES,
    "base64-decode": "no form here holds encoded text",
    "current": _REPEATS,
    "digest": "no form here holds digests",
    "distance": _PLACES,
    "geofence": _PLACES,
    "indexed-repeat": _REPEATS,
    "instance": "look-ups in lists are not built in",
    "pulldata": _FILES,
    "random": _CHANCE,
    "randomize": _CHANCE,
    "uuid": _CHANCE,
}
