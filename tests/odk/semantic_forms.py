"""Small forms of our own invention, each about one rule, with answers that exercise it."""

# The rows of a table cannot be broken.
# ruff: noqa: E501

from tests.odk.conftest import Answers

_YES_NO = """
| choices | | | |
| | list_name | name | label |
| | yn | y | Yes |
| | yn | n | No |
"""


def _calculated(*expressions: str, inputs: str = "abcd") -> str:
    """A form of text inputs and one calculation per expression."""
    rows = "".join(f"| | text | {name} | {name} | |\n" for name in inputs)
    rows += "".join(
        f"| | calculate | c{number} | | {text} |\n" for number, text in enumerate(expressions, 1)
    )
    return f"| survey | | | | |\n| | type | name | label | calculation |\n{rows}"


_TEXTS: Answers = [
    ("a", "hello"), ("b", "l"), ("a", "héllo wörld"), ("b", "o"), ("a", ""), ("a", "  pad  ded "),
    ("b", " "), ("a", "2020-02-29"), ("b", "3"), ("a", "12.50"), ("b", "-2"), ("a", "1e3"),
    ("a", "a b c"), ("b", "b"), ("c", "2"), ("a", "abcdef"), ("c", "-1"), ("d", "9"), ("a", "0"),
    ("b", "0"), ("a", "-0"), ("a", "Infinity"), ("a", "true"), ("b", "false"), ("a", "1"),
]  # fmt: skip

FORMS: dict[str, tuple[str, Answers]] = {
    "hidden values return": (
        """
| survey | | | | | | |
| | type | name | label | relevant | required | constraint |
| | select_one yn | a | A | | yes | |
| | text | b | B | ${a} = 'y' | yes | string-length(.) > 2 |
| | text | c | C | ${b} != '' | | |
| | text | d | D | ${c} = 'x' or ${b} = 'long' | | |
"""
        + _YES_NO,
        [("b", "long"), ("a", "y"), ("b", "no"), ("a", "n"), ("c", "x"), ("b", "longer"),
         ("a", "y"), ("c", ""), ("a", ""), ("d", "kept"), ("a", "y"), ("c", "x")],
    ),
    "nested groups": (
        """
| survey | | | | | | |
| | type | name | label | relevant | required | read_only |
| | integer | age | Age | | yes | |
| | begin group | g1 | G1 | ${age} > 10 | | |
| | text | t1 | T1 | | yes | |
| | begin group | g2 | G2 | ${age} > 20 | | |
| | select_one yn | s | S | | | |
| | begin group | g3 | G3 | ${s} = 'y' | | |
| | note | n | N | ${t1} = 'x' | | |
| | text | t3 | T3 | | ${age} > 30 | |
| | end group | | | | | |
| | end group | | | | | |
| | text | t4 | T4 | ${t3} = '' | | |
| | end group | | | | | |
| | text | t5 | T5 | ${t3} != 'q' | | |
"""
        + _YES_NO,
        [("age", "9"), ("age", "11"), ("t1", "x"), ("age", "21"), ("s", "y"), ("t3", "q"),
         ("age", "15"), ("age", "31"), ("t3", ""), ("s", "n"), ("t1", ""), ("age", "")],
    ),
    "blank is not a number": (
        """
| survey | | | | |
| | type | name | label | relevant |
| | integer | n | N | |
| | text | t | T | |
| | text | a | A | ${n} < 16 |
| | text | b | B | ${n} >= 16 |
| | text | c | C | not(${n} < 16) |
| | text | d | D | ${n} = '' |
| | text | e | E | ${n} != '' |
| | text | f | F | ${n} != 5 |
| | text | g | G | ${n} = 5 |
| | text | h | H | ${t} < 'b' |
| | text | i | I | ${t} = 5 |
| | text | j | J | ${t} = '5' |
| | text | k | K | ${n} |
| | text | l | L | not(${n}) |
| | text | m | M | ${n} = ${t} |
| | text | o | O | ${n} + 0 = ${t} + 0 |
| | text | p | P | ${n} != ${t} |
| | text | q | Q | ${n} = true() |
| | text | r | R | string(${n}) |
| | text | s | S | number(${n}) |
| | text | u | U | boolean('false') |
""",
        [("n", "5"), ("t", "5"), ("t", "5.0"), ("n", "16"), ("n", ""), ("t", " "), ("t", ""),
         ("n", "0"), ("t", "0"), ("n", "-3"), ("t", "abc")],
    ),
    "texts": (
        _calculated(
            "string-length(${a})", "substr(${a}, 1, 3)", "substr(${a}, 2)", "substr(${a}, -3, -1)",
            "substring-before(${a}, ${b})", "concat(${a}, '-', ${b})", "join(', ', ${a}, ${b})",
            "contains(${a}, ${b})", "starts-with(${a}, ${b})", "ends-with(${a}, ${b})",
            "translate(${a}, 'abl', 'AB')", "coalesce(${a}, ${b})", "coalesce(${b}, ${a})",
            "if(${a} = ${b}, 'same', 'other')", "normalize-space(${a})",
            "regex(${a}, '^[a-z]+$')", "regex(${a}, 'l')", "substring-after(${a}, ' ')",
            "substr(${a}, ${c}, ${d})", "string(${a})", "substring(${a}, 2, 3)", "substring(${a}, 0)",
        ),
        _TEXTS,
    ),
    "numbers": (
        _calculated(
            "${a} + ${b}", "${a} - ${b}", "${a} * ${b}", "${a} div ${b}", "${a} mod ${b}",
            "- ${a}", "round(${a} div 3, 2)", "round(${a})", "int(${a} div 7)", "abs(${b})",
            "number(${a})", "floor(${a} div 2)", "ceiling(${a} div 2)", "pow(${a}, 2)",
            "sqrt(${a})", "round(exp(${b}), 4)", "round(log(${a}), 6)", "round(log10(${a}), 6)", "min(${a}, ${b})",
            "max(${a}, ${b}, 3)", "sum(${a})", "${a} < ${b}", "${a} >= ${b}", "0.1 + 0.2",
            "1 div 3", "10000000000000000000000 * 10", "0.0000001 * ${a}", "(${a} + 1) * 2 - 1",
            "round(sin(${a}), 6)", "round(atan2(${a}, ${b}), 6)", "round(pi() * ${a}, 6)", "exp10(${b})", "${a} + 1 = 2",
            "count(${a})", "count-non-empty(${a})", "round(${a} * 10.55, 1)", "round(-2.5)",
            "int(-2.7)", "1 = 1 and 2", "0 or ${a}", "${a} and ${b}", "not(${a} = ${b})",
        ),
        [*_TEXTS, ("a", "7"), ("b", "2"), ("a", "1234567890123"), ("b", "0.5"), ("a", "-7"),
         ("b", "3"), ("a", ".5"), ("a", "5."), ("a", "+5"), ("a", "0.05"), ("b", "1000")],
    ),
    "multiple choices": (
        """
| survey | | | | | | |
| | type | name | label | relevant | constraint | calculation |
| | select_multiple f | m | M | | count-selected(.) <= 2 and not(selected(., 'none') and count-selected(.) > 1) | |
| | text | a | A | selected(${m}, 'b') | | |
| | text | c | C | count-selected(${m}) > 1 | | |
| | calculate | x | | | | selected-at(${m}, 0) |
| | calculate | y | | | | selected-at(${m}, 1) |
| | calculate | z | | | | count-selected(${m}) |
| | calculate | w | | | | ${m} |
| | calculate | v | | | | selected(${m}, '') |
| | calculate | u | | | | jr:choice-name(selected-at(${m}, 0), '${m}') |
| | calculate | t | | | | checklist(1, 2, selected(${m}, 'a'), selected(${m}, 'b'), selected(${m}, 'c')) |
| | calculate | s | | | | weighted-checklist(2, 5, selected(${m}, 'a'), 2, selected(${m}, 'b'), 4) |
| choices | | | |
| | list_name | name | label |
| | f | a | Apple |
| | f | b | Bean |
| | f | c | Corn |
| | f | none | None |
""",
        [("m", "a"), ("m", "b a"), ("m", "c b a"), ("m", ""), ("m", "none a"), ("m", "none"),
         ("m", "b"), ("m", "b c")],
    ),
    "choice filters": (
        """
| survey | | | | | | |
| | type | name | label | choice_filter | required | relevant |
| | select_one country | co | Country | | yes | |
| | select_one city | ci | City | country = ${co} | yes | |
| | select_multiple city | vs | Visited | country = ${co} or name = 'zz' or big = '1' | | |
| | select_one part | pa | Part | city = ${ci} and country = ${co} | yes | ${ci} != '' |
| | text | t | T | | | ${ci} = 'a1' |
| choices | | | | | | |
| | list_name | name | label | country | city | big |
| | country | a | A | | | |
| | country | b | B | | | |
| | city | a1 | A1 | a | | |
| | city | a2 | A2 | a | | 1 |
| | city | b1 | B1 | b | | |
| | city | b2 | B2 | b | | 1 |
| | city | zz | ZZ | | | |
| | part | p1 | P1 | a | a1 | |
| | part | p2 | P2 | a | a2 | |
| | part | p3 | P3 | b | b1 | |
""",
        [("ci", "a1"), ("co", "a"), ("ci", "a1"), ("pa", "p1"), ("vs", "b2 a1 zz"), ("co", "b"),
         ("ci", "b1"), ("co", "a"), ("ci", "a1"), ("co", "b"), ("pa", "p3"), ("co", ""),
         ("vs", "a2 zz b2"), ("co", "b"), ("ci", "b1"), ("pa", "p3"), ("co", "a"), ("co", "b")],
    ),
    "calculations out of row order": (
        """
| survey | | | | | |
| | type | name | label | calculation | relevant |
| | calculate | z | | ${y} + 1 | |
| | calculate | y | | ${x} * 2 | |
| | calculate | v | | concat(${z}, '/', ${u}) | ${x} > 2 |
| | calculate | u | | if(${v2} = '', 'none', ${v2}) | |
| | integer | x | X | | |
| | calculate | v2 | | ${w} | |
| | begin group | g | G | | ${x} != 3 |
| | calculate | w | | ${z} - ${x} | |
| | end group | | | | |
""",
        [("x", "1"), ("x", "2"), ("x", "3"), ("x", "4"), ("x", ""), ("x", "5.9")],
    ),
    "constraints on others and required expressions": (
        """
| survey | | | | | | |
| | type | name | label | constraint | required | relevant |
| | integer | lo | Low | . >= 0 and (. <= ${hi} or ${hi} = '') | yes | |
| | integer | hi | High | . >= ${lo} | ${lo} > 5 | |
| | decimal | d | D | . > 0.5 and . < 1.5 | ${hi} = 10 | |
| | text | p | Phone | regex(., '^1[3-9][0-9]{9}$') | false() | ${lo} > 0 |
| | note | check | Check | | yes | ${hi} > 100 |
| | acknowledge | ok | OK | | ${lo} = 7 | |
""",
        [("lo", "7"), ("hi", "3"), ("hi", "10"), ("lo", "11"), ("lo", "-1"), ("d", "1"),
         ("d", "2"), ("d", "0.75"), ("d", "1.10"), ("d", "1e0"), ("p", "13800138000"),
         ("p", "23800138000"), ("lo", "0"), ("lo", "1"), ("hi", "101"), ("lo", "7"), ("ok", "OK"),
         ("ok", ""), ("d", "1000000000000000000000"), ("d", "0.00000001")],
    ),
    "dates": (
        """
| survey | | | | | |
| | type | name | label | calculation | constraint |
| | date | d | D | | . <= today() and . > date('1900-01-01') |
| | date | e | E | | . >= ${d} |
| | text | t | T | | |
| | time | h | H | | |
| | dateTime | m | M | | . < now() |
| | calculate | days | | ${e} - ${d} | |
| | calculate | years | | int((${e} - ${d}) div 365.25) | |
| | calculate | plus | | date(${d} + 1) | |
| | calculate | fmt | | format-date(${d}, '%Y/%m/%d %e %n %b %y') | |
| | calculate | fmt2 | | format-date-time(${m}, '%Y-%m-%d %H:%M:%S.%3 %h') | |
| | calculate | num | | number(${d}) | |
| | calculate | dec | | decimal-date-time(${d}) | |
| | calculate | tim | | decimal-time(${h}) | |
| | calculate | lit | | ${d} = '2020-02-29' | |
| | calculate | lit2 | | ${d} < date('2021-01-01') | |
| | calculate | lit3 | | ${d} > '2000-01-01' | |
| | calculate | lit4 | | date('2020-3-5') = '2020-03-05' | |
| | calculate | txt | | date(${t}) | |
| | calculate | txt2 | | string(date(${t})) | |
| | calculate | txt3 | | ${t} + 1 | |
| | calculate | neg | | date('1969-12-31') - 0 | |
| | calculate | cond | | if(${t} = '', date('2020-01-01'), today()) = today() | |
""",
        [("d", "2020-02-29"), ("e", "2023-03-01"), ("e", "2019-01-01"), ("d", "1899-12-31"),
         ("d", "2999-01-01"), ("d", ""), ("t", "2020-02-29"), ("t", "2020-12-31T12:00:00"), ("t", "5"),
         ("t", "nonsense"), ("h", "14:30:00"), ("h", "06:00:00.000+00:00"),
         ("m", "2020-05-06T07:08:09.123+00:00"), ("m", "2020-05-06T07:08:09"), ("t", ""),
         ("d", "2000-01-01"), ("d", "1970-01-01")],
    ),
    "once and defaults": (
        """
| survey | | | | | | |
| | type | name | label | default | calculation | relevant |
| | integer | a | A | 5 | | |
| | text | b | B | hello world | | ${a} > 5 |
| | date | c | C | 2020-01-01 | | |
| | select_one yn | s | S | y | | |
| | select_multiple yn | m | M | n y | | |
| | calculate | o | | | once(${a}) | |
| | calculate | p | | | once(concat(${b}, ${a})) | ${a} != 7 |
| | text | q | Q | | once(${s}) | |
| | text | r | R | | concat(${s}, ${a}) | |
| | text | dyn | D | concat('x', 'y') | | |
"""
        + _YES_NO,
        [("a", "6"), ("a", "7"), ("a", "8"), ("s", "n"), ("q", "typed"), ("s", "y"), ("q", ""),
         ("r", "typed"), ("b", "z"), ("a", "9"), ("r", "again"), ("a", "9"), ("s", ""), ("m", "y")],
    ),
    "readonly": (
        """
| survey | | | | | | |
| | type | name | label | read_only | default | calculation |
| | integer | a | A | | | |
| | text | b | B | ${a} > 3 | first | |
| | text | c | C | yes | fixed | |
| | text | d | D | yes | | concat(${b}, '!') |
| | begin group | g | G | | | |
| | text | e | E | | | |
| | end group | | | | | |
""",
        [("b", "second"), ("a", "3"), ("b", "third"), ("a", "4"), ("e", "x"), ("a", "1"), ("b", "")],
    ),
    "nothing at all": (
        _calculated(
            "if(${a} = 'x', ${b}, null)", "null", "string-length(null)", "if(${a} = '', null, 1) + 1",
            "null = ''", "null != 'x'", "if(${a} = 'y', null, 'z') != 'q'", "if(null, 1, 2)",
            "coalesce(null, ${b})",
        ),
        [("a", "x"), ("b", "bee"), ("a", "y"), ("a", "")],
    ),
    "metadata, or_other and hidden": (
        """
| survey | | | | | |
| | type | name | label | default | relevant |
| | select_one yn or_other | s | S | | |
| | select_multiple yn or_other | m | M | | ${s} != '' |
| | hidden | h | | 7 | |
| | text | t | T | | ${h} = 7 and selected(${s}, 'other') |
| | username | who | | | |
| | range | r | R | | |
"""
        + _YES_NO,
        [("s", "y"), ("s", "other"), ("s_other", "why"), ("m", "other y"), ("m_other", "q"),
         ("s", "n"), ("s", "other"), ("r", "3")],
    ),
    "the value of the item itself": (
        """
| survey | | | | | |
| | type | name | label | constraint | calculation |
| | text | t | T | string-length() > 2 | |
| | text | u | U | normalize-space() = string(.) | |
| | text | v | V | number() > 3 | |
| | text | w | W | string() = 'q' | |
| | begin group | g | G | | |
| | calculate | p | | | position(..) |
| | calculate | r | | | position(../..) + 1 |
| | end group | | | | |
""",
        [("t", "x"), ("t", "xxx"), ("u", " a"), ("u", "a b"), ("v", "2"), ("v", "4"), ("w", "q"),
         ("w", "r")],
    ),
    "dates as numbers and as text": (
        """
| survey | | | | |
| | type | name | label | calculation |
| | dateTime | t | T | |
| | date | d | D | |
| | calculate | a | | format-date(${t}, '%Y-%m-%d %H:%M:%S %3') |
| | calculate | b | | format-date-time(${d}, '%Y-%m-%d %H:%M:%S %3 %h %Z %%') |
| | calculate | c | | number(${t}) |
| | calculate | e | | number(${t}) * 2 |
| | calculate | f | | number(${d}) |
| | calculate | h | | if(${d} = '', '', string(number(${d} + 1))) |
| | calculate | i | | if(${d} = '', '', number(date(${d} + 1))) |
| | calculate | j | | format-date(${d} + 1, '%e') |
| | calculate | l | | number(today()) = today() and int(today()) = number(today()) |
| | calculate | m | | date('x') != date('y') |
| | calculate | n | | date('') = date('') |
""",
        [("t", "2020-02-29T10:11:12.345"), ("d", "2020-02-28"), ("t", "2020-02-29T10:11:12.345+02:00"),
         ("d", ""), ("t", "")],
    ),
    "places that are no plain number": (
        _calculated(
            "substr('abcdef', ${a})", "substr('abcdef', ${a}, ${b})", "selected-at('x y z', ${a})",
            "pow(${a}, 0)", "pow(2, ${a})", "checklist(0, -1, ${a}, ${b})", "checklist(${a}, 1, ${b})",
            "checklist(1, ${a}, ${b}, true())", "weighted-checklist(0, -1, ${a}, ${b}, ${c}, 2)",
            "weighted-checklist(1, 3, ${a}, ${b}, ${c}, 2)", "weighted-checklist(1, 3, true(), 4, true(), -2)",
        ),
        [("a", "1"), ("b", "3"), ("a", "2 9"), ("a", "-2x"), ("b", "-1"), ("a", "x"), ("c", "1"),
         ("b", ""), ("a", ""), ("a", "14:30:00"), ("a", "-1"), ("b", "2")],
    ),
    "once": (
        """
| survey | | | | | |
| | type | name | label | calculation | relevant |
| | text | a | A | | |
| | text | b | B | once(concat(${a}, 'x')) | |
| | decimal | c | C | once(1 + 1) | |
| | integer | d | D | once(5) | |
| | text | e | E | once('k') | ${a} != 'hide' |
| | calculate | f | | once(${a}) | |
| | date | g | G | once(today()) | |
""",
        [("b", ""), ("c", ""), ("c", "3"), ("c", ""), ("d", "9"), ("d", ""), ("a", "q"), ("b", ""),
         ("e", ""), ("a", "hide"), ("a", "z"), ("g", ""), ("e", "typed"), ("a", "hide"), ("a", "q")],
    ),
    "languages without a default": (
        """
| survey | | | | | | |
| | type | name | label::English (en) | label::中文 (zh) | choice_filter | calculation |
| | select_one yn | a | A | 甲 | | |
| | select_one city | b | B | 乙 | in = ${a} | |
| | select_multiple city | m | M | 丙 | in = ${a} or selected(${b}, name) | |
| | calculate | c | | | | jr:choice-name(${a}, '${a}') |
| | calculate | d | | | | jr:choice-name(${b}, '${b}') |
| choices | | | | | |
| | list_name | name | label::English (en) | label::中文 (zh) | in |
| | yn | y | Yes | 是 | |
| | yn | n | No | 否 | |
| | city | p | Pingliang | 平凉 | y |
| | city | s | Shiqiao | 石桥 | n |
| | city | q | Qingshui | 清水 | y |
""",
        [("a", "y"), ("b", "p"), ("m", "q p"), ("a", "n"), ("b", "s"), ("m", "s"), ("a", "y"),
         ("b", "q"), ("a", "")],
    ),
    "calculated values with constraints, groups with conditions": (
        """
| survey | | | | | | | |
| | type | name | label | calculation | constraint | required | relevant |
| | integer | a | A | | | | |
| | calculate | b | | ${a} * 2 | . < 10 | yes | |
| | calculate | c | | if(${a} > 3, '', 'q') | string-length(.) > 3 | ${a} > 4 | |
| | integer | d | D | ${a} + 1 | . < 5 | yes | |
| | note | n | N ${a} | | . = 'x' | yes | |
| | begin group | g | G | | | yes | ${a} > 2 |
| | text | u | U | | . != 'z' | yes | |
| | calculate | v | | if ( ${a}  = 'NaN' or string-length( ${a} ) = 0, 1, ${a} mod 365.25) | | yes | |
| | end group | | | | | | |
""",
        [("a", "1"), ("a", "4"), ("u", "z"), ("a", "5"), ("a", "9"), ("a", ""), ("a", "3"), ("d", "9"),
         ("d", ""), ("a", "3"), ("a", "2"), ("a", "6000"), ("u", "")],
    ),
}  # fmt: skip
