"""Gold tasks: decided beyond doubt, and mixed in to measure who decides them anew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.failure import DuplicateError, NotFoundError, VerdictRefusedError
from models.tables import GoldRow, ReviewTaskRow, RulingEndRow, RulingRow, VerdictRow
from models.task import Task, find_tasks, is_not_barred
from models.walled import Walled

_VALUED = ("confirmed", "changed")
_SAYS = {"reopened": "reopen", "accepted": "accept", "rejected": "reject"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A gold task with what is right, in the words of :attr:`models.ruling.Given.label`."""

    task_id: str
    item: str
    region: str
    campaign_id: str
    right: str
    chosen_by: str
    chosen_at: datetime


class GoldTasks:
    """Which tasks are gold, and which of them somebody has not seen yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def choose(self, task_id: str, *, by: str, at: datetime) -> None:
        """Make a decided task gold; one that is gold already stays as it is.

        Raises :class:`models.failure.VerdictRefusedError` for a task without a verdict, or one
        that two people disputed: nobody can be measured by what is in doubt.
        """
        entry = AuditEntry(at=at, actor=by, action="gold.choose", object=task_id)
        try:
            with self._database.writing() as connection:
                _check_beyond_doubt(connection, task_id)
                connection.execute(
                    insert(GoldRow).values(task_id=task_id, chosen_by=by, chosen_at=at)
                )
                add_audit(connection, self._database.keys, entry)
        except DuplicateError:
            return

    def retire(self, task_id: str, *, by: str, at: datetime) -> None:
        """Mix a task in no more; what it has measured stays.

        Raises :class:`models.failure.NotFoundError` if it is not gold.
        """
        mine = GoldRow.task_id == task_id
        retiring = update(GoldRow).where(mine, GoldRow.retired_at.is_(None)).values(retired_at=at)
        with self._database.writing() as connection:
            if not connection.execute(retiring).rowcount:
                raise NotFoundError(f"Task {task_id} is no gold task; look at the list again.")
            entry = AuditEntry(at=at, actor=by, action="gold.retire", object=task_id)
            add_audit(connection, self._database.keys, entry)

    def is_open_to(self, task_id: str, login: str) -> bool:
        """Whether ``login`` may still be measured by this task."""
        with self._database.reading() as connection:
            found = find_tasks(connection, ReviewTaskRow.id == task_id, *_untried(login), limit=1)
        return bool(found)

    @staticmethod
    def next_for(records: Walled) -> Task | None:
        """Return the viewer's oldest gold task that they have not seen yet, or None."""
        mine = records.viewer.wall(ReviewTaskRow.region)
        with records.reading() as connection:
            found = find_tasks(connection, mine, *_untried(records.viewer.login), limit=1)
        return found[0] if found else None

    @staticmethod
    def all(records: Walled) -> tuple[Gold, ...]:
        """Return the gold tasks in use that the viewer may see."""
        mine = records.viewer.wall(ReviewTaskRow.region)
        with records.reading() as connection:
            return find_gold(connection, GoldRow.retired_at.is_(None), mine)


def find_gold(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Gold, ...]:
    """Return the gold tasks that meet all conditions, retired ones too."""
    task, verdict = ReviewTaskRow, VerdictRow
    wanted = (
        select(
            GoldRow.task_id,
            task.item,
            task.region,
            task.campaign_id,
            verdict.decision,
            verdict.value,
            GoldRow.chosen_by,
            GoldRow.chosen_at,
        )
        .join(task, task.id == GoldRow.task_id)
        .join(verdict, verdict.task_id == GoldRow.task_id)
        .where(*conditions)
        .order_by(GoldRow.chosen_at)
    )
    rows = [dict(row) for row in connection.execute(wanted).mappings()]
    return tuple(Gold(right=_right(row.pop("decision"), row.pop("value")), **row) for row in rows)


def _right(decision: str, value: str) -> str:
    return f"={value}" if decision in _VALUED else _SAYS.get(decision, decision)


def _check_beyond_doubt(connection: Connection, task_id: str) -> None:
    task = ReviewTaskRow
    decided = select(task.round).join(VerdictRow, VerdictRow.task_id == task.id)
    round_ = connection.scalar(decided.where(task.id == task_id))
    if round_ is None or round_ == 3:
        raise VerdictRefusedError(
            f"Task {task_id} is not decided, or two people disputed it; choose another as gold."
        )


def _untried(login: str) -> tuple[ColumnElement[bool], ...]:
    task = ReviewTaskRow
    gold = exists().where(GoldRow.task_id == task.id, GoldRow.retired_at.is_(None))
    decided = exists().where(VerdictRow.task_id == task.id, VerdictRow.given_by == login)
    seen = (
        select(RulingRow.id)
        .outerjoin(RulingEndRow, RulingEndRow.ruling_id == RulingRow.id)
        .where(
            RulingRow.task_id == task.id,
            RulingRow.given_by == login,
            func.coalesce(RulingEndRow.ending, "") != "withdrawn",
        )
        .exists()
    )
    return (and_(gold, ~decided, ~seen), is_not_barred(login))
