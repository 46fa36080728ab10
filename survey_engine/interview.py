"""The state of one interview, and how each event changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from survey_engine import event as happened
from survey_engine.answer import Answer, AnswerState, Speaker, SpeakerKind
from survey_engine.channel import Channel
from survey_engine.form_model import LAST_YEAR, form_model
from survey_engine.instance import Instance
from survey_engine.item import Item, Sensitivity
from survey_engine.questionnaire import Questionnaire
from survey_engine.wait import Wait

#: Why an item waits for a person: whoever spoke did not show who they are.
IDENTITY = "identity"


#: How many speakers' worth of wrong certificate numbers one interview takes.
SPEAKERS_TRIED = 3


class Status(StrEnum):
    """Where an interview stands."""

    OPEN = "open"
    PAUSED = "paused"
    WITH_PERSON = "with_person"
    COMPLETED = "completed"
    ENDED = "ended"


class Identity(StrEnum):
    """Whether it is shown that the speaker holds the certificate."""

    NOT_NEEDED = "not_needed"
    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    FAILED = "failed"


class Consent(StrEnum):
    """Whether the speaker agreed to be asked about sensitive matters."""

    NOT_NEEDED = "not_needed"
    UNASKED = "unasked"
    GIVEN = "given"
    REFUSED = "refused"


@dataclass(frozen=True)
class Interview:
    """One interview, changed only by events (:func:`survey_engine.transition.apply`)."""

    questionnaire: Questionnaire
    instance: Instance
    facts: Mapping[str, str]
    last_year: Mapping[str, str]
    channel: Channel
    at: datetime
    status: Status = Status.OPEN
    speaker: Speaker = Speaker()
    guardian: bool = False
    identity: Identity = Identity.NOT_NEEDED
    identity_tries: int = 0
    identity_misses: int = 0
    consent: Consent = Consent.NOT_NEEDED
    answers: Mapping[str, Answer] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    wait: Wait | None = None
    fresh_checks: frozenset[str] = frozenset()
    asked_checks: frozenset[str] = frozenset()
    failed_checks: frozenset[str] = frozenset()
    read_back: frozenset[tuple[str, str]] = frozenset()
    introduced: frozenset[str] = frozenset()
    reopened: tuple[str, ...] = ()
    only_reopened: bool = False
    reconfirming: bool = False
    refusals: Mapping[str, int] = field(default_factory=dict)
    abuses: int = 0
    outcomes: tuple[str, ...] = ()
    channel_offered: bool = False
    usable: bool = False
    length: int = 0

    def answer(self, name: str) -> Answer | None:
        """Return the answer to the item ``name``, hidden or not, or None."""
        return self.answers.get(name)

    def state_of(self, name: str) -> AnswerState | None:
        """Return the state of an item as it is shown: skipped, its answer's, or None if open."""
        if not self.instance.is_relevant(name):
            return AnswerState.SKIPPED
        answer = self.answers.get(name)
        return answer.state if answer else None

    @property
    def may_return(self) -> bool:
        """Whether it ended, and by nothing that a person has to look at first.

        That is what voids the record, and what is urgent (求助或危机, 失踪).
        """
        known = [self.questionnaire.outcome(code) for code in self.outcomes]
        ended = self.status is Status.ENDED and any(one and one.ends for one in known)
        return ended and not any(one and (one.voids or one.is_urgent) for one in known)

    def is_cleared(self) -> bool:
        """Whether sensitive things may be asked and said: identity shown and consent given."""
        known = self.identity in (Identity.VERIFIED, Identity.NOT_NEEDED)
        return known and self.consent in (Consent.GIVEN, Consent.NOT_NEEDED)

    def is_withheld(self, item: Item) -> bool:
        """Whether ``item`` must be neither asked nor said to this speaker."""
        return item.sensitivity is Sensitivity.SENSITIVE and not self.is_cleared()


def begin(questionnaire: Questionnaire, started: happened.InterviewStarted) -> Interview:
    """Return the interview that ``started`` opens on ``questionnaire``."""
    preset = {**started.facts, "speaker": SpeakerKind.NOBODY.value, "relation": ""}
    preset |= {f"{LAST_YEAR}{name}": value for name, value in started.last_year.items()}
    preset["channel"] = started.channel.value
    model = form_model(questionnaire)
    procedure = questionnaire.procedure
    known = {name: value for name, value in preset.items() if model.knows(name)}
    return Interview(
        questionnaire=questionnaire,
        instance=Instance.start(model, known, started.at),
        facts=dict(started.facts),
        last_year=dict(started.last_year),
        channel=started.channel,
        at=started.at,
        identity=(
            Identity.UNVERIFIED if procedure.identity == "certificate" else Identity.NOT_NEEDED
        ),
        consent=Consent.UNASKED if procedure.consent else Consent.NOT_NEEDED,
        length=1,
    )
