"""The attempts behind conversations: begun when somebody is met, ended with what came of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from models.attempt import Attempts
from models.failure import AttemptOpenError
from survey_engine.channel import Channel
from survey_engine.interview import Interview, Status

COMPLETED, INTERRUPTED = "completed", "N12"
#: AAPOR's codes of a complete interview and of a break-off, where the form names none.
_COMPLETE, _BREAK_OFF = "1.1", "2.12"


@dataclass(frozen=True, slots=True)
class Contacts:
    """Keeps one attempt for each sitting on each channel."""

    attempts: Attempts

    def begin(
        self,
        assignment_id: str,
        channel: Channel,
        at: datetime,
        name: str,
        *,
        staff: str = "",
        incoming: bool = False,
    ) -> None:
        """Begin the attempt called ``name``; one that was left open on the channel broke off.

        ``staff`` is the login of whoever leads it, empty for the machine; ``incoming`` says that
        they called us, which is no try.
        """
        begin = partial(
            self.attempts.begin,
            assignment_id,
            channel,
            at,
            external_id=name,
            staff=staff,
            incoming=incoming,
        )
        try:
            begin()
        except AttemptOpenError:
            self.end(assignment_id, channel, at, INTERRUPTED, _BREAK_OFF)
            begin()

    def settle(
        self, assignment_id: str, channel: Channel, interview: Interview, at: datetime
    ) -> None:
        """End the attempt on ``channel`` if the interview has stopped."""
        if interview.status is Status.OPEN:
            return
        outcome = _outcome(interview)
        known = interview.questionnaire.outcome(outcome)
        aapor = _COMPLETE if outcome == COMPLETED else known.aapor if known else _BREAK_OFF
        self.end(assignment_id, channel, at, outcome, aapor)

    def end(
        self, assignment_id: str, channel: Channel, at: datetime, outcome: str, aapor: str
    ) -> None:
        """End the open attempt on ``channel`` with this outcome, if there is one."""
        for attempt in self.attempts.of(assignment_id):
            if attempt.channel is channel and attempt.ended_at is None:
                self.attempts.end(attempt.id, outcome=outcome, aapor=aapor, at=at)


def _outcome(interview: Interview) -> str:
    if interview.status is Status.COMPLETED:
        return COMPLETED
    if interview.status is Status.ENDED and interview.outcomes:
        return interview.outcomes[-1]
    return INTERRUPTED
