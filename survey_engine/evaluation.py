"""An expression's tree turned into closures, so that evaluating it walks no tree.

The semantics are XPath 1.0's as ODK implements them: values are text, numbers, truths, or nodes of
the form; ``and`` and ``or`` give the operand that decided; a node is true even when it is blank.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fmod
from operator import ge, gt, le, lt
from typing import Any, TypeVar

from survey_engine.clock import NAN, Clock
from survey_engine.conversion import (
    ABSENT,
    Stored,
    Value,
    equal,
    number_of,
    number_of_text,
    text_of,
    text_of_number,
    truth_of,
    unequal,
    words,
)
from survey_engine.functions import SIGNATURES, Signature
from survey_engine.pattern import PatternError, compile_pattern
from survey_engine.tree import (
    Call,
    Column,
    Expression,
    Here,
    Negation,
    Nothing,
    Number,
    Operation,
    Reference,
    Text,
)

T = TypeVar("T")
Values = Sequence[str]
Run = Callable[[Values, Clock], T]
_ORDER: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


class UnknownNameError(LookupError):
    """An expression names a node that the form does not have."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"The expression names `{name}`, which the form does not have; correct it."
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names lead: the place of each node's value, the labels of its choices."""

    places: Mapping[str, int]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    own: str = ""

    def place(self, tree: Expression) -> int:
        """Return the place of the value that a reference or ``.`` reads."""
        name = tree.name if isinstance(tree, Reference) else self.own
        if name not in self.places:
            raise UnknownNameError(name or ".")
        return self.places[name]


def compile_text(tree: Expression, scope: Scope) -> Run[str]:
    """Return a closure that evaluates ``tree`` to text."""
    match tree:
        case Text():
            return _constant(tree.value)
        case Number():
            return _constant(text_of_number(tree.value))
        case Reference() | Here():
            place = scope.place(tree)
            return lambda values, _: values[place]
    kind = kind_of(tree)
    if kind == "text":
        return _call(tree, scope)
    if kind == "number":
        number = compile_number(tree, scope)
        return lambda values, clock: text_of_number(number(values, clock))
    run = compile_value(tree, scope)
    return lambda values, clock: text_of(run(values, clock), clock)


def compile_number(tree: Expression, scope: Scope) -> Run[float]:
    """Return a closure that evaluates ``tree`` to a number."""
    match tree:
        case Number():
            return _constant(tree.value)
        case Negation():
            operand = compile_number(tree.operand, scope)
            return lambda values, clock: -operand(values, clock)
        case Reference() | Here():
            place = scope.place(tree)
            return lambda values, clock: number_of_text(values[place], clock)
        case Operation(operator=operator) if operator in _ARITHMETIC:
            return _arithmetic(tree, scope)
    if kind_of(tree) in ("number", "day"):
        return _call(tree, scope)
    run = compile_value(tree, scope)
    return lambda values, clock: number_of(run(values, clock), clock)


def compile_truth(tree: Expression, scope: Scope) -> Run[bool]:
    """Return a closure that evaluates ``tree`` to a truth."""
    match tree:
        case Operation(operator="and" | "or"):
            return _junction(tree, scope)
        case Operation(operator="=" | "!="):
            return _equality(tree, scope)
        case Operation(operator=operator) if operator in _ORDER:
            return _ordering(tree, scope)
        case Call(function="selected"):
            return _selection(tree, scope)
    if kind_of(tree) == "truth":
        return _call(tree, scope)
    run = compile_value(tree, scope)
    return lambda values, clock: truth_of(run(values, clock))


def compile_value(tree: Expression, scope: Scope) -> Run[Value]:
    """Return a closure that evaluates ``tree`` to a value of its own kind."""
    match tree:
        case Reference() | Here():
            place = scope.place(tree)
            return lambda values, _: Stored(values[place])
        case Operation(operator="and" | "or") if kind_of(tree) != "truth":
            return _deciding(tree, scope)
        case Call(function="if"):
            return _choosing(tree, scope)
        case Nothing():
            return _constant(ABSENT)
        case Column():
            raise UnknownNameError(tree.name)
    match kind_of(tree):
        case "text":
            return compile_text(tree, scope)
        case "number":
            return compile_number(tree, scope)
        case "truth":
            return compile_truth(tree, scope)
        case _:
            return _call(tree, scope)


def kind_of(tree: Expression) -> str:
    """Return what ``tree`` evaluates to: text, number, truth, day, node, or any of them."""
    match tree:
        case Text():
            return "text"
        case Number() | Negation():
            return "number"
        case Reference() | Here() | Column():
            return "node"
        case Operation(operator="and" | "or"):
            kinds = {kind_of(operand) for operand in tree.operands}
            return "truth" if kinds == {"truth"} else "any"
        case Operation():
            return "number" if tree.operator in _ARITHMETIC else "truth"
        case Nothing():
            return "any"
        case Call():
            return SIGNATURES[tree.function].gives


def _constant(value: T) -> Run[T]:
    return lambda _values, _clock: value


def _divided(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or left != left:
        return NAN
    return _signed_infinity(left, right)


def _signed_infinity(left: float, right: float) -> float:
    positive = (left > 0) is not str(right).startswith("-")
    return float("inf") if positive else float("-inf")


def _remainder(left: float, right: float) -> float:
    return NAN if right == 0 or left - left != 0 else fmod(left, right)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": _divided,
    "mod": _remainder,
}


def _arithmetic(tree: Operation, scope: Scope) -> Run[float]:
    first, *others = (compile_number(operand, scope) for operand in tree.operands)
    apply = _ARITHMETIC[tree.operator]

    def run(values: Values, clock: Clock) -> float:
        total = first(values, clock)
        for other in others:
            total = apply(total, other(values, clock))
        return total

    return run


def _junction(tree: Operation, scope: Scope) -> Run[bool]:
    parts = [compile_truth(operand, scope) for operand in tree.operands]
    decisive = tree.operator == "or"
    if len(parts) == 2:
        left, right = parts
        if decisive:
            return lambda values, clock: left(values, clock) or right(values, clock)
        return lambda values, clock: left(values, clock) and right(values, clock)

    def run(values: Values, clock: Clock) -> bool:
        for part in parts:
            if part(values, clock) is decisive:
                return decisive
        return not decisive

    return run


def _deciding(tree: Operation, scope: Scope) -> Run[Value]:
    parts = [compile_value(operand, scope) for operand in tree.operands]
    decisive = tree.operator == "or"

    def run(values: Values, clock: Clock) -> Value:
        value: Value = not decisive
        for part in parts:
            value = part(values, clock)
            if truth_of(value) is decisive:
                break
        return value

    return run


def _choosing(tree: Call, scope: Scope) -> Run[Value]:
    condition = compile_truth(tree.arguments[0], scope)
    first, second = (compile_value(one, scope) for one in tree.arguments[1:])
    return lambda values, clock: (first if condition(values, clock) else second)(values, clock)


def _equality(tree: Operation, scope: Scope) -> Run[bool]:
    left, right = tree.operands
    if "any" in (kind_of(left), kind_of(right)):
        return _compared(equal if tree.operator == "=" else unequal, left, right, scope)
    same = _sameness(tree, scope)
    return same if tree.operator == "=" else lambda values, clock: not same(values, clock)


def _sameness(tree: Operation, scope: Scope) -> Run[bool]:
    left, right = tree.operands
    kinds = {kind_of(left), kind_of(right)}
    if "truth" in kinds:
        truths = compile_truth(left, scope), compile_truth(right, scope)
        return lambda values, clock: truths[0](values, clock) == truths[1](values, clock)
    if kinds & {"number", "day"}:
        numbers = compile_number(left, scope), compile_number(right, scope)
        return lambda values, clock: numbers[0](values, clock) == numbers[1](values, clock)
    return _same_text(left, right, scope)


def _same_text(left: Expression, right: Expression, scope: Scope) -> Run[bool]:
    if isinstance(left, (Reference, Here)) and isinstance(right, Text):
        place, literal = scope.place(left), right.value
        return lambda values, _: values[place] == literal
    texts = compile_text(left, scope), compile_text(right, scope)
    return lambda values, clock: texts[0](values, clock) == texts[1](values, clock)


def _compared(
    compare: Callable[[Value, Value, Clock], bool],
    left: Expression,
    right: Expression,
    scope: Scope,
) -> Run[bool]:
    first, second = compile_value(left, scope), compile_value(right, scope)
    return lambda values, clock: compare(first(values, clock), second(values, clock), clock)


def _ordering(tree: Operation, scope: Scope) -> Run[bool]:
    first, second = (compile_number(operand, scope) for operand in tree.operands)
    apply = _ORDER[tree.operator]
    return lambda values, clock: apply(first(values, clock), second(values, clock))


def _selection(tree: Call, scope: Scope) -> Run[bool]:
    """``selected(${name}, 'code')``, the commonest condition, without detours."""
    chosen, code = tree.arguments
    general = _call(tree, scope)
    if not isinstance(chosen, (Reference, Here)) or not isinstance(code, Text):
        return general
    if len(words(code.value)) > 1:
        return general
    place, literal = scope.place(chosen), code.value

    def run(values: Values, clock: Clock) -> bool:
        text = values[place]
        return text == literal or (literal in text and bool(general(values, clock)))

    return run


_READERS: dict[str, Callable[[Expression, Scope], Run[Any]]] = {
    "text": compile_text,
    "number": compile_number,
    "truth": compile_truth,
    "value": compile_value,
    "node": compile_value,
}


def _call(tree: Expression, scope: Scope) -> Run[Any]:
    if not isinstance(tree, Call):
        raise TypeError(tree)
    if tree.function in _OWN:
        return _OWN[tree.function](tree, scope)
    signature = SIGNATURES[tree.function]
    arguments = tuple(
        _READERS[_taken(signature, index)](argument, scope)
        for index, argument in enumerate(tree.arguments)
    )
    return _applied(signature, arguments)


def _taken(signature: Signature, index: int) -> str:
    return signature.takes[min(index, len(signature.takes) - 1)]


def _applied(signature: Signature, arguments: tuple[Run[Any], ...]) -> Run[Any]:
    function = signature.run
    if function is None:
        raise TypeError(signature)
    if signature.timed:
        return lambda values, clock: function(
            clock, *[argument(values, clock) for argument in arguments]
        )
    if len(arguments) == 1:
        only = arguments[0]
        return lambda values, clock: function(only(values, clock))
    return lambda values, clock: function(*[argument(values, clock) for argument in arguments])


def _once(tree: Call, scope: Scope) -> Run[str]:
    place, first = scope.place(Here()), compile_text(tree.arguments[0], scope)
    return lambda values, clock: values[place] or first(values, clock)


def _choice_name(tree: Call, scope: Scope) -> Run[str]:
    code, node = tree.arguments
    name = node.name if isinstance(node, Reference) else scope.own
    scope.place(node)
    labels, wanted = scope.labels.get(name, {}), compile_text(code, scope)
    return lambda values, clock: labels.get(wanted(values, clock), "")


def _regex(tree: Call, scope: Scope) -> Run[bool]:
    text, pattern = (compile_text(argument, scope) for argument in tree.arguments)
    if isinstance(tree.arguments[1], Text):
        fixed = compile_pattern(tree.arguments[1].value)
        return lambda values, clock: fixed.matches(text(values, clock))
    return lambda values, clock: _matches(text(values, clock), pattern(values, clock))


def _matches(text: str, pattern: str) -> bool:
    """Match a pattern that the form computes; one that cannot be used matches nothing."""
    try:
        return compile_pattern(pattern).matches(text)
    except PatternError:
        return False


_OWN: dict[str, Callable[[Call, Scope], Run[Any]]] = {
    "if": _choosing,
    "jr:choice-name": _choice_name,
    "once": _once,
    "regex": _regex,
}
