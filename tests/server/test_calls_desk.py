"""The callers' desk behind its pages.

D01 nobody is dialled against a rule: not held, not due, outside the hours, two clocks that differ,
opted out, no number, D02 what was answered is in the records with the caller as its actor, and
counts once however often it is sent, D03 each result of a call ends the attempt with its codes and
moves the person, D04 no is for ever, D05 a conflict of appointments loses nothing that was
entered, D06 the link of the chat goes on where the call stopped, D07 a machine's interview is taken
over, D08 what is beyond the wall looks like what is not there, D09 the link is sent once in a call,
by WeChat within 48 hours, else as a text message, else not, and never to who wants no calls,
D10 the card says that somebody called us and could not get through.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import insert, select, text, update
from starlette.testclient import TestClient

from models.appointment import Appointment
from models.attempt import Attempts
from models.disposition import Disposition
from models.failure import NotFoundError
from models.invitation import Invitations, Way
from models.missed_call import MissedCalls
from models.outbox import Outbox
from models.tables import (
    AssignmentRow,
    CallingRow,
    CampaignRow,
    OptOutRow,
    PersonRow,
    WechatContactRow,
)
from models.talk import Talk
from models.viewer import Viewer
from models.walled import Walled
from server.app import create_app
from server.calls.desk import Answered, CallsDesk
from server.calls.fault import CallsDeskError, Fault
from server.calls.material import card_of
from server.calls.routes import calls_desk
from server.chat_desk import turn_result
from server.service import Service
from server.settings import Settings
from survey_engine.answer import SpeakerKind
from survey_engine.channel import Channel
from survey_engine.input import WantPerson
from survey_engine.interview import Status
from survey_engine.questionnaire import Questionnaire
from tests.desks import add_account, cookies, csrf
from tests.models.sample import AT, Sample

LOGIN, HOURS = "huawu", "09:00-12:00,14:00-20:00"
DAY = timedelta(days=1)


@dataclass
class Desk:
    """One caller at a desk with four people, at ten in the morning."""

    service: Service
    sample: Sample
    desk: CallsDesk
    records: Walled

    def take(self, now: datetime = AT) -> str:
        found = self.desk.queue(self.records).claim_next(now)
        assert found is not None
        return found.assignment_id

    def dialled(self, now: datetime = AT) -> str:
        person = self.take(now)
        self.desk.dial(self.records, person, now)
        return person

    def talking(self, now: datetime = AT) -> str:
        person = self.dialled(now)
        self.desk.answered(self.records, person, now)
        return person

    def calling(self, person: str) -> CallingRow:
        wanted = select(CallingRow.__table__).where(CallingRow.assignment_id == person)
        with self.service.database.reading() as connection:
            return connection.execute(wanted).one()  # type: ignore[return-value]

    def say(self, person: str, value: str, wish: str = "") -> None:
        interview = self.service.store.interview(person)
        assert interview.wait is not None
        entered = Answered(
            turn=interview.length, target=interview.wait.target, value=value, wish=wish, words="嗯"
        )
        self.desk.take(self.records, person, entered, AT)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("calls"), argon2_time=1, argon2_memory_kib=8
    )
    service = Service.open(settings)
    add_account(service, LOGIN, "caller", "990000000000")
    yield service
    service.close()


@pytest.fixture(scope="module")
def sample(opened: Service, forms: dict[str, Questionnaire]) -> Sample:
    opened.shelf.keep(forms["person"])
    found = Sample.build(opened.database, {"person": forms["person"]}, people=48)
    with opened.database.writing() as connection:
        connection.execute(update(CampaignRow).values(call_hours=HOURS))
    return found


@pytest.fixture
def desk(opened: Service, sample: Sample) -> Iterator[Desk]:
    viewer = Viewer(login=LOGIN, name="话务", role="caller", region="990000000000")
    clock = replace(calls_desk(opened), clock=lambda: AT)
    yield Desk(opened, sample, clock, Walled(opened.database, viewer))
    with opened.database.writing() as connection:
        free = {"claimed_by": None, "claimed_until": None}
        connection.execute(update(CallingRow).values(**free))


def refused(fault: Fault) -> "pytest.RaisesExc[CallsDeskError]":
    return pytest.raises(CallsDeskError, match=fault.value.partition("{")[0])


def test_dialling_against_a_rule_d01(desk: Desk) -> None:
    person, records = desk.take(), desk.records
    other = next(one for one in desk.sample.assignments if one != person)
    with refused(Fault.NOT_HELD):
        desk.desk.dial(records, other, AT)
    late = replace(desk.desk, clock=lambda: AT + timedelta(seconds=61))
    with refused(Fault.CLOCKS):
        late.dial(records, person, AT)
    noon = AT.replace(hour=11, minute=59)
    desk.desk.queue(records).keep(person, AT)
    with desk.service.database.writing() as connection:
        mine = update(CallingRow).where(CallingRow.assignment_id == person)
        connection.execute(mine.values(claimed_until=AT + DAY))
    again = replace(desk.desk, clock=lambda: noon + timedelta(seconds=60))
    with refused(Fault.WRONG_HOURS):
        again.dial(records, person, noon)
    assert Attempts(desk.service.database).of(person) == ()
    case = desk.desk.dial(records, person, AT)
    assert case.telephone
    assert desk.desk.dial(records, person, AT) == case
    assert len(Attempts(desk.service.database).of(person)) == 1


def test_who_may_not_be_dialled_d01_d04(desk: Desk) -> None:
    person, database = desk.take(), desk.service.database
    machine = Attempts(database).begin(person, Channel.VOICE, AT)
    Attempts(database).end(machine.id, outcome="N15", aapor="3.13", at=AT)
    with refused(Fault.NOT_DUE):
        desk.desk.dial(desk.records, person, AT)
    _opt_out(desk, person)
    with refused(Fault.OPTED_OUT):
        desk.desk.dial(desk.records, person, AT)


def _opt_out(desk: Desk, person: str) -> None:
    with desk.service.database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO opt_out SELECT assignment.id, person_id, telephone_index,"
                " assignment.created_at FROM assignment JOIN person ON person.id = person_id"
                " WHERE assignment.id = :person"
            ),
            {"person": person},
        )


def test_no_number_d01(desk: Desk) -> None:
    person = desk.take()
    with desk.service.database.writing() as connection:
        wanted = text("SELECT person_id FROM assignment WHERE id = :person")
        mine = PersonRow.id == connection.scalar(wanted, {"person": person})
        nothing = {"telephone": None, "telephone_index": None}
        connection.execute(update(PersonRow).where(mine).values(**nothing))
        connection.execute(update(PersonRow).where(mine).values(particulars={}))
    with refused(Fault.NO_NUMBER):
        desk.desk.dial(desk.records, person, AT)
    assert Attempts(desk.service.database).of(person) == ()
    assert desk.calling(person).claimed_by is None
    assert desk.take() != person


def test_answers_are_kept_once_d02(desk: Desk) -> None:
    person = desk.talking()
    before = desk.service.store.interview(person)
    assert before.wait is not None
    entered = Answered(turn=before.length, target=before.wait.target, value="1", words="我是")
    for _ in range(3):
        desk.desk.take(desk.records, person, entered, AT)
    interview = desk.service.store.interview(person)
    assert interview.speaker.kind is SpeakerKind.SELF
    assert interview.answers["A1"].heard.words == "我是"
    assert interview.answers["A1"].channel is Channel.DESK
    attempt = Attempts(desk.service.database).of(person)[-1]
    assert attempt.staff == LOGIN
    assert interview.answers["A1"].heard.utterance.startswith(attempt.id)
    with refused(Fault.EMPTY):
        desk.say(person, "")
    assert interview.wait is not None
    with refused(Fault.NOT_TAKEN):
        entered = Answered(turn=interview.length, target="A4", value="999")
        desk.desk.take(desk.records, person, entered, AT)
    assert desk.service.store.interview(person).length == interview.length


@pytest.mark.parametrize("taped", [False, True])
def test_the_opening_that_is_read_is_kept_d02(desk: Desk, taped: bool) -> None:
    person = desk.dialled()
    desk.desk.answered(desk.records, person, AT, taped=taped)
    kept = json.loads(Talk(desk.service.database).latest(person)[0].reply)["said"][0][2]
    assert kept.startswith(f"您好，我是{desk.desk.office.organisation}的工作人员")
    assert "机器" not in kept
    assert ("有录音" in kept) is taped
    form = desk.service.store.interview(person).questionnaire
    assert kept == desk.desk.opening(form, taped=taped)
    bare = replace(form, script={})
    assert "工作人员" in desk.desk.opening(bare, taped=taped), "a form without words for it"


def test_suggestions_only_suggest_d02(desk: Desk) -> None:
    person = desk.talking()
    interview = desk.service.store.interview(person)
    found = desk.desk.reading(interview, words="我就是本人")
    assert found is not None
    assert [one.value for one in found.rows if one.suggested] == ["1"]
    nothing = desk.desk.reading(interview)
    assert nothing is not None
    assert not any(one.suggested for one in nothing.rows)
    wish = desk.desk.reading(interview, words="你们别再打来了")
    assert wish is not None
    assert "拒访" in wish.wish
    jumped = desk.desk.reading(interview, "A3")
    assert jumped is not None
    assert jumped.target == "A3"
    assert desk.service.store.interview(person).length == interview.length


def results(desk: Desk) -> tuple[Disposition, ...]:
    return tuple(one for one in desk.desk.dispositions() if one.code != "completed")


def test_each_result_d03(desk: Desk) -> None:
    for one in results(desk):
        person = desk.talking() if one.place[0] != "1" else desk.dialled()
        desk.desk.end(desk.records, person, one.name, AT, language="粤语")
        attempt = Attempts(desk.service.database).of(person)[-1]
        assert (attempt.outcome, attempt.aapor) == (one.code, one.aapor), one.name
        row = desk.calling(person)
        assert row.claimed_by is None
        assert (row.due_at is None) is one.final, one.name
        if row.due_at is not None:
            assert row.due_at >= AT.replace(hour=0, tzinfo=AT.tzinfo) + DAY
        if one.place[0] != "1":
            status = desk.service.store.interview(person).status
            assert status in ((Status.ENDED,) if one.reports else (Status.PAUSED,)), one.name
        assert row.language == ("粤语" if one.name == "other_language" else "")


def test_a_refusal_is_for_ever_d04(desk: Desk) -> None:
    person = desk.talking()
    desk.desk.end(desk.records, person, "refused", AT)
    with desk.service.database.reading() as connection:
        mine = OptOutRow.assignment_id == person
        assert connection.scalar(select(OptOutRow.assignment_id).where(mine)) == person
    assert desk.calling(person).due_at is None


def test_appointments_d05(desk: Desk) -> None:
    first = desk.dialled()
    at = AT.replace(hour=15) + DAY
    desk.desk.book(desk.records, first, at, AT, mine=True)
    row = desk.calling(first)
    assert (row.appointment_at, row.appointment_for) == (at, LOGIN)
    second = desk.dialled()
    with refused(Fault.TAKEN):
        desk.desk.book(desk.records, second, at, AT, mine=True)
    assert desk.desk.attempt(desk.records, second) is not None
    with refused(Fault.HOURS):
        desk.desk.book(desk.records, second, at.replace(hour=13), AT, mine=True)
    desk.desk.book(desk.records, second, at, AT, mine=False)
    assert desk.desk.attempt(desk.records, second) is None
    later = replace(desk.desk, clock=lambda: at)
    kept = later.queue(desk.records).claim_next(at)
    assert kept is not None
    assert kept.assignment_id in (first, second)
    later.dial(desk.records, kept.assignment_id, at)
    assert desk.calling(kept.assignment_id).appointment_at is None


def test_unknown_results_d03(desk: Desk) -> None:
    person = desk.dialled()
    for name in ("whim", "completed", ""):
        with refused(Fault.NO_RESULT):
            desk.desk.end(desk.records, person, name, AT)
    with refused(Fault.NO_LANGUAGE):
        desk.desk.end(desk.records, person, "other_language", AT)
    assert desk.desk.attempt(desk.records, person) is not None


def test_a_machine_hands_over_d07(desk: Desk) -> None:
    database, person = desk.service.database, desk.sample.assignments[-1]
    case = desk.service.cases.get(person)
    machine = Attempts(database).begin(person, Channel.VOICE, AT)
    form = desk.service.shelf.find(case.form, case.version)
    begun = desk.service.conversation.begin(form, case.facts(), {}, at=AT, channel=Channel.VOICE)
    reply = desk.service.store.start(person, lambda _case: turn_result(begun, ""))
    desk.service.store.change(
        reply.interview_id,
        lambda held: turn_result(desk.service.conversation.put(held, WantPerson(at=AT)), ""),
    )
    Attempts(database).end(machine.id, outcome="N12", aapor="2.12", at=AT)
    assert desk.talking() == person
    assert desk.service.store.interview(person).channel is Channel.DESK


@pytest.fixture
def client(desk: Desk) -> TestClient:
    app: FastAPI = create_app(desk.service)
    return TestClient(app, cookies=cookies(desk.service, LOGIN), follow_redirects=False)


def test_the_link_goes_on_d06(desk: Desk, client: TestClient) -> None:
    person = desk.talking()
    desk.say(person, "1")
    with desk.service.database.writing() as connection:
        mine = update(CallingRow).where(CallingRow.assignment_id == person)
        connection.execute(mine.values(claimed_until=datetime.now(UTC) + DAY))
    token = csrf(desk.service, dict(client.cookies))
    page = client.post(f"/desk/calls/{person}/link", data={"csrf": token})
    found = re.search(r"/chat/[\w.-]+", page.text)
    assert found is not None
    desk.desk.end(desk.records, person, "later", AT)
    client.post(found[0], data={"begin": "yes"})
    interview = desk.service.store.interview(person)
    assert (interview.channel, interview.status) == (Channel.CHAT, Status.OPEN)
    assert "A1" in interview.answers


def reached(desk: Desk, person: str, heard_at: datetime | None, *, texts: bool) -> CallsDesk:
    """Return the desk where the person wrote to us in WeChat, and where text messages go out."""
    service = desk.service
    settings = service.settings.model_copy(
        update={"wechat_app_id": "wx", "wechat_app_secret": SecretStr("s")}
    )
    if heard_at is not None:
        values = {
            "key": service.database.keys.index(f"x{person}"), "open_id": "o1",
            "person_id": select(AssignmentRow.person_id)
            .where(AssignmentRow.id == person).scalar_subquery(),
            "bound_by": "ticket", "asked": "", "follows": True, "heard_at": heard_at,
        }  # fmt: skip
        with service.database.writing() as connection:
            connection.execute(insert(WechatContactRow).values(**values))
    inviter = replace(desk.desk.inviter, settings=settings, texts=texts)
    return replace(desk.desk, inviter=inviter)


@pytest.mark.parametrize(
    ("heard", "texts", "way"),
    [
        (timedelta(hours=47), True, Way.WECHAT),
        (timedelta(hours=48), True, Way.SMS),
        (None, True, Way.SMS),
        (timedelta(hours=48), False, None),
    ],
)
def test_the_link_is_sent_once_d09(
    desk: Desk, heard: timedelta | None, texts: bool, way: Way | None
) -> None:
    person, records = desk.talking(), desk.records
    there = reached(desk, person, AT - heard if heard else None, texts=texts)
    if way is None:
        with refused(Fault.NOT_SENT):
            there.invite(records, person, AT)
        assert Invitations(desk.service.database).of(person) == ()
        return
    assert there.invite(records, person, AT) is way
    with refused(Fault.NOT_SENT):
        there.invite(records, person, AT)
    (sent,) = Invitations(desk.service.database).of(person)
    assert (sent.way, sent.sent_by, sent.state) == (way, LOGIN, "waiting")
    attempt = there.attempt(records, person)
    assert attempt is not None
    assert sent.attempt_id == attempt.id
    (message,) = Outbox(desk.service.database).claim("t", AT, channel=way.value)
    assert "/chat/" in message.body
    assert message.assignment_id == person
    Outbox(desk.service.database).failed(message.id, "t")


def test_who_wants_no_calls_gets_no_link_d09(desk: Desk) -> None:
    person = desk.talking()
    there = reached(desk, person, AT, texts=True)
    opted = {"assignment_id": person, "person_id": None, "telephone_index": None, "said_at": AT}
    with desk.service.database.writing() as connection:
        connection.execute(insert(OptOutRow).values(**opted))
    with refused(Fault.NOT_SENT):
        there.invite(desk.records, person, AT)
    assert Outbox(desk.service.database).claim("t", AT, channel="wechat") == ()


def test_beyond_the_wall_d08(desk: Desk) -> None:
    viewer = Viewer(login="other", name="x", role="caller", region="990001000000")
    records = Walled(desk.service.database, viewer)
    person = desk.sample.assignments[0]
    assert desk.desk.queue(records).claim_next(AT) is None
    for missing in (person, "0" * 32):
        for work in _works(desk.desk, records, missing):
            with pytest.raises(NotFoundError):
                work()


def _works(desk: CallsDesk, records: Walled, person: str) -> tuple[Callable[[], object], ...]:
    return (
        lambda: desk.dial(records, person, AT),
        lambda: desk.take(records, person, Answered(turn=0, target=""), AT),
        lambda: desk.end(records, person, "busy", AT),
        lambda: desk.book(records, person, AT, AT, mine=True),
        lambda: desk.show_link(records, person, AT),
        lambda: desk.invite(records, person, AT),
        lambda: desk.appointments(records).make(Appointment(assignment_id=person, at=AT), now=AT),
    )


def test_who_could_not_get_through_is_called_back_d10(desk: Desk, opened: Service) -> None:
    person = next(one for one in desk.sample.assignments if not desk.records.attempts(one))
    missed = MissedCalls(opened.database)
    assert [missed.note(person, "CAmissed", AT) for _ in range(2)] == [True, False]
    calling = desk.desk.queue(desk.records).get(person)
    assert calling is not None
    assert calling.appointment_is_due(AT)
    case, attempts = desk.records.case(person), desk.records.attempts(person)
    form = opened.shelf.find(case.form, case.version)
    card = card_of(case, calling, form, attempts, (), (), (), None, AT, HOURS)
    assert card.why == "对方打来，线路忙没接进来，请回电"
    assert "约在" not in card.when
    assert [one.words for one in card.past] == ["电话（对方打来）：没接进来"]
    desk.desk.appointments(desk.records).clear(person)
