"""Rulings: what caseworkers say of tasks, which takes effect when it can no longer be undone.

A ruling is written at once and settles ten seconds later. Until then it can be withdrawn, and
nobody else sees anything of it: the interview, the learning and the exports know only verdicts.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.conversation_store import TurnStore
from models.database import Database
from models.draw import Draw
from models.failure import (
    ConstraintError,
    DuplicateError,
    KeyReusedError,
    NotFoundError,
    RulingOverError,
    TaskClosedError,
    TaskTakenError,
    VerdictRefusedError,
)
from models.follow_up import FollowUp, add_follow_up
from models.tables import ReviewTaskRow, RulingEndRow, RulingRow
from models.task import Task, find_tasks, not_held, refusal
from models.turn_record import Turn
from models.verdict import Ruling, putting, record_verdict
from survey_engine.event import AnswerVerified

#: How long a ruling can be undone.
GRACE = timedelta(seconds=10)
_VALUED = ("confirm", "change")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A ruling as it is kept; ``ending`` is empty while it waits (and for gold, which never ends).

    ``round`` is the review that it was: the first, the blind second, or the third.
    """

    id: str
    task_id: str
    kind: str
    round: int
    given_by: str
    decision: str
    value: str
    reason: str
    at: datetime
    settles_at: datetime
    ending: str = ""

    @property
    def label(self) -> str:
        """What it comes to, so that two rulings can be compared."""
        return f"={self.value}" if self.decision in _VALUED else self.decision

    def ruling(self, at: datetime) -> Ruling:
        """Return it as it is carried out at ``at``."""
        return Ruling(
            decision=self.decision,
            by=self.given_by,
            reason=self.reason,
            at=at,
            value=self.value if self.decision in _VALUED else "",
        )


class Rulings:
    """Takes rulings, undoes them, and lets them take effect."""

    def __init__(self, database: Database, turns: TurnStore, draw: Draw) -> None:
        self._database = database
        self._turns = turns
        self._draw = draw

    def give(self, key: str, task_id: str, ruling: Ruling) -> Given:
        """Keep a ruling on a task that its giver holds; it settles after :data:`GRACE`.

        ``key`` names this act for ever: the same again gives what was kept. Raises
        :class:`models.failure.KeyReusedError` for the same key with another ruling,
        :class:`models.failure.VerdictRefusedError` if the interview would not take it now,
        :class:`models.failure.TaskTakenError` without a claim that holds, and
        :class:`models.failure.TaskClosedError` if the task is no longer open.
        """
        known = self._known(key, task_id, ruling)
        if known is not None:
            return known
        task = self._task(task_id)
        if task.status != "open":
            raise refusal(task)
        given = _given(key, task, self._weighed(task, ruling), "review")
        try:
            with self._database.writing() as connection:
                self._hold(connection, given)
                self._keep(connection, given)
        except (ConstraintError, TaskTakenError):
            return self._kept_meanwhile(key, task_id, ruling)
        return given

    def try_gold(self, key: str, task_id: str, ruling: Ruling) -> Given:
        """Keep what somebody says of a task whose answer is known; it changes nothing."""
        known = self._known(key, task_id, ruling)
        if known is not None:
            return known
        given = _given(key, self._task(task_id), ruling, "gold")
        try:
            with self._database.writing() as connection:
                self._keep(connection, given)
        except ConstraintError:
            return self._kept_meanwhile(key, task_id, ruling)
        return given

    def withdraw(self, key: str, by: str, at: datetime) -> Given:
        """Undo one's own ruling before it settles; its giver holds the task again.

        Raises :class:`models.failure.NotFoundError` if ``by`` gave no such ruling and
        :class:`models.failure.RulingOverError` if it is too late. Twice is as good as once.
        """
        given = self.get(key)
        if given is None or given.given_by != by:
            raise NotFoundError(f"There is no ruling {key} of {by}; look at the list again.")
        if given.ending == "withdrawn":
            return given
        if given.ending or at >= given.settles_at:
            raise _over(key)
        try:
            with self._database.writing() as connection:
                _end(connection, given, "withdrawn", at)
                add_audit(connection, self._database.keys, _entry("review.withdraw", given, at))
        except DuplicateError as error:
            raise _over(key) from error
        return replace(given, ending="withdrawn")

    def get(self, key: str) -> Given | None:
        """Return a ruling by its key, or None."""
        with self._database.reading() as connection:
            found = find_rulings(connection, RulingRow.id == key)
        return found[0] if found else None

    def of_task(self, task_id: str) -> tuple[Given, ...]:
        """Return all rulings on a task, oldest first."""
        with self._database.reading() as connection:
            return find_rulings(connection, RulingRow.task_id == task_id)

    def count(self, by: str, since: datetime) -> int:
        """Return how many rulings ``by`` has given since then and not withdrawn."""
        with self._database.reading() as connection:
            counted = (
                select(func.count())
                .select_from(RulingRow)
                .outerjoin(RulingEndRow, RulingEndRow.ruling_id == RulingRow.id)
                .where(RulingRow.given_by == by, RulingRow.at >= since, _stands())
            )
            return connection.scalar(counted) or 0

    def due(self, now: datetime, limit: int = 200) -> tuple[str, ...]:
        """Return the keys of rulings whose time to undo is over."""
        wanted = (
            select(RulingRow.id)
            .join(ReviewTaskRow, ReviewTaskRow.pending == RulingRow.id)
            .where(RulingRow.settles_at <= now)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(connection.scalars(wanted))

    def settle(self, key: str, now: datetime) -> bool:
        """Let a ruling take effect and return whether this call did it.

        Any number of processes may try at once; each ruling ends once.
        """
        given = self.get(key)
        if given is None or given.ending:
            return False
        task = self._task(given.task_id)
        try:
            if task.status != "open":
                self._finish(given, "superseded", now)
            elif given.round == 1 and self._draw.falls_on(drawn_name(task)):
                self._finish(given, "settled", now, round=2, first_by=given.given_by)
            elif given.round == 2 and self._differs(given):
                self._finish(given, "settled", now, round=3, second_by=given.given_by)
            else:
                self._carry_out(task, given, now)
        except (DuplicateError, RulingOverError):
            return False
        return True

    def _differs(self, second: Given) -> bool:
        return self._first(second.task_id).label != second.label

    def _first(self, task_id: str) -> Given:
        return next(
            one for one in self.of_task(task_id) if one.round == 1 and one.ending == "settled"
        )

    def _carry_out(self, task: Task, given: Given, now: datetime) -> None:
        """Let the verdict fall; of two that agree, the first is the one that counts."""
        counting = self._first(task.id) if given.round == 2 else given
        ruling = counting.ruling(now)

        def also(connection: Connection, turn: Turn) -> None:
            _end(connection, given, "settled", now)
            record_verdict(connection, self._database.keys, task, ruling, turn)
            if ruling.decision in ("reopen", "visit") or turn.revives:
                wanted = _follow_up(self._database.new_id(), task, counting, now)
                add_follow_up(connection, wanted, counting.id)

        try:
            self._turns.change(task.interview_id, putting(task, ruling), also)
        except VerdictRefusedError:
            third = {"round": 3, "second_by": given.given_by} if given.round == 2 else {}
            self._finish(given, "refused", now, **third)
        except TaskClosedError:
            self._finish(given, "superseded", now)

    def _finish(self, given: Given, ending: str, now: datetime, **changes: object) -> None:
        with self._database.writing() as connection:
            _end(connection, given, ending, now)
            freed = {"claimed_by": None, "claimed_until": None} if ending != "superseded" else {}
            connection.execute(
                update(ReviewTaskRow)
                .where(ReviewTaskRow.id == given.task_id)
                .values(**freed, pending=None, **changes)
            )
            entry = _entry(f"review.{ending}", given, now)
            add_audit(connection, self._database.keys, entry)

    def _weighed(self, task: Task, ruling: Ruling) -> Ruling:
        """Put the ruling into the interview on trial; its value comes back as the form writes it.

        Raises what the interview would say, so that whoever rules hears it at once.
        """
        interview = self._turns.interview(task.assignment_id)
        result = putting(task, ruling)(interview)
        if not ruling.by or not ruling.reason:
            raise VerdictRefusedError("A verdict needs the name of who gives it and a reason.")
        verified = [one for one in result.events if isinstance(one, AnswerVerified)]
        if not verified or not verified[0].value:
            return replace(ruling, value="")
        value = verified[0].value
        return replace(ruling, value=value, decision="confirm" if value == task.value else "change")

    def _hold(self, connection: Connection, given: Given) -> None:
        row = ReviewTaskRow
        held = connection.execute(
            update(row)
            .where(
                row.id == given.task_id,
                row.status == "open",
                row.pending.is_(None),
                row.claimed_by == given.given_by,
                row.claimed_until > given.at,
            )
            .values(pending=given.id)
        )
        if held.rowcount != 1:
            raise not_held(given.task_id)

    def _keep(self, connection: Connection, given: Given) -> None:
        values = {name: getattr(given, name) for name in _FIELDS}
        connection.execute(insert(RulingRow).values(**values))
        add_audit(connection, self._database.keys, _entry("review.rule", given, given.at))

    def _known(self, key: str, task_id: str, ruling: Ruling) -> Given | None:
        known = self.get(key)
        if known is None:
            return None
        if (known.task_id, known.given_by) != (task_id, ruling.by):
            raise KeyReusedError(f"Ruling {key} is about another task; give this one its own key.")
        return known

    def _kept_meanwhile(self, key: str, task_id: str, ruling: Ruling) -> Given:
        known = self._known(key, task_id, ruling)
        if known is None:
            raise not_held(task_id)
        return known

    def _task(self, task_id: str) -> Task:
        with self._database.reading() as connection:
            found = find_tasks(connection, ReviewTaskRow.id == task_id)
        if not found:
            raise NotFoundError(f"There is no review task {task_id}; look at the list again.")
        return found[0]


def drawn_name(task: Task) -> str:
    """Return what is drawn for a second review: one answer, however many tasks it has."""
    return f"second:{task.interview_id}/{task.item or task.reason}"


def _follow_up(row_id: str, task: Task, given: Given, at: datetime) -> FollowUp:
    return FollowUp(
        id=row_id,
        kind="visit" if given.decision == "visit" else "call_back",
        assignment_id=task.assignment_id,
        region=task.region,
        items=(task.item,) if task.item else (),
        asked_by=given.given_by,
        asked_at=at,
    )


def _given(key: str, task: Task, ruling: Ruling, kind: str) -> Given:
    return Given(
        id=key,
        task_id=task.id,
        kind=kind,
        round=task.round if kind == "review" else 1,
        given_by=ruling.by,
        decision=ruling.decision,
        value=ruling.value,
        reason=ruling.reason,
        at=ruling.at,
        settles_at=ruling.at + GRACE,
    )


def _end(connection: Connection, given: Given, ending: str, at: datetime) -> None:
    """End a ruling within the caller's transaction; of several that try, one wins."""
    ended = select(RulingEndRow.ending).where(RulingEndRow.ruling_id == given.id)
    if connection.scalar(ended):
        raise _over(given.id)
    connection.execute(insert(RulingEndRow).values(ruling_id=given.id, ending=ending, at=at))
    connection.execute(
        update(ReviewTaskRow).where(ReviewTaskRow.pending == given.id).values(pending=None)
    )


def _entry(action: str, given: Given, at: datetime) -> AuditEntry:
    return AuditEntry(at=at, actor=given.given_by, action=action, object=given.task_id)


def _over(key: str) -> RulingOverError:
    return RulingOverError(
        f"Ruling {key} has taken effect or was withdrawn; look at the task again."
    )


def _stands() -> ColumnElement[bool]:
    return func.coalesce(RulingEndRow.ending, "") != "withdrawn"


_FIELDS = tuple(name for name in Given.__dataclass_fields__ if name != "ending")


def find_rulings(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Given, ...]:
    """Return the rulings that meet all conditions with their ends, oldest first."""
    columns: list[Any] = [getattr(RulingRow, name) for name in _FIELDS]
    wanted = (
        select(*columns, func.coalesce(RulingEndRow.ending, "").label("ending"))
        .outerjoin(RulingEndRow, RulingEndRow.ruling_id == RulingRow.id)
        .where(*conditions)
        .order_by(RulingRow.at, RulingRow.id)
    )
    return tuple(Given(**row) for row in connection.execute(wanted).mappings())
