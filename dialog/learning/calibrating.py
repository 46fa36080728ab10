"""Fitting the combiner on answers that careful people coded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from dialog.combiner import Combiner
from dialog.signals import Readings, Signals, signals_of_intent, signals_of_value

_INTENT = "intent:"
_STRENGTH = 0.3
_ROUNDS = 2_000


@dataclass(frozen=True, slots=True)
class Coded:
    """What was read of one utterance, and what a careful person made of it.

    ``expect`` is a value, ``unclear`` or ``intent:`` and its name; ``group`` who wrote or said it:
    answers of one group are never on both sides of a cross-validation.
    """

    readings: Readings
    expect: str
    group: str
    weight: float = 1.0


def fitted(rows: Sequence[Coded]) -> Combiner:
    """Return the combiner that suits ``rows`` best; the same rows give the same weights."""
    return Combiner(_weights(_values(rows)), _weights(_intents(rows)))


@dataclass(frozen=True, slots=True)
class _Case:
    signals: Signals
    right: bool
    weight: float


def _values(rows: Iterable[Coded]) -> list[_Case]:
    return [
        _Case(signals_of_value(one.readings, value), value == one.expect, one.weight)
        for one in rows
        for value in one.readings.values()
    ]


def _intents(rows: Iterable[Coded]) -> list[_Case]:
    return [
        _Case(signals_of_intent(one.readings, name), f"{_INTENT}{name}" == one.expect, one.weight)
        for one in rows
        for name in one.readings.names()
    ]


def _weights(cases: Sequence[_Case]) -> Mapping[str, float]:
    """Fit a logistic regression on standardised signals and fold the scale into the weights."""
    named = DictVectorizer(sparse=False)
    table = named.fit_transform([case.signals for case in cases])
    scale = table.std(axis=0)
    kept = np.where(scale > 1e-9, scale, 1.0)
    model = LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS)
    right = [case.right for case in cases]
    with threadpool_limits(limits=1):
        model.fit(table / kept, right, sample_weight=[case.weight for case in cases])
    weights = dict(zip(named.get_feature_names_out(), model.coef_[0] / kept, strict=True))
    found = {str(name): round(float(weight), 4) for name, weight in sorted(weights.items())}
    return {"bias": round(float(model.intercept_[0]), 4), **found}
