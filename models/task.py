"""Something that a person has to look at, and which of them are wanted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, literal_column, or_, select
from sqlalchemy.orm import aliased

from models.failure import TaskClosedError, TaskTakenError
from models.region import within
from models.tables import ReviewTaskRow


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
    event_seq: int
    channel: str
    due_on: date
    urgency: int
    round: int
    pending: str | None
    entered_by: str
    first_by: str
    second_by: str

    @property
    def barred(self) -> tuple[str, ...]:
        """Who may not decide it: whoever entered the answer or has ruled before."""
        return tuple(filter(None, (self.entered_by, self.first_by, self.second_by)))

    def is_held_by(self, login: str, until: datetime) -> bool:
        """Whether ``login`` may decide it and will hold it until then without claiming again."""
        mine = self.claimed_by == login and login not in self.barred and self.pending is None
        lasting = self.claimed_until is not None and self.claimed_until >= until
        return self.status == "open" and mine and lasting


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks are wanted; what is left empty does not restrict.

    ``reader`` leaves out what this login may not decide, ``free_at`` what somebody else holds
    then or has ruled on.
    """

    campaign: str = ""
    region: str = ""
    item: str = ""
    reason: str = ""
    assignment: str = ""
    claimed_by: str = ""
    channel: str = ""
    reader: str = ""
    free_at: datetime | None = None
    created_before: datetime | None = None
    status: str = "open"

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """Return the filter as conditions; ``reason`` may end at a colon (``check:``)."""
        row = ReviewTaskRow
        wanted = {
            row.campaign_id: self.campaign,
            row.item: self.item,
            row.assignment_id: self.assignment,
            row.claimed_by: self.claimed_by,
            row.channel: self.channel,
            row.status: self.status,
        }
        found = [column == word for column, word in wanted.items() if word]
        if self.reason:
            found.append(_reason_is(self.reason))
        if self.region:
            found.append(within(row.region, self.region))
        if self.created_before is not None:
            found.append(row.created_at < self.created_before)
        return (*found, *self._for_reader())

    def _for_reader(self) -> Iterator[ColumnElement[bool]]:
        if self.reader:
            yield is_not_barred(self.reader)
        if self.free_at is not None:
            mine = ReviewTaskRow.claimed_by == self.reader
            yield and_(ReviewTaskRow.pending.is_(None), or_(mine, is_free(self.free_at)))
            yield ~_is_being_settled()


_FIELDS = tuple(Task.__dataclass_fields__)


def is_free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody holds a task at ``now``."""
    return or_(ReviewTaskRow.claimed_by.is_(None), ReviewTaskRow.claimed_until <= now)


def _is_being_settled() -> ColumnElement[bool]:
    """Whether another task about the same answer has a ruling that waits, or waits for more.

    One verdict settles an answer with all its tasks, so nobody is to decide the same twice.
    """
    other, task = aliased(ReviewTaskRow), ReviewTaskRow
    one: ColumnElement[int] = literal_column(
        "1"
    )  # as the partial index over these few tasks says it
    few = or_(other.pending.is_not(None), other.round > one)
    ahead = and_(few, or_(other.pending.is_not(None), other.round > task.round))
    return exists().where(
        task.item != "",
        other.interview_id == task.interview_id,
        other.item == task.item,
        other.id != task.id,
        other.status == "open",
        ahead,
    )


def is_not_barred(login: str) -> ColumnElement[bool]:
    """Return the condition that ``login`` neither entered the answer nor has ruled on it."""
    row = ReviewTaskRow
    return and_(row.entered_by != login, row.first_by != login, row.second_by != login)


def _reason_is(reason: str) -> ColumnElement[bool]:
    if reason.endswith(":"):
        return ReviewTaskRow.reason.startswith(reason, autoescape=True)
    return ReviewTaskRow.reason == reason


def refusal(task: Task) -> TaskTakenError | TaskClosedError:
    """Return what to tell whoever cannot have ``task``."""
    if task.status != "open":
        return TaskClosedError(f"Review task {task.id} is {task.status}; look at the list again.")
    return not_held(task.id)


def not_held(task_id: str) -> TaskTakenError:
    """Return what to tell whoever decides without a claim that holds."""
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
