"""Rosters: whole or not at all, the same person once.

B01 people and assignments are added, B02 the same roster again adds nothing, B03 changes of
telephone and of category (places 19, 20) reach the same person, B04 one bad row keeps none, B05
people are found by number, name and telephone however written, B06 a village can be assigned,
B07 100,000 rows in 20 s (the figure is scaled to 5,000 rows unless asked for).
"""

import pytest
from sqlalchemy import func, select

from models.case import Cases
from models.failure import NotFoundError, RosterRefusedError
from models.region import Region, Regions
from models.roster import Roster, RosterResult
from models.tables import AssignmentRow, PersonRow
from tests.models.sample import AT, CAMPAIGN, REGION, Sample, number, row


def test_added_once_b01_b02(sample: Sample) -> None:
    roster = Roster(sample.database)
    rows = [row(index) for index in range(4)]
    assert roster.keep(CAMPAIGN, rows, by="t", at=AT) == RosterResult(2, 2, 2, 2)
    assert roster.keep(CAMPAIGN, rows, by="t", at=AT) == RosterResult(0, 4, 0, 4)
    with sample.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(PersonRow)) == 4
        assert connection.scalar(select(func.count()).select_from(AssignmentRow)) == 4


def test_the_same_person_with_changes_b03(sample: Sample) -> None:
    changed = row(0, certificate=number(0)[:18] + "43B1", telephone="15423600099")
    Roster(sample.database).keep(CAMPAIGN, [changed], by="t", at=AT)
    case = Cases(sample.database).by_certificate(CAMPAIGN, number(0))
    assert case.assignment_id == sample.assignments[0]
    assert (case.telephone, case.certificate[18:]) == ("15423600099", "43B1")
    facts = case.facts()
    assert (facts["category"], facts["grade"], facts["last4"]) == (
        "4",
        "3",
        f"{number(0)[16:18]}43",
    )


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        (row(3, certificate="123"), "Row 5 has no certificate"),
        (row(3, region="99"), "Row 5 has no region"),
        (row(2), "Row 4 is the same person as row 4"),
    ],
)
def test_one_bad_row_keeps_none_b04(sample: Sample, bad: object, match: str) -> None:
    with pytest.raises(RosterRefusedError, match=match) as caught:
        Roster(sample.database).keep(CAMPAIGN, [row(2), bad], by="t", at=AT)  # type: ignore[list-item]
    assert number(3) not in str(caught.value)
    with sample.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(PersonRow)) == 2


def test_an_unknown_campaign_is_refused(sample: Sample) -> None:
    with pytest.raises(NotFoundError, match="no campaign nowhere"):
        Roster(sample.database).keep("nowhere", [row(5)], by="t", at=AT)


def test_found_however_written_b05(sample: Sample) -> None:
    cases, wanted = Cases(sample.database), sample.assignments[1]
    spaced = f" {number(1)[:6]} {number(1)[6:]} "
    wide = "".join(chr(ord(one) + 0xFEE0) for one in number(1))
    for written in (number(1), number(1)[:18], spaced, wide):
        assert cases.by_certificate(CAMPAIGN, written).assignment_id == wanted
    for phone in ("15423600001", "+86 154-2360-0001"):
        assert [one.assignment_id for one in cases.by_telephone(CAMPAIGN, phone)] == [wanted]
    assert [one.assignment_id for one in cases.by_name(CAMPAIGN, " 张试用1")] == [wanted]
    with pytest.raises(NotFoundError) as caught:
        cases.by_certificate(CAMPAIGN, number(999))
    assert number(999) not in str(caught.value)


def test_a_village_is_assigned_b06(sample: Sample) -> None:
    roster = Roster(sample.database)
    first = roster.place(CAMPAIGN, REGION, by="t", at=AT)
    assert roster.place(CAMPAIGN, REGION, by="t", at=AT) == first
    case = Cases(sample.database).get(first)
    assert (case.region, case.name) == (REGION, "")
    assert dict(case.facts()) == {"reference_day": "2026-09-30", "region": REGION}


def test_regions_know_their_place(sample: Sample) -> None:
    regions = Regions(sample.database)
    regions.keep([Region("441900003101", "某社区")])
    assert regions.get("441900003101").parent == "441900003000"
    assert regions.get("441900003000").parent == "441900000000"
    assert [one.code for one in regions.below("440000000000")] == ["441900000000"]
    assert [Region(code).level for code in ("000000000000", "440000000000", REGION)] == [1, 2, 6]


def test_every_row_but_the_doubles_becomes_a_person(sample: Sample) -> None:
    rows = [row(index) for index in range(5_000)]
    result = Roster(sample.database).keep(CAMPAIGN, rows, by="t", at=AT)
    assert result.persons_added == 5_000 - 2
