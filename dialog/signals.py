"""What speaks for and against a reading, as numbers with names.

They are what the combiner weighs: how sure each interpreter is, whether they agree, and what in
the words or the circumstances makes a careful person doubt.
"""

import math

from dialog.interpretation import Interpretation
from dialog.question import Question
from dialog.readings import Readings
from dialog.reservation import REASONS, reservations
from dialog.several import NAME as JOINTLY

LEXICON = "lexicon"
_DOUBTS = ("unclear", "hedged", "several", "doubled", "stopped")
_GENERAL = ("yes_no", "verbs")
_LEAST = 0.005
_LONG = 12


Signals = dict[str, float]


def signals_of_value(readings: Readings, value: str, difficulty: float) -> Signals:
    """Return what speaks for and against ``value``; ``difficulty`` is that of the question."""
    found = _circumstances(readings, difficulty)
    reasons = reservations(readings, value)
    found |= {f"reserved-{reason}": float(reason in reasons) for reason in REASONS}
    kind = _kind(readings.question)
    own = readings.lexicon.probability(value)
    other = _other(readings.lexicon, value)
    found["lexicon"] = _logit(own) if own else 0.0
    found["lexicon-silent"] = float(not own)
    found["lexicon-other"] = other
    found["lexicon-nothing"] = float(not readings.lexicon.candidates)
    found["lexicon-gives-way"] = float(not readings.settled.candidates and bool(own))
    found["general"] = float(
        bool(own) and readings.candidate(value).interpreter in ("yes_no", "verbs")
    )
    found[f"{kind}"] = 1.0
    found[f"{kind}-lexicon"] = own
    votes = [float(own > other)] if readings.lexicon.candidates else []
    for name, reading in readings.voters.items():
        votes += _vote(found, name, reading, value)
    if readings.question.is_multiple:
        votes += _vote(found, JOINTLY, readings.jointly, value)
    found |= _agreement(found)
    found["votes"] = sum(votes) / len(votes) if votes else 0.0
    found["unanimous"] = float(bool(votes) and min(votes) > 0)
    found["last-year"] = float(bool(value) and readings.question.context.last_year == value)
    return found


def _vote(found: Signals, name: str, reading: Interpretation, value: str) -> list[float]:
    if not reading.candidates and not reading.unclear:
        found[f"{name}-silent"] = 1.0
        return []
    own, other = reading.probability(value), _other(reading, value)
    aside = max((one.confidence for one in reading.intents), default=0.0)
    name = f"{name}-together" if "+" in value else name
    found[name] = _logit(own)
    found[f"{name}-margin"] = own - max(other, reading.unclear)
    found[f"{name}-unclear"] = reading.unclear
    found[f"{name}-intent"] = aside
    if reading.options:
        inside, outside = reading.weakest(value)
        found[f"{name}-inside"], found[f"{name}-outside"] = _logit(inside), _logit(outside)
    if reading.likeness:
        found[f"{name}-likeness"] = reading.likeness
    return [float(own > max(other, reading.unclear))]


def _agreement(found: Signals) -> Signals:
    """Two readers that are both sure tell more than each by itself."""
    sense, spelling, nearest = (_margin(found, name) for name in ("sense", "spelling", "nearest"))
    return {
        "lexicon*sense": found["lexicon"] * sense,
        "sense*spelling": sense * spelling,
        "spelling*nearest": spelling * nearest,
    }


def _margin(found: Signals, name: str) -> float:
    return found.get(f"{name}-margin", found.get(f"{name}-together-margin", 0.0))


def signals_of_intent(readings: Readings, name: str, difficulty: float) -> Signals:
    """Return what speaks for and against the intent ``name``."""
    found = _circumstances(readings, difficulty)
    named = {one.name for one in readings.lexicon.intents}
    found["lexicon"] = float(name in named)
    found["lexicon-settled"] = float(name in {one.name for one in readings.settled.intents})
    found["lexicon-other"] = float(bool(named - {name}))
    best = readings.lexicon.best
    found["lexicon-value"] = best.confidence if best else 0.0
    for voter, reading in readings.voters.items():
        by_name = {one.name: one.confidence for one in reading.intents}
        own = by_name.pop(name, 0.0)
        found[voter] = _logit(own)
        found[f"{voter}-margin"] = own - max(by_name.values(), default=0.0)
        best = reading.best
        found[f"{voter}-value"] = best.confidence if best else 0.0
        found[f"{voter}-unclear"] = reading.unclear
    return found


def _circumstances(readings: Readings, difficulty: float) -> Signals:
    words = readings.text.plain
    found = {f"doubt-{name}": float(name in readings.lexicon.doubts) for name in _DOUBTS}
    found["length"] = math.log1p(len(words))
    found["long"] = float(len(words) > _LONG)
    found["clauses"] = math.log1p(sum(words.count(mark) for mark in "，。？！；： "))
    found["question"] = float("？" in words or "吗" in words)
    found["proxy"] = float(readings.question.context.speaker == "proxy")
    found["difficulty"] = difficulty
    return found


def _kind(question: Question) -> str:
    if question.is_confirmation:
        return "confirming"
    if question.is_yes_no:
        return "option"
    if question.choices:
        return "several" if question.is_multiple else "choice"
    return "free"


def _other(reading: Interpretation, value: str) -> float:
    return max((one.confidence for one in reading.candidates if one.value != value), default=0.0)


def _logit(probability: float) -> float:
    kept = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(kept / (1 - kept))
