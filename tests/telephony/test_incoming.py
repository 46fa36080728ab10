"""X13 who calls us goes on with their own interview, and of nobody else is anything said."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.campaign import Campaigns
from models.roster import Roster
from server.telephone.dialler import international
from survey_engine.interview import Status
from tests.models.sample import row
from tests.telephony.county import CAMPAIGN, county, person
from tests.telephony.paper_line import Line
from tests.telephony.people import answering

URL = "wss://h/twilio/media"


def shown(line: Line, index: int = 0) -> str:
    return international(person(line.service, index).telephone)


def is_taken(twiml: str) -> bool:
    return "<Stream" in twiml and "<Say" not in twiml


def test_x13_who_calls_back_goes_on_with_their_own_interview(line: Line) -> None:
    twiml = line.exchange.rung(shown(line), "CAin", URL)
    assert is_taken(twiml)
    assert line.exchange.rung(shown(line), "CAin", URL) == twiml, "told twice, it is the same call"
    call = line.exchange.calls.find("", "CAin")
    assert call is not None
    assert call.assignment_id == person(line.service).assignment_id
    report, _telephone = line.hold(call, answering(line.answers()))
    assert report is not None
    assert line.interview().status is Status.COMPLETED
    assert len(line.attempts()) == 1
    assert line.carrier.placed == []


@pytest.mark.parametrize("number", ["", "anonymous", "+8613900000000", "+1", "12"])
def test_x13_a_number_that_is_nobodys_is_told_nothing_of_anybody(line: Line, number: str) -> None:
    twiml = line.exchange.rung(number, "CAin", URL)
    assert not is_taken(twiml)
    assert "<Hangup" in twiml
    assert person(line.service).name not in twiml
    assert line.exchange.calls.find("", "CAin") is None
    assert line.attempts() == ()


def test_x13_every_refusal_is_one_sentence_whoever_is_on_the_roster(line: Line) -> None:
    nobody = line.exchange.rung("anonymous", "CAnobody", URL)
    line.dial(1)
    line.call(answering(lambda _: "别再打电话了"))
    line.call(answering(line.answers(2)), 2)
    assert line.interview(2).status is Status.COMPLETED
    reasons = {"opted out": 0, "being called": 1, "asked everything": 2}
    told = {why: line.exchange.rung(shown(line, n), f"CA{n}", URL) for why, n in reasons.items()}
    assert told == dict.fromkeys(reasons, nobody)
    assert not is_taken(nobody)
    assert [len(line.attempts(n)) for n in reasons.values()] == [1, 1, 1]


def test_x13_a_shared_number_is_nobodys_and_a_landline_is_known_without_its_zero(
    line: Line,
) -> None:
    changed = [row(0, telephone="010-65230001"), *(row(n, telephone="15423609999") for n in (1, 2))]
    Roster(line.service.database).keep(CAMPAIGN, changed, by="test", at=line.now())
    unknown = line.exchange.rung("anonymous", "CAother", URL)
    assert line.exchange.rung("+8615423609999", "CAshared", URL) == unknown
    assert is_taken(line.exchange.rung("+861065230001", "CAland", URL))


def test_x13_who_takes_part_in_two_campaigns_goes_on_with_the_open_one(line: Line) -> None:
    database = line.service.database
    first = Campaigns(database).get(CAMPAIGN)
    Campaigns(database).create(replace(first, id="990000-2027"), by="test", at=line.now())
    Roster(database).keep("990000-2027", [row(0)], by="test", at=line.now())
    line.call(answering(line.answers()))
    assert line.interview().status is Status.COMPLETED
    assert is_taken(line.exchange.rung(shown(line), "CAin", URL))
    call = line.exchange.calls.find("", "CAin")
    assert call is not None
    assert call.assignment_id != person(line.service).assignment_id


def test_x13_without_a_free_line_everybody_is_told_the_same(tmp_path: Path) -> None:
    with county(tmp_path, lines=1) as service:
        line = Line(service)
        assert is_taken(line.exchange.rung(shown(line), "CA1", URL))
        full = line.exchange.rung(shown(line, 1), "CA2", URL)
        assert "线路忙" in full
        assert full == line.exchange.rung("anonymous", "CA3", URL)
        assert full == line.exchange.rung(shown(line), "CA4", URL)
        assert line.attempts(1) == ()
