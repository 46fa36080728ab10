"""The form: an immutable, versioned questionnaire and its parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TypeVar, cast

from survey_engine.expression import Expression
from survey_engine.item import Certainty, Item, Role

T = TypeVar("T")


class Severity(StrEnum):
    """What a failed check does: E blocks until corrected or flagged, Q flags, H asks once more."""

    ERROR = "E"
    QUERY = "Q"
    HINT = "H"


@dataclass(frozen=True, slots=True)
class Section:
    """A block of items under one heading; ``parent`` is the section around it, or empty."""

    name: str
    label: str
    parent: str = ""
    relevant: Expression | None = None
    intro: str = ""
    readback: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over one record; it fails while ``fails_when`` is true.

    ``ask`` is what is asked once more: an item, or one option of a multiple choice (``E5/2``).
    """

    id: str
    items: tuple[str, ...]
    fails_when: Expression
    severity: Severity
    respondent: str
    caseworker: str
    source: str
    certainty: Certainty
    ask: str = ""
    heard: tuple[str, ...] = ()
    lead: bool = False
    confirmed_by: str = ""

    @property
    def target(self) -> str:
        """What is asked once more: ``ask``, or else the last item concerned."""
        return self.ask or self.items[-1]


@dataclass(frozen=True, slots=True)
class RuleElsewhere:
    """A rule that one record alone cannot show; ``scope`` says what looks after it."""

    id: str
    scope: str
    rule: str
    severity: str
    source: str


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done because of an outcome; ``within`` like ``1d`` or ``10m``."""

    to: str
    do: str
    within: str


@dataclass(frozen=True, slots=True)
class Retry:
    """How often, in how many time bands and over how many days somebody is tried again."""

    attempts: int
    bands: int
    days: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """An end of an interview other than its completion, and what follows from it.

    ``voids`` says that the person is out of scope (L09), so that no answer may be used.
    """

    code: str
    label: str
    aapor: str
    says: tuple[str, ...]
    ends: bool
    final: bool
    say: str
    urgency: str
    evidence_needed: str
    calls: str
    source: str
    certainty: Certainty
    clarify: str = ""
    voids: bool = False
    tasks: tuple[Task, ...] = ()
    retry: Retry | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether a person has to look after it within minutes or the same day."""
        return self.urgency != "normal"


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One sentence outside the questions, with its chat and its simpler wording.

    ``window`` is what is said where a clerk sits with the person; without it, the chat's.
    ``desk`` is what a caller says, who is a person on the telephone; without it, ``text``.
    """

    text: str
    chat: str = ""
    simple: str = ""
    window: str = ""
    desk: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """The manners and limits of the interview, which a county may set."""

    identity: str = "none"
    consent: bool = False
    guardian_age: int = 0
    guardian_relations: tuple[str, ...] = ()
    proxy_categories: tuple[str, ...] = ()
    text_categories: tuple[str, ...] = ()
    identity_tries: int = 2
    ladder: tuple[str, ...] = ("ask", "reask", "reask", "keys")
    refusals: int = 2
    two_weeks_before: str = "interview"
    usable_partial: tuple[str, ...] = ()
    section_readback: bool = False


@dataclass(frozen=True, slots=True)
class Official:
    """What 统计法 Art. 17 wants shown on a form; without it a respondent may refuse."""

    number: str = ""
    authority: str = ""
    approval: str = ""
    valid_until: date | None = None

    def missing(self) -> tuple[str, ...]:
        """The keys that are not filled in."""
        values = {"number": self.number, "authority": self.authority, "approval": self.approval}
        absent = [key for key, value in values.items() if not value]
        return (*absent, *(() if self.valid_until else ("valid_until",)))

    def may_be_fielded(self, on: date) -> bool:
        """Whether a campaign may ask real people with this form on the day ``on``."""
        return not self.missing() and self.valid_until is not None and on <= self.valid_until


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known before the interview, usable in expressions."""

    name: str
    kind: str
    label: str


@dataclass(frozen=True)
class Questionnaire:
    """A whole form. Build it with :func:`survey_engine.reading.read_questionnaire`.

    A ``foreign`` form is not one of the survey: it keeps its own codes, 96 to 99 among them.
    """

    form: str
    version: str
    title: str
    official: Official
    procedure: Procedure
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    items: tuple[Item, ...]
    checks: tuple[Check, ...]
    elsewhere: tuple[RuleElsewhere, ...]
    outcomes: tuple[Outcome, ...]
    script: Mapping[str, ScriptLine]
    foreign: bool = False

    @cached_property
    def _items(self) -> Mapping[str, Item]:
        return {item.name: item for item in self.items}

    @cached_property
    def _roles(self) -> Mapping[Role, Item]:
        return {item.role: item for item in self.items if item.role}

    @cached_property
    def _outcomes(self) -> Mapping[str, Outcome]:
        return {outcome.code: outcome for outcome in self.outcomes}

    @cached_property
    def _sections(self) -> Mapping[str, Section]:
        return {section.name: section for section in self.sections}

    @cached_property
    def _derived(self) -> dict[Callable[..., object], object]:
        return {}

    def derived(self, build: Callable[["Questionnaire"], T]) -> T:
        """Return what ``build`` makes of this form, made once: the form never changes."""
        if build not in self._derived:
            self._derived[build] = build(self)
        return cast(T, self._derived[build])

    def item(self, name: str) -> Item | None:
        """Return the item called ``name``, or None."""
        return self._items.get(name)

    def item_of(self, role: Role) -> Item | None:
        """Return the item that plays ``role`` in the interview, or None."""
        return self._roles.get(role)

    def outcome(self, code: str) -> Outcome | None:
        """Return the outcome with this code, or None."""
        return self._outcomes.get(code)

    def section(self, name: str) -> Section | None:
        """Return the section called ``name``, or None."""
        return self._sections.get(name)

    @cached_property
    def _block_items(self) -> Mapping[str, tuple[Item, ...]]:
        blocks: dict[str, list[Item]] = {}
        for item in self.items:
            blocks.setdefault(self.block_of(item), []).append(item)
        return {name: tuple(items) for name, items in blocks.items()}

    def block_of(self, item: Item) -> str:
        """Return the name of the outermost section around ``item``: the unit of a read-back."""
        name = item.section
        while (section := self._sections.get(name)) and section.parent:
            name = section.parent
        return name

    def items_of(self, block: str) -> tuple[Item, ...]:
        """Return the items of the outermost section ``block``, in order."""
        return self._block_items.get(block, ())

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """The outermost sections that hold items, in order."""
        return tuple(self._block_items)
