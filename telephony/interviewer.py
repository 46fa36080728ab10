"""The port from a call to the interview: what was said goes in, what is to be said comes out."""

from dataclasses import dataclass, field
from typing import Protocol

from dialog.message import Message
from survey_engine.interview import Status
from telephony.announcement import Announcement
from telephony.audio import AudioChunk
from telephony.keypad import NO_KEYS, Keys
from telephony.manner import Manner
from telephony.recogniser import Hints, Word
from telephony.turn_rules import Kind


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the waiting question expects: the sort of answer, keys, and what may be heard."""

    kind: Kind
    keys: Keys = NO_KEYS
    digits: tuple[int, int] | None = None
    hints: Hints = field(default_factory=Hints)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be said, and what is then expected; None when the call is to end.

    ``asks`` is false where no question was put again, as when somebody asked for a moment.
    ``slower`` is set where somebody asked to be spoken to more slowly, ``repeats`` where they asked
    for the question again, ``manner`` where it has come out how the person talks.
    """

    messages: tuple[Message, ...]
    expects: Expectation | None
    status: Status
    asks: bool = True
    slower: bool = False
    repeats: bool = False
    manner: Manner | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """The first reply of a call, and how the person talks as far as is known."""

    reply: Reply
    manner: Manner


@dataclass(frozen=True, slots=True)
class Contribution:
    """What the other side did in one turn; ``number`` counts turns within the call.

    ``words`` with the recogniser's ``confidence``, or ``tapped`` or ``words`` without one from
    keys, or ``silence``, which is ``no_input`` or ``noise``. ``unheard``: they spoke before they
    could have heard the question. ``continues`` are the words that were taken for a whole answer
    just before and go on with these. ``hearings`` are all that the words may have been, each with
    its probability.
    """

    number: int
    words: str = ""
    tapped: str = ""
    confidence: float | None = None
    silence: str = ""
    unheard: bool = False
    continues: str = ""
    hearings: tuple[tuple[str, float], ...] = ()


class Interviewer(Protocol):
    """Holds one interview for one call."""

    async def open(self) -> Opening:
        """Begin or resume the interview; every call says first who is calling."""

    async def take(self, contribution: Contribution) -> Reply | None:
        """Take a turn; None if it says nothing to a question that was not heard yet."""

    async def by_keys(self) -> Reply | None:
        """Put the waiting question so that keys can answer it; None if they cannot."""

    async def leave(self, reason: str) -> Reply:
        """Interrupt the interview: ``later`` says goodbye, ``dropped`` says nothing."""

    async def announce(self, announcement: Announcement) -> Reply:
        """Take note that nobody was reached, but a recorded voice."""

    async def keep(
        self, contribution: Contribution, sound: AudioChunk, words: tuple[Word, ...]
    ) -> None:
        """Keep the sound of a turn; the times of ``words`` count from its beginning."""

    async def remember(self, manner: Manner) -> None:
        """Remember how the person talks for their next call."""
