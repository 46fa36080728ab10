"""A form being filled in: values, what is relevant, what is invalid, always up to date."""

from collections.abc import Mapping
from datetime import datetime
from itertools import compress
from operator import and_

from survey_engine.clock import Clock
from survey_engine.conversion import Stored, Value
from survey_engine.model import Model
from survey_engine.state import State, Verdict
from survey_engine.tree import Expression

_ONLY_MISSING = bytes(code == Verdict.MISSING for code in range(256))


class Instance:
    """A form with answers. It never changes: an answer gives a new instance.

    Every node keeps a stored text. What others read is its value: blank while the node is not
    relevant, and without choice codes that are not on offer. The stored text returns with
    relevance, even one that was given meanwhile. A name that the form does not have raises
    KeyError everywhere.
    """

    __slots__ = ("_state",)

    def __init__(self, state: State) -> None:
        self._state = state

    @classmethod
    def start(cls, model: Model, preset: Mapping[str, str], now: datetime) -> "Instance":
        """Return the form as it opens: preset values, then defaults, then calculations."""
        state = State(model, Clock(now))
        state.open({model.places[name]: text for name, text in preset.items()})
        return cls(state)

    def with_value(self, name: str, text: str, now: datetime) -> "Instance":
        """Return the form after ``name`` was answered with ``text``.

        The text is kept in its kind's own form (:func:`survey_engine.datatype.canonical`), so what
        is no such value becomes blank; of choice codes those on offer are kept, in their order.
        """
        place = self.model.places[name]
        state = self._state.copy(now)
        state.answer(place, text)
        return Instance(state)

    @property
    def model(self) -> Model:
        """The form that is being filled in."""
        return self._state.model

    def value(self, name: str) -> str:
        """Return what other expressions read of ``name``; blank while it is not relevant."""
        return self._state.values[self.model.places[name]]

    def stored(self, name: str) -> str:
        """Return the text kept for ``name``, relevant or not."""
        return self._state.stored[self.model.places[name]]

    def is_relevant(self, name: str) -> bool:
        """Whether ``name`` and all groups around it are relevant."""
        return bool(self._state.relevant[self.model.places[name]])

    def is_invalid(self, name: str) -> bool:
        """Whether ``name`` is relevant and violates its constraint, or is required and blank."""
        return self._state.verdicts[self.model.places[name]] != Verdict.VALID

    def is_readonly(self, name: str) -> bool:
        """Whether ``name`` or a group around it is readonly now."""
        return self._state.readonly(self.model.places[name])

    def is_required(self, name: str) -> bool:
        """Whether ``name`` is relevant and must be answered now."""
        return self._state.required(self.model.places[name])

    def relevant(self) -> tuple[str, ...]:
        """Return the names of all relevant nodes but groups, in the order of the form."""
        model, relevant = self.model, self._state.relevant
        return tuple(compress(model.names, map(and_, relevant, model.is_leaf)))

    def values(self) -> dict[str, str]:
        """Return every value that is not blank, in the order of the form."""
        pairs = zip(self.model.names, self._state.values, strict=True)
        return {name: text for name, text in pairs if text}

    def invalid(self) -> tuple[str, ...]:
        """Return the names of all invalid nodes, in the order of the form."""
        return tuple(compress(self.model.names, self._state.verdicts))

    def missing(self) -> tuple[str, ...]:
        """Return the names of the invalid nodes that are required and blank."""
        return tuple(compress(self.model.names, self._state.verdicts.translate(_ONLY_MISSING)))

    def offers(self, name: str) -> tuple[str, ...]:
        """Return the choice codes of ``name`` that are on offer now, in order."""
        return self._state.offers(self.model.places[name])

    def test(self, expression: Expression) -> bool:
        """Return whether ``expression`` is true of the form as it stands."""
        return self.model.truth(expression)(self._state.values, self._state.clock)

    def evaluate(self, expression: Expression) -> Value:
        """Return the value of ``expression``: text, a number (dates are day numbers) or a truth."""
        value = self.model.value(expression)(self._state.values, self._state.clock)
        return str(value) if isinstance(value, Stored) else value

    def __reduce__(self) -> tuple[object, ...]:
        state = self._state
        parts = (
            state.model, state.clock.now, state.stored, state.values,
            state.calculated, state.relevant, state.verdicts,
        )  # fmt: skip
        return _restored, parts


def _restored(
    model: Model,
    now: datetime,
    stored: list[str],
    values: list[str],
    calculated: list[str | None],
    relevant: bytearray,
    verdicts: bytearray,
) -> Instance:
    """Rebuild a pickled instance."""
    state = State(model, Clock(now))
    state.stored, state.values, state.calculated = stored, values, calculated
    state.relevant, state.verdicts = relevant, verdicts
    return Instance(state)
