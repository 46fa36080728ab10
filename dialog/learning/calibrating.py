"""Fitting the combiner on answers that careful people coded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from dialog.combiner import ANYWHERE, Combiner
from dialog.interpreters.learned import place_of
from dialog.policy import PLAIN, thresholds_of
from dialog.readings import Readings
from dialog.signals import Signals
from dialog.spoken_corpus import UNCLEAR

_INTENT = "intent:"
_STRENGTH = 0.1
_ROUNDS = 2_000
#: Coded answers of an average question that stand beside those of each place.
_AVERAGE = 20.0


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
    """Return the combiner that suits ``rows`` best; the same rows give the same weights.

    The weights are those of written words; what spoken ones leave of them is measured with these.
    """
    written = [one for one in rows if one.readings.heard is None]
    unweighted = Combiner({}, {}, _difficulty(written))
    values, intents = _values(written, unweighted), _intents(written, unweighted)
    weighted = replace(unweighted, value=_weights(values), intent=_weights(intents))
    spoken = [one for one in rows if one.readings.heard is not None]
    return replace(weighted, hearing=_hearing(spoken, weighted))


def _hearing(rows: Iterable[Coded], combiner: Combiner) -> tuple[tuple[float, float], ...]:
    """Return how often what would be recorded is right, by how surely it was heard (isotonic)."""
    heard, right = [], []
    for one in rows:
        best = combiner.combine(one.readings).best
        if best is not None and best.confidence >= thresholds_of(PLAIN).record:
            heard.append(one.readings.heard)
            right.append(best.value == one.expect)
    if not heard:
        return ()
    model = IsotonicRegression(y_min=0.0, y_max=1.0).fit(heard, right)
    steps = zip(model.X_thresholds_, model.y_thresholds_, strict=True)
    shares: dict[float, float] = {}
    for sureness, share in steps:
        shares.setdefault(round(float(share), 4), round(float(sureness), 4))
    return tuple((sureness, share) for share, sureness in shares.items())


def _difficulty(rows: Iterable[Coded]) -> Mapping[str, float]:
    """Return of every place, and of all together, in what share the likeliest reading is wrong."""
    said, missed = defaultdict[str, float](float), defaultdict[str, float](float)
    for one in rows:
        if one.expect != UNCLEAR and not one.expect.startswith(_INTENT):
            for place in {place_of(one.readings.question), ANYWHERE}:
                said[place] += one.weight
                missed[place] += one.weight * (one.readings.likeliest() != one.expect)
    average = missed[ANYWHERE] / max(1.0, said[ANYWHERE])
    return {
        place: round((missed[place] + _AVERAGE * average) / (said[place] + _AVERAGE), 4)
        for place in sorted(said)
    }


@dataclass(frozen=True, slots=True)
class _Case:
    signals: Signals
    right: bool
    weight: float


def _values(rows: Iterable[Coded], combiner: Combiner) -> list[_Case]:
    return [
        _Case(combiner.for_value(one.readings, value), value == one.expect, one.weight)
        for one in rows
        for value in one.readings.values()
    ]


def _intents(rows: Iterable[Coded], combiner: Combiner) -> list[_Case]:
    return [
        _Case(combiner.for_intent(one.readings, name), f"{_INTENT}{name}" == one.expect, one.weight)
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
