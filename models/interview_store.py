"""The interview of an assignment: loaded from its snapshot, kept if nobody wrote meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from models.chain import Head
from models.event_store import read_events
from models.failure import ConflictError, FormMissingError
from models.tables import AssignmentRow, InterviewRow
from survey_engine.event import SCHEMA
from survey_engine.interview import Interview
from survey_engine.plain import PlainError
from survey_engine.questionnaire import Questionnaire
from survey_engine.snapshot import restore, take_snapshot
from survey_engine.stepping import replay

#: Finds a form by name and version; raises ``LookupError`` where there is none.
Forms = Callable[[str, str], Questionnaire]


@dataclass(frozen=True, slots=True)
class Held:
    """An interview as it was read: what may be kept only if ``lock_version`` is still true."""

    id: str
    assignment_id: str
    campaign_id: str
    region: str
    lock_version: int
    head: Head
    interview: Interview


_COLUMNS = (
    InterviewRow.id,
    InterviewRow.assignment_id,
    InterviewRow.campaign_id,
    AssignmentRow.region,
    InterviewRow.form,
    InterviewRow.form_version,
    InterviewRow.lock_version,
    InterviewRow.length,
    InterviewRow.link,
    InterviewRow.schema,
    InterviewRow.snapshot,
)
_WANTED = select(*_COLUMNS).join(AssignmentRow, AssignmentRow.id == InterviewRow.assignment_id)
#: By what an interview is looked up: its own id, or its assignment's.
BY_ID = _WANTED.where(InterviewRow.id == bindparam("name"))
BY_ASSIGNMENT = _WANTED.where(InterviewRow.assignment_id == bindparam("name"))
_KEEP = update(InterviewRow).where(
    InterviewRow.id == bindparam("held"), InterviewRow.lock_version == bindparam("read")
)


def load_interview(
    connection: Connection, forms: Forms, wanted: Select[*tuple[Any, ...]], name: str
) -> Held | None:
    """Return the interview that is called ``name`` by ``wanted``, ready to go on, or None."""
    found = connection.execute(wanted, {"name": name}).one_or_none()
    if found is None:
        return None
    return Held(
        id=found.id,
        assignment_id=found.assignment_id,
        campaign_id=found.campaign_id,
        region=found.region,
        lock_version=found.lock_version,
        head=Head(found.length, found.link),
        interview=_revive(connection, find_form(forms, found.form, found.form_version), found),
    )


def find_form(forms: Forms, name: str, version: str) -> Questionnaire:
    """Return a form. Raises :class:`models.failure.FormMissingError` if it is not at hand."""
    try:
        return forms(name, version)
    except LookupError as error:
        raise FormMissingError(
            f"Form {name} {version} is not at hand, so its interviews cannot go on; bring it back."
        ) from error


def _revive(connection: Connection, form: Questionnaire, found: Row[*tuple[Any, ...]]) -> Interview:
    """A snapshot of another schema, or one that cannot be read, is made anew from the events."""
    if found.schema == SCHEMA:
        try:
            return restore(form, found.snapshot)
        except PlainError:
            pass
    return replay(form, read_events(connection, found.id))


def add_interview(connection: Connection, held: Held, after: Interview, head: Head) -> None:
    """Keep a new interview."""
    connection.execute(
        insert(InterviewRow).values(
            id=held.id,
            assignment_id=held.assignment_id,
            campaign_id=held.campaign_id,
            form=after.questionnaire.form,
            form_version=after.questionnaire.version,
            lock_version=1,
            started_at=after.at,
            updated_at=after.at,
            length=head.length,
            link=head.link,
            **interview_state(after),
        )
    )


def keep_interview(
    connection: Connection, held: Held, after: Interview, head: Head, at: datetime
) -> None:
    """Keep what became of an interview.

    Raises :class:`models.failure.ConflictError` if somebody wrote since it was read.
    """
    values = {
        "held": held.id,
        "read": held.lock_version,
        "lock_version": held.lock_version + 1,
        "updated_at": at,
        "length": head.length,
        "link": head.link,
    }
    kept = connection.execute(_KEEP, values | interview_state(after))
    if kept.rowcount != 1:
        raise ConflictError(
            f"Interview {held.id} went on meanwhile; read it again and repeat the turn."
        )


def interview_state(interview: Interview) -> dict[str, object]:
    """Return the columns that say where an interview stands."""
    return {
        "status": interview.status.value,
        "channel": interview.channel.value,
        "waiting_for": interview.wait.target if interview.wait else "",
        "usable": interview.usable,
        "schema": SCHEMA,
        "snapshot": take_snapshot(interview),
    }
