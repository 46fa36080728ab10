"""All rows that one turn leaves behind, written in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.answer_store import add_revisions, keep_answers
from models.assignment_state import keep_assignment
from models.calling import refresh_calling, refresh_reached_alike
from models.chain import GENESIS, Head
from models.database import Database
from models.event_store import append_events, chained
from models.failure import TurnMismatchError
from models.follow_up import finish_asked
from models.interview_store import Held, add_interview, keep_interview
from models.opt_out import note_opt_out
from models.projection import Course, current_answers, follow
from models.task_store import add_tasks, end_tasks
from survey_engine.event import Event, InterviewStarted
from survey_engine.interview import Interview, Status, begin

NOTHING = Head(0, GENESIS)
_OVER = (Status.COMPLETED, Status.ENDED)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn, checked: the events lead from the interview as held to ``course.interview``."""

    held: Held
    events: tuple[Event, ...]
    course: Course
    at: datetime
    opens: bool = False

    @property
    def is_last(self) -> bool:
        """Whether the interview is over by this turn."""
        return self._after in _OVER and (self.opens or self._before not in _OVER)

    @property
    def revives(self) -> bool:
        """Whether an interview that had ended can go on by this turn."""
        return self._before is Status.ENDED and self._after is Status.PAUSED

    @property
    def _before(self) -> Status:
        return self.held.interview.status

    @property
    def _after(self) -> Status:
        return self.course.interview.status

    @classmethod
    def of(cls, held: Held, after: Interview, events: Sequence[Event], at: datetime) -> "Turn":
        """Return the turn that ``events`` make of ``held``.

        Raises :class:`models.failure.TurnMismatchError` if that is not ``after``.
        """
        course = follow(held.interview, events)
        return cls(held, tuple(events), _checked(course, after), at)

    @classmethod
    def opening(cls, held: Held, events: Sequence[Event], at: datetime) -> "Turn":
        """Return the turn that starts ``held``, whose interview is the one after it."""
        after = held.interview
        if not events or not isinstance(events[0], InterviewStarted):
            raise TurnMismatchError("A start has no InterviewStarted; give all its events.")
        course = follow(begin(after.questionnaire, events[0]), events[1:])
        return cls(held, tuple(events), _checked(course, after), at, opens=True)


def _checked(course: Course, after: Interview) -> Course:
    made = course.interview
    if (made.length, made.status, made.wait) != (after.length, after.status, after.wait):
        raise TurnMismatchError(
            "The turn's interview is not what its events make of the one that was loaded;"
            " return both from the same step."
        )
    return course


def keep_turn(connection: Connection, database: Database, turn: Turn) -> None:
    """Write everything that follows from ``turn``.

    Raises :class:`models.failure.ConflictError` if the interview went on since it was read.
    """
    held, course = turn.held, turn.course
    head = NOTHING if turn.opens else held.head
    rows = chained(database.keys, held.id, head, turn.events)
    new_head = Head(rows[-1].seq, rows[-1].link) if rows else head
    if turn.opens:
        add_interview(connection, held, course.interview, new_head)
    else:
        keep_interview(connection, held, course.interview, new_head, turn.at)
    before = {} if turn.opens else current_answers(held.interview)
    keep_answers(connection, held.id, before, current_answers(course.interview))
    add_revisions(connection, held.id, course.revisions)
    add_tasks(connection, held, course.requests, database.new_id)
    end_tasks(connection, held.id, course.endings)
    asked = set(held.interview.reopened) - set(course.interview.reopened)
    finish_asked(connection, held.assignment_id, asked, turn.at, over=turn.is_last)
    keep_assignment(connection, held.assignment_id, course.interview, turn.events, turn.at)
    _keep_calling(connection, turn)
    append_events(connection, database.keys, held.campaign_id, rows)


def _keep_calling(connection: Connection, turn: Turn) -> None:
    """A turn that stops the interview, or takes an opt-out, decides about further calls."""
    assignment_id, interview = turn.held.assignment_id, turn.course.interview
    if note_opt_out(connection, assignment_id, interview, turn.events, turn.at):
        refresh_reached_alike(connection, assignment_id)
    elif interview.status is not Status.OPEN or turn.held.interview.status is not Status.OPEN:
        refresh_calling(connection, assignment_id)
