"""The caseworkers' tasks: what is open, who holds it, and what they decide."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, and_, or_, update

from models.conversation_store import TurnStore
from models.database import Database
from models.failure import NotFoundError, OwnEntryError, TaskClosedError, TaskTakenError
from models.tables import ReviewTaskRow, VerdictRow
from models.task import Task, TaskFilter, find_tasks, is_free, is_not_barred, not_held, refusal
from models.turn_record import Turn
from models.verdict import (
    Ruling,
    Verdict,
    find_verdicts,
    putting,
    record_verdict,
    says_the_same,
)

__all__ = ["CLAIM", "ReviewStore", "Ruling", "Task", "TaskFilter", "Verdict", "find_tasks"]

#: How long a claim lasts; a caseworker who goes home does not keep tasks from others.
CLAIM = timedelta(minutes=15)


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

        Raises :class:`models.failure.TaskTakenError` while somebody else holds it or a ruling
        waits, :class:`models.failure.OwnEntryError` for an answer that ``by`` entered or has
        ruled on, and :class:`models.failure.TaskClosedError` if it is no longer open.
        """
        mine = or_(ReviewTaskRow.claimed_by == by, is_free(now))
        allowed = and_(mine, ReviewTaskRow.pending.is_(None), is_not_barred(by))
        claiming = _open(task_id, allowed).values(claimed_by=by, claimed_until=now + lasting)
        with self._database.writing() as connection:
            won = connection.execute(claiming).rowcount == 1
        task = self.task(task_id)
        if not won and task.status == "open" and by in task.barred:
            raise OwnEntryError(
                f"Review task {task_id} is about what {by} entered or decided; another person has"
                " to look, so take another one."
            )
        if not won:
            raise refusal(task)
        return task

    def claim_next(
        self, wanted: TaskFilter, by: str, now: datetime, lasting: timedelta = CLAIM
    ) -> Task | None:
        """Claim the oldest free task that meets the filter, or return None."""
        free = (*wanted.conditions(), ReviewTaskRow.status == "open", is_free(now))
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
        if standing is not None and says_the_same(standing, ruling):
            return standing
        if task.status != "open":
            raise refusal(task)
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
            _check_holder(connection, task.id, ruling)
            record_verdict(connection, self._database.keys, task, ruling, turn)

        self._turns.change(task.interview_id, putting(task, ruling), guarded)


def _check_holder(connection: Connection, task_id: str, ruling: Ruling) -> None:
    now = find_tasks(connection, ReviewTaskRow.id == task_id)[0]
    if now.claimed_by != ruling.by or now.claimed_until is None or now.claimed_until <= ruling.at:
        raise not_held(task_id)


def _open(task_id: str, condition: ColumnElement[bool]) -> Update:
    return update(ReviewTaskRow).where(
        ReviewTaskRow.id == task_id, ReviewTaskRow.status == "open", condition
    )


def _is_behind(task: Task) -> ColumnElement[bool]:
    later = ReviewTaskRow.created_at > task.created_at
    same = and_(ReviewTaskRow.created_at == task.created_at, ReviewTaskRow.id > task.id)
    return or_(later, same)
