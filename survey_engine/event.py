"""What happened in an interview; the only source of truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from survey_engine.answer import AnswerState, Candidate, Heard, Speaker
from survey_engine.channel import Channel
from survey_engine.wait import Style, Wait

SCHEMA = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened at the aware time ``at``; its place in the history orders it."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewStarted(Event):
    """An interview began with this form, these facts and last year's values."""

    form: str
    version: str
    facts: Mapping[str, str]
    last_year: Mapping[str, str]
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    """A scripted sentence was said; ``item`` is the section or item that it is about, if any."""

    line: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced(Event):
    """The introduction of a section, or a note of the form, was said."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Event):
    """A question was asked in this style and the interview waits for the answer."""

    wait: Wait
    style: Style = Style.ASK


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerChanged(Event):
    """Somebody else answers; who they are has to be shown anew before sensitive things."""

    speaker: Speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationGiven(Event):
    """The proxy said how they are related to the person."""

    relation: str
    guardian: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChecked(Event):
    """The last four characters of the certificate number were right, or were not."""

    matched: bool
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(Event):
    """The speaker agreed to be asked about sensitive matters."""

    heard: Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRefused(Event):
    """The speaker did not agree, or not clearly, to be asked about sensitive matters."""

    heard: Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOffered(Event):
    """Another channel was offered; ``accepted`` says whether it was wanted."""

    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionAnswered(Event):
    """One option of a multiple choice was settled: ``yes``, ``no``, ``unknown`` or ``unsure``."""

    item: str
    code: str
    value: str
    heard: Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecorded(Event):
    """A value was recorded. ``source`` is ``answer``, ``series``, ``last_year`` or ``earlier``."""

    item: str
    value: str
    source: str
    heard: Heard
    speaker: Speaker
    channel: Channel
    confirmed: bool = False
    reconfirm: bool = False
    state: AnswerState = AnswerState.RECORDED


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMissing(Event):
    """An item ended without a value: declined, unknown, or unsure and to be verified."""

    item: str
    state: AnswerState
    reason: str
    heard: Heard
    speaker: Speaker
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerVerified(Event):
    """A caseworker settled an answer; an empty value means that it cannot be determined."""

    item: str
    value: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsReopened(Event):
    """These items are asked again although they have an answer."""

    items: tuple[str, ...]
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalHeard(Event):
    """The speaker did not want to answer this question, for the ``count``-th time."""

    target: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AbuseHeard(Event):
    """The speaker swore."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBackConfirmed(Event):
    """These values of a section, ``(item, value)`` each, were read back and are not again.

    ``accepted`` tells whether the speaker said yes to them.
    """

    section: str
    values: tuple[tuple[str, str], ...]
    accepted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailed(Event):
    """A rule failed on these values."""

    rule: str
    severity: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksPassed(Event):
    """These rules were looked at and hold, or stand as they are."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequested(Event):
    """A person has to look at this; ``item`` is an item or the target of a scripted question."""

    item: str
    reason: str
    value: str
    heard: Heard
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReported(Event):
    """An outcome was heard; it is suspected only until a person decides."""

    outcome: str
    heard: Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDenied(Event):
    """An outcome that could be misheard was asked about and is not so."""

    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRejected(Event):
    """An outcome is not so: a caseworker found that, or the person came back (``by`` empty).

    What it ended can go on.
    """

    outcome: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRequested(Event):
    """A person takes over; the questions of the machine stop here."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The interview was interrupted and can be resumed at the waiting question."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The interview goes on, on this channel."""

    channel: Channel
    reconfirming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed(Event):
    """Nothing is left to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Event):
    """The interview ended before completion; ``usable`` if what there is may be used."""

    outcome: str
    usable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRefused(Event):
    """An input did not fit and changed nothing; ``code`` names why, ``message`` what to do."""

    code: str
    message: str
