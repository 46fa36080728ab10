"""The rules of taking turns: how long to wait for whom, as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from survey_engine.wait import Accepts, Wait
from telephony.manner import Manner

_FILE = Path(__file__).with_name("turn_taking.yaml")


class Kind(StrEnum):
    """What sort of answer is expected, as far as its timing goes."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    DIGITS = "digits"
    NUMBER = "number"
    DATE = "date"
    OPEN = "open"


KINDS: Mapping[Accepts, Kind] = {
    Accepts.YES_NO: Kind.YES_NO,
    Accepts.CHOICE: Kind.CHOICE,
    Accepts.CHOICES: Kind.OPEN,
    Accepts.INTEGER: Kind.NUMBER,
    Accepts.DECIMAL: Kind.NUMBER,
    Accepts.DATE: Kind.DATE,
    Accepts.TIME: Kind.DATE,
    Accepts.DATETIME: Kind.DATE,
    Accepts.DIGITS: Kind.DIGITS,
}


def kind_of(wait: Wait) -> Kind:
    """Return what sort of answer ``wait`` expects."""
    return KINDS.get(wait.accepts, Kind.OPEN)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SpeechLevels(_Part):
    """When a frame counts as speech, and how much of it begins a turn (seconds).

    Sound below ``loud`` (dB below full scale) begins none.
    """

    starts: float
    loud: float
    stays: float
    onset: float
    window: float


class PersonRule(_Part):
    """A person's own pause, times ``times`` plus ``more``, ends a turn; ``most`` at most."""

    times: float
    more: float
    most: float


class ElderRule(_Part):
    """From this age on, a first call reckons with this pause."""

    age: int
    pause: float


class HeardRule(_Part):
    """What share of a question, or how many seconds of it, count as having heard it."""

    share: float
    seconds: float


class LouderRule(_Part):
    """How much louder we get each time that somebody hardly hears us, and at most (dB)."""

    step: float
    most: float


class TurnRules(_Part):
    """See ``turn_taking.yaml``, where each field is explained."""

    speech: SpeechLevels
    ends: Mapping[Kind, float]
    first: Mapping[Kind, float]
    unfinished: float
    complete: float
    waits: float
    keys: float
    person: PersonRule
    pauses: Mapping[str, float]
    elders: ElderRule
    silences: int
    failures: int
    longest: float
    heard: HeardRule
    again: float
    backchannels: frozenset[str]
    hesitations: tuple[str, ...]
    louder: LouderRule
    too_soft: tuple[str, ...]
    lines: Mapping[str, str]

    def ends_after(
        self, kind: Kind, manner: Manner, words: str = "", digits: tuple[int, int] | None = None
    ) -> float:
        """Return how long a silence ends the answer that so far is ``words``."""
        own = manner.pause * self.person.times + self.person.more if manner.pause else 0.0
        needed = max(self.ends[kind], own)
        if digits and words:
            return self._digits_end(needed, words, digits)
        if words and self.is_unfinished(words):
            needed = max(needed, self.unfinished)
        return min(needed, self.person.most)

    def _digits_end(self, needed: float, words: str, digits: tuple[int, int]) -> float:
        count = sum(sign.isalnum() for sign in words)
        if count >= digits[1]:
            return max(self.complete, min(needed, self.person.most))
        return min(max(needed, self.unfinished), self.person.most)

    def is_unfinished(self, words: str) -> bool:
        """Whether ``words`` end as somebody ends who is still thinking."""
        return plain(words).endswith(self.hesitations)

    def is_backchannel(self, words: str) -> bool:
        """Whether ``words`` only say that somebody is listening."""
        text = plain(words)
        if text in self.backchannels:
            return True
        return bool(text) and all(sign in self.backchannels for sign in text)

    def is_too_soft(self, words: str) -> bool:
        """Whether ``words``, which had something said again, tell that we are hard to hear."""
        return any(re.search(one, plain(words)) for one in self.too_soft)

    def first_pause(self, category: str, age: int | None) -> float:
        """Return the pause that a first call reckons with."""
        elder = self.elders.pause if age is not None and age >= self.elders.age else 0.0
        return max(self.pauses.get(category, 0.0), elder)


def plain(words: str) -> str:
    """Return ``words`` without spaces and punctuation."""
    return "".join(sign for sign in words if sign.isalnum())


@cache
def turn_rules() -> TurnRules:
    """Return the rules that come with the release."""
    return TurnRules.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the waiting question waits: for a first word, and for the end of the answer."""

    first: float
    ends: float
