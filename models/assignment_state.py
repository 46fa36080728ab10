"""What an assignment shows of its interview: how far it is, and the outcome if there is one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from models.tables import AssignmentRow
from survey_engine.event import Ended, Event, OutcomeRejected, OutcomeReported
from survey_engine.interview import Interview

_KEEP = update(AssignmentRow).where(AssignmentRow.id == bindparam("mine"))


def keep_assignment(
    connection: Connection,
    assignment_id: str,
    interview: Interview,
    events: Sequence[Event],
    at: datetime,
) -> None:
    """Bring an assignment up to date; a new outcome is suspected until a person decides."""
    values: dict[str, object] = {
        "mine": assignment_id,
        "status": interview.status.value,
        "channel": interview.channel.value,
        "updated_at": at,
    }
    outcome = outcome_of(interview, events)
    if outcome is not None:
        values |= {"outcome": outcome, "outcome_decided": False}
    connection.execute(_KEEP, values)


def outcome_of(interview: Interview, events: Sequence[Event]) -> str | None:
    """Return the last outcome that the events tell, None for none.

    If one was taken back it is what was reported before and still holds, or empty.
    """
    for event in reversed(events):
        if isinstance(event, (Ended, OutcomeReported)):
            return event.outcome
        if isinstance(event, OutcomeRejected):
            return interview.outcomes[-1] if interview.outcomes else ""
    return None
