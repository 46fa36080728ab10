"""What is known of one assignment, as desks and the command line show it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from models.answer_store import read_answers
from models.attempt import Attempt, find_attempts
from models.case import person_key
from models.database import Database
from models.failure import NotFoundError
from models.projection import CurrentAnswer
from models.review import Task, find_tasks
from models.tables import (
    AssignmentRow,
    AttemptRow,
    InterviewRow,
    PersonRow,
    ReviewTaskRow,
)

_OVER = ("completed", "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One assignment: how far it is, its answers by item, open tasks, attempts.

    ``status`` is ``waiting`` before an interview, then the interview's; ``outcome`` a local code
    or empty, only suspected unless ``outcome_decided``; ``events`` counts the history.
    """

    assignment_id: str
    campaign_id: str
    region: str
    status: str
    outcome: str
    outcome_decided: bool
    answers: Mapping[str, CurrentAnswer]
    review: tuple[Task, ...]
    attempts: tuple[Attempt, ...]
    events: int
    waiting_for: str = ""
    interview_id: str = ""
    usable: bool = False


class Showing:
    """Reads what is to be shown; it never writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def person(self, campaign_id: str, certificate: str) -> Shown:
        """Return the assignment of a certificate number in a campaign.

        Raises :class:`models.failure.NotFoundError`, which does not repeat the number.
        """
        wanted = (
            select(AssignmentRow.id)
            .join(PersonRow, PersonRow.id == AssignmentRow.person_id)
            .where(
                AssignmentRow.campaign_id == campaign_id,
                PersonRow.key == person_key(self._database.keys, certificate),
            )
        )
        with self._database.reading() as connection:
            found = connection.scalar(wanted)
            if found is None:
                raise NotFoundError(
                    f"Campaign {campaign_id} has nobody with this certificate number; check it,"
                    " or import the roster first."
                )
            return show(connection, found)

    def assignment(self, assignment_id: str) -> Shown:
        """Return one assignment. Raises :class:`models.failure.NotFoundError`."""
        with self._database.reading() as connection:
            return show(connection, assignment_id)


def show(connection: Connection, assignment_id: str) -> Shown:
    """Return one assignment within the caller's view of the records."""
    assigned = connection.execute(
        select(
            AssignmentRow.campaign_id,
            AssignmentRow.region,
            AssignmentRow.status,
            AssignmentRow.outcome,
            AssignmentRow.outcome_decided,
        ).where(AssignmentRow.id == assignment_id)
    ).one_or_none()
    if assigned is None:
        raise NotFoundError(f"There is no assignment {assignment_id}; look it up anew.")
    attempts = find_attempts(connection, AttemptRow.assignment_id == assignment_id)
    interview = connection.execute(
        select(
            InterviewRow.id, InterviewRow.length, InterviewRow.waiting_for, InterviewRow.usable
        ).where(InterviewRow.assignment_id == assignment_id)
    ).one_or_none()
    mine = ReviewTaskRow.assignment_id == assignment_id
    return Shown(
        assignment_id=assignment_id,
        campaign_id=assigned.campaign_id,
        region=assigned.region,
        status=assigned.status,
        outcome=shown_outcome(assigned.status, assigned.outcome, attempts),
        outcome_decided=assigned.outcome_decided,
        answers=read_answers(connection, interview.id) if interview else {},
        review=find_tasks(connection, mine, ReviewTaskRow.status == "open"),
        attempts=attempts,
        events=interview.length if interview else 0,
        waiting_for=interview.waiting_for if interview else "",
        interview_id=interview.id if interview else "",
        usable=interview.usable if interview else False,
    )


def shown_outcome(status: str, outcome: str, attempts: tuple[Attempt, ...]) -> str:
    """Return the interview's outcome, or the last attempt's as long as nothing is over."""
    if outcome or status in _OVER:
        return outcome
    ended = [one.outcome for one in attempts if one.outcome]
    return ended[-1] if ended else ""
