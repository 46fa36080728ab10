"""What can be wrong with a questionnaire, each kind with its sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class FaultKind(Enum):
    """A kind of fault; the value is its sentence: where, what, and what to do next."""

    NOT_A_MAPPING = "{path} must be a mapping of keys to values, but is {found}; write it as `key: value` lines."
    NOT_A_LIST = "{path} must be a list, but is {found}; write one `- ` line per entry."
    NOT_A_TEXT = "{path} must be one text, but is {found}; write a single value."
    MISSING_KEY = "{path} lacks `{key}`; add it."
    EMPTY_TEXT = "{path} is empty; write its text or remove the key."
    UNKNOWN_KEY = "{path} has the key `{key}`, which is not known here; use one of: {known}."
    UNKNOWN_WORD = "{path} is `{found}`; use one of: {known}."
    BAD_FLAG = "{path} is `{found}`; write true or false."
    BAD_INTEGER = "{path} is `{found}`; write a whole number between {low} and {high}."
    BAD_DATE = "{path} is `{found}`; write a date as YYYY-MM-DD."
    BAD_MONTH_DAY = "{path} is `{found}`; write a month and day as MM-DD."
    BAD_NAME = "{path} is `{found}`; a name starts with a letter and has only letters, digits, `_`, `-` and `.`."
    TEXT_TOO_LONG = "{path} has {length} characters; shorten it to {limit}."
    TOO_MANY = "{path} has {count} entries; the limit is {limit}."
    BAD_EXPRESSION = "{path} cannot be read: {reason}"
    NO_QUESTIONS = "{path} has no question; add at least one item."
    DUPLICATE_NAME = (
        "{path} uses the name `{name}` a second time; give each section, item and fact its own."
    )
    RESERVED_NAME = "{path} uses the name `{name}`, which is a fact that the service itself supplies; choose another."
    UNKNOWN_REFERENCE = "{path} names `{name}`, but no item or fact is called so; correct the name."
    CYCLE = "{path} depends on itself through {cycle}; break the circle."
    NO_CHOICES = "{path} is a choice question without choices; add `choices`."
    CHOICES_NOT_ALLOWED = (
        "{path} is of type {type}, which takes no choices; remove `choices` or change the type."
    )
    DUPLICATE_CODE = "{path} uses the code `{code}` again; choices share a code only if each of them has a `when`."
    BAD_CODE = "{path} has the code `{code}`; a code has no spaces and at most 128 letters, digits, `-`, `_` or `.`."
    RESERVED_CODE = "{path} has the code `{code}`; 96 to 99 are internal and never official codes; put such words under `unclear`."
    DUPLICATE_PHRASE = "{path} has the words `{phrase}`, which stand under code `{other}` too; keep them in one place or move them to `unclear`."
    DUPLICATE_KEY = "{path} has the telephone key `{key}` that code `{other}` has too; give each choice its own."
    BAD_KEY = "{path} has the telephone key `{found}`; use one digit from 1 to 9."
    NO_SERIES_QUESTION = "{path} is asked as a series by telephone, but this choice has no `ask`; write its yes/no question."
    EXCLUSIVE_IN_SINGLE = (
        "{path} is marked exclusive in a single choice, where every choice is; remove the mark."
    )
    TWO_EXCLUSIVE = "{path} has two exclusive choices offered at once; keep one."
    ONLY_EXCLUSIVE = "{path} has no choice besides exclusive ones; add what can be chosen."
    STABLE_WITHOUT_LAST = (
        "{path} is stable, but lacks `wording.last`; write how last year's value is confirmed."
    )
    LAST_WITHOUT_SLOT = "{path} must hold the slot {{last}}; without it nothing is confirmed."
    STABLE_AND_SENSITIVE = (
        "{path} is stable and sensitive; sensitive answers are asked in full, so remove `stable`."
    )
    UNKNOWN_SLOT = "{path} has the slot {{{slot}}}, which is not filled here; use one of: {known}."
    LEADING_WORDING = "{path} leads the respondent with `{found}`; ask neutrally."
    CALCULATION_MISSING = "{path} is of type calculate and lacks `calculation`; write it."
    CALCULATION_NOT_ALLOWED = (
        "{path} has a calculation, but its type is {type}; make it calculate or remove it."
    )
    HINT_MISMATCH = "{path} does not fit the type {type}; use one of: {known}."
    DIGITS_MISSING = (
        "{path} expects digits, but `hints.digits` with `min` and `max` is missing; add it."
    )
    DIGITS_REVERSED = "{path} has min {low} above max {high}; exchange them."
    KEYS_MISSING = "{path} can be answered by telephone keys, but `wording.keys` is missing; write what each key means."
    BAD_EFFECT = "{path} is `{found}`; write speaker:self, speaker:proxy, speaker:staff or outcome:CODE of an outcome of this form."
    ROLE_TWICE = (
        "{path} has the role `{role}`, which item {other} has already; a role belongs to one item."
    )
    IDENTITY_WITHOUT_ITEM = "{path} asks for identity by certificate, but no item has the role `{role}`; give it to one."
    UNKNOWN_ITEM = "{path} names the item `{name}`, which the form does not have; correct the name."
    UNKNOWN_SECTION = (
        "{path} names the section `{name}`, which the form does not have; correct the name."
    )
    UNKNOWN_LINE = (
        "{path} names the sentence `{name}`, which `script` does not have; use one of its keys."
    )
    LINE_MISSING = "{path} lacks the sentence `{name}`; write it."
    DUPLICATE_RULE = "{path} uses the number `{name}` again; each rule stands once."
    GUESSED_RULE_BLOCKS = "{path} has severity E, but rests on {certainty}; make it Q, or name in `confirmed_by` who confirmed it."
    RULE_WITHOUT_ITEM = "{path} names no item; a rule over one record concerns at least one."
    DUPLICATE_OUTCOME = "{path} uses the outcome code `{name}` again; each outcome stands once."
    RETRY_MISSING = "{path} has `calls: retry` and no `retry`; say how many attempts, in how many time bands, over how many days."
    EVIDENCE_MISSING = "{path} has no evidence for `{part}`; say `source` and `certainty`, here or at the top of the form."
    READBACK_WITHOUT_SLOT = "{path} must hold the slot {{{slot}}}; without it nothing is read back."
    OVERLAY_TARGET = (
        "{path} changes or drops `{name}`, which the form does not have; correct the name."
    )
    OVERLAY_DUPLICATE = "{path} adds `{name}`, which the form has already; use `change`."
    OVERLAY_FORM = "{path} extends `{found}`, but is laid over the form `{form}`; use the form that it was written for."


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, the path of the place (``sections[3].items[0].label``), its sentence."""

    kind: FaultKind
    path: str
    message: str

    @property
    def code(self) -> str:
        """The stable name of the kind, in lower case with hyphens."""
        return self.kind.name.lower().replace("_", "-")


class FormError(ValueError):
    """A questionnaire that cannot be used; ``faults`` names every fault, in the order of the form."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.message for fault in self.faults))


def fault(kind: FaultKind, path: str, **slots: object) -> Fault:
    """Return the fault of ``kind`` at ``path``, its sentence filled from ``slots``."""
    return Fault(kind, path, kind.value.format(path=path or "the form", **slots))
