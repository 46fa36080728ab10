"""What depends on what in a form: the order of calculation, who reads whom, and circles."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from survey_engine.bind import Bind
from survey_engine.tree import Expression, reads_itself, references


@dataclass(frozen=True, slots=True)
class Problem:
    """Why binds make no form: the bind, the name it trips over, and the circle if it is one."""

    code: str
    bind: str
    name: str
    cycle: tuple[str, ...]
    message: str


def sources(bind: Bind) -> tuple[str, ...]:
    """Return the names that must be known before ``bind``: its group and what its value reads."""
    names = dict.fromkeys((bind.parent,) if bind.parent else ())
    for tree in (bind.relevant, bind.calculation, *(when for _, when in bind.choices)):
        if tree is not None:
            names.update(dict.fromkeys(sorted(references(tree))))
            names.update({bind.name: None} if reads_itself(tree) else {})
    return tuple(names)


class Graph:
    """The order of a form's nodes, and for each node the places that look at it."""

    def __init__(self, binds: Sequence[Bind]) -> None:
        places = {bind.name: place for place, bind in enumerate(binds)}
        needs = [[places[name] for name in sources(bind)] for bind in binds]
        self.order = tuple(_sorted(needs))
        self.rank = [0] * len(binds)
        for rank, place in enumerate(self.order):
            self.rank[place] = rank
        self.readers = _reversed(needs)
        self.judges = _reversed([_judged(bind, places) for bind in binds])


def _judged(bind: Bind, places: dict[str, int]) -> list[int]:
    """Return the places whose values decide whether the value of ``bind`` is valid."""
    return [places[name] for name in sorted(_named((bind.constraint, bind.required)))]


def _named(trees: Iterable[Expression | None]) -> frozenset[str]:
    return frozenset().union(*(references(tree) for tree in trees if tree is not None))


def _reversed(edges: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    found: list[list[int]] = [[] for _ in edges]
    for place, targets in enumerate(edges):
        for target in targets:
            found[target].append(place)
    return tuple(tuple(dict.fromkeys(one)) for one in found)


def _sorted(needs: Sequence[Sequence[int]]) -> Iterator[int]:
    """Yield every place after all that it needs; there must be no circle."""
    done = [False] * len(needs)
    for start in range(len(needs)):
        waiting = [start]
        while waiting:
            place = waiting[-1]
            missing = [need for need in needs[place] if not done[need]]
            if missing:
                waiting.extend(reversed(missing))
                continue
            waiting.pop()
            if not done[place]:
                done[place] = True
                yield place


def find_cycles(binds: Sequence[Bind]) -> Iterator[Problem]:
    """Yield one problem for each circle, with its path."""
    needs = {bind.name: sources(bind) for bind in binds}
    settled: set[str] = set()
    for bind in binds:
        yield from _cycles_from(bind.name, needs, settled)


def _cycles_from(
    start: str, needs: dict[str, tuple[str, ...]], settled: set[str]
) -> Iterator[Problem]:
    path: list[str] = []
    waiting = [(start, iter((start,)))]
    while waiting:
        name = next(waiting[-1][1], None)
        if name is None:
            waiting.pop()
            if path:
                settled.add(path.pop())
        elif name in path:
            yield _cycle(path[path.index(name) :])
        elif name not in settled:
            path.append(name)
            waiting.append((name, iter(needs[name])))


def _cycle(path: list[str]) -> Problem:
    names = (*path, path[0])
    message = f"`{path[0]}` depends on itself through {' → '.join(names)}; break the circle."
    return Problem("cycle", path[0], path[-1], names, message)
