"""What to do with an interpretation: record it, read it back, ask again, or hand it over."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from dialog.interpretation import Candidate, Interpretation
from dialog.lexicon.word_list import read_file
from survey_engine.item import Sensitivity


@dataclass(frozen=True, slots=True)
class Decision:
    """The move for one turn; ``value`` is empty where none is held probable."""

    value: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Record(Decision):
    """The value may be written down."""


@dataclass(frozen=True, slots=True)
class Confirm(Decision):
    """The value is read back first."""


@dataclass(frozen=True, slots=True)
class AskAgain(Decision):
    """Nothing is certain enough; the question is put once more."""


@dataclass(frozen=True, slots=True)
class HandOff(Decision):
    """Asking again has not helped; a person settles it."""

    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on a value is recorded, and from which it is read back."""

    record: float
    confirm: float


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the policy goes by besides the words.

    ``tries`` is how often the question was not understood, ``limit`` after how many tries a person
    takes over. ``read_back`` holds for answers that must be heard twice, such as a no that ends a
    branch on the telephone. ``heard`` is how sure a recogniser is of spoken words, None for
    written ones; ``confirms`` tells that they answer a value that was read to the person,
    ``read_later`` that what it adds up to is read to them at the end of the section.
    """

    sensitivity: Sensitivity = Sensitivity.ORDINARY
    proxy: bool = False
    tries: int = 0
    limit: int = 4
    read_back: bool = False
    heard: float | None = None
    confirms: bool = False
    read_later: bool = False

    @property
    def is_heard_well(self) -> bool:
        """Whether the words may be acted upon without reading them back."""
        return self.heard is None or self.heard >= _limit("confirmed" if self.confirms else "well")

    @property
    def is_beyond_doubt(self) -> bool:
        """Whether even a no that ends a branch need not be read back."""
        return self.heard is None or self.heard >= _limit("ending")

    @property
    def is_heard(self) -> bool:
        """Whether the words are likely enough to be spoken of at all."""
        return self.heard is None or self.heard >= _limit("at_all")


def _limit(name: str) -> float:
    table = read_file("thresholds.yaml")["heard"]
    return float(str(table[name])) if isinstance(table, dict) else 0.0


PLAIN = Circumstances()


@cache
def _table() -> Mapping[str, Thresholds]:
    return {
        name: Thresholds(float(entry["record"]), float(entry["confirm"]))
        for name, entry in read_file("thresholds.yaml").items()
        if isinstance(entry, dict) and "record" in entry
    }


def thresholds_of(circumstances: Circumstances) -> Thresholds:
    """Return the thresholds: higher for a sensitive item and for a proxy.

    What a proxy says of a sensitive item is read back once, at once or with its section; their yes
    to that settles it.
    """
    if circumstances.sensitivity is Sensitivity.SENSITIVE:
        read = circumstances.confirms or circumstances.read_later
        first = circumstances.proxy and not read
        return _table()["sensitive_proxy" if first else "sensitive"]
    return _table()["proxy" if circumstances.proxy else "plain"]


def decide(interpretation: Interpretation, circumstances: Circumstances = PLAIN) -> Decision:
    """Return the move that the most probable value allows."""
    best = interpretation.best
    limits = thresholds_of(circumstances)
    twice = circumstances.read_back or not circumstances.is_heard_well
    if best and best.confidence >= limits.record and circumstances.is_heard:
        return (Confirm if twice else Record)(best.value, best.confidence)
    if best and best.confidence >= limits.confirm and circumstances.is_heard:
        return Confirm(best.value, best.confidence)
    if circumstances.tries + 1 >= circumstances.limit:
        return HandOff(candidates=interpretation.candidates)
    return AskAgain(confidence=best.confidence if best else 0.0)
