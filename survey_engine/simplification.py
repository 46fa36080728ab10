"""Choice filters made plain: a choice's cells put in, and what then is constant worked out."""

from collections.abc import Mapping

from survey_engine.tree import (
    COMPARISONS,
    FALSE,
    TRUE,
    Call,
    Column,
    Expression,
    Negation,
    Nothing,
    Operation,
    Text,
)

_TRUTHS = frozenset({"and", "or", "not", "boolean"})


def substitute(tree: Expression, cells: Mapping[str, str]) -> Expression:
    """Return ``tree`` with each column replaced by the choice's cell, folded as far as constant.

    A blank or absent cell is no value at all (``null``), as in ODK: any comparison with it is
    false.
    """
    match tree:
        case Column():
            cell = cells.get(tree.name)
            return Text(cell) if cell else Nothing()
        case Negation():
            return Negation(substitute(tree.operand, cells))
        case Call():
            return _call(tree, cells)
        case Operation():
            return _operation(tree, cells)
        case _:
            return tree


def _truth(tree: Expression, cells: Mapping[str, str]) -> Expression:
    """Substitute where only a truth is wanted: a column is true if the cell is there."""
    if isinstance(tree, Column):
        return TRUE if cells.get(tree.name) else FALSE
    return substitute(tree, cells)


def _call(tree: Call, cells: Mapping[str, str]) -> Expression:
    if tree.function in _TRUTHS:
        inner = _truth(tree.arguments[0], cells)
        if inner in (TRUE, FALSE):
            return TRUE if (inner == TRUE) is (tree.function == "boolean") else FALSE
        return Call(tree.function, (inner,))
    if tree.function == "if":
        return _if(tree, cells)
    return Call(tree.function, tuple(substitute(one, cells) for one in tree.arguments))


def _if(tree: Call, cells: Mapping[str, str]) -> Expression:
    condition = _truth(tree.arguments[0], cells)
    first, second = (substitute(one, cells) for one in tree.arguments[1:])
    if condition in (TRUE, FALSE):
        return first if condition == TRUE else second
    return Call("if", (condition, first, second))


def _operation(tree: Operation, cells: Mapping[str, str]) -> Expression:
    if tree.operator in _TRUTHS:
        return _junction(tree, cells)
    operands = tuple(substitute(one, cells) for one in tree.operands)
    if tree.operator in COMPARISONS and Nothing() in operands and not any(map(_is_truth, operands)):
        return FALSE
    if tree.operator in ("=", "!=") and all(isinstance(one, Text) for one in operands):
        return TRUE if (operands[0] == operands[1]) is (tree.operator == "=") else FALSE
    return Operation(tree.operator, operands)


def _is_truth(tree: Expression) -> bool:
    """Whether ``tree`` may be a truth, with which nothing at all compares as false does."""
    return isinstance(tree, (Call, Operation))


def _junction(tree: Operation, cells: Mapping[str, str]) -> Expression:
    """Fold ``and`` and ``or``: one constant decides, the other is dropped."""
    decisive, idle = (FALSE, TRUE) if tree.operator == "and" else (TRUE, FALSE)
    operands = [_truth(one, cells) for one in tree.operands]
    if decisive in operands:
        return decisive
    left = tuple(one for one in operands if one != idle)
    if len(left) > 1:
        return Operation(tree.operator, left)
    return left[0] if left else idle
