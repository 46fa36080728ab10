"""Makes current values anew from the events, which are all that an interview is."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace

from sqlalchemy import Connection, select, update

from models.answer_store import add_revisions, keep_answers, read_answers, read_revisions
from models.calling import refresh_callings
from models.chain import Head
from models.database import Database
from models.event_store import read_events
from models.failure import HistoryBrokenError
from models.interview_store import Forms, Held, find_form, interview_state
from models.projection import Course, current_answers, follow
from models.tables import AssignmentRow, AttemptRow, InterviewRow, PersonRow, ReviewTaskRow
from models.task_store import add_tasks, end_tasks
from survey_engine.event import Event, InterviewStarted
from survey_engine.interview import begin
from survey_engine.plain import PlainError


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild looked at, and how many rows were not what the events say."""

    interviews: int
    answers: int
    revisions: int
    tasks: int
    states: int
    callings: int

    @property
    def changed(self) -> int:
        """How many rows were made anew; 0 if the records were right."""
        return self.answers + self.revisions + self.tasks + self.states + self.callings


def rebuild(database: Database, forms: Forms, campaign_id: str = "") -> Rebuilt:
    """Compute answers, revisions, tasks and states of all interviews anew and keep differences.

    Then when everybody who was tried may be called next, by the limits of now. An interview or a
    person at a time, each in one transaction; turns may go on meanwhile. Raises
    :class:`models.failure.HistoryBrokenError` where events cannot be read or revisions, which
    are never changed, say something else than the events.
    """
    wanted = select(InterviewRow.id).order_by(InterviewRow.id)
    if campaign_id:
        wanted = wanted.where(InterviewRow.campaign_id == campaign_id)
    with database.reading() as connection:
        ids = list(connection.scalars(wanted))
    done = _sum(_rebuild(database, forms, interview_id) for interview_id in ids)
    return replace(done, callings=_keep_callings(database, campaign_id))


def _keep_callings(database: Database, campaign_id: str) -> int:
    """Somebody without any number stays as the callers' desk left them."""
    row = AssignmentRow
    wanted = (
        select(AttemptRow.assignment_id)
        .join(row, row.id == AttemptRow.assignment_id)
        .join(PersonRow, PersonRow.id == row.person_id)
        .where(PersonRow.telephone_index.is_not(None))
        .distinct()
    )
    if campaign_id:
        wanted = wanted.where(row.campaign_id == campaign_id)
    with database.reading() as connection:
        ids = sorted(connection.scalars(wanted))
    return sum(_keep_calling(database, assignment_id) for assignment_id in ids)


def _keep_calling(database: Database, assignment_id: str) -> int:
    with database.writing() as connection:
        return refresh_callings(connection, assignment_id)


def _sum(parts: Iterable[Rebuilt]) -> Rebuilt:
    rows = [astuple(one) for one in parts]
    return Rebuilt(*(sum(column) for column in zip(*rows, strict=True))) if rows else _NONE


_NONE = Rebuilt(0, 0, 0, 0, 0, 0)


def _rebuild(database: Database, forms: Forms, interview_id: str) -> Rebuilt:
    with database.writing() as connection:
        held, course = _retell(connection, forms, interview_id)
        answers = read_answers(connection, interview_id)
        fresh = current_answers(course.interview)
        return Rebuilt(
            interviews=1,
            answers=keep_answers(connection, interview_id, answers, fresh),
            revisions=_keep_revisions(connection, course, interview_id),
            tasks=_keep_tasks(connection, database, held, course),
            states=_keep_state(connection, held, course),
            callings=0,
        )


def _retell(connection: Connection, forms: Forms, interview_id: str) -> tuple[Held, Course]:
    row = connection.execute(
        select(
            InterviewRow.assignment_id,
            InterviewRow.campaign_id,
            AssignmentRow.region,
            InterviewRow.form,
            InterviewRow.form_version,
            InterviewRow.lock_version,
            InterviewRow.length,
            InterviewRow.link,
        )
        .join(AssignmentRow, AssignmentRow.id == InterviewRow.assignment_id)
        .where(InterviewRow.id == interview_id)
        .with_for_update(of=InterviewRow)
    ).one()
    started, later = _history(connection, interview_id)
    opened = begin(find_form(forms, row.form, row.form_version), started)
    held = Held(
        id=interview_id,
        assignment_id=row.assignment_id,
        campaign_id=row.campaign_id,
        region=row.region,
        lock_version=row.lock_version,
        head=Head(row.length, row.link),
        interview=opened,
    )
    return held, follow(opened, later)


def _history(
    connection: Connection, interview_id: str
) -> tuple[InterviewStarted, tuple[Event, ...]]:
    try:
        first, *later = read_events(connection, interview_id)
    except (PlainError, ValueError) as error:
        raise _broken(interview_id, "its events cannot be read") from error
    if not isinstance(first, InterviewStarted):
        raise _broken(interview_id, "its first event is missing")
    return first, tuple(later)


def _keep_revisions(connection: Connection, course: Course, interview_id: str) -> int:
    kept = {(one.event_seq, one.item): one for one in read_revisions(connection, interview_id)}
    told = {(one.event_seq, one.item): one for one in course.revisions}
    if any(told.get(place) != revision for place, revision in kept.items()):
        raise _broken(interview_id, "its revisions are not what its events tell")
    missing = [revision for place, revision in told.items() if place not in kept]
    add_revisions(connection, interview_id, missing)
    return len(missing)


def _keep_tasks(connection: Connection, database: Database, held: Held, course: Course) -> int:
    wanted = select(ReviewTaskRow.event_seq).where(ReviewTaskRow.interview_id == held.id)
    known = set(connection.scalars(wanted))
    missing = [one for one in course.requests if one.event_seq not in known]
    add_tasks(connection, held, missing, database.new_id)
    if missing:
        end_tasks(connection, held.id, course.endings)
    return len(missing)


def _keep_state(connection: Connection, held: Held, course: Course) -> int:
    fresh = interview_state(course.interview)
    columns = [getattr(InterviewRow, name) for name in fresh]
    mine = InterviewRow.id == held.id
    kept = dict(connection.execute(select(*columns).where(mine)).mappings().one())
    status = select(AssignmentRow.status).where(AssignmentRow.id == held.assignment_id)
    if kept == fresh and connection.scalar(status) == fresh["status"]:
        return 0
    version = held.lock_version + 1
    connection.execute(update(InterviewRow).where(mine).values(lock_version=version, **fresh))
    connection.execute(
        update(AssignmentRow)
        .where(AssignmentRow.id == held.assignment_id)
        .values(status=fresh["status"])
    )
    return 1


def _broken(interview_id: str, what: str) -> HistoryBrokenError:
    return HistoryBrokenError(
        f"Interview {interview_id} cannot be rebuilt: {what}; run the audit check and compare"
        " with a copy."
    )
