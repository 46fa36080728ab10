"""What a caseworker decides, and what that does to an interview and its tasks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.conversation_store import TurnResult
from models.failure import VerdictRefusedError
from models.keys import KeyService
from models.tables import AssignmentRow, ReviewTaskRow, VerdictRow
from models.task import Task, find_tasks, refusal
from models.task_store import close_task
from models.turn_record import Turn
from survey_engine.event import InputRefused
from survey_engine.input import Input, RejectOutcome, Reopen, Verify
from survey_engine.interview import Interview
from survey_engine.stepping import step

_OUTCOME = "outcome:"
_AGAIN = ("reopen", "visit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was decided about a task."""

    task_id: str
    given_by: str
    decision: str
    value: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a caseworker wants done with a task.

    An item: ``confirm`` the value asked about, ``change`` it to ``value``, ``undetermined``,
    ``reopen`` to have it asked again by a call, or ``visit`` at home. Anything else, such as an
    outcome: ``accept``, ``reject``, or the last two.
    """

    decision: str
    by: str
    reason: str
    at: datetime
    value: str = ""


_VERDICT = tuple(Verdict.__dataclass_fields__)


def putting(task: Task, ruling: Ruling) -> Callable[[Interview], TurnResult]:
    """Return the turn that puts a ruling into the interview.

    It raises :class:`models.failure.VerdictRefusedError` if the interview does not take it.
    """

    def work(interview: Interview) -> TurnResult:
        given = _input(interview, task, ruling)
        if given is None:
            return TurnResult(interview, ())
        after, events = step(interview, given)
        for event in events:
            if isinstance(event, InputRefused):
                raise VerdictRefusedError(
                    f"The verdict of {ruling.by} was not taken ({event.code}): {event.message}"
                )
        return TurnResult(after, events)

    return work


def _input(interview: Interview, task: Task, ruling: Ruling) -> Input | None:
    item = interview.questionnaire.item(task.item)
    match ruling.decision:
        case "accept":
            return None
        case "reopen" | "visit" if item is not None and item.type.is_question:
            return Reopen(at=ruling.at, items=(task.item,), by=ruling.by)
        case "reopen" | "reject":
            return _rejected(interview, task, ruling)
        case "visit":
            return None
        case "confirm" | "change" | "undetermined":
            value = {"confirm": task.value, "change": ruling.value}.get(ruling.decision, "")
            return _verify(task, ruling, value)
    raise VerdictRefusedError(
        f"{ruling.decision} is no decision; use confirm, change, undetermined, reopen, visit,"
        " accept or reject."
    )


def _rejected(interview: Interview, task: Task, ruling: Ruling) -> Input | None:
    """An outcome that is not so, or is to be asked about again, does not end an interview."""
    outcome = task.reason.removeprefix(_OUTCOME)
    if outcome not in interview.outcomes:
        return None
    return RejectOutcome(at=ruling.at, outcome=outcome, by=ruling.by)


def _verify(task: Task, ruling: Ruling, value: str) -> Input:
    if not value and ruling.decision != "undetermined":
        raise VerdictRefusedError(
            f"Task {task.id} needs a value to {ruling.decision}; give one, or say undetermined."
        )
    return Verify(at=ruling.at, item=task.item, value=value, by=ruling.by, reason=ruling.reason)


def record_verdict(
    connection: Connection, keys: KeyService, task: Task, ruling: Ruling, turn: Turn
) -> None:
    """Within the turn's transaction: this turn, and no earlier one, must end the task."""
    if not turn.events or task.reason.startswith(_OUTCOME):
        _close_by_itself(connection, task, ruling)
    else:
        _require_ended(connection, task, turn)
    entry = AuditEntry(
        at=ruling.at, actor=ruling.by, action=f"review.{ruling.decision}", object=task.id
    )
    add_audit(connection, keys, entry)


def _require_ended(connection: Connection, task: Task, turn: Turn) -> None:
    ended_by = connection.scalar(select(VerdictRow.event_seq).where(VerdictRow.task_id == task.id))
    if ended_by is None or ended_by <= turn.held.head.length:
        raise refusal(find_tasks(connection, ReviewTaskRow.id == task.id)[0])


def _close_by_itself(connection: Connection, task: Task, ruling: Ruling) -> None:
    """Close a task that no event ends, since it is about no answer."""
    if not ruling.by or not ruling.reason:
        raise VerdictRefusedError("A verdict needs the name of who gives it and a reason.")
    if not close_task(connection, task.id, "decided", ruling.at):
        raise refusal(replace(task, status="decided"))
    decision = "reopened" if ruling.decision in _AGAIN else f"{ruling.decision}ed"
    connection.execute(
        insert(VerdictRow).values(
            task_id=task.id,
            given_by=ruling.by,
            decision=decision,
            value=ruling.value,
            reason=ruling.reason,
            at=ruling.at,
        )
    )
    if task.reason.startswith(_OUTCOME) and ruling.decision != "visit":
        _decide_outcome(connection, task, accepted=ruling.decision == "accept")


def _decide_outcome(connection: Connection, task: Task, *, accepted: bool) -> None:
    outcome = task.reason.removeprefix(_OUTCOME)
    connection.execute(
        update(AssignmentRow)
        .where(AssignmentRow.id == task.assignment_id, AssignmentRow.outcome == outcome)
        .values(outcome_decided=accepted, outcome=outcome if accepted else "")
    )


def says_the_same(verdict: Verdict, ruling: Ruling) -> bool:
    """Whether ``ruling`` is the one that ``verdict`` came from, sent again."""
    same_value = ruling.decision != "change" or verdict.value == ruling.value
    same = _SAYS.get(ruling.decision, ())
    return verdict.given_by == ruling.by and verdict.decision in same and same_value


_SAYS = {
    "confirm": ("confirmed",),
    "change": ("changed", "confirmed"),
    "undetermined": ("undetermined",),
    "reopen": ("reopened",),
    "visit": ("reopened",),
    "accept": ("accepted",),
    "reject": ("rejected",),
}


def find_verdicts(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Verdict, ...]:
    """Return the verdicts that meet all conditions."""
    wanted = select(*(getattr(VerdictRow, name) for name in _VERDICT)).where(*conditions)
    rows = connection.execute(wanted.order_by(VerdictRow.at)).mappings()
    return tuple(Verdict(**row) for row in rows)
