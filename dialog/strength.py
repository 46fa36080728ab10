"""How far each kind of evidence is trusted, and from where on a reading is acted upon."""

from enum import StrEnum
from functools import cache

from dialog.lexicon.word_list import read_file


class Strength(StrEnum):
    """A kind of evidence, or of doubt; its number stands in ``strengths.yaml``."""

    WHOLE = "whole"
    LISTED = "listed"
    PATTERN = "pattern"
    TWICE = "twice"
    THIN = "thin"
    SHORT = "short"
    DENIED = "denied"
    PENDING = "pending"
    PAST = "past"
    TURNED = "turned"
    UNDECIDED = "undecided"
    GUESS = "guess"
    PLAIN_YES = "plain_yes"
    PLAIN_NO = "plain_no"
    VERB_YES = "verb_yes"
    VERB_NO = "verb_no"
    UNCLEAR = "unclear"
    HEDGED = "hedged"
    MIXED = "mixed"
    OUTSPOKEN = "outspoken"
    RISK = "risk"
    LATER = "later"
    SOFT = "soft"
    DISAGREED = "disagreed"
    DIGITS = "digits"
    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    INTENT = "intent"
    SOUND = "sound"
    READ_BACK = "read_back"


@cache
def strength(kind: Strength) -> float:
    """Return the number of ``kind``: a probability, or for a doubt the share that is left."""
    value = read_file("strengths.yaml")[kind.value]
    return float(str(value))
