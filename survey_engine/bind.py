"""One node of a form as the reactive engine sees it."""

from dataclasses import dataclass

from survey_engine.datatype import Kind
from survey_engine.tree import Expression


@dataclass(frozen=True, slots=True)
class Bind:
    """A node: its kind, the group around it, and the expressions that govern it.

    ``choices`` are codes with the condition under which each is offered; ``labels`` are their
    labels in the same order. The relevance and the readonly of a group hold for all inside it.
    """

    name: str
    kind: Kind
    parent: str = ""
    relevant: Expression | None = None
    constraint: Expression | None = None
    required: Expression | None = None
    readonly: Expression | None = None
    calculation: Expression | None = None
    default: Expression | None = None
    choices: tuple[tuple[str, Expression | None], ...] = ()
    labels: tuple[str, ...] = ()
