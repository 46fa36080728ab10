"""Names and numbers: U01 one look is one audit entry with its reason, U02 a hundredth person a day
needs a second person, U03 nobody agrees to what they asked for, U04 leave is for one day, one use
and no more people, U05 fewer than a hundred need nobody, U06 nothing of it crosses the wall."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.audit import AuditLog
from models.database import Database
from models.failure import ApprovalNeededError, NotFoundError, TooManyNamesError
from models.roster import Roster
from models.tables import AssignmentRow
from models.uncovering import DAY, MANY, Uncovering
from models.viewer import Viewer
from models.walled import Walled
from tests.models.sample import AT, CAMPAIGN, REGION, Sample, row

COUNTY = "990000000000"


def desk(database: Database, login: str, region: str = COUNTY) -> Uncovering:
    viewer = Viewer(login=login, name=login, role="supervisor", region=region)
    return Uncovering(database, Walled(database, viewer))


def everybody(sample: Sample, people: int) -> list[str]:
    rows = [row(index) for index in range(2, people)]
    Roster(sample.database).keep(CAMPAIGN, rows, by="t", at=AT)
    with sample.database.reading() as connection:
        return list(connection.scalars(select(AssignmentRow.id)))


def test_one_look_is_noted_u01(sample: Sample) -> None:
    before = len(AuditLog(sample.database).entries())
    case = desk(sample.database, "wang").person(sample.assignments[0], "上门", at=AT)
    assert case.name.startswith("张试用")
    (entry,) = AuditLog(sample.database).entries(after=before)
    assert (entry.actor, entry.action, entry.object) == (
        "wang", "person.uncover", sample.assignments[0],
    )  # fmt: skip
    assert entry.detail == {"reason": "上门"}
    with pytest.raises(NotFoundError):
        desk(sample.database, "wang", "990001000000").person(sample.assignments[0], "x", at=AT)
    assert len(AuditLog(sample.database).entries(after=before)) == 1


def test_many_need_a_second_person_u02_u03(sample: Sample) -> None:
    ids = everybody(sample, MANY + 1)
    wang, li = desk(sample.database, "wang"), desk(sample.database, "li")
    for one in ids[: MANY - 1]:
        wang.person(one, "上门", at=AT)
    wang.person(ids[0], "再看一次", at=AT)
    with pytest.raises(ApprovalNeededError):
        wang.person(ids[MANY], "上门", at=AT)
    li.person(ids[MANY], "上门", at=AT)
    asked = wang.ask(CAMPAIGN, COUNTY, "下乡", at=AT)
    assert asked.rows == MANY + 1
    for early in (
        lambda: wang.take(asked.id, at=AT),
        lambda: wang.decide(asked.id, granted=True, at=AT),
    ):
        with pytest.raises(ApprovalNeededError):
            early()
    li.decide(asked.id, granted=True, at=AT)
    wang.person(ids[MANY], "上门", at=AT)
    wang.person(ids[MANY - 1], "上门", at=AT + DAY)


def test_leave_is_used_once_u04(sample: Sample) -> None:
    everybody(sample, MANY)
    wang, li = desk(sample.database, "wang"), desk(sample.database, "li")
    asked = wang.ask(CAMPAIGN, COUNTY, "下乡", at=AT)
    li.decide(asked.id, granted=True, at=AT)
    with pytest.raises(NotFoundError):
        li.decide(asked.id, granted=False, at=AT)
    for early_or_other in ((li, AT), (wang, AT + DAY + timedelta(minutes=1))):
        with pytest.raises(ApprovalNeededError):
            early_or_other[0].take(asked.id, at=early_or_other[1])
    assert len(wang.take(asked.id, at=AT)) == MANY
    with pytest.raises(ApprovalNeededError):
        wang.take(asked.id, at=AT)
    again = wang.ask(CAMPAIGN, COUNTY, "下乡", at=AT)
    li.decide(again.id, granted=True, at=AT)
    Roster(sample.database).keep(CAMPAIGN, [row(200)], by="t", at=AT)
    with pytest.raises(ApprovalNeededError):
        wang.take(again.id, at=AT)
    refused = wang.ask(CAMPAIGN, COUNTY, "下乡", at=AT)
    li.decide(refused.id, granted=False, at=AT)
    with pytest.raises(ApprovalNeededError):
        wang.take(refused.id, at=AT)


def test_few_need_nobody_and_nothing_crosses_the_wall_u05_u06(sample: Sample) -> None:
    wang = desk(sample.database, "wang", REGION)
    asked = wang.ask(CAMPAIGN, REGION, "下乡", at=AT)
    beyond = desk(sample.database, "li", "990000200000")
    assert beyond.approvals() == ()
    for refused in (
        lambda: beyond.take(asked.id, at=AT),
        lambda: beyond.decide(asked.id, granted=True, at=AT),
        lambda: beyond.ask(CAMPAIGN, REGION, "x", at=AT),
        lambda: wang.ask(CAMPAIGN, COUNTY, "x", at=AT),
    ):
        with pytest.raises(NotFoundError):
            refused()
    assert {one.assignment_id for one in wang.take(asked.id, at=AT)} == set(sample.assignments)


def test_no_list_is_longer_than_agreed(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.uncovering.MOST", 1)
    with pytest.raises(TooManyNamesError):
        desk(sample.database, "wang").ask(CAMPAIGN, COUNTY, "下乡", at=AT)
