"""What an utterance may mean: readings of one interpreter, or of all of them together."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words as given that a reading rests on, and their place in the plain text."""

    words: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value that may have been said, with its probability from 0 to 1."""

    value: str
    confidence: float
    evidence: Evidence
    interpreter: str


@dataclass(frozen=True, slots=True)
class Intent:
    """Something other than an answer: ``repeat``, ``stop``, ``distress`` and so on.

    ``weight`` says what it gives way to: 3 to nothing (a life may be at risk), 2 only to an
    answer that comes after it, 1 to any answer outside its own clause.
    """

    name: str
    confidence: float
    evidence: Evidence
    interpreter: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Interpretation:
    """Everything that was read from one utterance.

    ``doubts`` are reasons to ask again, ``unclear`` the probability that no careful person would
    code the words, as far as an interpreter can tell, ``likeness`` how near the nearest words
    that it knows are (a cosine; 0 where it does not compare). ``options`` tells of a question with
    several answers how probable it is that each of them was named.
    """

    candidates: tuple[Candidate, ...] = ()
    intents: tuple[Intent, ...] = ()
    doubts: tuple[str, ...] = ()
    unclear: float = 0.0
    likeness: float = 0.0
    options: tuple[tuple[str, float], ...] = ()

    def probability(self, value: str) -> float:
        """Return how probable ``value`` is held here; 0 if it was not read."""
        return max((one.confidence for one in self.candidates if one.value == value), default=0.0)

    def weakest(self, value: str) -> tuple[float, float]:
        """Return the least sure option that ``value`` names, the surest that it leaves out."""
        named = set(value.split("+"))
        inside = [share for code, share in self.options if code in named]
        outside = [share for code, share in self.options if code not in named]
        return min(inside, default=0.0), max(outside, default=0.0)

    @property
    def best(self) -> Candidate | None:
        """The most probable value, if any was read."""
        return max(self.candidates, key=lambda one: one.confidence, default=None)

    @property
    def intent(self) -> Intent | None:
        """The intent that counts, if any was read."""
        return max(self.intents, key=lambda one: (one.weight, one.confidence), default=None)
