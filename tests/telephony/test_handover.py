"""A caller hands the person to the machine in mid-interview and takes them back, over real sockets.

H01 the machine goes on at the waiting question with the same speaker, and so does the caller when
they take the person back; H02 who wants a person is with the waiting caller again; H03 a hang-up
ends everything, with the usual result; H04 别打了 is honoured; H05 what cannot be done is refused
before anybody is moved, and a carrier that refuses leaves everything as it was; H06 a caller who
has left the room is rung, and the person brought when they pick up; H07 meanwhile they take the
next case; H08 webhooks come late and twice; H09 the key may be pressed at another process than the
one that holds the line; H10 if that one dies, another puts the call away; H11 an answer of
the carrier that is lost cuts nobody off.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from models.attempt import Attempt, Attempts
from models.bridge import Bridge
from models.opt_out import OptOuts
from models.tables import CallingRow
from server.calls.fault import Fault
from server.calls.hand_desk import HandDesk
from server.service import Service
from server.telephone.lent_call import LentCall
from server.telephone.lent_interviewer import _TAKEN, LentInterviewer
from survey_engine.answer import SpeakerKind
from survey_engine.channel import Channel
from survey_engine.interview import Interview, Status
from telephony.failure import RecogniserError
from telephony.recognisers.absent import AbsentRecogniser
from telephony.recognisers.fault import Fault as RecogniserFault
from tests.telephony.coded_speech import spoken
from tests.telephony.legs import Leg, Moved, conference, hung_up, placed, told
from tests.telephony.simulator import Person, Telephone
from tests.telephony.test_bridge import Desk, desk, opened, refused

Work = Callable[["Talk"], Coroutine[Any, Any, None]]


@dataclass
class Talk:
    """A call that goes on between a caller and a person, whom they have asked who they are."""

    at: Desk
    caller: Leg
    person: Leg
    moved: Moved

    @property
    def hands(self) -> HandDesk:
        return HandDesk(self.at.bridge, self.at.exchange)

    def give(self) -> None:
        self.hands.give(self.at.records, self.at.person, self.at.now())

    def take(self) -> None:
        self.hands.take(self.at.records, self.at.person, self.at.now())

    @property
    def interview(self) -> Interview:
        return self.at.service.store.interview(self.at.person)

    @property
    def attempt(self) -> Attempt:
        return Attempts(self.at.service.database).of(self.at.person)[-1]

    @property
    def bridge(self) -> Bridge:
        call = self.at.exchange.calls.find("", self.person.sid)
        found = self.at.exchange.bridging.bridges.of_call(call.id) if call else None
        assert found is not None
        return found

    @property
    def telephone(self) -> Telephone:
        return self.moved.telephones[-1]

    @property
    def moves(self) -> int:
        return len(told(self.at.api, self.person.sid))

    @property
    def said(self) -> str:
        return str(self.at.exchange.calls.report_of(self.bridge.person_call))

    def nearly_let_go(self) -> None:
        soon = {"claimed_until": self.at.now() + timedelta(seconds=30)}
        with self.at.service.database.writing() as connection:
            mine = CallingRow.assignment_id == self.at.person
            connection.execute(update(CallingRow).where(mine).values(**soon))

    async def given(self) -> Telephone:
        """Hand the person over and wait for the machine's question."""
        many = len(self.moved.telephones)
        await self.at.beside(self.give)
        await self.at.until(lambda: len(self.moved.telephones) > many)
        await self.telephone.next_question(0)
        return self.telephone

    async def over(self) -> None:
        await self.at.until(lambda: not self.bridge.is_open and self.attempt.ended_at is not None)


async def listens(telephone: Telephone) -> None:
    await telephone.until(lambda: telephone.stopped_by_us, 60)


@pytest.fixture
def talking(tmp_path: Path) -> Iterator[Callable[[Work], None]]:
    with opened(tmp_path) as (service, api):

        def run(work: Work) -> None:
            async def up() -> None:
                async with desk(service, api) as sitting, talk(sitting) as going_on:
                    await work(going_on)

            asyncio.run(up())

        yield run


@asynccontextmanager
async def talk(at: Desk, lives: Person = listens) -> AsyncIterator[Talk]:
    await at.beside(at.dial)
    await at.carrier.answer(placed(at.api)[0].voice, placed(at.api)[0].sid)
    caller, person = placed(at.api)
    twiml = await at.carrier.answer(person.voice, person.sid)
    moved = Moved(at.carrier, at.api, person.sid, lives)
    following = asyncio.create_task(moved.follow(twiml))
    await at.until(lambda: moved.ear is not None)
    await at.beside(at.desk.answered, at.records, at.person, at.now())
    await at.beside(at.enter, "1", "我是本人")
    await at.beside(at.enter, at.service.cases.get(at.person).facts()["last4"])
    try:
        yield Talk(at, caller, person, moved)
    finally:
        moved.hang_up()
        await following


def test_the_machine_goes_on_and_the_caller_after_it_h01(talking: Callable[[Work], None]) -> None:
    async def work(talk: Talk) -> None:
        before = talk.interview
        assert before.wait is not None
        telephone = await talk.given()
        [given] = told(talk.at.api, talk.person.sid)
        assert [one.tag for one in given] == ["Stop", "Connect", "Hangup"]
        assert telephone.parameters["token"]
        said = [one.words for one in talk.at.live.lines if one.by_machine]
        assert "机器" in said[0]
        assert "上回没问完" not in said[0]
        assert talk.interview.channel is Channel.VOICE
        assert talk.interview.speaker == before.speaker
        assert talk.interview.wait is not None
        assert talk.interview.wait.target == before.wait.target
        assert talk.at.live.phase == "machine"
        assert talk.at.going_on is None
        length = talk.interview.length
        telephone.say(spoken("对", 0.4))
        await talk.at.until(lambda: talk.interview.length > length)
        waiting = talk.interview.wait
        assert "对" in [one.words for one in talk.at.live.lines if one.side == "person"]
        await talk.at.beside(talk.take)
        await talk.at.until(lambda: not talk.at.exchange.live)
        back = told(talk.at.api, talk.person.sid)[-1]
        assert [one.tag for one in back] == ["Start", "Dial", "Hangup"]
        assert conference(back).text == talk.bridge.id
        assert (talk.interview.channel, talk.interview.status) == (Channel.DESK, Status.OPEN)
        assert talk.interview.wait == waiting
        assert talk.interview.speaker.kind is SpeakerKind.SELF
        assert talk.at.live.phase == "met"
        assert talk.at.live.said == ""
        assert talk.attempt.ended_at is None
        await talk.at.until(lambda: talk.moved.ear is not None and talk.moved.ear.sent > 50)
        assert talk.moved.ear is not None
        talk.moved.ear.say(spoken("接着说吧", 0.6))
        await talk.at.until(lambda: talk.at.live.said == "接着说吧")
        again = await talk.given()
        assert len(talk.moved.telephones) == 2
        assert again.parameters["token"] != telephone.parameters["token"]
        assert telephone.violations == again.violations == []
        assert hung_up(talk.at.api) == set()

    talking(work)


@pytest.mark.parametrize("way", ["key", "words"])
def test_who_wants_a_person_is_with_the_caller_again_h02(
    talking: Callable[[Work], None], way: str
) -> None:
    async def work(talk: Talk) -> None:
        waiting = talk.interview.wait
        telephone = await talk.given()
        if way == "key":
            telephone.press("0")
        else:
            telephone.say(spoken("转人工", 0.5))
        await talk.at.until(lambda: talk.moves == 2)
        await talk.at.until(lambda: talk.interview.channel is Channel.DESK)
        assert conference(told(talk.at.api, talk.person.sid)[-1]).text == talk.bridge.id
        assert (talk.interview.status, talk.interview.wait) == (Status.OPEN, waiting)
        assert talk.at.live.phase == "met"
        assert talk.attempt.ended_at is None
        assert hung_up(talk.at.api) == set()

    talking(work)


def test_a_hang_up_ends_everything_h03(talking: Callable[[Work], None]) -> None:
    async def work(talk: Talk) -> None:
        await talk.given()
        talk.moved.hang_up()
        await talk.over()
        report = await talk.at.carrier.report(
            talk.person.status, talk.person.sid, CallStatus="completed"
        )
        assert report.status_code == 204
        assert talk.interview.status is Status.PAUSED
        assert (talk.attempt.outcome, talk.attempt.aapor) == ("N12", "2.12")
        assert (talk.attempt.channel, talk.attempt.staff) == (Channel.DESK, "huawu")
        assert len(Attempts(talk.at.service.database).of(talk.at.person)) == 1
        assert talk.caller.sid in hung_up(talk.at.api)
        assert talk.at.desk.queue(talk.at.records).held(talk.at.now()) is None
        with refused(Fault.NOT_HELD):
            await talk.at.beside(talk.take)

    talking(work)


def test_no_more_calls_is_honoured_h04(talking: Callable[[Work], None]) -> None:
    async def work(talk: Talk) -> None:
        telephone = await talk.given()
        telephone.say(spoken("别再打来了", 0.5))
        await talk.at.until(lambda: talk.interview.status is Status.ENDED)
        with refused(Fault.SAID_GOODBYE):
            await talk.at.beside(talk.take)
        await talk.over()
        assert talk.attempt.outcome == "N11"
        assert OptOuts(talk.at.service.database).holds(talk.at.person)
        assert telephone.prompts[-1].played
        assert talk.moves == 1

    talking(work)


def test_what_cannot_be_done_moves_nobody_h05(talking: Callable[[Work], None]) -> None:
    async def work(talk: Talk) -> None:
        exchange = talk.at.exchange
        error = RecogniserError(RecogniserFault.CLOSED, name="x")
        voices = exchange.voices
        exchange.voices = replace(voices, recogniser=AbsentRecogniser(error))
        with refused(Fault.NO_MACHINE):
            await talk.at.beside(talk.give)
        exchange.voices = voices
        assert talk.moves == 0
        talk.at.api.refuse = (503, 20503)
        with refused(Fault.NOT_HANDED):
            await talk.at.beside(talk.give)
        talk.at.api.refuse = None
        assert (talk.at.live.phase, talk.interview.channel) == ("met", Channel.DESK)
        assert len(talk.moved.telephones) == 0
        telephone = await talk.given()
        talk.nearly_let_go()
        await talk.at.beside(talk.hands.keep, talk.at.records, talk.at.person, talk.at.now())
        held = talk.at.desk.queue(talk.at.records).held(talk.at.now() + timedelta(minutes=19))
        assert held is not None
        known = talk.moves
        await talk.at.beside(talk.give)
        assert talk.moves == known
        with refused(Fault.MACHINE_ASKS):
            await talk.at.beside(talk.hands.refuse_lent, talk.at.records, talk.at.person)
        talk.at.api.refuse = (503, 20503)
        with refused(Fault.NOT_HANDED):
            await talk.at.beside(talk.take)
        talk.at.api.refuse = None
        assert talk.at.live.phase == "machine"
        length = talk.interview.length
        telephone.say(spoken("对", 0.4))
        await talk.at.until(lambda: talk.interview.length > length)
        await talk.at.beside(talk.take)
        await talk.at.beside(talk.take)
        assert talk.at.live.phase == "met"
        await talk.at.beside(talk.at.bridge.hang_up, "huawu")
        with refused(Fault.NOT_TALKING):
            await talk.at.beside(talk.give)
        with refused(Fault.NOT_TALKING):
            await talk.at.beside(talk.take)

    talking(work)


def test_a_caller_who_left_is_rung_h06_h08(talking: Callable[[Work], None]) -> None:
    async def work(talk: Talk) -> None:
        at, carrier = talk.at, talk.at.carrier
        telephone = await talk.given()
        await carrier.report(talk.caller.status, talk.caller.sid, CallStatus="completed")
        assert talk.bridge.is_open
        assert talk.person.sid not in hung_up(at.api)
        assert "挂了" in at.live.words
        await at.beside(talk.take)
        await at.beside(talk.take)
        assert at.live.phase == "fetching"
        assert len(placed(at.api)) == 3
        again = placed(at.api)[-1]
        assert again.to == talk.caller.to
        assert not telephone.hanging_up
        unanswered = await carrier.report(again.status, again.sid, CallStatus="no-answer")
        assert unanswered.status_code == 204
        assert at.live.phase == "machine"
        await at.beside(talk.take)
        third = placed(at.api)[-1]
        room = conference(await carrier.answer(third.voice, third.sid))
        assert room.attrib["endConferenceOnExit"] == "true"
        await at.until(lambda: at.live.phase == "met")
        assert conference(told(at.api, talk.person.sid)[-1]).text == room.text
        assert talk.interview.channel is Channel.DESK
        moves = talk.moves
        await talk.given()
        # The same webhooks again, late: the machine is not disturbed.
        await carrier.answer(third.voice, third.sid)
        late = await carrier.answer(talk.person.voice, talk.person.sid)
        assert late.find("Connect/Stream") is not None
        assert talk.moves == moves + 1
        assert at.live.phase == "machine"

    talking(work)


@pytest.mark.parametrize("picks_up", [True, False])
def test_a_caller_who_left_is_rung_for_who_wants_a_person_h06(
    talking: Callable[[Work], None], picks_up: bool
) -> None:
    async def work(talk: Talk) -> None:
        at, carrier = talk.at, talk.at.carrier
        telephone = await talk.given()
        await carrier.report(talk.caller.status, talk.caller.sid, CallStatus="completed")
        telephone.press("0")
        await at.until(lambda: len(placed(at.api)) == 3)
        again = placed(at.api)[-1]
        assert at.live.phase == "fetching"
        if picks_up:
            await carrier.answer(again.voice, again.sid)
            await at.until(lambda: at.live.phase == "met")
            assert (talk.interview.channel, talk.interview.status) == (Channel.DESK, Status.OPEN)
            assert talk.attempt.ended_at is None
            return
        await carrier.report(again.status, again.sid, CallStatus="no-answer")
        await talk.over()
        assert "现在没有人能接" in talk.said
        assert (talk.attempt.outcome, talk.interview.status) == ("N12", Status.WITH_PERSON)
        found = at.desk.queue(at.records).claim_next(at.now())
        assert found is not None
        assert (found.assignment_id, found.reason) == (at.person, "with_person")

    talking(work)


def test_meanwhile_the_caller_takes_the_next_h07(talking: Callable[[Work], None]) -> None:
    async def work(talk: Talk) -> None:
        at = talk.at
        first = at.person
        telephone = await talk.given()
        await at.beside(talk.hands.let_go, at.records, at.now())
        await at.beside(at.bridge.hang_up, "huawu")
        assert talk.caller.sid in hung_up(at.api)
        assert not telephone.hanging_up
        await at.beside(at.dial)
        assert at.person != first
        at.person, second = first, at.person
        telephone.say(spoken("别再打来了", 0.5))
        await talk.over()
        assert talk.attempt.outcome == "N11"
        at.person = second
        assert at.going_on is not None
        assert at.live.phase == "ringing"

    talking(work)


def test_the_person_hangs_up_while_they_are_moved_h03(talking: Callable[[Work], None]) -> None:
    async def work(talk: Talk) -> None:
        talk.moved.hang_up()
        await talk.at.until(lambda: talk.moved.is_over)
        await talk.at.beside(talk.give)
        await talk.at.carrier.report(talk.person.status, talk.person.sid, CallStatus="completed")
        assert not talk.bridge.is_open
        assert talk.caller.sid in hung_up(talk.at.api)
        live = talk.at.live
        assert (live.phase, live.suggested and live.suggested.name) == ("over", "broken_off")
        await talk.at.beside(
            talk.at.desk.end, talk.at.records, talk.at.person, "broken_off", talk.at.now()
        )
        assert talk.attempt.outcome == "N12"

    talking(work)


@asynccontextmanager
async def another(at: Desk) -> AsyncIterator[Desk]:
    """The same service once more, as another process has it: only the records are shared."""
    service = Service.open(at.service.settings)
    try:
        async with desk(service, at.api) as found:
            found.person = at.person
            yield found
    finally:
        service.close()


def test_the_line_is_at_another_process_h09(talking: Callable[[Work], None]) -> None:
    async def work(talk: Talk) -> None:
        async with another(talk.at) as other:
            waiting = talk.interview.wait
            talk.moved.carrier = other.carrier
            telephone = await talk.given()
            assert not talk.at.exchange.live
            length = talk.interview.length
            telephone.say(spoken("对", 0.4))
            await talk.at.until(lambda: talk.interview.length > length)
            waiting = talk.interview.wait
            await talk.at.beside(talk.take)
            await talk.at.until(lambda: talk.moved.ear is not None and talk.moved.ear.sent > 50)
            assert (talk.interview.channel, talk.interview.wait) == (Channel.DESK, waiting)
            assert talk.at.live.phase == "met"
            assert talk.moved.ear is not None
            talk.moved.ear.say(spoken("接着说吧", 0.6))
            await talk.at.until(lambda: talk.at.live.said == "接着说吧")
            talk.moved.carrier = talk.at.carrier
            again = await talk.given()
            assert talk.at.live.phase == "machine"
            again.press("0")
            await talk.at.until(lambda: talk.interview.channel is Channel.DESK)
            assert talk.attempt.ended_at is None
            assert hung_up(talk.at.api) == set()

    talking(work)


async def died(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies that holds the line on which the machine asks, and so the line ends."""
    at = talk.at
    async with another(at) as other:
        talk.moved.carrier = other.carrier
        await talk.given()
        monkeypatch.setattr(LentCall, "put_away", lambda *_: None)
        monkeypatch.setattr(LentInterviewer, "leave_now", lambda *_: _TAKEN)
        talk.moved.hang_up()
        await at.until(lambda: talk.moved.is_over)
    monkeypatch.undo()
    assert talk.attempt.ended_at is None
    at.api.states[talk.person.sid] = "completed"


def test_whoever_calls_again_is_not_cut_off_by_a_call_that_died_h10(
    talking: Callable[[Work], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(talk: Talk) -> None:
        await died(talk, monkeypatch)
        at, database = talk.at, talk.at.service.database
        await at.carrier.report(talk.person.status, talk.person.sid, CallStatus="completed")
        Attempts(database).begin(at.person, Channel.VOICE, at.now(), incoming=True)
        at.exchange.now = lambda: at.now() + timedelta(seconds=80)
        assert await at.beside(at.exchange.sweep) == 1
        lent, again = Attempts(database).of(at.person)[-2:]
        assert (lent.outcome, again.ended_at) == ("N12", None)
        assert talk.interview.status is Status.OPEN

    talking(work)


@pytest.mark.parametrize("is_told", [True, False], ids=["report", "asked"])
def test_a_process_that_dies_leaves_nothing_open_h10(
    talking: Callable[[Work], None], monkeypatch: pytest.MonkeyPatch, is_told: bool
) -> None:
    async def work(talk: Talk) -> None:
        await died(talk, monkeypatch)
        at = talk.at
        if is_told:
            await at.carrier.report(talk.person.status, talk.person.sid, CallStatus="completed")
        at.exchange.now = at.exchange.bridging.now = lambda: at.now() + timedelta(seconds=80)
        assert await at.beside(at.exchange.sweep) == (1 if is_told else 0)
        at.exchange.now = lambda: at.now() + timedelta(seconds=150)
        await at.beside(at.exchange.sweep)
        assert not talk.bridge.is_open
        assert (talk.attempt.outcome, talk.attempt.channel) == ("N12", Channel.DESK)
        assert talk.interview.status is Status.PAUSED
        assert at.desk.queue(at.records).held(at.now()) is None
        assert talk.caller.sid in hung_up(at.api)
        assert await at.beside(at.exchange.sweep) == 0

    talking(work)


@pytest.mark.parametrize("is_late", [False, True], ids=["moved", "moved late"])
def test_a_lost_answer_cuts_nobody_off_h11(
    talking: Callable[[Work], None], monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    monkeypatch.setattr("telephony.carriers.twilio.PATIENCE", 2.0)
    monkeypatch.setattr("server.telephone.moving._LOOKS", 1 if is_late else 100)

    async def work(talk: Talk) -> None:
        at = talk.at
        await talk.given()
        waiting = talk.interview.wait
        if is_late:
            at.api.moves_after = 4.0
            with refused(Fault.NOT_HANDED):
                await at.beside(talk.take)
            assert at.live.phase == "machine"
        else:
            at.api.tells_after = 4.0
            await at.beside(talk.take)
        await at.until(lambda: talk.moved.ear is not None and talk.moved.ear.sent > 50)
        await at.until(lambda: talk.interview.channel is Channel.DESK)
        assert (talk.interview.status, talk.interview.wait) == (Status.OPEN, waiting)
        assert (at.live.phase, talk.attempt.ended_at) == ("met", None)
        assert hung_up(at.api) == set()
        at.api.moves_after = at.api.tells_after = 0.0
        await talk.given()
        assert at.live.phase == "machine"

    talking(work)
