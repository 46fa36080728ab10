"""Who did how much: calls and what came of them, verdicts and what they changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from models.database import Database
from models.staff import Staff
from models.tables import AssignmentRow, AttemptRow, ReviewTaskRow, VerdictRow
from models.viewer import Viewer
from models.walled import Walled

_SPOKEN = ("voice", "desk")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerWork:
    """One caller's calls: how many, how many reached a complete interview, how many broke off."""

    login: str
    name: str
    calls: int
    completed: int
    refused: int
    unanswered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerWork:
    """One caseworker's verdicts by what they decided."""

    login: str
    name: str
    verdicts: int
    changed: int
    undetermined: int
    reopened: int


class Work:
    """The work on the people whom one viewer may see."""

    def __init__(self, database: Database, viewer: Viewer) -> None:
        self._database = database
        self._viewer = viewer
        self._records = Walled(database, viewer)

    def callers(self, since: datetime) -> tuple[CallerWork, ...]:
        """Return every caller's calls since then, most first."""
        wanted = (
            select(AttemptRow.staff, AttemptRow.outcome, func.count().label("many"))
            .join(AssignmentRow, AssignmentRow.id == AttemptRow.assignment_id)
            .where(
                AttemptRow.started_at >= since,
                AttemptRow.channel.in_(_SPOKEN),
                AttemptRow.staff != "",
                self._viewer.wall(AssignmentRow.region),
            )
            .group_by(AttemptRow.staff, AttemptRow.outcome)
        )
        with self._records.reading() as connection:
            rows = [(one[0], one[1] or "", one[2]) for one in connection.execute(wanted)]
        found = _by_login(rows)
        lines = [
            CallerWork(
                login=login,
                name=name,
                calls=sum(by.values()),
                completed=by.get("completed", 0),
                refused=by.get("N11", 0) + by.get("N11b", 0),
                unanswered=by.get("N15", 0),
            )
            for login, name, by in self._named(found)
        ]
        return tuple(sorted(lines, key=lambda one: (-one.calls, one.login)))

    def reviewers(self, since: datetime) -> tuple[ReviewerWork, ...]:
        """Return every caseworker's verdicts since then, most first."""
        wanted = (
            select(VerdictRow.given_by, VerdictRow.decision, func.count().label("many"))
            .join(ReviewTaskRow, ReviewTaskRow.id == VerdictRow.task_id)
            .where(VerdictRow.at >= since, self._viewer.wall(ReviewTaskRow.region))
            .group_by(VerdictRow.given_by, VerdictRow.decision)
        )
        with self._records.reading() as connection:
            rows = [(one[0], one[1], one[2]) for one in connection.execute(wanted)]
        lines = [
            ReviewerWork(
                login=login,
                name=name,
                verdicts=sum(by.values()),
                changed=by.get("changed", 0),
                undetermined=by.get("undetermined", 0),
                reopened=by.get("reopened", 0),
            )
            for login, name, by in self._named(_by_login(rows))
        ]
        return tuple(sorted(lines, key=lambda one: (-one.verdicts, one.login)))

    def _named(
        self, found: Mapping[str, Mapping[str, int]]
    ) -> Iterable[tuple[str, str, Mapping[str, int]]]:
        names = {one.login: one.name for one in Staff(self._database).all(self._viewer.region)}
        return ((login, names.get(login, login), by) for login, by in found.items())


def _by_login(rows: Iterable[tuple[str, str, int]]) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for login, what, many in rows:
        found[login][what] = many
    return found
