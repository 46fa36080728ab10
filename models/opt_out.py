"""Who said never to call again; nobody takes that back but they themselves."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, String, bindparam, exists, insert, or_, select

from models.database import Database
from models.tables import AssignmentRow, OptOutRow, PersonRow
from survey_engine.event import Event, OutcomeReported
from survey_engine.interview import Interview
from survey_engine.script import Line


def note_opt_out(
    connection: Connection,
    assignment_id: str,
    interview: Interview,
    events: Sequence[Event],
    at: datetime,
) -> bool:
    """Keep for ever that somebody was promised not to be called again, if ``events`` say so.

    It is kept by the person and by the number, within the transaction of the turn. Returns
    whether anything was added.
    """
    if not any(_promises(interview, event) for event in events):
        return False
    known = exists().where(OptOutRow.assignment_id == assignment_id)
    if connection.scalar(select(known)):
        return False
    wanted = (
        select(AssignmentRow.person_id, PersonRow.telephone_index)
        .outerjoin(PersonRow, PersonRow.id == AssignmentRow.person_id)
        .where(AssignmentRow.id == assignment_id)
    )
    about = connection.execute(wanted).one()
    connection.execute(
        insert(OptOutRow).values(
            assignment_id=assignment_id,
            person_id=about.person_id,
            telephone_index=about.telephone_index,
            said_at=at,
        )
    )
    return True


def _promises(interview: Interview, event: Event) -> bool:
    if not isinstance(event, OutcomeReported):
        return False
    outcome = interview.questionnaire.outcome(event.outcome)
    return outcome is not None and outcome.say == Line.OPTED_OUT


def opted_out(
    assignment_id: ColumnElement[str],
) -> ColumnElement[bool]:
    """Return the condition that the person of an assignment, or their number, is not to be called.

    Three looks by one key each, so that an index serves each of them.
    """
    person = select(AssignmentRow.person_id).where(AssignmentRow.id == assignment_id)
    number = (
        select(PersonRow.telephone_index)
        .join(AssignmentRow, AssignmentRow.person_id == PersonRow.id)
        .where(AssignmentRow.id == assignment_id)
    )
    return or_(
        exists().where(OptOutRow.assignment_id == assignment_id),
        exists().where(OptOutRow.person_id == person.scalar_subquery()),
        exists().where(OptOutRow.telephone_index == number.scalar_subquery()),
    )


_HAS_OPTED_OUT = select(opted_out(bindparam("assignment", type_=String())))


def has_opted_out(connection: Connection, assignment_id: str) -> bool:
    """Whether the person of this assignment, or their number, is not to be called again."""
    return bool(connection.scalar(_HAS_OPTED_OUT, {"assignment": assignment_id}))


class OptOuts:
    """Everybody who wants no calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def holds(self, assignment_id: str) -> bool:
        """Whether the person of this assignment, or their number, is not to be called again."""
        with self._database.reading() as connection:
            return has_opted_out(connection, assignment_id)
