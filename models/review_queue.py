"""The caseworkers' queue: what helps most comes first, page by page, and what it is made of."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from models.failure import OwnEntryError, TaskClosedError, TaskTakenError
from models.review import ReviewStore
from models.tables import ReviewTaskRow
from models.task import Task, TaskFilter
from models.walled import Walled


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a task stands: by deadline, then urgency, then village, so that neighbours follow."""

    due_on: date
    urgency: int
    region: str
    assignment_id: str
    id: str

    def written(self) -> str:
        """Return it as one word that an address can carry."""
        return "~".join(str(getattr(self, name)) for name in _PLACE)

    @classmethod
    def read(cls, word: str) -> "Place | None":
        """Return the place that ``word`` says, or None if it says none."""
        parts = word.split("~")
        if len(parts) != len(_PLACE):
            return None
        try:
            due_on, urgency = date.fromisoformat(parts[0]), int(parts[1])
        except ValueError:
            return None
        return cls(
            due_on=due_on, urgency=urgency, region=parts[2], assignment_id=parts[3], id=parts[4]
        )

    @classmethod
    def of(cls, task: Task) -> "Place":
        """Return the place of a task."""
        return cls(**{name: getattr(task, name) for name in _PLACE})


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One task of the queue without anything that somebody said."""

    id: str
    assignment_id: str
    campaign_id: str
    region: str
    item: str
    reason: str
    channel: str
    due_on: date
    urgency: int
    claimed_by: str | None
    claimed_until: datetime | None
    created_at: datetime

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(**{name: getattr(self, name) for name in _PLACE})


@dataclass(frozen=True, slots=True)
class Share:
    """How many open tasks have the same campaign, item, reason, village and channel."""

    campaign_id: str
    item: str
    reason: str
    region: str
    channel: str
    count: int


_PLACE = tuple(Place.__dataclass_fields__)
_LINE = tuple(QueueLine.__dataclass_fields__)
_KEY = tuple(getattr(ReviewTaskRow, name) for name in _PLACE)


class ReviewQueue:
    """Reads the viewer's queue; claims go through :class:`models.review.ReviewStore`."""

    def __init__(self, records: Walled, reviews: ReviewStore) -> None:
        self._records = records
        self._reviews = reviews

    def lines(
        self, wanted: TaskFilter, *, after: Place | None = None, limit: int = 50
    ) -> tuple[QueueLine, ...]:
        """Return the tasks that meet the filter behind ``after``, what helps most first."""
        columns = [getattr(ReviewTaskRow, name) for name in _LINE]
        chosen = (
            select(*columns)
            .where(*self._mine(wanted), *_behind(after))
            .order_by(*_KEY)
            .limit(limit)
        )
        with self._records.reading() as connection:
            return tuple(QueueLine(**row) for row in connection.execute(chosen).mappings())

    def shares(self, wanted: TaskFilter) -> tuple[Share, ...]:
        """Return what the tasks that meet the filter are made of; their counts add up to all."""
        row = ReviewTaskRow
        kinds = (row.campaign_id, row.item, row.reason, row.region, row.channel)
        chosen = select(*kinds, func.count()).where(*self._mine(wanted)).group_by(*kinds)
        with self._records.reading() as connection:
            return tuple(Share(*found) for found in connection.execute(chosen).all())

    def count(self, wanted: TaskFilter) -> int:
        """Return how many tasks meet the filter."""
        chosen = select(func.count()).select_from(ReviewTaskRow).where(*self._mine(wanted))
        with self._records.reading() as connection:
            return connection.scalar(chosen) or 0

    def claim_next(
        self, wanted: TaskFilter, now: datetime, after: Place | None = None
    ) -> Task | None:
        """Claim the first free task behind ``after``, or else the first of all, for the viewer."""
        by = self._records.viewer.login
        free = replace(wanted, reader=by, free_at=now, status="open")
        for start in dict.fromkeys((after, None)):
            task = self._claim_first(free, by, now, start)
            if task is not None:
                return task
        return None

    def _claim_first(
        self, free: TaskFilter, by: str, now: datetime, after: Place | None
    ) -> Task | None:
        while found := self.lines(free, after=after, limit=1):
            try:
                return self._reviews.claim(found[0].id, by, now)
            except (TaskTakenError, TaskClosedError, OwnEntryError):
                after = found[0].place
        return None

    def _mine(self, wanted: TaskFilter) -> tuple[ColumnElement[bool], ...]:
        return (self._records.viewer.wall(ReviewTaskRow.region), *wanted.conditions())


def _behind(place: Place | None) -> Iterator[ColumnElement[bool]]:
    if place is not None:
        here = tuple_(*(getattr(place, name) for name in _PLACE))
        yield and_(tuple_(*_KEY) > here)
