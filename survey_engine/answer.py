"""What is held of one item: a value, or one of the four kinds of having none."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from survey_engine.channel import Channel


class AnswerState(StrEnum):
    """How far an answer may be relied on.

    ``skipped`` (never asked, because it does not apply) and the plain absence of an answer (not
    asked yet) are two more kinds of having no value; neither is stored. None of them is ever
    exported as an official code.
    """

    RECORDED = "recorded"
    TO_VERIFY = "to_verify"
    VERIFIED = "verified"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class SpeakerKind(StrEnum):
    """Who is answering."""

    NOBODY = "nobody"
    SELF = "self"
    PROXY = "proxy"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who is answering, and for a proxy (代) how related to the person."""

    kind: SpeakerKind = SpeakerKind.NOBODY
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """The words that an input rests on: verbatim, where they are kept, and how sure it was."""

    words: str = ""
    utterance: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of what was said, with its probability from 0 to 1."""

    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The current answer to one item, with everything that it can be traced by."""

    state: AnswerState
    value: str
    heard: Heard
    source: str
    speaker: Speaker
    channel: Channel
    at: datetime
    confirmed: bool = False
    reconfirm: bool = False
