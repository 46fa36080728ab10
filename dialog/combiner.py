"""One calibrated probability for every reading, from the signals that speak for and against it.

Two logistic regressions, for values and for intents, fitted on answers that careful people coded
(``tingwen learn``). Their weights are data: ``combiner.json``, a number for every signal's name.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from dialog.interpretation import Candidate, Intent, Interpretation
from dialog.interpreters.learned import place_of
from dialog.interpreters.place import Place
from dialog.interpreters.sound import Sound
from dialog.interpreters.unchanged import Unchanged
from dialog.listed import as_listed
from dialog.readings import Readings
from dialog.reservation import reservations
from dialog.signals import Signals, signals_of_intent, signals_of_value
from dialog.strength import Strength, strength
from survey_engine.item import Role

COMBINER = "combiner.json"
FILE = Path(__file__).parent / "learned" / COMBINER
_BIAS = "bias"
#: The place that stands for all of them.
ANYWHERE = ""
#: An intent that concerns a life gives way to nothing that is only as probable.
_LIFE = 3
#: Intents that cost at most one more turn, and what any other has to reach without a rule's word.
_HARMLESS = frozenset({"repeat", "slower", "explain", "wait", "who_are_you", "dont_know"})
_GRAVE = 0.6
#: A call for help ends the interview: without a rule's word it has to be all but certain.
_OF_HELP = {"distress": 0.8}
#: The same where a telephone number is asked for: one may be given up without anything else.
_OF_NUMBERS = {"wrong_person": 1.0, "refuse_item": 0.8}
#: Below this no answer was heard that could stand against an intent which the rules see.
_ANY_ANSWER = 0.8
#: They read a value by its place in the list, or as the one of last year.
_POINTING = frozenset({Place.name, Unchanged.name})


@dataclass(frozen=True, slots=True)
class Combiner:
    """The weights of the signals of values and of intents, and what else was measured.

    The ``difficulty`` of a place is the share of its answers whose likeliest reading is wrong.
    ``hearing`` tells from how sure a recogniser is what share of a probability spoken words leave,
    as rising steps of sureness and share; none if it was not measured.
    """

    value: Mapping[str, float]
    intent: Mapping[str, float]
    difficulty: Mapping[str, float] = field(default_factory=dict)
    hearing: tuple[tuple[float, float], ...] = ()

    def combine(self, readings: Readings) -> Interpretation:
        """Return every reading with its probability, and only what counts: answers or intents."""
        doubts = (one for reading in readings.voters.values() for one in reading.doubts)
        flags = tuple(dict.fromkeys((*readings.lexicon.doubts, *doubts)))
        readings = replace(readings, voters=self._weighed(readings.voters))
        candidates = tuple(sorted(self._candidates(readings), key=lambda one: -one.confidence))
        intents = tuple(sorted(self._intents(readings), key=lambda one: -one.confidence))
        whole = Interpretation(candidates, intents, flags)
        return _decided(whole, readings)

    def _weighed(self, voters: Mapping[str, Interpretation]) -> Mapping[str, Interpretation]:
        """Return the readings of those whose worth was measured; others count for nothing."""
        known = {signal.partition("-")[0] for signal in (*self.value, *self.intent)}
        return {name: one for name, one in voters.items() if name in known}

    def _candidates(self, readings: Readings) -> Iterable[Candidate]:
        if _is_free(readings):
            yield from readings.lexicon.candidates
            return
        listed, pointed = as_listed(readings), _pointed_at(readings)
        for value in (pointed,) if pointed else readings.values():
            sure = probability(self.value, self.for_value(readings, value))
            if value == listed:
                sure = max(sure, readings.lexicon.probability(value))
            if value == pointed:
                sure = strength(Strength.READ_BACK)
            elif value != listed and _is_unlearned(readings):
                sure = min(readings.lexicon.probability(value), strength(Strength.READ_BACK))
            yield replace(readings.candidate(value), confidence=sure * self._left(readings))

    def _intents(self, readings: Readings) -> Iterable[Intent]:
        for name in readings.names():
            sure = probability(self.intent, self.for_intent(readings, name))
            yield replace(readings.intent(name), confidence=sure)

    def for_value(self, readings: Readings, value: str) -> Signals:
        """Return what speaks for and against ``value``."""
        return signals_of_value(readings, value, self._hardness(readings))

    def for_intent(self, readings: Readings, name: str) -> Signals:
        """Return what speaks for and against the intent ``name``."""
        return signals_of_intent(readings, name, self._hardness(readings))

    def _left(self, readings: Readings) -> float:
        """Return what share of a probability is left by how well the words were heard."""
        if readings.heard is None or not self.hearing:
            return 1.0
        reached = [share for sureness, share in self.hearing if sureness <= readings.heard]
        return reached[-1] if reached else self.hearing[0][1]

    def _hardness(self, readings: Readings) -> float:
        """Return how hard this question is; as an average one where no answer was coded."""
        average = self.difficulty.get(ANYWHERE, 0.0)
        return self.difficulty.get(place_of(readings.question), average)


def _decided(whole: Interpretation, readings: Readings) -> Interpretation:
    """An intent counts where it is more probable than any answer and than none at all."""
    if _is_free(readings) and readings.settled.candidates:
        return replace(whole, intents=())
    best, intent = whole.best, max(whole.intents, key=lambda one: one.confidence, default=None)
    at_risk = [one for one in readings.settled.intents if one.weight >= _LIFE]
    if at_risk:
        return replace(whole, candidates=(), intents=tuple(at_risk))
    reasons = reservations(readings, best.value) if best else ()
    if reasons:
        kept = tuple(_held_back(one) for one in whole.candidates)
        whole = replace(whole, candidates=kept, doubts=(*whole.doubts, *reasons))
    rival = best.confidence if best else 0.0
    if intent and intent.confidence > max(rival, _needed(intent, readings, rival)):
        return replace(whole, candidates=(), intents=(intent,))
    if readings.settled.intents and rival < _ANY_ANSWER:
        return replace(whole, candidates=(), intents=readings.settled.intents)
    return replace(whole, intents=())


def _needed(intent: Intent, readings: Readings, rival: float) -> float:
    """Return how probable an intent has to be: more, where no rule sees it and much follows."""
    if intent.name in _HARMLESS or any(one.name == intent.name for one in readings.lexicon.intents):
        return 0.5 - rival
    special = _OF_HELP | (_OF_NUMBERS if _is_of_numbers(readings) else {})
    return special.get(intent.name, _GRAVE)


def _is_of_numbers(readings: Readings) -> bool:
    """Whether a number is asked for: that one is given up does not say who has answered."""
    item = readings.question.item
    return item is not None and item.role is Role.TELEPHONE


def _is_unlearned(readings: Readings) -> bool:
    """Whether nothing was learned of the question: what the rules read is then read back."""
    learned = (one for name, one in readings.voters.items() if name != Sound.name)
    return not any(one.candidates or one.unclear for one in learned)


def _pointed_at(readings: Readings) -> str:
    """Return the value that was only pointed at, of whose words no other reader knows."""
    found = [one for one in readings.lexicon.candidates if one.interpreter in _POINTING]
    return found[0].value if found else ""


def _is_free(readings: Readings) -> bool:
    """Whether the answer is a number, a date or a name: how sure it is, only the lexicon knows."""
    return not (readings.question.choices or readings.question.is_yes_no)


def _held_back(candidate: Candidate) -> Candidate:
    """A value with a reservation is read back at most."""
    return replace(candidate, confidence=min(candidate.confidence, strength(Strength.READ_BACK)))


def probability(weights: Mapping[str, float], signals: Signals) -> float:
    """Return the logistic of the weighted sum; signals without a weight do not count."""
    total = weights.get(_BIAS, 0.0)
    total += sum(weights.get(name, 0.0) * amount for name, amount in signals.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def shipped_combiner() -> Combiner | None:
    """Return the combiner of this release, or None if there is none."""
    return read_combiner(FILE)


@cache
def read_combiner(file: Path) -> Combiner | None:
    """Return the combiner in ``file``, read once, or None if there is none."""
    if not file.exists():
        return None
    held = json.loads(file.read_text(encoding="utf-8"))
    hearing = tuple((sureness, share) for sureness, share in held["hearing"])
    return Combiner(held["value"], held["intent"], held["difficulty"], hearing)


def write_combiner(file: Path, combiner: Combiner) -> None:
    """Write the weights, readable by a person, one a line."""
    held = {
        "value": combiner.value,
        "intent": combiner.intent,
        "difficulty": combiner.difficulty,
        "hearing": combiner.hearing,
    }
    file.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
