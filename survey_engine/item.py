"""One indicator (指标) with its question, its choices and where each part comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from survey_engine.expression import Expression


class ItemType(StrEnum):
    """What kind of value an item takes."""

    SINGLE = "single"
    MULTI = "multi"
    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"
    TIME = "time"
    DATETIME = "dateTime"
    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    CALCULATE = "calculate"
    HIDDEN = "hidden"

    @property
    def is_question(self) -> bool:
        """Whether a respondent is asked for the value."""
        return self not in (ItemType.NOTE, ItemType.CALCULATE, ItemType.HIDDEN)

    @property
    def has_choices(self) -> bool:
        """Whether the value is one or several of the item's codes."""
        return self in (ItemType.SINGLE, ItemType.MULTI)


class ReferencePeriod(StrEnum):
    """The time that a question speaks of, relative to the campaign's reference day."""

    REFERENCE_DAY = "T0"
    PAST_YEAR = "Y1"
    TWO_WEEKS = "2W"
    NOW = "NOW"


class Sensitivity(StrEnum):
    """How carefully an answer is handled; H is asked only after identity and consent."""

    ORDINARY = "L"
    PERSONAL = "M"
    SENSITIVE = "H"


class Certainty(StrEnum):
    """How sure it is that a part of the form is as the authority published it."""

    OFFICIAL = "official"
    FOUND = "found"
    INFERRED = "inferred"
    MEMORY = "memory"
    DESIGN = "design"

    @property
    def is_guess(self) -> bool:
        """Whether a county has to confirm the part before it may block anything."""
        return self in (Certainty.MEMORY, Certainty.DESIGN)


class Role(StrEnum):
    """What an item means to the interview itself."""

    SPEAKER = "speaker"
    CERTIFICATE = "certificate"
    GUARDIAN = "guardian"
    TELEPHONE = "telephone"
    VILLAGE = "village"
    #: By what somebody whom nobody knows yet is looked up.
    LAST4 = "last4"
    NAME = "name"


class VoiceHint(StrEnum):
    """What the telephone should expect as an answer."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    SERIES = "series"
    OPEN = "open"
    DIGITS = "digits"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"


class KeypadHint(StrEnum):
    """What telephone keys may answer."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    DIGITS = "digits"
    NONE = "none"


class ChatHint(StrEnum):
    """What a chat page shows beside the text field."""

    BUTTONS = "buttons"
    CHECKBOXES = "checkboxes"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a part of the form comes from, and how certain that is."""

    source: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one item; an empty text falls back to ``ask``."""

    ask: str
    proxy: str = ""
    reask: str = ""
    chat: str = ""
    readback: str = ""
    last: str = ""
    explain: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """Other wording of an item while a condition holds."""

    when: Expression
    wording: Wording


@dataclass(frozen=True, slots=True)
class Choice:
    """One code of a choice question, with the words that people use for it.

    ``readback`` is how it is read back by itself, where its label says little (是, 无).
    """

    code: str
    label: str
    meaning: str = ""
    says: tuple[str, ...] = ()
    ask: str = ""
    readback: str = ""
    exclusive: bool = False
    when: Expression | None = None
    effect: str = ""
    key: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """Words that no careful person codes; they go to a caseworker."""

    says: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Hints:
    """What each channel may expect and offer for an item."""

    voice: VoiceHint
    keypad: KeypadHint
    chat: ChatHint
    digits: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator with its question."""

    name: str
    label: str
    type: ItemType
    section: str
    wording: Wording
    hints: Hints
    legacy: Mapping[str, str] = field(default_factory=dict)
    relevant: Expression | None = None
    required: Expression | None = None
    readonly: Expression | None = None
    constraint: Expression | None = None
    constraint_message: str = ""
    calculation: Expression | None = None
    default: Expression | None = None
    reference: ReferencePeriod = ReferencePeriod.NOW
    sensitivity: Sensitivity = Sensitivity.PERSONAL
    stable: bool = False
    role: Role | None = None
    variants: tuple[Variant, ...] = ()
    choices: tuple[Choice, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[str]:
        """Every code that any choice of this item has."""
        return frozenset(choice.code for choice in self.choices)

    def exclusive_codes(self) -> frozenset[str]:
        """The codes that cannot stand with another one."""
        return frozenset(choice.code for choice in self.choices if choice.exclusive)
