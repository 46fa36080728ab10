"""The caseworkers' queue: what is open, who holds it, and what they decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, and_, insert, or_, select, update

from models.audit_entry import AuditEntry, add_audit
from models.conversation_store import TurnResult, TurnStore
from models.database import Database
from models.failure import (
    NotFoundError,
    TaskClosedError,
    TaskTakenError,
    VerdictRefusedError,
)
from models.region import within
from models.tables import AssignmentRow, ReviewTaskRow, VerdictRow
from models.task_store import close_task
from models.turn_record import Turn
from survey_engine.event import InputRefused
from survey_engine.input import Input, Reopen, Verify
from survey_engine.interview import Interview
from survey_engine.stepping import step

#: How long a claim lasts; a caseworker who goes home does not keep tasks from others.
CLAIM = timedelta(minutes=15)
_OUTCOME = "outcome:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that a person has to look at.

    ``item`` is an item, the target of a scripted question, or empty; ``reason`` a word like
    ``unclear``, ``check:L12`` or ``outcome:N01``; ``candidates`` are ``(value, confidence)``.
    """

    id: str
    interview_id: str
    assignment_id: str
    campaign_id: str
    region: str
    item: str
    reason: str
    value: str
    words: str
    utterance: str
    confidence: float | None
    candidates: Sequence[tuple[str, float]]
    status: str
    claimed_by: str | None
    claimed_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks are wanted; what is left empty does not restrict."""

    campaign: str = ""
    region: str = ""
    item: str = ""
    reason: str = ""
    assignment: str = ""
    claimed_by: str = ""
    free_at: datetime | None = None
    status: str = "open"

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """Return the filter as conditions; ``reason`` may end at a colon (``check:``)."""
        row = ReviewTaskRow
        wanted = {
            row.campaign_id: self.campaign,
            row.item: self.item,
            row.assignment_id: self.assignment,
            row.claimed_by: self.claimed_by,
            row.status: self.status,
        }
        found = [column == word for column, word in wanted.items() if word]
        if self.reason:
            found.append(_reason_is(self.reason))
        if self.region:
            found.append(within(row.region, self.region))
        if self.free_at is not None:
            found.append(_is_free(self.free_at))
        return tuple(found)


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

    An item: ``confirm`` the value asked about, ``change`` it to ``value``, ``undetermined``, or
    ``reopen`` to have it asked again. Anything else, such as an outcome: ``accept``, ``reject``.
    """

    decision: str
    by: str
    reason: str
    at: datetime
    value: str = ""


_FIELDS = tuple(Task.__dataclass_fields__)
_VERDICT = tuple(Verdict.__dataclass_fields__)


class ReviewStore:
    """Tasks to be claimed and decided."""

    def __init__(self, database: Database, turns: TurnStore) -> None:
        self._database = database
        self._turns = turns

    def tasks(
        self, wanted: TaskFilter, *, limit: int = 50, after: Task | None = None
    ) -> tuple[Task, ...]:
        """Return tasks that meet the filter, oldest first, behind ``after``."""
        conditions = wanted.conditions()
        if after is not None:
            conditions = (*conditions, _is_behind(after))
        with self._database.reading() as connection:
            return find_tasks(connection, *conditions, limit=limit)

    def task(self, task_id: str) -> Task:
        """Return one task. Raises :class:`models.failure.NotFoundError`."""
        with self._database.reading() as connection:
            found = find_tasks(connection, ReviewTaskRow.id == task_id)
        if not found:
            raise NotFoundError(f"There is no review task {task_id}; look at the list again.")
        return found[0]

    def claim(self, task_id: str, by: str, now: datetime, lasting: timedelta = CLAIM) -> Task:
        """Claim a task, or prolong one's claim; one guarded update, so there is one winner.

        Raises :class:`models.failure.TaskTakenError` while somebody else holds it and
        :class:`models.failure.TaskClosedError` if it is no longer open.
        """
        mine = or_(ReviewTaskRow.claimed_by == by, _is_free(now))
        claiming = _open(task_id, mine).values(claimed_by=by, claimed_until=now + lasting)
        with self._database.writing() as connection:
            won = connection.execute(claiming).rowcount == 1
        task = self.task(task_id)
        if not won:
            raise _refusal(task)
        return task

    def claim_next(
        self, wanted: TaskFilter, by: str, now: datetime, lasting: timedelta = CLAIM
    ) -> Task | None:
        """Claim the oldest free task that meets the filter, or return None."""
        free = (*wanted.conditions(), ReviewTaskRow.status == "open", _is_free(now))
        while True:
            with self._database.reading() as connection:
                found = find_tasks(connection, *free, limit=1)
            if not found:
                return None
            try:
                return self.claim(found[0].id, by, now, lasting)
            except (TaskTakenError, TaskClosedError):
                continue

    def release(self, task_id: str, by: str) -> None:
        """Give a claim back; one that is not held is left alone."""
        giving = _open(task_id, ReviewTaskRow.claimed_by == by)
        with self._database.writing() as connection:
            connection.execute(giving.values(claimed_by=None, claimed_until=None))

    def decide(self, task_id: str, ruling: Ruling) -> Verdict:
        """Decide a claimed task in one transaction with all that follows.

        Other open tasks of the same item end with it. The same ruling again gives the verdict
        that stands. Raises :class:`models.failure.TaskTakenError` without a claim that holds,
        :class:`models.failure.TaskClosedError` if it was decided otherwise, and
        :class:`models.failure.VerdictRefusedError` if the interview does not take it.
        """
        task = self.task(task_id)
        standing = self.verdict(task_id)
        if standing is not None and _says_the_same(standing, ruling):
            return standing
        if task.status != "open":
            raise _refusal(task)
        self._carry_out(task, ruling)
        given = self.verdict(task_id)
        if given is None:
            raise NotFoundError(f"Review task {task_id} has no verdict; look at the list again.")
        return given

    def verdict(self, task_id: str) -> Verdict | None:
        """Return the verdict on a task, or None."""
        with self._database.reading() as connection:
            found = find_verdicts(connection, VerdictRow.task_id == task_id)
        return found[0] if found else None

    def _carry_out(self, task: Task, ruling: Ruling) -> None:
        def guarded(connection: Connection, turn: Turn) -> None:
            _record(connection, self._database, task, ruling, turn)

        given = _input(task, ruling)
        self._turns.change(task.interview_id, _putting(given, ruling), guarded)


def _putting(given: Input | None, ruling: Ruling) -> Callable[[Interview], TurnResult]:
    def work(interview: Interview) -> TurnResult:
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


def _input(task: Task, ruling: Ruling) -> Input | None:
    match ruling.decision:
        case "accept" | "reject":
            return None
        case "reopen":
            return Reopen(at=ruling.at, items=(task.item,), by=ruling.by)
        case "confirm" | "change" | "undetermined":
            value = {"confirm": task.value, "change": ruling.value}.get(ruling.decision, "")
            return _verify(task, ruling, value)
    raise VerdictRefusedError(
        f"{ruling.decision} is no decision; use confirm, change, undetermined, reopen, accept or"
        " reject."
    )


def _verify(task: Task, ruling: Ruling, value: str) -> Input:
    if not value and ruling.decision != "undetermined":
        raise VerdictRefusedError(
            f"Task {task.id} needs a value to {ruling.decision}; give one, or say undetermined."
        )
    return Verify(at=ruling.at, item=task.item, value=value, by=ruling.by, reason=ruling.reason)


def _record(
    connection: Connection, database: Database, task: Task, ruling: Ruling, turn: Turn
) -> None:
    """Within the turn's transaction: the claim must hold, and this turn must end the task."""
    if not turn.events:
        _close_without_event(connection, task, ruling)
    now = find_tasks(connection, ReviewTaskRow.id == task.id)[0]
    ended_by = connection.scalar(select(VerdictRow.event_seq).where(VerdictRow.task_id == task.id))
    if turn.events and (ended_by is None or ended_by <= turn.held.head.length):
        raise _refusal(now)
    if now.claimed_by != ruling.by or now.claimed_until is None or now.claimed_until <= ruling.at:
        raise _not_held(task.id)
    entry = AuditEntry(
        at=ruling.at, actor=ruling.by, action=f"review.{ruling.decision}", object=task.id
    )
    add_audit(connection, database.keys, entry)


def _close_without_event(connection: Connection, task: Task, ruling: Ruling) -> None:
    if not ruling.by or not ruling.reason:
        raise VerdictRefusedError("A verdict needs the name of who gives it and a reason.")
    if not close_task(connection, task.id, "decided", ruling.at):
        raise _refusal(replace(task, status="decided"))
    connection.execute(
        insert(VerdictRow).values(
            task_id=task.id,
            given_by=ruling.by,
            decision=f"{ruling.decision}ed",
            value=ruling.value,
            reason=ruling.reason,
            at=ruling.at,
        )
    )
    outcome = task.reason.removeprefix(_OUTCOME)
    if task.reason.startswith(_OUTCOME):
        accepted = ruling.decision == "accept"
        connection.execute(
            update(AssignmentRow)
            .where(AssignmentRow.id == task.assignment_id, AssignmentRow.outcome == outcome)
            .values(outcome_decided=accepted, outcome=outcome if accepted else "")
        )


def _open(task_id: str, condition: ColumnElement[bool]) -> Update:
    return update(ReviewTaskRow).where(
        ReviewTaskRow.id == task_id, ReviewTaskRow.status == "open", condition
    )


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(ReviewTaskRow.claimed_by.is_(None), ReviewTaskRow.claimed_until <= now)


def _is_behind(task: Task) -> ColumnElement[bool]:
    later = ReviewTaskRow.created_at > task.created_at
    same = and_(ReviewTaskRow.created_at == task.created_at, ReviewTaskRow.id > task.id)
    return or_(later, same)


def _reason_is(reason: str) -> ColumnElement[bool]:
    if reason.endswith(":"):
        return ReviewTaskRow.reason.startswith(reason, autoescape=True)
    return ReviewTaskRow.reason == reason


def _says_the_same(verdict: Verdict, ruling: Ruling) -> bool:
    same_value = ruling.decision != "change" or verdict.value == ruling.value
    same = _SAYS.get(ruling.decision, ())
    return verdict.given_by == ruling.by and verdict.decision in same and same_value


_SAYS = {
    "confirm": ("confirmed",),
    "change": ("changed", "confirmed"),
    "undetermined": ("undetermined",),
    "reopen": ("reopened",),
    "accept": ("accepted",),
    "reject": ("rejected",),
}


def _refusal(task: Task) -> TaskTakenError | TaskClosedError:
    if task.status != "open":
        return TaskClosedError(f"Review task {task.id} is {task.status}; look at the list again.")
    return _not_held(task.id)


def _not_held(task_id: str) -> TaskTakenError:
    return TaskTakenError(
        f"Review task {task_id} is not held by you, or no longer; claim it, or take another one."
    )


def find_tasks(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> tuple[Task, ...]:
    """Return the tasks that meet all conditions, oldest first."""
    wanted = (
        select(*(getattr(ReviewTaskRow, name) for name in _FIELDS))
        .where(*conditions)
        .order_by(ReviewTaskRow.created_at, ReviewTaskRow.id)
        .limit(limit)
    )
    rows = connection.execute(wanted).mappings()
    return tuple(Task(**row) for row in rows)


def find_verdicts(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Verdict, ...]:
    """Return the verdicts that meet all conditions."""
    wanted = select(*(getattr(VerdictRow, name) for name in _VERDICT)).where(*conditions)
    rows = connection.execute(wanted.order_by(VerdictRow.at)).mappings()
    return tuple(Verdict(**row) for row in rows)
