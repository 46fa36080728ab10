"""An expression's canonical text."""

from decimal import Decimal

from survey_engine.tree import (
    CHAINED,
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

PRECEDENCE = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6,
}  # fmt: skip
_UNARY = 7
_TIGHTEST = 8


def to_text(tree: Expression) -> str:
    """Return the canonical text of ``tree``; parsing it gives ``tree`` again.

    A literal with both kinds of quotes cannot be written in this language and becomes a
    ``concat()`` of its parts.
    """
    match tree:
        case Number():
            return _number(tree.value)
        case Text():
            return _quoted(tree.value)
        case Reference():
            return f"${{{tree.name}}}"
        case Here():
            return "."
        case Column():
            return tree.name
        case Nothing():
            return "null"
        case Call():
            return _call(tree)
        case Negation():
            return f"-{_bracketed(tree.operand, _UNARY)}"
        case Operation():
            return _operation(tree)


def _number(value: float) -> str:
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def _quoted(value: str) -> str:
    if "'" not in value:
        return f"'{value}'"
    if '"' not in value:
        return f'"{value}"'
    between = ', "\'", '
    return "concat(" + between.join(f"'{part}'" for part in value.split("'")) + ")"


def _call(tree: Call) -> str:
    texts = [to_text(argument) for argument in tree.arguments]
    if tree.function == "jr:choice-name" and isinstance(tree.arguments[1], Reference):
        texts[1] = f"'{texts[1]}'"
    return f"{tree.function}({', '.join(texts)})"


def _operation(tree: Operation) -> str:
    rank = PRECEDENCE[tree.operator]
    first, *others = tree.operands
    same = isinstance(first, Operation) and first.operator == tree.operator in CHAINED
    texts = [_bracketed(first, rank + 1 if same else rank)]
    texts.extend(_bracketed(operand, rank + 1) for operand in others)
    return f" {tree.operator} ".join(texts)


def _bracketed(tree: Expression, least: int) -> str:
    text = to_text(tree)
    return text if _rank(tree) >= least else f"({text})"


def _rank(tree: Expression) -> int:
    if isinstance(tree, Operation):
        return PRECEDENCE[tree.operator]
    return _UNARY if isinstance(tree, Negation) else _TIGHTEST
