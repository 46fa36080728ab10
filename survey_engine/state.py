"""The changing part of a form: every node's text, relevance and fault, kept consistent."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import IntEnum
from heapq import heapify, heappop, heappush

from survey_engine.clock import Clock
from survey_engine.conversion import words
from survey_engine.datatype import Kind, canonical
from survey_engine.model import Cell, Model, is_fixed


class Verdict(IntEnum):
    """Whether a node's value may stand."""

    VALID = 0
    MISSING = 1
    VIOLATED = 2


class State:
    """One list per aspect, indexed by a node's place in the model.

    ``stored`` is the text kept, ``values`` the text that others read: blank while the node is not
    relevant, without codes that are not on offer.
    """

    __slots__ = ("calculated", "clock", "model", "relevant", "stored", "values", "verdicts")

    def __init__(self, model: Model, clock: Clock) -> None:
        size = len(model.cells)
        self.model = model
        self.clock = clock
        self.stored = [""] * size
        self.values = [""] * size
        self.calculated: list[str | None] = [None] * size
        self.relevant = bytearray(size)
        self.verdicts = bytearray(size)

    def copy(self, now: datetime) -> "State":
        """Return an independent state with another present moment."""
        other = State.__new__(State)
        other.model = self.model
        other.clock = Clock(now)
        other.stored = self.stored.copy()
        other.values = self.values.copy()
        other.calculated = self.calculated.copy()
        other.relevant = self.relevant[:]
        other.verdicts = self.verdicts[:]
        return other

    def open(self, preset: Mapping[int, str]) -> None:
        """Fill in presets and literal defaults, calculate, then fill in computed defaults."""
        computed = []
        for place, bind in enumerate(self.model.binds):
            text = preset.get(place, "")
            if place not in preset and bind.default is not None:
                if is_fixed(bind.default):
                    text = self._default(place)
                else:
                    computed.append(place)
            self.stored[place] = canonical(bind.kind, text)
        self._settle(range(len(self.model.cells)))
        for place in computed:
            if self.relevant[place]:
                self.stored[place] = canonical(self.model.cells[place].kind, self._default(place))
                self._settle((place,))

    def answer(self, place: int, text: str) -> None:
        """Store ``text`` at ``place`` and recompute what depends on it."""
        cell = self.model.cells[place]
        if cell.filtered:
            chosen = {text} if cell.kind is Kind.SINGLE else set(words(text))
            self.stored[place] = " ".join(code for code in self.offers(place) if code in chosen)
        else:
            self.stored[place] = canonical(cell.kind, text)
        self._settle((place,))

    def offers(self, place: int) -> tuple[str, ...]:
        """Return the choice codes on offer at ``place``, in order."""
        return tuple(dict.fromkeys(self._offered(self.model.cells[place])))

    def readonly(self, place: int) -> bool:
        """Whether the node at ``place`` or a group around it is readonly."""
        while place >= 0:
            cell = self.model.cells[place]
            if cell.readonly is not None and cell.readonly(self.values, self.clock):
                return True
            place = cell.parent
        return False

    def required(self, place: int) -> bool:
        """Whether the node at ``place`` is relevant and must not stay blank."""
        required = self.model.cells[place].required
        return (
            bool(self.relevant[place])
            and required is not None
            and required(self.values, self.clock)
        )

    def _default(self, place: int) -> str:
        default = self.model.cells[place].default
        return "" if default is None else default(self.values, self.clock)

    def _offered(self, cell: Cell) -> Iterator[str]:
        answers: dict[object, bool] = {None: True}
        for code, condition in cell.offers:
            if condition is not None and condition not in answers:
                answers[condition] = condition(self.values, self.clock)
            if answers[condition]:
                yield code

    def _settle(self, changed: Iterable[int]) -> None:
        """Recompute the changed places and all that depends on them, each after its sources."""
        model = self.model
        rank = model.rank
        queue = [rank[place] for place in changed]
        heapify(queue)
        queued = set(queue)
        judged: set[int] = set()
        while queue:
            at = heappop(queue)
            queued.discard(at)
            place = model.order[at]
            judged.add(place)
            if not self._recompute(place):
                continue
            judged.update(model.judges[place])
            for reader in model.readers[place]:
                if rank[reader] not in queued:
                    queued.add(rank[reader])
                    heappush(queue, rank[reader])
        for place in judged:
            self.verdicts[place] = self._judge(place)

    def _recompute(self, place: int) -> bool:
        """Bring one node up to date and tell whether its value or relevance changed."""
        cell = self.model.cells[place]
        values = self.values
        was, before = self.relevant[place], values[place]
        relevant = cell.parent < 0 or bool(self.relevant[cell.parent])
        if relevant and cell.relevant is not None:
            relevant = cell.relevant(values, self.clock)
        self.relevant[place] = relevant
        values[place] = self._shown(place, cell) if relevant else ""
        if relevant and cell.calculation is not None:
            text = cell.calculation(values, self.clock)
            if not was or text != self.calculated[place]:
                self.stored[place] = canonical(cell.kind, text)
                values[place] = self._shown(place, cell)
                self.calculated[place] = (
                    text if values[place] == text else cell.calculation(values, self.clock)
                )  # `once` reads what was kept
        return values[place] != before or relevant != was

    def _shown(self, place: int, cell: Cell) -> str:
        """Return the stored text without codes that are not on offer."""
        stored = self.stored[place]
        if not cell.filtered or stored == "":
            return stored
        if cell.kind is Kind.SINGLE:
            return stored if self._is_offered(cell, stored) else ""
        return " ".join(code for code in stored.split(" ") if self._is_offered(cell, code))

    def _is_offered(self, cell: Cell, code: str) -> bool:
        return any(
            condition is None or condition(self.values, self.clock)
            for condition in cell.by_code.get(code, ())
        )

    def _judge(self, place: int) -> Verdict:
        if not self.relevant[place]:
            return Verdict.VALID
        cell, values = self.model.cells[place], self.values
        if values[place] == "":
            required = cell.required is not None and cell.required(values, self.clock)
            return Verdict.MISSING if required else Verdict.VALID
        if cell.constraint is not None and not cell.constraint(values, self.clock):
            return Verdict.VIOLATED
        return Verdict.VALID
