"""One utterance as every interpreter reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialog.interpretation import Candidate, Evidence, Intent, Interpretation
from dialog.normalisation import Text
from dialog.question import Question
from dialog.several import jointly

#: What a voter holds less probable than these is not weighed.
_VALUE, _INTENT = 0.25, 0.1


@dataclass(frozen=True, slots=True)
class Readings:
    """One utterance as every interpreter read it; the lexicon's readings are one already.

    ``heard`` is how sure a recogniser is of the words, None for written ones.
    """

    question: Question
    text: Text
    lexicon: Interpretation
    settled: Interpretation
    voters: Mapping[str, Interpretation]
    heard: float | None = None

    def values(self) -> tuple[str, ...]:
        """Return every value that may have been meant, each once."""
        found = [one.value for one in self.lexicon.candidates]
        for voter in self.voters.values():
            found += [one.value for one in voter.candidates if one.confidence >= _VALUE]
        found += [one.value for one in self.jointly.candidates]
        return tuple(dict.fromkeys(found))

    @property
    def jointly(self) -> Interpretation:
        """What the readers hold together of the options of a question with several answers."""
        evidence = Evidence(self.text.raw, 0, len(self.text.plain))
        return jointly(self.question, self.voters.values(), evidence)

    def names(self) -> tuple[str, ...]:
        """Return every intent that may have been meant, each once."""
        found = [one.name for one in self.lexicon.intents]
        for voter in self.voters.values():
            found += [one.name for one in voter.intents if one.confidence >= _INTENT]
        return tuple(dict.fromkeys(found))

    def candidate(self, value: str) -> Candidate:
        """Return the reading of ``value`` with the best evidence."""
        return next(c for one in self._every for c in one.candidates if c.value == value)

    def intent(self, name: str) -> Intent:
        """Return the reading of the intent ``name`` with the best evidence."""
        return next(i for one in self._every for i in one.intents if i.name == name)

    def likeliest(self) -> str:
        """Return the value that the readers together hold most probable; empty if they have none.

        They count alike here, so that it tells nothing of the weights that are learned.
        """
        return max(self.values(), key=self._together, default="")

    def _together(self, value: str) -> float:
        return sum(one.probability(value) for one in self._every)

    @property
    def _every(self) -> tuple[Interpretation, ...]:
        return (self.lexicon, *self.voters.values(), self.jointly)
