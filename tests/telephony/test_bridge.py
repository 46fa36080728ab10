"""A call that a caller leads through the carrier: real webhooks, real sockets, real pages' desk.

L01 one key rings the caller, then the person, and both are in one room; L02 nobody is dialled whom
a rule protects, asked again when the caller has picked up; L03 what does not come about becomes a
suggestion, and both legs end; L04 reports come twice, late and reversed, tokens count once; L05
both sides are written down apart, and what the person says is evidence of the answer only when
the caller takes it; L06 without a recogniser the sound is kept all the same.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text, update
from websockets.exceptions import InvalidStatus

from models.attempt import Attempts
from models.bridge import Bridge
from models.clip import Clips
from models.failure import NotFoundError
from models.staff import Staff
from models.tables import CampaignRow
from models.viewer import Viewer
from models.walled import Walled
from server.app import create_app
from server.calls.bridge_desk import BridgeDesk
from server.calls.desk import Answered
from server.calls.fault import CallsDeskError, Fault
from server.calls.live import LiveView, live_view
from server.calls.own_telephone import dialable
from server.calls.routes import calls_desk
from server.service import Service
from server.telephone.exchange import Exchange, Voices
from server.telephone.ready import carrier_of
from survey_engine.answer import SpeakerKind
from telephony.evidence import unpacked
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.desks import add_account
from tests.telephony.carrier import SimulatedCarrier, served
from tests.telephony.coded_speech import CodedRecogniser, pause, spoken
from tests.telephony.county import REGION, TOKEN, county
from tests.telephony.legs import Ear, Leg, conference, hung_up, placed
from tests.telephony.quick_activity import QuickActivity
from tests.telephony.twilio_api import TwilioApi, twilio_api

CHINA = ZoneInfo("Asia/Shanghai")
PUBLIC, LOGIN, OWN = "https://survey.example.org", "huawu", "13811110000"


@dataclass
class Desk:
    """A caller who holds a case, the running service, and the carrier."""

    service: Service
    exchange: Exchange
    carrier: SimulatedCarrier
    api: TwilioApi
    recogniser: CodedRecogniser

    def __post_init__(self) -> None:
        viewer = Viewer(login=LOGIN, name="话务", role="caller", region=REGION)
        self.records = Walled(self.service.database, viewer)
        self.desk = calls_desk(self.service)
        self.bridge = BridgeDesk(self.desk, self.exchange.bridging)
        self.person = ""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def dial(self) -> None:
        found = self.desk.queue(self.records).claim_next(self.now())
        assert found is not None
        self.person = found.assignment_id
        self.desk.dial(self.records, self.person, self.now())
        self.bridge.ring(self.records, self.person, 0, self.now())

    def ring(self) -> None:
        self.bridge.ring(self.records, self.person, 0, self.now())

    @property
    def live(self) -> LiveView:
        attempt = self.desk.attempt(self.records, self.person)
        assert attempt is not None
        legs = self.bridge.legs(self.records, attempt)
        assert legs is not None
        return live_view(legs, self.bridge.lines(legs.bridge), self.bridge.suggested(legs.bridge))

    @property
    def going_on(self) -> Bridge | None:
        return self.bridge.going_on(LOGIN)

    async def beside(self, work: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.to_thread(work, *given)

    async def connected(self) -> tuple[Leg, Leg, Ear]:
        """Dial, and let both pick up."""
        await self.beside(self.dial)
        await self.carrier.answer(placed(self.api)[0].voice, placed(self.api)[0].sid)
        caller, person = placed(self.api)
        twiml = await self.carrier.answer(person.voice, person.sid)
        return caller, person, Ear(person.sid, twiml)

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(1_200):
            if await self.beside(holds):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("it never came about")

    def enter(self, value: str, words: str = "") -> None:
        interview = self.service.store.interview(self.person)
        assert interview.wait is not None
        entered = Answered(
            turn=interview.length, target=interview.wait.target, value=value, words=words
        )
        self.bridge.take(self.records, self.person, entered, self.now())


Work = Callable[[Desk], Coroutine[Any, Any, None]]


@pytest.fixture
def at_desk(tmp_path: Path) -> Iterator[Callable[[Work], None]]:
    with opened(tmp_path) as (service, api):

        def run(work: Work) -> None:
            async def up() -> None:
                async with desk(service, api) as sitting:
                    await work(sitting)

            asyncio.run(up())

        yield run


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Service, TwilioApi]]:
    with (
        twilio_api() as api,
        county(folder, public_url=PUBLIC, twilio_api_base=api.base, hours="") as service,
    ):
        add_account(service, LOGIN, "caller", REGION)
        yield service, api


@asynccontextmanager
async def desk(service: Service, api: TwilioApi) -> AsyncIterator[Desk]:
    recogniser = CodedRecogniser()
    voices = Voices(Speaker(ToneVoice(0.004)), recogniser, QuickActivity)
    exchange = Exchange(service, carrier_of(service.settings), voices)
    async with served(create_app(service, exchange=exchange)) as address:
        carrier = SimulatedCarrier(address, PUBLIC, TOKEN)
        made = Desk(service, exchange, carrier, api, recogniser)
        made.bridge.keep_telephone(LOGIN, OWN, made.now())
        yield made


def with_token(twiml: ET.Element, token: str) -> ET.Element:
    changed = deepcopy(twiml)
    for one in changed.findall("Start/Stream/Parameter"):
        one.attrib["value"] = token
    return changed


def refused(fault: Fault) -> "pytest.RaisesExc[CallsDeskError]":
    return pytest.raises(CallsDeskError, match=fault.value.partition("{")[0])


def test_one_key_connects_two_telephones_l01(at_desk: Callable[[Work], None]) -> None:
    async def work(at: Desk) -> None:
        await at.beside(at.dial)
        [caller] = placed(at.api)
        assert caller.to == f"+86{OWN}"
        assert "MachineDetection" not in caller.form
        assert (await at.beside(lambda: at.live)).phase == "ringing"
        room = conference(await at.carrier.answer(caller.voice, caller.sid))
        assert room.attrib["endConferenceOnExit"] == "true"
        caller, person = placed(at.api)
        assert person.to.startswith("+8615423")
        assert person.form["AsyncAmd"] == ["true"]
        assert (await at.beside(lambda: at.live)).phase == "dialling"
        assert conference(await at.carrier.answer(caller.voice, caller.sid)).text == room.text
        assert len(placed(at.api)) == 2
        twiml = await at.carrier.answer(person.voice, person.sid)
        assert conference(twiml).text == room.text
        assert conference(twiml).attrib["endConferenceOnExit"] == "false"
        assert [one.tag for one in twiml] == ["Start", "Dial", "Hangup"]
        assert (await at.beside(lambda: at.live)).phase == "met"
        [attempt] = Attempts(at.service.database).of(at.person)
        assert (attempt.staff, attempt.ended_at) == (LOGIN, None)
        ended = await at.carrier.report(person.status, person.sid, CallStatus="completed")
        assert ended.status_code == 204
        assert hung_up(at.api) == {caller.sid}
        live = await at.beside(lambda: at.live)
        assert (live.phase, live.suggested and live.suggested.name) == ("over", "broken_off")
        assert at.going_on is None

    at_desk(work)


def test_whom_a_rule_protects_is_not_dialled_l02(at_desk: Callable[[Work], None]) -> None:
    async def work(at: Desk) -> None:
        await at.beside(at.dial)
        [caller] = placed(at.api)
        with at.service.database.writing() as connection:
            connection.execute(
                text(
                    "INSERT INTO opt_out SELECT assignment.id, person_id, telephone_index,"
                    " assignment.created_at FROM assignment JOIN person ON person.id = person_id"
                    " WHERE assignment.id = :person"
                ),
                {"person": at.person},
            )
        twiml = await at.carrier.answer(caller.voice, caller.sid)
        assert [one.tag for one in twiml] == ["Hangup"]
        assert len(placed(at.api)) == 1
        with refused(Fault.OPTED_OUT):
            await at.beside(at.ring)
        with at.service.database.writing() as connection:
            connection.execute(text("DELETE FROM opt_out"))
            now = at.now().astimezone(CHINA).strftime("%H:%M")
            never = "03:00-03:01" if not now.startswith("03") else "05:00-05:01"
            connection.execute(update(CampaignRow).values(call_hours=never))
        with refused(Fault.WRONG_HOURS):
            await at.beside(at.ring)
        await at.beside(at.bridge.keep_telephone, LOGIN, "", at.now())
        assert not at.bridge.can_ring(LOGIN)

    at_desk(work)


@pytest.mark.parametrize(
    ("reports", "suggested"),
    [
        ([{"CallStatus": "busy", "SequenceNumber": "2"}], "busy"),
        ([{"CallStatus": "no-answer", "SequenceNumber": "2"}], "no_answer"),
        ([{"CallStatus": "failed", "SequenceNumber": "1"}], "trouble"),
        ([{"CallStatus": "failed", "SipResponseCode": "404"}], "dead_number"),
        (
            [{"AnsweredBy": "machine_start"}, {"CallStatus": "completed", "SequenceNumber": "3"}],
            "machine",
        ),
        (
            [
                {"CallStatus": "busy", "SequenceNumber": "2"},
                {"CallStatus": "busy", "SequenceNumber": "2"},
                {"CallStatus": "ringing", "SequenceNumber": "1"},
                {"CallStatus": "completed", "SequenceNumber": "3"},
            ],
            "busy",
        ),
    ],
)
def test_what_does_not_come_about_is_suggested_l03_l04(
    at_desk: Callable[[Work], None], reports: list[dict[str, str]], suggested: str
) -> None:
    async def work(at: Desk) -> None:
        await at.beside(at.dial)
        await at.carrier.answer(placed(at.api)[0].voice, placed(at.api)[0].sid)
        caller, person = placed(at.api)
        for report in reports:
            assert (await at.carrier.report(person.status, person.sid, **report)).is_success
        live = await at.beside(lambda: at.live)
        assert live.suggested is not None
        assert live.suggested.name == suggested
        assert live.phase == "over"
        assert hung_up(at.api) == {caller.sid}
        twiml = await at.carrier.answer(person.voice, person.sid)
        assert [one.tag for one in twiml] == ["Hangup"]
        attempt = await at.beside(at.desk.attempt, at.records, at.person)
        assert attempt is not None, "the caller decides, not the carrier"
        await at.beside(at.ring)
        assert len(placed(at.api)) == 3
        await at.beside(at.bridge.hang_up, LOGIN)
        await at.beside(at.desk.end, at.records, at.person, suggested, at.now())
        assert len(at.exchange.calls.lost(datetime.max.replace(tzinfo=UTC), led=True)) == 0

    at_desk(work)


def test_the_caller_does_not_answer_or_hangs_up_l03(at_desk: Callable[[Work], None]) -> None:
    async def work(at: Desk) -> None:
        await at.beside(at.dial)
        [caller] = placed(at.api)
        await at.carrier.report(caller.status, caller.sid, CallStatus="no-answer")
        live = await at.beside(lambda: at.live)
        assert live.phase == "over"
        assert "您的话机" in live.words
        assert live.suggested is None
        assert len(placed(at.api)) == 1
        await at.beside(at.ring)
        await at.carrier.answer(placed(at.api)[1].voice, placed(at.api)[1].sid)
        _, again, person = placed(at.api)
        await at.carrier.report(again.status, again.sid, CallStatus="completed")
        assert hung_up(at.api) == {person.sid}
        assert at.going_on is None
        at.api.refuse = (503, 20503)
        with refused(Fault.NOT_PLACED):
            await at.beside(at.ring)
        assert at.going_on is None
        at.api.refuse = None
        await at.beside(at.ring)
        held = at.exchange.calls.lost(datetime.max.replace(tzinfo=UTC), led=True)
        assert len(held) == 2
        with at.service.database.writing() as connection:
            connection.execute(text("UPDATE phone_call SET lease_until = '2020-01-01 00:00:00'"))
        assert await at.beside(at.exchange.sweep) == 2
        assert at.going_on is None
        assert placed(at.api)[-1].sid in hung_up(at.api)

    at_desk(work)


def test_an_ear_without_its_token_hears_nothing_l04(at_desk: Callable[[Work], None]) -> None:
    async def work(at: Desk) -> None:
        _caller, person, ear = await at.connected()
        url = f"{PUBLIC.replace('https', 'wss')}/twilio/ear"
        with pytest.raises(InvalidStatus):
            async with at.carrier.socket(url, headers={}):
                pass
        listening = asyncio.create_task(ear.listen(at.carrier))
        ear.say(spoken("我是本人", 0.6))
        await at.until(lambda: any(one.final for one in at.live.lines))
        for token in (ear.parameters["token"], "x"):
            again = Ear(person.sid, with_token(ear.twiml, token))
            again.say(spoken("混进来的话", 0.6) + pause(2))
            await again.listen(at.carrier)
        assert [one.words for one in at.live.lines] == ["我是本人"]
        ear.hang_up()
        await listening

    at_desk(work)


def test_both_sides_are_heard_apart_l05(at_desk: Callable[[Work], None]) -> None:
    async def work(at: Desk) -> None:
        _caller, person, ear = await at.connected()
        listening = asyncio.create_task(ear.listen(at.carrier))
        await at.beside(at.desk.answered, at.records, at.person, at.now())
        before = at.service.store.interview(at.person)
        ear.say(spoken("请问您是本人吗", 0.6), "outbound")
        await at.until(lambda: len(at.live.lines) == 1)
        ear.say(spoken("我就是本人", 0.6))
        await at.until(lambda: at.live.said == "我就是本人")
        assert [(one.side, one.words) for one in at.live.lines] == [
            ("caller", "请问您是本人吗"),
            ("person", "我就是本人"),
        ]
        assert at.service.store.interview(at.person).length == before.length
        found = at.desk.reading(before, words=at.live.said)
        assert found is not None
        assert [one.value for one in found.rows if one.suggested] == ["1"]
        await at.beside(at.enter, "1")
        interview = at.service.store.interview(at.person)
        answer = interview.answers["A1"]
        assert interview.speaker.kind is SpeakerKind.SELF
        assert answer.heard.words == "我就是本人"
        clip = Clips(at.service.database).get(answer.heard.utterance)
        assert [one.text for one in clip.words] == ["我就是本人"]
        assert unpacked(clip.sound, clip.format, clip.rate).seconds == pytest.approx(1.4, abs=0.3)
        assert at.live.said == ""
        # Enter before the person has come to an end: their words are evidence all the same.
        ear.say(spoken("四个数字是一二三四", 1.5))
        await at.until(lambda: len(at.live.lines) == 3)
        await at.beside(at.enter, at.service.cases.get(at.person).facts()["last4"], "一二三四")
        late = at.service.store.interview(at.person).answers["A2"].heard.utterance
        await at.until(lambda: Clips(at.service.database).words(late) is not None)
        ear.say(spoken("没有用上的话", 0.6))
        await at.until(lambda: at.live.said == "没有用上的话")
        ear.hang_up()
        await listening
        await at.carrier.report(person.status, person.sid, CallStatus="completed")
        with at.service.database.reading() as connection:
            unused = text("SELECT count(*) FROM bridge_line WHERE sound IS NOT NULL")
            kept = text("SELECT count(*) FROM bridge_line WHERE utterance IS NOT NULL")
            assert connection.scalar(unused) == connection.scalar(kept) == 2

    at_desk(work)


def test_without_a_recogniser_l06(at_desk: Callable[[Work], None]) -> None:
    async def work(at: Desk) -> None:
        _caller, _person, ear = await at.connected()
        at.recogniser.broken = True
        listening = asyncio.create_task(ear.listen(at.carrier))
        await at.beside(at.desk.answered, at.records, at.person, at.now())
        ear.say(spoken("我就是本人", 0.6))
        await at.until(lambda: not at.live.hears)
        await at.beside(at.enter, "1", "是本人")
        answer = at.service.store.interview(at.person).answers["A1"]
        assert answer.heard.words == "是本人"
        assert Clips(at.service.database).get(answer.heard.utterance).sound
        at.recogniser.broken = False
        ear.say(spoken("听得见吗", 0.6))
        await at.until(lambda: at.live.hears and at.live.said == "听得见吗")
        ear.hang_up()
        await listening
        with pytest.raises(NotFoundError):
            Clips(at.service.database).get("nothing")

    at_desk(work)


def test_what_is_a_telephone() -> None:
    good = {
        "138 1111 0000": "+8613811110000",
        "010-66668888": "+861066668888",
        "+85298765432": "+85298765432",
        "sip:huawu1@pbx.example": "sip:huawu1@pbx.example",
    }
    assert {given: dialable(given) for given in good} == good
    for bad in ("", "x", "12", "sip:", "sip:a b@c", "tel:110", "138;119", "+0123", "1" * 40):
        assert dialable(bad) == "", bad


def test_the_telephone_is_sealed_and_audited(at_desk: Callable[[Work], None]) -> None:
    async def work(at: Desk) -> None:
        with at.service.database.reading() as connection:
            kept = connection.scalar(text("SELECT telephone FROM staff WHERE login = 'huawu'"))
            noted = connection.scalar(
                text("SELECT count(*) FROM audit WHERE action = 'staff.telephone'")
            )
        assert OWN.encode() not in bytes(kept or b"")
        assert noted == 1
        found = Staff(at.service.database).get(LOGIN)
        assert found is not None
        assert found.telephone == f"+86{OWN}"
        with refused(Fault.OWN_NUMBER):
            at.bridge.keep_telephone(LOGIN, "119;rm", at.now())

    at_desk(work)
