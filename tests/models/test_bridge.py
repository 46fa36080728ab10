"""Bridged calls when several want the same in one moment: one of them gets it, on both databases.

B01 a caller has one call open, and a person is called by one caller; B02 somebody is handed over
once; B03 a call that is offered is taken or withdrawn, never both; B04 one caller holds one case.
"""

import threading
from collections.abc import Callable

import pytest

from models.bridge import CALLER, MACHINE, Bridge, Bridges
from models.call_queue import claim
from models.database import Database
from models.phone_call import PhoneCalls
from survey_engine.questionnaire import Questionnaire
from tests.models.sample import AT, Sample

_MANY = 8


def at_once(work: Callable[[int], object]) -> list[object]:
    """Let many do the same at once; return what each got."""
    barrier, found = threading.Barrier(_MANY), list[object]()

    def run(number: int) -> None:
        barrier.wait()
        found.append(work(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(_MANY)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == _MANY
    return found


@pytest.fixture
def county(opened: Callable[[], Database], forms: dict[str, Questionnaire]) -> Sample:
    return Sample.build(opened(), forms, people=_MANY)


def bridge_of(sample: Sample, number: int, staff: str, *, led_by: str = CALLER) -> Bridge:
    """A bridge with somebody whose legs have their lines."""
    person = sample.assignments[number]
    calls = PhoneCalls(sample.database)
    caller = calls.admit_leg(person, "twilio", 99, AT)
    leg = calls.admit_leg(person, "twilio", 99, AT)
    return Bridge(
        id=f"{number}{staff}", assignment_id=person, staff=staff, caller_call=caller.id,
        person_call=leg.id, begun_at=AT, met_at=AT, led_by=led_by, wanted=led_by == MACHINE,
    )  # fmt: skip


@pytest.mark.parametrize("same", ["caller", "person"])
def test_one_call_is_begun_b01(county: Sample, same: str) -> None:
    wanted = [
        bridge_of(county, number, "huawu")
        if same == "caller"
        else bridge_of(county, 0, f"h{number}")
        for number in range(_MANY)
    ]
    bridges = Bridges(county.database)
    begun = at_once(lambda number: bridges.begin(wanted[number]))
    assert begun.count(True) == 1
    assert len(bridges.open()) == 1


def test_somebody_is_handed_over_once_b02(county: Sample) -> None:
    bridges, bridge = Bridges(county.database), bridge_of(county, 0, "huawu")
    assert bridges.begin(bridge)
    for leader in (MACHINE, CALLER):
        before = bridges.get(bridge.id)
        assert before is not None
        handed = at_once(lambda _number, at=before, to=leader: bridges.hand(at, to))  # type: ignore[misc]
        [moved] = [one for one in handed if one is not None]
        assert isinstance(moved, Bridge)
        assert (moved.led_by, moved.moves) == (leader, before.moves + 1)


def test_an_offer_is_taken_or_withdrawn_b03(county: Sample) -> None:
    bridges, bridge = Bridges(county.database), bridge_of(county, 0, "huawu", led_by=MACHINE)
    assert bridges.begin(bridge)

    def work(number: int) -> object:
        taking = number % 2
        return bridges.hand(bridge, CALLER) if taking else bridges.withdraw(bridge, AT) or None

    assert sum(one is not None for one in at_once(work)) == 1
    held = bridges.get(bridge.id)
    assert held is not None
    assert held.is_open is not held.is_lent


def test_a_case_is_held_by_one_b04(county: Sample) -> None:
    database, person = county.database, county.assignments[0]
    held = at_once(lambda number: claim(database, person, f"h{number}", AT))
    assert held.count(True) == 1
    others = at_once(lambda number: claim(database, county.assignments[number], "one", AT))
    assert others.count(True) == 1
