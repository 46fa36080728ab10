"""One turn of the talk, on any channel: words or a tap in, events and sentences out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialog.message import Message, messages
from dialog.tapped import as_tap, tapped_input
from dialog.utterance import Utterance
from dialog.wording import Office
from survey_engine.channel import Channel
from survey_engine.event import Event
from survey_engine.input import Input, SayAgain
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import start, step


class Reader(Protocol):
    """Turns words into an input for the interview."""

    def read(self, interview: Interview, utterance: Utterance) -> Input:
        """Return what ``utterance`` means in answer to the waiting question; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What one contribution led to."""

    interview: Interview
    events: tuple[Event, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """The talk of one office with its respondents."""

    reader: Reader
    office: Office

    def take(self, interview: Interview, utterance: Utterance) -> Turn:
        """Take one contribution; pure but for the reader.

        Typed words that are a button's are its tap; what a recogniser heard never is, since 冇 may
        come out as 有 and has to be doubted.
        """
        if utterance.confidence is None:
            coded = interview.channel is Channel.TERMINAL
            utterance = as_tap(interview, utterance, codes=coded)
        if utterance.tapped:
            meant = tapped_input(interview, utterance) or SayAgain(at=utterance.at)
        else:
            meant = self.reader.read(interview, utterance)
        return self.put(interview, meant)

    def begin(
        self,
        form: Questionnaire,
        facts: Mapping[str, str],
        last_year: Mapping[str, str],
        *,
        at: datetime,
        channel: Channel,
    ) -> Turn:
        """Open an interview, as :func:`survey_engine.stepping.start` does."""
        return self._told(*start(form, facts, last_year, at=at, channel=channel))

    def put(self, interview: Interview, meant: Input) -> Turn:
        """Put an input that needs no interpretation into the interview."""
        return self._told(*step(interview, meant))

    def _told(self, interview: Interview, events: Sequence[Event]) -> Turn:
        return Turn(interview, tuple(events), tuple(messages(interview, events, self.office)))
