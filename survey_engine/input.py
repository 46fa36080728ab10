"""What may be put into an interview: a decision, a wish of the respondent, or a command."""

from dataclasses import dataclass
from datetime import datetime

from survey_engine.answer import Candidate, Heard, SpeakerKind
from survey_engine.channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Anything that makes the interview go on; ``at`` is an aware time from the one clock."""

    at: datetime
    heard: Heard = Heard()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Input):
    """Decision: ``value`` was said for ``target`` and may be recorded.

    ``target`` is that of the wait, or any item or option that the respondent spoke of. The value
    is a code, several codes joined by spaces or ``+``, ``yes``/``no`` for an option, a number, an
    ISO date, or text. ``relation`` is how somebody who answers for the person is related to them,
    where the words that say so tell it too (我是他妈妈).
    """

    target: str
    value: str
    relation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Input):
    """Decision: ``value`` was probably said for ``target``; read it back and hear yes or no."""

    target: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAgain(Input):
    """Decision: nothing certain was said; ``reason`` is ``unclear``, ``noise`` or ``no_input``."""

    reason: str = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff(Input):
    """Decision: a person has to settle ``target``; the interview goes on with what follows."""

    target: str
    reason: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Affirm(Input):
    """A yes to a question that takes yes or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny(Input):
    """A no to a question that takes yes or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Input):
    """The respondent does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(Input):
    """The respondent does not want to answer this question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SayAgain(Input):
    """The respondent wants the question once more: as it was, slower, or explained."""

    manner: str = "repeat"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOn(Input):
    """The respondent needs a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoBack(Input):
    """An earlier answer is to be changed: that of ``item``, or the last one if it is empty."""

    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoAreYou(Input):
    """The respondent asks who is calling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abuse(Input):
    """The respondent swears; it is met calmly and never taken as an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantPerson(Input):
    """The respondent wants to speak with a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSpeaker(Input):
    """Somebody else is answering from now on."""

    kind: SpeakerKind
    relation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Input):
    """An outcome was heard (N01 …); ``certain`` is false where it has another reading too."""

    outcome: str
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Input):
    """The interview is interrupted: ``later``, ``dropped``, ``channel`` or ``guardian``."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Input):
    """The interview goes on, perhaps on another channel.

    ``same_speaker`` only where the channel vouches that nobody else can be there (the same chat
    session); otherwise whoever answers shows anew who they are before anything sensitive is said.
    ``returns`` where they came back of their own will, as by opening the chat or to the window: an
    outcome that ended the interview (拒访, 疑诈骗 …) is past then, unless it is for a person to
    decide first (:attr:`survey_engine.interview.Interview.may_return`).
    """

    channel: Channel
    same_speaker: bool = False
    returns: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Input):
    """No more attempts will be made; what there is, is kept as partial or given up."""

    outcome: str = "N12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify(Input):
    """A caseworker settles ``item``: ``value`` is right, or empty for cannot be determined."""

    item: str
    value: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectOutcome(Input):
    """A caseworker finds that an ``outcome`` which was reported is not so."""

    outcome: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(Input):
    """A caseworker wants ``items`` asked again in a call-back that asks nothing else."""

    items: tuple[str, ...]
    by: str
