"""Records of a campaign as rows to be exported: answers, revisions, outcomes, review log.

Rows are told by assignment and region. Names and certificate numbers are given only where asked
for; whoever asks writes an audit entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, select

from models.attempt import find_attempts
from models.projection import CurrentAnswer
from models.region import within
from models.showing import shown_outcome
from models.tables import (
    AnswerRow,
    AssignmentRow,
    AttemptRow,
    InterviewRow,
    PersonRow,
    ReviewTaskRow,
    RevisionRow,
    VerdictRow,
)

_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFilter:
    """Which records are exported: a campaign, perhaps only one region, perhaps with identity."""

    campaign: str
    region: str = ""
    identified: bool = False

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """Return the filter as conditions on assignments."""
        mine = AssignmentRow.campaign_id == self.campaign
        return (mine, within(AssignmentRow.region, self.region)) if self.region else (mine,)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersOfOne:
    """The current answers of one assignment; ``name`` and ``certificate`` only if asked for."""

    assignment_id: str
    region: str
    status: str
    outcome: str
    outcome_decided: bool
    usable: bool
    answers: Mapping[str, CurrentAnswer]
    name: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedRevision:
    """One change of one answer."""

    assignment_id: str
    region: str
    event_seq: int
    item: str
    state_before: str
    value_before: str | None
    state: str
    value: str | None
    confirmed: bool
    source: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedOutcome:
    """How far an assignment is and what came of it, with its attempts counted."""

    assignment_id: str
    region: str
    status: str
    outcome: str
    outcome_decided: bool
    attempts: int
    last_attempt: datetime | None
    last_aapor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedReview:
    """One review task with its verdict, if there is one."""

    task_id: str
    assignment_id: str
    region: str
    item: str
    reason: str
    value: str
    status: str
    created_at: datetime
    given_by: str | None
    decision: str | None
    verdict: str | None
    why: str | None
    decided_at: datetime | None


class Export:
    """Yields rows one by one from the view of the records that ``connection`` gives.

    All that is asked of one view fits together, whatever is written meanwhile.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def answers(self, wanted: ExportFilter) -> Iterator[AnswersOfOne]:
        """Yield one row a person, ordered by assignment; also those without an interview."""
        columns = [getattr(AnswerRow, name) for name in CurrentAnswer.__dataclass_fields__]
        identity = (PersonRow.name, PersonRow.certificate) if wanted.identified else ()
        chosen = (
            select(*_ASSIGNED, InterviewRow.usable, *identity, *columns)
            .outerjoin(PersonRow, PersonRow.id == AssignmentRow.person_id)
            .outerjoin(InterviewRow, InterviewRow.assignment_id == AssignmentRow.id)
            .outerjoin(AnswerRow, AnswerRow.interview_id == InterviewRow.id)
            .order_by(AssignmentRow.id)
        )
        for _, rows in groupby(self._rows(chosen, wanted), itemgetter("assignment_id")):
            yield _answers(list(rows), wanted)

    def revisions(self, wanted: ExportFilter) -> Iterator[ExportedRevision]:
        """Yield every change of every answer, by assignment and in its order."""
        names = [n for n in ExportedRevision.__dataclass_fields__ if hasattr(RevisionRow, n)]
        chosen = (
            select(_ID, AssignmentRow.region, *(getattr(RevisionRow, name) for name in names))
            .join(InterviewRow, InterviewRow.assignment_id == AssignmentRow.id)
            .join(RevisionRow, RevisionRow.interview_id == InterviewRow.id)
            .order_by(AssignmentRow.id, RevisionRow.event_seq, RevisionRow.item)
        )
        for row in self._rows(chosen, wanted):
            yield ExportedRevision(**row)

    def outcomes(self, wanted: ExportFilter) -> Iterator[ExportedOutcome]:
        """Yield one row an assignment."""
        attempts = {
            key: tuple(some)
            for key, some in groupby(
                find_attempts(self._connection, AttemptRow.assignment_id.in_(_ids(wanted))),
                attrgetter("assignment_id"),
            )
        }
        for row in self._rows(select(*_ASSIGNED).order_by(AssignmentRow.id), wanted):
            mine = attempts.get(row["assignment_id"], ())
            yield ExportedOutcome(
                assignment_id=row["assignment_id"],
                region=row["region"],
                status=row["status"],
                outcome=shown_outcome(row["status"], row["outcome"], mine),
                outcome_decided=row["outcome_decided"],
                attempts=len(mine),
                last_attempt=mine[-1].started_at if mine else None,
                last_aapor=(mine[-1].aapor or "") if mine else "",
            )

    def reviews(self, wanted: ExportFilter) -> Iterator[ExportedReview]:
        """Yield every review task, by assignment and in its order."""
        chosen = (
            select(
                _ID,
                AssignmentRow.region,
                ReviewTaskRow.id.label("task_id"),
                ReviewTaskRow.item,
                ReviewTaskRow.reason,
                ReviewTaskRow.value,
                ReviewTaskRow.status,
                ReviewTaskRow.created_at,
                VerdictRow.given_by,
                VerdictRow.decision,
                VerdictRow.value.label("verdict"),
                VerdictRow.reason.label("why"),
                VerdictRow.at.label("decided_at"),
            )
            .join(ReviewTaskRow, ReviewTaskRow.assignment_id == AssignmentRow.id)
            .outerjoin(VerdictRow, VerdictRow.task_id == ReviewTaskRow.id)
            .order_by(AssignmentRow.id, ReviewTaskRow.event_seq)
        )
        for row in self._rows(chosen, wanted):
            yield ExportedReview(**row)

    def _rows(self, chosen: Select[*tuple[Any, ...]], wanted: ExportFilter) -> Iterator[RowMapping]:
        ordered = chosen.where(*wanted.conditions()).execution_options(yield_per=_AT_ONCE)
        yield from self._connection.execute(ordered).mappings()


_ID = AssignmentRow.id.label("assignment_id")
_ASSIGNED = (
    _ID,
    AssignmentRow.region,
    AssignmentRow.status,
    AssignmentRow.outcome,
    AssignmentRow.outcome_decided,
)


def _ids(wanted: ExportFilter) -> Select[str]:
    return select(AssignmentRow.id).where(*wanted.conditions())


def _answers(rows: list[RowMapping], wanted: ExportFilter) -> AnswersOfOne:
    first = rows[0]
    fields = CurrentAnswer.__dataclass_fields__
    answers = {
        row["item"]: CurrentAnswer(**{name: row[name] for name in fields})
        for row in rows
        if row["item"] is not None
    }
    return AnswersOfOne(
        assignment_id=first["assignment_id"],
        region=first["region"],
        status=first["status"],
        outcome=first["outcome"],
        outcome_decided=first["outcome_decided"],
        usable=bool(first["usable"]),
        answers=answers,
        name=(first["name"] or "") if wanted.identified else "",
        certificate=(first["certificate"] or "") if wanted.identified else "",
    )
