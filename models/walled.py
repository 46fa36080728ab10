"""The records as one viewer may see them; what is beyond the wall does not exist for them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from models.attempt import Attempt, find_attempts
from models.campaign import Campaign, Campaigns
from models.case import (
    Case,
    find_cases,
    household_index,
    name_index,
    person_key,
    telephone_index,
)
from models.database import Database
from models.failure import NotFoundError
from models.region import Region, Regions
from models.review import Task, TaskFilter, find_tasks
from models.showing import Shown, show
from models.tables import (
    AssignmentRow,
    AttemptRow,
    InterviewRow,
    PersonRow,
    RegionRow,
    ReviewTaskRow,
)
from models.viewer import Viewer


class Walled:
    """All ways by which a desk finds people, assignments, interviews and tasks.

    Whatever is not the viewer's raises the same :class:`models.failure.NotFoundError` as what
    is not there. Once found here, an id may be given to the stores that change records.
    """

    def __init__(self, database: Database, viewer: Viewer) -> None:
        self._database = database
        self.viewer = viewer

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give one view of the records that refuses a statement without the viewer's wall.

        A statement that names a table of :data:`models.wall_guard.BEHIND_THE_WALL` has to hold
        ``viewer.wall(SomeRow.region)``; otherwise it raises
        :class:`models.failure.UnwalledError` and nothing is read.
        """
        with self._database.reading() as connection:
            yield connection.execution_options(tingwen_wall=self.viewer.bounds)

    def case(self, assignment_id: str) -> Case:
        """Return one case."""
        found = self.cases(AssignmentRow.id == assignment_id)
        if not found:
            raise _missing("assignment")
        return found[0]

    def cases(self, *conditions: ColumnElement[bool]) -> tuple[Case, ...]:
        """Return the viewer's cases that meet all conditions."""
        mine = self.viewer.wall(AssignmentRow.region)
        with self.reading() as connection:
            return find_cases(connection, mine, *conditions)

    def by_certificate(self, campaign_id: str, certificate: str) -> tuple[Case, ...]:
        """Return the case of a certificate number (its first 18 places), or nothing."""
        key = person_key(self._database.keys, certificate)
        return self.cases(AssignmentRow.campaign_id == campaign_id, PersonRow.key == key)

    def by_telephone(self, campaign_id: str, telephone: str) -> tuple[Case, ...]:
        """Return the cases whose person has this telephone number."""
        index = telephone_index(self._database.keys, telephone)
        mine = AssignmentRow.campaign_id == campaign_id
        return self.cases(mine, PersonRow.telephone_index == index)

    def of_household(self, case: Case) -> tuple[Case, ...]:
        """Return the cases of everybody in the household of ``case``, theirs too if it has one."""
        index = household_index(self._database.keys, case.region, case.particulars)
        if index is None:
            return ()
        mine = AssignmentRow.campaign_id == case.campaign_id
        return self.cases(mine, PersonRow.household_index == index)

    def by_name(self, campaign_id: str, name: str) -> tuple[Case, ...]:
        """Return the cases of everybody with exactly this name."""
        index = name_index(self._database.keys, name)
        return self.cases(AssignmentRow.campaign_id == campaign_id, PersonRow.name_index == index)

    def shown(self, assignment_id: str) -> Shown:
        """Return one assignment with its answers, open tasks and attempts."""
        self.case(assignment_id)
        with self._database.reading() as connection:
            return show(connection, assignment_id)

    def attempts(self, assignment_id: str) -> tuple[Attempt, ...]:
        """Return the attempts of an assignment, first one first."""
        self.case(assignment_id)
        with self._database.reading() as connection:
            return find_attempts(connection, AttemptRow.assignment_id == assignment_id)

    def interview_assignment(self, interview_id: str) -> str:
        """Return the assignment of an interview."""
        wanted = (
            select(AssignmentRow.id)
            .join(InterviewRow, InterviewRow.assignment_id == AssignmentRow.id)
            .where(InterviewRow.id == interview_id, self.viewer.wall(AssignmentRow.region))
        )
        return str(self._one(wanted, "interview"))

    def task(self, task_id: str) -> Task:
        """Return one review task."""
        mine = self.viewer.wall(ReviewTaskRow.region)
        with self.reading() as connection:
            found = find_tasks(connection, mine, ReviewTaskRow.id == task_id)
        if not found:
            raise _missing("review task")
        return found[0]

    def tasks(self, wanted: TaskFilter, *, limit: int = 50) -> tuple[Task, ...]:
        """Return the viewer's tasks that meet the filter, oldest first."""
        mine = self.viewer.wall(ReviewTaskRow.region)
        with self.reading() as connection:
            return find_tasks(connection, mine, *wanted.conditions(), limit=limit)

    def campaigns(self) -> tuple[Campaign, ...]:
        """Return the campaigns that survey the viewer's region or a part of it."""
        known = Campaigns(self._database).all()
        return tuple(one for one in known if self.concerns(one.region))

    def campaign(self, campaign_id: str) -> Campaign:
        """Return one campaign that concerns the viewer."""
        found = [one for one in self.campaigns() if one.id == campaign_id]
        if not found:
            raise _missing("campaign")
        return found[0]

    def region(self, code: str) -> Region:
        """Return a region within the wall."""
        if len(code) != len(self.viewer.region) or not self.viewer.sees(code):
            raise _missing("region")
        return Regions(self._database).get(code)

    def below(self, code: str) -> tuple[Region, ...]:
        """Return the regions directly below one that is within the wall."""
        self.region(code)
        return Regions(self._database).below(code)

    def names(self, codes: Iterable[str]) -> Mapping[str, str]:
        """Return the names of these regions, as far as they are within the wall and have one."""
        wanted = select(RegionRow.code, RegionRow.name).where(
            RegionRow.code.in_(list(codes)), RegionRow.name != ""
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).all()
        return {one.code: one.name for one in found if self.viewer.sees(one.code)}

    def path(self, code: str) -> tuple[Region, ...]:
        """Return the regions from the viewer's own down to ``code``, for a breadcrumb."""
        found = [self.region(code)]
        while found[0].code != self.viewer.region:
            parent = found[0].parent
            if parent is None or not self.viewer.sees(parent):
                break
            found.insert(0, self.region(parent))
        return tuple(found)

    def concerns(self, region: str) -> bool:
        """Whether a campaign of ``region`` surveys the viewer's region or a part of it."""
        mine = Region(self.viewer.region).prefix
        theirs = Region(region).prefix
        return mine.startswith(theirs) or theirs.startswith(mine)

    def _one(self, wanted: Select[Any], what: str) -> object:
        with self.reading() as connection:
            found = connection.scalar(wanted)
        if found is None:
            raise _missing(what)
        return found


def _missing(what: str) -> NotFoundError:
    return NotFoundError(f"There is no such {what}; look it up anew.")
