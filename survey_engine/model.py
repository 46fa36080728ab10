"""The form as a reactive model: every node compiled, in the order in which values depend."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from survey_engine.bind import Bind
from survey_engine.conversion import Value
from survey_engine.datatype import Kind
from survey_engine.dependency import Graph, Problem, find_cycles
from survey_engine.evaluation import (
    Run,
    Scope,
    compile_text,
    compile_truth,
    compile_value,
)
from survey_engine.tree import Expression, Number, Text, references

T = TypeVar("T")
_REMEMBERED = 4_096


class ModelError(ValueError):
    """Binds that make no form; ``problems`` lists every one."""

    code = "model-error"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.message for problem in self.problems))

    def __reduce__(self) -> tuple[type["ModelError"], tuple[tuple[Problem, ...]]]:
        return ModelError, (self.problems,)


@dataclass(frozen=True, slots=True)
class Cell:
    """One node, compiled. ``conditions`` are those of its choices, each once."""

    name: str
    kind: Kind
    parent: int
    relevant: Run[bool] | None
    calculation: Run[str] | None
    constraint: Run[bool] | None
    required: Run[bool] | None
    readonly: Run[bool] | None
    default: Run[str] | None
    offers: tuple[tuple[str, Run[bool] | None], ...]
    by_code: Mapping[str, tuple[Run[bool] | None, ...]]
    filtered: bool


class Model:
    """A form's nodes, compiled. Build it with :meth:`build`; it never changes."""

    def __init__(self, binds: tuple[Bind, ...]) -> None:
        self.binds = binds
        self.places: dict[str, int] = {bind.name: place for place, bind in enumerate(binds)}
        labels = {bind.name: _labels(bind) for bind in binds if bind.labels}
        self._scope = Scope(self.places, labels)
        self.cells = tuple(_compile(bind, self._scope) for bind in binds)
        graph = Graph(binds)
        self.order = graph.order
        self.rank = graph.rank
        self.readers = graph.readers
        self.judges = graph.judges
        self.names = tuple(bind.name for bind in binds)
        self.is_leaf = bytes(bind.kind is not Kind.GROUP for bind in binds)
        self._remembered: dict[tuple[int, str], tuple[Expression, Run[object]]] = {}

    @classmethod
    def build(cls, binds: Iterable[Bind]) -> "Model":
        """Return the model of ``binds``; their order is the order of the form.

        Raises :class:`ModelError` with every duplicate name, unknown name and circle.
        """
        found = tuple(binds)
        problems = [*_duplicates(found), *_unknown(found)]
        problems += find_cycles(found) if not problems else ()
        if problems:
            raise ModelError(problems)
        return cls(found)

    def __reduce__(self) -> tuple[type["Model"], tuple[tuple[Bind, ...]]]:
        return Model, (self.binds,)

    def knows(self, name: str) -> bool:
        """Whether a node of the form is called ``name``."""
        return name in self.places

    def bind(self, name: str) -> Bind:
        """Return the bind called ``name``; KeyError if there is none."""
        return self.binds[self.places[name]]

    def truth(self, expression: Expression) -> Run[bool]:
        """Return ``expression`` compiled to a truth; UnknownNameError if it names no node."""
        return self._compiled("truth", expression, compile_truth)

    def value(self, expression: Expression) -> Run[Value]:
        """Return ``expression`` compiled to a value; UnknownNameError if it names no node."""
        return self._compiled("value", expression, compile_value)

    def _compiled(
        self, kind: str, expression: Expression, compiler: Callable[[Expression, Scope], Run[T]]
    ) -> Run[T]:
        """Keep what was compiled by its tree's identity, and the tree, so that no other has it."""
        key = (id(expression), kind)
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            found = (expression, compiler(expression, self._scope))
            self._remembered[key] = found
        return found[1]  # type: ignore[return-value]


def _labels(bind: Bind) -> dict[str, str]:
    labels: dict[str, str] = {}
    for (code, _), label in zip(bind.choices, bind.labels, strict=True):
        labels.setdefault(code, label)
    return labels


def _compile(bind: Bind, names: Scope) -> Cell:
    scope = Scope(names.places, names.labels, bind.name)
    compiled: dict[Expression, Run[bool]] = {}
    offers = tuple((code, _condition(when, scope, compiled)) for code, when in bind.choices)
    by_code: dict[str, tuple[Run[bool] | None, ...]] = {}
    for code, condition in offers:
        by_code[code] = (*by_code.get(code, ()), condition)
    return Cell(
        name=bind.name,
        kind=bind.kind,
        parent=names.places.get(bind.parent, -1),
        relevant=_optional(bind.relevant, scope, compile_truth),
        calculation=_optional(bind.calculation, scope, compile_text),
        constraint=_optional(bind.constraint, scope, compile_truth),
        required=_optional(bind.required, scope, compile_truth),
        readonly=_optional(bind.readonly, scope, compile_truth),
        default=_optional(bind.default, scope, compile_text),
        offers=offers,
        by_code=by_code,
        filtered=bind.kind.has_choices,
    )


def _condition(
    when: Expression | None, scope: Scope, compiled: dict[Expression, Run[bool]]
) -> Run[bool] | None:
    if when is None:
        return None
    if when not in compiled:
        compiled[when] = compile_truth(when, scope)
    return compiled[when]


def _optional(
    tree: Expression | None, scope: Scope, compiler: Callable[[Expression, Scope], Run[T]]
) -> Run[T] | None:
    return None if tree is None else compiler(tree, scope)


def is_fixed(default: Expression) -> bool:
    """Whether a default is a plain literal, which a node holds even while it is not relevant."""
    return isinstance(default, (Text, Number))


def expressions(bind: Bind) -> Sequence[Expression]:
    """Return every expression of ``bind``."""
    own = (
        bind.relevant, bind.constraint, bind.required, bind.readonly,
        bind.calculation, bind.default, *(when for _, when in bind.choices),
    )  # fmt: skip
    return [tree for tree in own if tree is not None]


def _duplicates(binds: tuple[Bind, ...]) -> Iterable[Problem]:
    seen: set[str] = set()
    for bind in binds:
        if bind.name in seen:
            message = f"`{bind.name}` stands twice in the form; rename one of the two."
            yield Problem("duplicate-name", bind.name, bind.name, (), message)
        seen.add(bind.name)


def _unknown(binds: tuple[Bind, ...]) -> Iterable[Problem]:
    kinds = {bind.name: bind.kind for bind in binds}
    for bind in binds:
        if bind.parent and kinds.get(bind.parent) is not Kind.GROUP:
            message = f"`{bind.name}` stands in `{bind.parent}`, which is no group of the form."
            yield Problem("unknown-name", bind.name, bind.parent, (), message)
        named = sorted(frozenset().union(*map(references, expressions(bind))))
        for name in named:
            if kinds.get(name, Kind.GROUP) is Kind.GROUP:
                what = "is a group and has no value" if name in kinds else "the form does not have"
                message = f"`{bind.name}` names `{name}`, which {what}; correct the name."
                yield Problem("unknown-name", bind.name, name, (), message)
