# Rows of a table of cases stay on one line.
# ruff: noqa: E501
import math
import pickle
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.clock import Clock
from survey_engine.conversion import number_of_text, text_of, text_of_number
from survey_engine.evaluation import Scope, UnknownNameError, compile_truth, compile_value
from survey_engine.expression import parse, to_text
from survey_engine.pattern import MAX_INPUT, PatternError, compile_pattern

NOW = datetime(2026, 9, 30, 14, 30, tzinfo=UTC)
CHINA = datetime(2026, 9, 30, 23, 30, tzinfo=timezone(timedelta(hours=8)))


def run(text: str, now: datetime = NOW, own: str = "a", **values: str) -> str:
    places = {name: place for place, name in enumerate(values)}
    clock = Clock(now)
    value = compile_value(parse(text), Scope(places, {}, own))(list(values.values()), clock)
    return text_of(value, clock)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 1", "2"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("1 div 0", "Infinity"),
        ("-1 div 0", "-Infinity"),
        ("0 div 0", ""),
        ("5 mod -2", "1"),
        ("-5 mod 2", "-1"),
        ("1 div 3", "0.3333333333333333"),
        ("1000000 * 1000000 * 1000000000", "1e+21"),
        ("0.0000001", "1e-7"),
        ("'' < 16", "false"),
        ("'' >= 16", "false"),
        ("boolean('false')", "true"),
        ("boolean('')", "false"),
        ("'1.0' = '1'", "false"),
        ("'1.0' = 1", "true"),
        ("true() = 'x'", "true"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1.005, 1)", "1"),
        ("int(-2.7)", "-2"),
        ("substr('abcdef', 1, 3)", "bc"),
        ("substr('abcdef', -3)", "def"),
        ("substring('12345', 2, 3)", "234"),
        ("substring('12345', 0, 3)", "12"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring-before('a-b', '-')", "a"),
        ("substring-after('a--b', '--')", "b"),
        ("normalize-space(' a  b ')", "a b"),
        ("translate('bar', 'abc', 'AB')", "BAr"),
        ("string-length('持证残疾人')", "5"),
        ("selected('a b', 'b')", "true"),
        ("selected('ab', 'b')", "false"),
        ("selected('a b', 'a b')", "false"),
        ("selected-at('a b', 1)", "b"),
        ("selected-at('a b', 2)", ""),
        ("count-selected('')", "0"),
        ("count-selected(' a  b ')", "2"),
        ("coalesce('', 'x')", "x"),
        ("concat('a', 1, true())", "a1true"),
        ("join('-', 'a', 'b', 'c')", "a-b-c"),
        ("if('' = '', 'y', 'n')", "y"),
        ("min(3, 1, 2)", "1"),
        ("max(3, 'x', 2)", ""),
        ("pow(2, 10)", "1024"),
        ("sqrt(-1)", ""),
        ("log(0)", "-Infinity"),
        ("checklist(1, 2, true(), false(), true())", "true"),
        ("checklist(1, 1, true(), true())", "false"),
        ("weighted-checklist(3, -1, true(), 2, true(), 2)", "true"),
        ("boolean-from-string('1')", "true"),
        ("today()", "2026-09-30"),
        ("today() + 1", "20727"),
        ("date(today() + 1)", "2026-10-01"),
        ("date('2020-3-5')", "2020-03-05"),
        ("date('2021-02-29')", ""),
        ("date('nonsense')", ""),
        ("now()", "2026-09-30T14:30:00.000+00:00"),
        ("'2020-01-02' > '2020-01-01'", "true"),
        ("date('2020-03-01') - date('2020-02-28')", "2"),
        ("format-date('2020-02-29', '%Y年%n月%e日')", "2020年2月29日"),
        ("format-date('', '%Y')", ""),
        ("format-date-time('2020-02-29T07:08:09', '%H:%M:%S %h')", "07:08:09 7"),
        ("decimal-time('12:00')", "0.5"),
        ("decimal-time('25:00')", ""),
        ("null = null", "false"),
        ("null != 'x'", "false"),
        ("concat('a', null)", "a"),
    ],
)
def test_constants(text: str, expected: str) -> None:
    assert run(text) == expected


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("${a}", {"a": "x"}, "x"),
        ("${a} < 16", {"a": ""}, "false"),
        ("not(${a} < 16)", {"a": ""}, "true"),
        ("${a} != 5", {"a": ""}, "true"),
        ("${a} = ${b}", {"a": "1", "b": "1.0"}, "false"),
        ("${a} = 1", {"a": "1.0"}, "true"),
        ("boolean(${a})", {"a": ""}, "true"),
        ("${a} = true()", {"a": "no"}, "true"),
        ("1 = 1 and ${a}", {"a": "x"}, "x"),
        ("${a} - ${b}", {"a": "2020-03-01", "b": "2020-02-01"}, "29"),
        (". > 3", {"a": "4"}, "true"),
        ("once(${b})", {"a": "", "b": "first"}, "first"),
        ("once(${b})", {"a": "kept", "b": "second"}, "kept"),
        ("count-non-empty(${a})", {"a": ""}, "0"),
        ("number(${a})", {"a": "2020-01-01"}, "18262"),
        ("checklist(1, 1, ${a}, ${b})", {"a": "x", "b": ""}, "true"),
        ("if(${a} = 'x', null, 'y')", {"a": "x"}, ""),
    ],
)
def test_values_of_nodes(text: str, values: dict[str, str], expected: str) -> None:
    assert run(text, **values) == expected  # type: ignore[arg-type]


def test_the_day_is_the_one_where_the_clock_stands() -> None:
    assert run("today()", CHINA) == "2026-09-30"
    assert run("today() - date('2026-09-29')", CHINA) == "1"
    assert run("now()", CHINA) == "2026-09-30T23:30:00.000+08:00"
    assert run("date('2026-09-30T16:30:00Z') - 0", CHINA) == run("date('2026-10-01T00:30:00') - 0")


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Clock(datetime(2026, 9, 30))  # noqa: DTZ001


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownNameError) as caught:
        compile_truth(parse("${b}"), Scope({"a": 0}))
    assert caught.value.name == "b"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_its_text(number: float) -> None:
    assert number_of_text(text_of_number(number), Clock(NOW)) == number


@given(st.dates(), st.dates())
def test_dates_differ_by_days(first: object, second: object) -> None:
    gap = run("${a} - ${b}", a=str(first), b=str(second))
    assert float(gap) == (first - second).days  # type: ignore[operator]


@given(st.text(max_size=30), st.text(max_size=5), st.integers(-9, 9), st.integers(-9, 9))
def test_texts_never_fail(text: str, other: str, first: int, last: int) -> None:
    for function in ("substr(${a}, ${c}, ${d})", "substring(${a}, ${c}, ${d})",
                     "substring-after(${a}, ${b})", "translate(${a}, ${b}, 'x')",
                     "selected(${a}, ${b})", "format-date(${a}, ${b})", "regex(${a}, ${b})",
                     "${a} + ${b} * ${c} div ${d} mod ${a}", "date(${a})"):  # fmt: skip
        run(function, a=text, b=other, c=str(first), d=str(last))


PATTERNS = (
    r"^1[3-9]\d{9}$", r"^[\u4e00-\u9fa5]{2,4}$", r"a|bc*d+", r"(ab?){1,3}$", r"^$", r"\bfoo\b",
    r"[^0-9a-f]", r"x{2,}", r"^(?:a|b|ab)(c|bcd)$", r"\s\S", r"^.{2,3}$", r"a\.b", r"[\]\-x]", "(a*)*b",
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@given(st.text(alphabet="abcdfox0139 .-]\n中文", max_size=12))
def test_patterns_match_as_in_the_standard_library(pattern: str, text: str) -> None:
    expected = re.search(pattern.replace("$", r"\Z"), text, re.ASCII) is not None
    assert compile_pattern(pattern).matches(text) is expected


@pytest.mark.parametrize(
    "pattern", [r"(a+)+$", r"(a|aa)*$", r"^(.*)*x$", r"(a*)*b", r".*.*.*.*=", r"(x+x+)+y"]
)
def test_no_pattern_runs_away(pattern: str) -> None:
    compile_pattern(pattern).matches("a" * (MAX_INPUT - 1) + "!")


def test_text_past_the_limit_matches_nothing() -> None:
    assert compile_pattern("a").matches("a" * MAX_INPUT)
    assert not compile_pattern("a").matches("a" * (MAX_INPUT + 1))


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "[a", "*a", "a**", r"\1", "(?=a)", "(?<=a)", "(?i)a", r"\p{L}", "a{3,1}", "[z-a]",
     "(((a{99}){99}){99})", "\\", r"\x4", "(" * 99 + ")" * 99, "a" * 2_000, "^*"],
)  # fmt: skip
def test_refused_patterns(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_nan_is_blank_and_infinity_is_named() -> None:
    assert text_of_number(math.nan) == ""
    assert text_of_number(-math.inf) == "-Infinity"


@pytest.mark.parametrize(
    "text",
    [
        "not(" * 99 + "true()" + ")" * 99,
        "if(1 = 1, " * 98 + "'x'" + ", 'y')" * 98,
        "concat(" * 98 + "'x'" + ", 'y')" * 98,
        "1" + " - 1" * 98,
        "1" + " = 1" * 98,
        "-" * 98 + "1",
        "coalesce(1 = 1 or " * 48 + "'x'" + ", 'y')" * 48,
        " or ".join(["${a} = 1"] * 2_500),
        " + ".join(["1"] * 5_000),
    ],
)
def test_the_deepest_trees_are_evaluated_compared_and_pickled(text: str) -> None:
    run(text, a="2")
    tree = parse(text)
    assert pickle.loads(pickle.dumps(tree)) == tree
    assert hash(tree) == hash(parse(to_text(tree)))
