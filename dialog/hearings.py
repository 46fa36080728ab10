"""What spoken words mean when a recogniser wavers between several hearings of them.

The hearings vote, each by its probability, for what they mean: 十七 may win over 挣起 and 证企,
which mean nothing. What wins is read back and never recorded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from dialog.lexicon.word_list import read_file
from dialog.policy import AskAgain, Circumstances, Confirm, Record
from dialog.question import Question
from dialog.understanding import HARMLESS, MILD, Understanding, Understood

#: The particle that recognisers add by themselves, and what is left of a vote without it.
_PARTICLE, _WITHOUT = "吧", 0.5

Hearings = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class _Vote:
    """What one hearing means: a value, or a wish written ``@name``."""

    meaning: str
    mass: float
    understood: Understood


def heard_as(
    understanding: Understanding,
    question: Question,
    words: str,
    about: Circumstances,
    hearings: Hearings,
) -> Understood:
    """Return what spoken ``words`` mean in answer to ``question``, other hearings counted too.

    Where the words mean nothing, what most hearings mean is read back, or heeded if it is a wish
    that harms nobody. Where other hearings mean something else and weigh about as much, a value is
    read back and a wish is not heeded. A yes or no to what was read back counts if it is far ahead.
    """
    understood = understanding.understand(question, words, about)
    if question.is_confirmation and _is_open(understood):
        return _settled(_votes_of(understanding, question, hearings)) or understood
    if isinstance(understood.decision, AskAgain) and not understood.intent:
        return _voted(_votes_of(understanding, question, hearings)) or understood
    if about.is_beyond_doubt or not hearings or understood.intent in HARMLESS:
        return understood
    rivals = _rivals(hearings)
    if _is_undisputed(understood, words, rivals) or not _is_disputed(
        understood, _votes_of(understanding, question, rivals)
    ):
        return understood
    if understood.intent:
        return replace(understood, intent="", decision=AskAgain())
    return understanding.understand(question, words, replace(about, read_back=True))


def _votes_of(
    understanding: Understanding, question: Question, hearings: Hearings
) -> tuple[_Vote, ...]:
    return tuple(
        vote for text, share in hearings for vote in _votes(understanding, question, text, share)
    )


def _rivals(hearings: Hearings) -> Hearings:
    """Return those that may dispute what the likeliest means."""
    least = max(share for _, share in hearings) * _limits()["counts"]
    return tuple(one for one in hearings if one[1] >= least)


def _ranked(votes: tuple[_Vote, ...]) -> list[tuple[str, float]]:
    masses: dict[str, float] = {}
    for vote in votes:
        masses[vote.meaning] = masses.get(vote.meaning, 0.0) + vote.mass
    return sorted(masses.items(), key=lambda one: -one[1])


def _voted(votes: tuple[_Vote, ...]) -> Understood | None:
    """Return what the votes are for; None if for too little, or for two things alike."""
    ranked = _ranked(votes)
    if not ranked or not _is_ahead(ranked):
        return None
    meaning, mass = ranked[0]
    understood = next(vote.understood for vote in votes if vote.meaning == meaning)
    return _taken(understood, meaning, min(1.0, mass))


def _is_open(understood: Understood) -> bool:
    return isinstance(understood.decision, AskAgain | Confirm) and not understood.intent


def _settled(votes: tuple[_Vote, ...]) -> Understood | None:
    """Return the yes or no that the votes are for by far."""
    ranked, limits = _ranked(votes), _limits()
    if not ranked or ranked[0][0] not in ("yes", "no") or ranked[0][1] < limits["settles"]:
        return None
    if not _is_ahead(ranked, "far_ahead"):
        return None
    word, mass = ranked[0]
    understood = next(vote.understood for vote in votes if vote.meaning == word)
    sure = min(1.0, mass)
    return replace(understood, decision=Record(word, sure), value=word, confidence=sure)


def _is_undisputed(understood: Understood, words: str, rivals: Hearings) -> bool:
    """Whether ``words`` alone are far enough ahead, whatever the others mean."""
    own = sum(share for text, share in rivals if text == words) * understood.confidence
    return own >= _limits()["ahead"] * sum(share for text, share in rivals if text != words)


def _is_disputed(understood: Understood, votes: tuple[_Vote, ...]) -> bool:
    meaning = f"@{understood.intent}" if understood.intent else understood.value
    ranked = _ranked(votes)
    return bool(ranked) and not (ranked[0][0] == meaning and _is_ahead(ranked))


def _votes(
    understanding: Understanding, question: Question, text: str, share: float
) -> Iterator[_Vote]:
    understood = understanding.understand(question, text)
    if understood.intent:
        yield _Vote(f"@{understood.intent}", share * understood.confidence, understood)
    elif understood.candidates:
        best = max(understood.candidates, key=lambda one: one.confidence)
        yield _Vote(best.value, share * best.confidence, understood)
    elif text.endswith(_PARTICLE) and text != _PARTICLE:
        yield from _votes(understanding, question, text.removesuffix(_PARTICLE), share * _WITHOUT)


def _is_ahead(ranked: list[tuple[str, float]], limit: str = "ahead") -> bool:
    return len(ranked) == 1 or ranked[0][1] >= ranked[1][1] * _limits()[limit]


def _taken(understood: Understood, meaning: str, mass: float) -> Understood | None:
    wish = meaning.removeprefix("@")
    if wish != meaning:
        sure = wish in MILD and mass >= _limits()["wish"]
        return replace(understood, decision=AskAgain(), confidence=mass) if sure else None
    if mass < _limits()["read_back"]:
        return None
    return replace(understood, decision=Confirm(meaning, mass), value=meaning, confidence=mass)


@cache
def _limits() -> Mapping[str, float]:
    table = read_file("thresholds.yaml")["hearings"]
    listed = table.items() if isinstance(table, dict) else ()
    return {name: float(str(value)) for name, value in listed}
