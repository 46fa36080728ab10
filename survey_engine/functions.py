"""The functions of the expression language: what each takes, gives and does."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from survey_engine.clock import (
    NAN,
    Clock,
    Day,
    day_number,
    moment_of,
    time_fraction,
    wall_of,
)
from survey_engine.conversion import BLANKS, Value, filled, number_of, text_of, words

ANY_NUMBER = 255
_SPACES = re.compile(f"[{BLANKS}]+")
_UNPADDED = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(T.*)?")
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


def _selected_at(text: str, place: float) -> str:
    found = words(text)
    return found[int(place)] if place == place and 0 <= place < len(found) else ""


def _count_selected(text: str) -> float:
    return float(len(words(text))) if text.strip(BLANKS) else 0.0


def _substr(text: str, start: float, end: float = math.inf) -> str:
    first, last = _clamped(start, len(text)), _clamped(end, len(text))
    return text[first:last]


def _clamped(place: float, length: int) -> int:
    if place != place:
        return 0
    place = place + length if place < 0 else place
    return int(min(max(0.0, place), float(length)))


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


def _checklist(least: float, most: float, *values: Value) -> bool:
    return _within(least, most, float(sum(map(filled, values))))


def _weighted(clock: Clock, least: Value, most: Value, *pairs: Value) -> bool:
    weights = [number_of(weight, clock) for weight in pairs[1::2]]
    total = sum(weight for value, weight in zip(pairs[::2], weights, strict=True) if filled(value))
    return _within(number_of(least, clock), number_of(most, clock), total)


def _within(least: float, most: float, total: float) -> bool:
    return total >= least and (most == -1 or total <= most)


def _from_string(text: str) -> bool:
    return text in ("1", "true")


def _date(clock: Clock, value: Value) -> Value:
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return Day(value) if wall_of(value) else ""
    found = _UNPADDED.fullmatch(value)
    if found is None:
        return ""
    year, month, day, rest = found.groups()
    moment = day_number(f"{year}-{month:0>2}-{day:0>2}{rest or ''}", clock)
    return "" if moment is None else moment


def _decimal_date_time(clock: Clock, value: Value) -> float:
    moment = _date(clock, value)
    return NAN if isinstance(moment, str) else float(moment)


def _format_date(clock: Clock, value: Value, pattern: str) -> str:
    wall = moment_of(text_of(value, clock), clock)
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
    "checklist": _open("number number value", "truth", _checklist, 3),
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
    "format-date": _fixed("value text", "text", _format_date, timed=True),
    "format-date-time": _fixed("value text", "text", _format_date, timed=True),
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
    "number": _fixed("number", "number", float),
    "once": _fixed("text", "text", None),
    "pi": _fixed("", "number", lambda: math.pi),
    "pow": _fixed("number number", "number", _power),
    "regex": _fixed("text pattern", "truth", None),
    "round": _fixed("number number", "number", _round, optional=1),
    "selected": _fixed("text text", "truth", _selected),
    "selected-at": _fixed("text number", "text", _selected_at),
    "sin": _fixed("number", "number", _guarded(math.sin)),
    "sqrt": _fixed("number", "number", _guarded(math.sqrt)),
    "starts-with": _fixed("text text", "truth", str.startswith),
    "string": _fixed("text", "text", str),
    "string-length": _fixed("text", "number", lambda text: float(len(text))),
    "substr": _fixed("text number number", "text", _substr, optional=1),
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

UNSUPPORTED: dict[str, str] = {
    "area": _PLACES,
    "base64-decode": "no form here holds encoded text",
    "current": _REPEATS,
    "digest": "no form here holds digests",
    "distance": _PLACES,
    "geofence": _PLACES,
    "indexed-repeat": _REPEATS,
    "instance": "look-ups in lists are not built in",
    "position": _REPEATS,
    "pulldata": _FILES,
    "random": _CHANCE,
    "randomize": _CHANCE,
    "uuid": _CHANCE,
}
