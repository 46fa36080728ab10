"""X13 who calls us goes on with their own interview, and of nobody else is anything said.

X14 whoever is not known by their number is asked who they are: answers that mean one person begin
their interview, three wrong ones end the call, and so many a day from one number, or about one
name, are enough; whatever is wrong, the sentence is the same.

X16 where no line is free everybody hears the same, and who is known by their number is called back.
X15 who calls is not tried by that; one person is tried as one, by the machine and by callers.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from models.attempt import Attempts
from models.audit import AuditLog
from models.call_queue import CallQueue
from models.campaign import Campaigns
from models.case import Cases
from models.database import Database
from models.failure import CallRefusedError
from models.missed_call import is_missed
from models.roster import Roster
from models.tables import AssignmentRow, CallingRow
from models.viewer import Viewer
from models.walled import Walled
from server.telephone.dialler import international
from survey_engine.channel import Channel
from survey_engine.interview import Identity, Status
from telephony.carrier import CallState, StatusReport
from tests.models.sample import row
from tests.telephony.county import CAMPAIGN, REGION, county, person, spoken_digits
from tests.telephony.paper_line import Line
from tests.telephony.people import answering, silent
from tests.telephony.simulator import Heard, Person

URL = "wss://h/twilio/media"


NAMES = ("王晓明", "李秀英", "赵国强")


@pytest.fixture
def named(line: Line) -> Line:
    """A line to people whose names are in characters."""
    rows = [row(index, name=name) for index, name in enumerate(NAMES)]
    Roster(line.service.database).keep(CAMPAIGN, rows, by="test", at=line.now())
    return line


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


def told(line: Line, number: str, name: str, human: Person = silent) -> list[str]:
    """Call from ``number``; return all that was said, by the carrier or by us."""
    twiml = line.exchange.rung(number, name, URL)
    if not is_taken(twiml):
        return [twiml]
    call = line.exchange.calls.find("", name)
    assert call is not None
    report, _telephone = line.hold(call, human)
    assert report is not None
    return [one.text for one in report.spoken]


def saying(**answers: str) -> Person:
    """Somebody who answers the questions after who they are; anything else is not answered."""

    def answer(asked: Heard) -> str:
        kind, _, rest = asked.name.partition(":")
        return "对" if kind == "confirm" else answers.get(rest.partition(":")[0], "")

    return answering(answer, most=30)


def being(line: Line, index: int) -> Person:
    """Somebody who says who they are, and then answers everything."""
    case = person(line.service, index)
    own = {"last4": spoken_digits(case.facts()["last4"]), "name": f"我叫{case.name}"}
    answers = line.answers(index)

    def answer(asked: Heard) -> str:
        kind, _, rest = asked.name.partition(":")
        return own.get(rest.partition(":")[0] if kind == "ask" else "") or answers(asked)

    return answering(answer)


def test_x13_every_refusal_is_the_same_whoever_is_on_the_roster(line: Line) -> None:
    line.dial(1)
    line.call(answering(lambda _: "别再打电话了"))
    line.call(answering(line.answers(2)), 2)
    assert line.interview(2).status is Status.COMPLETED
    numbers = {
        "opted out": shown(line), "being called": shown(line, 1), "asked": shown(line, 2),
        "unknown": "+8613900000000", "withheld": "anonymous", "none": "", "odd": "+1",
    }  # fmt: skip
    said = {why: told(line, number, f"CA{why}") for why, number in numbers.items()}
    assert list(said.values()) == [said["unknown"]] * len(numbers)
    assert "证号最后四位" in said["unknown"][2]
    assert "接不上" in said["unknown"][-1]
    guessed = saying(last4="一二三四", name="孙大庆")
    wrong = [told(line, number, f"CB{why}", guessed) for why, number in numbers.items()]
    assert wrong == [wrong[0]] * len(numbers)
    assert [len(line.attempts(n)) for n in range(3)] == [1, 1, 1]


def test_x13_a_shared_number_is_nobodys_and_a_landline_is_known_without_its_zero(
    line: Line,
) -> None:
    changed = [row(0, telephone="010-65230001"), *(row(n, telephone="15423609999") for n in (1, 2))]
    Roster(line.service.database).keep(CAMPAIGN, changed, by="test", at=line.now())
    assert told(line, "+8615423609999", "CAshared") == told(line, "anonymous", "CAother")
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


def test_x16_without_a_free_line_everybody_is_told_the_same_and_who_is_known_is_called_back(
    tmp_path: Path,
) -> None:
    with county(tmp_path, lines=1) as service:
        line, queue = Line(service), caller_of(service.database)
        assert is_taken(line.exchange.rung(shown(line), "CA1", URL))
        full = [line.exchange.rung(shown(line, 1), "CA2", URL) for _ in range(2)]
        full += [line.exchange.rung(one, "CA3", URL) for one in ("", "+8613900000000")]
        full += [line.exchange.rung(shown(line), "CA4", URL)]
        assert full == [full[0]] * 5
        assert "线路忙" in full[0]
        [missed] = line.attempts(1)
        assert is_missed(missed)
        assert len(line.attempts()) == 1, "whoever is speaking with us is not called back"
        actions = [one.action for one in AuditLog(service.database).entries()]
        assert actions.count("call.missed") == 1
        first = queue.claim_next(line.now())
        assert first is not None
        assert first.assignment_id == person(service, 1).assignment_id
        queue.release(first.assignment_id)
        call = line.exchange.calls.find("", "CA1")
        assert call is not None
        line.hold(call, silent)
        assert is_taken(line.exchange.rung(shown(line, 1), "CA5", URL))
        owed = queue.get(first.assignment_id)
        assert owed is not None
        assert owed.appointment_at is None


def test_x16_a_promised_appointment_stays_and_a_number_is_called_back_once_a_day(
    tmp_path: Path,
) -> None:
    with county(tmp_path, voice="kokoro") as service:
        line, queue = Line(service), caller_of(service.database)
        ids = [person(service, n).assignment_id for n in range(2)]
        promised = line.at + timedelta(hours=3)
        appoint(service.database, ids[0], promised)
        for n in range(2):
            assert "线路忙" in line.exchange.rung(shown(line, n), f"CA{n}", URL)
        kept = [queue.get(one) for one in ids]
        assert [one.appointment_at == promised for one in kept if one] == [True, False]
        appoint(service.database, ids[1], None)
        line.exchange.rung(shown(line, 1), "CA3", URL)
        again = queue.get(ids[1])
        assert again is not None
        assert again.appointment_at is None
        assert len(line.attempts(1)) == 2


def caller_of(database: Database) -> CallQueue:
    viewer = Viewer(login="huawu", name="huawu", role="caller", region=REGION)
    return CallQueue(database, Walled(database, viewer))


def appoint(database: Database, assignment_id: str, at: datetime | None) -> None:
    mine = update(CallingRow).where(CallingRow.assignment_id == assignment_id)
    with database.writing() as connection:
        connection.execute(mine.values(appointment_at=at))


def test_x14_who_shows_who_they_are_goes_on_with_their_interview(named: Line) -> None:
    line = named
    spoken = told(line, "anonymous", "CAin", being(line, 1))
    assert line.interview(1).status is Status.COMPLETED
    assert sum("我是机器" in one for one in spoken) == 1, "who calls is said once"
    assert sum("证号最后四位是多少" in one for one in spoken) == 1, "the number is asked once"
    shown = line.interview(1).answers["A2"]
    assert shown.value == person(line.service, 1).facts()["last4"]
    assert line.interview(1).identity is Identity.VERIFIED
    [attempt] = line.attempts(1)
    assert (attempt.outcome, attempt.aapor) == ("completed", "1.1")
    call = line.exchange.calls.find("", "CAin")
    assert call is not None
    assert call.assignment_id == person(line.service, 1).assignment_id
    assert call.ended_at is not None
    assert line.attempts(0) == line.attempts(2) == ()


def test_x14_a_name_counts_as_it_sounds_and_goes_on_where_it_stopped(line: Line) -> None:
    changed = [row(0, name="欧阳晓伟"), row(1, telephone=row(0).telephone)]
    Roster(line.service.database).keep(CAMPAIGN, changed, by="test", at=line.now())
    digits = person(line.service).facts()["last4"]
    wrong = saying(last4=spoken_digits(digits), name="欧阳小红")
    assert "接不上" in told(line, shown(line), "CA1", wrong)[-1]
    alike = saying(last4=f"#{digits}", name="欧阳小薇")
    told(line, shown(line), "CA2", alike)
    assert line.interview().status is Status.PAUSED
    line.call(being(line, 0))
    assert line.interview().status is Status.COMPLETED


def test_x14_wrong_answers_are_counted_by_number_and_by_name(named: Line) -> None:
    line = named
    case = person(line.service)
    right = saying(last4=spoken_digits(case.facts()["last4"]), name=case.name)
    guess = saying(last4="一二三四", name=case.name)
    assert sum("没有对上" in one for one in told(line, "+8613900000001", "CA1", guess)) == 2
    told(line, "+8613900000001", "CA2", guess)
    assert not is_taken(line.exchange.rung("+8613900000001", "CA3", URL)), "five a day"
    told(line, "", "CB1", guess)
    told(line, "anonymous", "CB2", guess)
    assert not is_taken(line.exchange.rung("", "CB3", URL)), "withheld numbers are one"
    assert line.attempts() == ()
    assert "接不上" in told(line, "+8613900000005", "CC", right)[-1], "ten about one name"
    line.at += timedelta(hours=25)
    told(line, "+8613900000001", "CD", right)
    assert len(line.attempts()) == 1


def test_x14_who_gives_up_or_may_not_go_on_is_told_the_same_and_leaves_nothing(named: Line) -> None:
    line = named
    line.call(answering(lambda _: "别再打电话了"))
    goodbye = told(line, "", "CA0")[-1]
    people = {
        "stops": saying(last4="别打了"),
        "does not know": saying(last4="不知道", name="不知道"),
        "no calls": being(line, 0),
    }
    for why, human in people.items():
        assert told(line, "", f"CA{why}", human)[-1] == goodbye
        call = line.exchange.calls.find("", f"CA{why}")
        assert call is not None
        assert (call.assignment_id, call.ended_at is None) == ("", False)
    assert len(line.attempts()) == 1
    assert line.attempts(1) == line.attempts(2) == ()
    told(line, "", "CAperson", saying(last4="人工"))
    assert line.carrier.transferred == [("CAperson", "+8610123")]


def test_x14_without_an_open_campaign_nobody_is_asked(line: Line) -> None:
    Campaigns(line.service.database).close(CAMPAIGN, by="test", at=line.now())
    assert not is_taken(line.exchange.rung("anonymous", "CA1", URL))
    assert not is_taken(line.exchange.rung(shown(line), "CA2", URL))


def test_x15_who_calls_us_is_not_tried_by_that(tmp_path: Path) -> None:
    with county(tmp_path, tries_a_day=1, tries_a_week=3) as service:
        line = Line(service)
        assert is_taken(line.exchange.rung(shown(line), "CAin", URL))
        call = line.exchange.calls.find("", "CAin")
        assert call is not None
        line.hold(call, silent)
        assert [one.incoming for one in line.attempts()] == [True]
        placed = line.dial()
        assert [one.incoming for one in line.attempts()] == [True, False]
        line.exchange.reported(placed.id, StatusReport("CA1", CallState.BUSY, 1))


def test_x15_one_person_is_tried_as_one_by_the_machine_and_by_callers(tmp_path: Path) -> None:
    with county(tmp_path, tries_a_day=1, tries_a_week=3) as service:
        line, database = Line(service), service.database
        first = Campaigns(database).get(CAMPAIGN)
        Campaigns(database).create(replace(first, id="990000-2027"), by="test", at=line.now())
        Roster(database).keep("990000-2027", [row(0)], by="test", at=line.now())
        cases = Cases(database).of_person(person_of(database, person(service).assignment_id))
        other = next(one for one in cases if one.campaign_id != CAMPAIGN)
        attempt = Attempts(database).begin(
            other.assignment_id, Channel.DESK, line.now(), staff="huawu"
        )
        ended = {"outcome": "N15", "aapor": "3.13", "at": line.now()}
        Attempts(database).end(attempt.id, **ended)  # type: ignore[arg-type]
        with pytest.raises(CallRefusedError, match="1 a day, 3 in seven days"):
            line.dial()
        tomorrow = datetime(2026, 10, 12, 16, 0, tzinfo=UTC)
        assert {due_at(database, one.assignment_id) for one in cases} == {tomorrow}
        line.at = tomorrow
        line.dial()


def person_of(database: Database, assignment_id: str) -> str:
    wanted = select(AssignmentRow.person_id).where(AssignmentRow.id == assignment_id)
    with database.reading() as connection:
        return str(connection.scalar(wanted))


def due_at(database: Database, assignment_id: str) -> datetime | None:
    wanted = select(CallingRow.due_at).where(CallingRow.assignment_id == assignment_id)
    with database.reading() as connection:
        return connection.scalar(wanted)
