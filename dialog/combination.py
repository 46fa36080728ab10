"""One reading from what the interpreters of the lexicon read.

Readings of the same value support each other as independent witnesses would, up to a limit;
readings of different values take from each other. The numbers stand in ``strengths.yaml``.
"""

from collections.abc import Iterable
from dataclasses import replace

from dialog.interpretation import Candidate, Evidence, Intent, Interpretation
from dialog.lexicon.word_list import any_of
from dialog.strength import Strength, strength

_CEILING = 0.985
_GENERAL = ("yes_no", "verbs")
_PHRASES, _VERBS = "phrases", "verbs"
_DOUBTS = {
    "unclear": Strength.UNCLEAR,
    "hedged": Strength.HEDGED,
    "doubled": Strength.HEDGED,
    "several": Strength.DISAGREED,
}
_DOUBTS_OF_ALL = {"stopped": Strength.UNCLEAR}
#: Below this an answer is not sure enough for an intent to give way to it.
_SURE = 0.8


def combine(readings: Iterable[Interpretation], plain: str) -> Interpretation:
    """Return the readings of ``plain`` as one, the most probable candidate first.

    It holds candidates and intents both; :func:`settled` tells which of them counts.
    """
    listed = list(readings)
    intents = [one for reading in listed for one in reading.intents]
    doubts = tuple(dict.fromkeys(doubt for reading in listed for doubt in reading.doubts))
    candidates = _without_echo([one for reading in listed for one in reading.candidates])
    merged = _merged([_doubted(one, doubts, plain) for one in candidates])
    by_weight = sorted(intents, key=lambda one: -one.weight)
    return Interpretation(tuple(merged), tuple(by_weight), doubts)


def settled(whole: Interpretation) -> Interpretation:
    """Return ``whole`` with either its answers or its intents; the other one gives way."""
    best = whole.best
    lasting = tuple(one for one in whole.intents if best is None or not _gives_way(one, best))
    if lasting:
        return replace(whole, candidates=(), intents=lasting)
    return replace(whole, intents=())


def _doubted(candidate: Candidate, doubts: tuple[str, ...], plain: str) -> Candidate:
    """A bare yes or no does not outweigh words that no careful person codes."""
    known = _DOUBTS if candidate.interpreter in _GENERAL else _DOUBTS_OF_ALL
    share = min((strength(known[doubt]) for doubt in doubts if doubt in known), default=1.0)
    share *= risk(plain, candidate.evidence)
    return replace(candidate, confidence=candidate.confidence * share)


def risk(plain: str, evidence: Evidence) -> float:
    """Return the share left by words outside the evidence that make a careful person ask."""
    rest = f"{plain[: evidence.start]}　{plain[evidence.end :]}"
    found = any_of("signs.yaml", "risk").search(rest) is not None
    return strength(Strength.RISK) if found else 1.0


def _without_echo(candidates: list[Candidate]) -> list[Candidate]:
    """Drop a bare yes or no that is only part of a phrase: the 没有 in 没有工作."""
    phrases = [one for one in candidates if one.interpreter not in _GENERAL]
    return [
        one
        for one in candidates
        if one.interpreter not in _GENERAL or not any(_covers(by, one) for by in phrases)
    ]


def _covers(phrase: Candidate, general: Candidate) -> bool:
    if phrase.value == general.value:
        return False
    inner, outer = general.evidence, phrase.evidence
    return (
        inner.start <= outer.start
        and outer.end <= inner.end
        and inner.start >= 0
        and (outer.start - inner.start <= 1 or outer.end >= inner.end - 1)
    )


def _merged(candidates: list[Candidate]) -> list[Candidate]:
    values = list(dict.fromkeys(one.value for one in candidates))
    merged = [_together([one for one in candidates if one.value == value]) for value in values]
    if {one.interpreter for one in merged} == {_PHRASES, _VERBS} and len(merged) == 2:
        phrase = next(one for one in merged if one.interpreter == _PHRASES)
        return [replace(phrase, confidence=phrase.confidence * strength(Strength.OUTSPOKEN))]
    if len({one.interpreter for one in merged}) > 1 and len(merged) > 1:
        share = strength(Strength.DISAGREED)
        merged = [replace(one, confidence=one.confidence * share) for one in merged]
    return sorted(merged, key=lambda one: -one.confidence)


def _together(same: list[Candidate]) -> Candidate:
    best = max(same, key=lambda one: one.confidence)
    wrong = 1.0
    for one in same:
        wrong *= 1.0 - one.confidence
    limit = max(_CEILING, best.confidence)
    sure = best.confidence if len(same) == 1 else min(limit, 1.0 - wrong)
    return replace(best, confidence=sure)


def _gives_way(intent: Intent, best: Candidate) -> bool:
    said, answer = intent.evidence, best.evidence
    if best.confidence < _SURE:
        return False
    overlap = said.start < answer.end and answer.start < said.end
    if intent.weight >= 3 or overlap:
        return False
    return intent.weight == 1 or answer.start >= said.end
