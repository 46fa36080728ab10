"""Forms and answers drawn from a seed: whatever the language allows, in any order of rows."""

from random import Random

from tests.odk.conftest import Answers

_HEADER = (
    "| survey | | | | | | | | | | |\n"
    "| | type | name | label | relevant | required | constraint | calculation | choice_filter"
    " | default | read_only |\n"
)
_CHOICES = """
| choices | | | | |
| | list_name | name | label | kind |
| | few | a | A | x |
| | few | b | B | y |
| | few | c | C | |
| | codes | 1 | One | a |
| | codes | 2 | Two | b |
| | codes | 3 | Three | a |
| | codes | 4 | Four | c |
| | codes | 10 | Ten | |
"""
_TYPES = {
    "integer": ("", "0", "1", "2", "3", "15", "16", "-4", "2.7"),
    "decimal": ("", "0", "0.5", "1", "2.25", "1e2", "-3"),
    "text": ("", "a", "b", "1", "2", "abc", "a b", "0", "true", "2020-01-05"),
    "date": ("", "2020-01-01", "2020-02-29", "1999-12-31", "2026-05-06"),
    "select_one few": ("", "a", "b", "c"),
    "select_one codes": ("", "1", "2", "3", "4", "10"),
    "select_multiple few": ("", "a", "b a", "a b c", "c"),
    "select_multiple codes": ("", "1", "3 1", "10 2", "4 3 2 1"),
    "acknowledge": ("", "OK"),
    "time": ("", "00:00:00", "14:30:00", "23:59:59.999"),
    "dateTime": ("", "2020-02-29T10:20:30", "2026-05-06T23:59:59.123Z", "1999-12-31T00:00:00"),
}
_LITERALS = ("''", "'a'", "'b'", "'1'", "'2'", "'a b'", "0", "1", "2", "15", "0.5", "'2020-01-05'")
_WIDE = (*_LITERALS, "-1", "'10'", "'NaN'", "'true'", "'中文'")
_PATTERNS = ("^[0-9]+$", "[ab]", "^.$", "[a-c]{2,3}", "^$", "^中.$")
_DAYS = ("date('2020-01-05')", "date('2020-02-29')", "today()", "date('1999-12-31')")


class RandomForm:
    """One form of ``size`` rows and answers to it."""

    def __init__(self, seed: int, size: int = 25, answers: int = 25) -> None:
        self._random = Random(seed)
        self._questions: dict[str, str] = {}
        self._known: list[str] = []
        rows = [self._row(f"q{number}") for number in range(size // 2)]
        self._random.shuffle(rows)
        outer = list(self._known)
        groups = [self._group(f"g{number}", outer, size // 6 or 1) for number in range(3)]
        self.markdown = _HEADER + "".join([*rows, *groups]) + _CHOICES
        self.answers: Answers = [self._answer() for _ in range(answers)]

    def _one(self, *options: str) -> str:
        return self._random.choice(options)

    def _maybe(self, text: str, chance: float) -> str:
        return text if self._random.random() < chance else ""

    def _group(self, name: str, outer: list[str], size: int) -> str:
        known, self._known = self._known, list(outer)
        relevant = self._maybe(self._truth(2), 0.7)
        self._known = known
        rows = [self._row(f"{name}q{number}") for number in range(size)]
        self._random.shuffle(rows)
        inner = "".join(rows)
        return (
            f"| | begin group | {name} | {name} | {relevant} | | | | | | |\n{inner}"
            "| | end group | | | | | | | | | |\n"
        )

    def _row(self, name: str) -> str:
        kind = self._one(*_TYPES, "calculate", "calculate", "note")
        relevant = self._maybe(self._truth(2), 0.5)
        required = self._maybe(self._one("yes", self._truth(1)), 0.4)
        constraint = self._maybe(self._constraint(), 0.3) if kind in _TYPES else ""
        calculation = self._value(2) if kind == "calculate" else ""
        chosen = "kind = " + self._value(1) if "codes" in kind else "kind != " + self._value(1)
        filtered = self._maybe(chosen, 0.4) if "select" in kind else ""
        default = self._maybe(self._one(*_TYPES[kind]), 0.2) if kind in _TYPES else ""
        if kind == "calculate":
            constraint = self._maybe(self._constraint(), 0.2)
        elif kind in ("integer", "decimal", "text"):
            calculation = self._maybe(self._one(self._value(1), f"once({self._value(1)})"), 0.1)
        if kind in ("acknowledge", "time", "dateTime"):
            default = constraint = ""
        if filtered:
            default = ""  # ODK's web engine judges a default that is not on offer too early
        if kind in _TYPES:
            self._questions[name] = kind
        self._known.append(name)
        cells = (kind, name, name, relevant, required, constraint, calculation, filtered, default)
        return "| | " + " | ".join(cells) + " | |\n"

    def _reference(self) -> str:
        return f"${{{self._one(*self._known)}}}" if self._known else self._one(*_LITERALS)

    def _truth(self, depth: int) -> str:
        if depth == 0:
            return f"{self._reference()} {self._one('=', '!=')} {self._one(*_LITERALS)}"
        deeper = depth - 1
        match self._random.randrange(12):
            case 9 | 10 | 11:
                return self._wider_truth(deeper)
            case 0:
                return f"({self._truth(deeper)} and {self._truth(deeper)})"
            case 1:
                return f"({self._truth(deeper)} or {self._truth(deeper)})"
            case 2:
                return f"not({self._truth(deeper)})"
            case 3:
                return f"selected({self._reference()}, {self._value(0)})"
            case 4 | 5:
                sign = self._one("<", "<=", ">", ">=")
                return f"{self._value(deeper)} {sign} {self._value(deeper)}"
            case 6:
                return f"{self._value(deeper)} {self._one('=', '!=')} {self._value(deeper)}"
            case 7:
                return f"contains({self._value(deeper)}, {self._value(deeper)})"
            case _:
                return self._one(
                    f"count-selected({self._reference()}) > 1",
                    f"string-length({self._reference()}) > 0",
                    f"boolean({self._value(deeper)})",
                    f"{self._reference()} = true()",
                    self._reference(),
                )

    def _value(self, depth: int) -> str:
        if depth == 0:
            return self._one(self._reference(), self._reference(), *_LITERALS[:6])
        deeper = depth - 1
        if self._random.random() < 0.4:
            return self._wider_value(deeper)
        match self._random.randrange(10):
            case 0 | 1:
                sign = self._one("+", "-", "*", "div", "mod")
                return f"({self._value(deeper)} {sign} {self._value(deeper)})"
            case 2:
                then, otherwise = self._value(deeper), self._value(deeper)
                return f"if({self._truth(deeper)}, {then}, {otherwise})"
            case 3:
                return f"concat({self._value(deeper)}, {self._value(deeper)})"
            case 4:
                return f"coalesce({self._value(deeper)}, {self._value(deeper)})"
            case 5:
                function = self._one(
                    "int", "round", "number", "string", "abs", "floor", "string-length"
                )
                return f"{function}({self._value(deeper)})"
            case 6:
                return f"{self._one('min', 'max')}({self._value(deeper)}, {self._value(deeper)})"
            case 7 | 8:
                place = self._one("0", "1", "2")
                return self._one(
                    f"selected-at({self._reference()}, {place})", f"({self._truth(deeper)})"
                )
            case _:
                return self._reference()

    def _wider_truth(self, depth: int) -> str:
        """Return a truth by one of the functions that forms use less often."""
        value, truth, node, plain = (
            self._value(depth), self._truth(depth), self._reference(), self._one(*_WIDE)
        )  # fmt: skip
        least, most = self._one("0", "1", "2"), self._one("-1", "1", "3")
        return self._one(
            f"regex({value}, '{self._one(*_PATTERNS)}')",
            f"starts-with({value}, {plain})",
            f"ends-with({value}, {plain})",
            f"boolean-from-string({value})",
            f"checklist({least}, {most}, {truth}, {node})",
            f"weighted-checklist({least}, {most}, {truth}, 2, {node}, {plain})",
            f"{self._day(depth)} {self._one('<', '<=', '>', '>=', '=', '!=')} date({node})",
            f"{truth} = {self._truth(depth)}",
            f"({truth} and {value})",
            f"({value} or {truth})",
        )

    def _wider_value(self, depth: int) -> str:
        """Return a value by one of the functions that forms use less often."""
        value, other, plain, day = (
            self._value(depth), self._value(depth), self._one(*_WIDE), self._day(depth)
        )  # fmt: skip
        node, truth = self._reference(), self._truth(depth)
        counted = self._one("count", "count-non-empty", "sum")
        return self._one(
            f"substr({value}, {plain}, {other})",
            f"substr({value}, {self._one('0', '1', '-2', '0.5')})",
            f"substring-before({value}, {plain})",
            f"translate({value}, 'abc', '{self._one('xy', 'ABC')}')",
            f"normalize-space({value})",
            f"join('/', {value}, {other})",
            f"round({value}, {self._one('0', '1', '2', '-1')})",
            f"{self._one('ceiling', 'sqrt', 'log10')}({value})",
            f"pow({value}, {self._one('0', '2', '0.5', '-1')})",
            f"{counted}({node})" if node.startswith("$") else plain,
            f"max({value}, {other}, {plain})",
            f"format-date({day}, '%Y/%m/%d %e %n %b %y')",
            f"({day} - {self._day(depth)})",
            f"int((today() - date({node})) div 365.25)",
            f"{self._one('decimal-date-time', 'string', 'number')}({day})",
            f"decimal-time({node})",
            f"-{node}" if node.startswith("$") else plain,
            f"selected-at({value}, {other})",
            f"if({value}, {other}, {truth})",
            f"({value} * {other} + {plain} div {plain})",
            f"number({truth})",
        )

    def _day(self, depth: int) -> str:
        day = self._one(*_DAYS)
        return f"date({day} + {self._one('0', '1', '30')})" if depth > 0 else day

    def _constraint(self) -> str:
        return self._one(
            ". > 1", ". >= 0 and . < 10", f". != {self._reference()}", "string-length(.) < 3",
            f". >= {self._value(1)}", "not(selected(., 'a'))", "count-selected(.) <= 2",
            "regex(., '^[0-9a-c ]+$')",
        )  # fmt: skip

    def _answer(self) -> tuple[str, str]:
        name = self._one(*self._questions)
        return name, self._one(*_TYPES[self._questions[name]])
