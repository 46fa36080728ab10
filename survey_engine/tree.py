"""The tree of an expression: frozen nodes, and the walks over them."""

from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
CHAINED = frozenset({"and", "or", "+"})


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal; never negative, which is :class:`Negation`."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal."""

    value: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of another node of the form, ``${name}``."""

    name: str


@dataclass(frozen=True, slots=True)
class Here:
    """The value of the node that the expression belongs to, ``.``."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the choice that a choice filter looks at."""

    name: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """No value at all, ``null``: blank as text, and every comparison with it is false."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function call."""

    function: str
    arguments: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Negation:
    """A minus before its operand."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator between operands: two, or any number for ``and``, ``or`` and ``+``."""

    operator: str
    operands: "tuple[Expression, ...]"


Expression = Number | Text | Reference | Here | Column | Nothing | Call | Negation | Operation

TRUE = Call("true", ())
FALSE = Call("false", ())


def children(tree: Expression) -> tuple[Expression, ...]:
    """Return the direct parts of ``tree``."""
    match tree:
        case Call():
            return tree.arguments
        case Operation():
            return tree.operands
        case Negation():
            return (tree.operand,)
        case _:
            return ()


def walk(tree: Expression) -> Iterator[tuple[Expression, int]]:
    """Yield every node of ``tree`` with its depth, the root having depth 1."""
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in children(node))


def references(tree: Expression) -> frozenset[str]:
    """Return the names that ``tree`` reads; ``last-saved#name`` for last year's values."""
    return frozenset(node.name for node, _ in walk(tree) if isinstance(node, Reference))


def columns(tree: Expression) -> frozenset[str]:
    """Return the choice columns that ``tree`` reads."""
    return frozenset(node.name for node, _ in walk(tree) if isinstance(node, Column))


def reads_itself(tree: Expression) -> bool:
    """Whether ``tree`` reads the node that it belongs to through ``.``."""
    return any(isinstance(node, Here) for node, _ in walk(tree))
