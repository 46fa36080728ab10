"""A call of the machine is offered to a caller who is ready, over real sockets.

O01 the caller's telephone rings, the person hears so, and is with the caller when they pick up,
with the case, the attempt and the look at the name; O02 whoever holds a case, is not signed in,
works elsewhere or is not ready is not rung; O03 who does not pick up is ready no more, the next one
is rung, and if nobody takes the call the person is told; O04 a hang-up ends the ringing; O05 a
carrier that refuses leaves the person with the machine; O06 a call that was taken can be handed
back.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.attempt import Attempt, Attempts
from models.phone_call import PhoneCalls
from models.ready import ReadyCallers
from models.staff import Staff
from server.calls.fault import Fault
from server.calls.hand_desk import HandDesk
from server.telephone.dialler import Dialler
from server.telephone.ready import carrier_of
from survey_engine.channel import Channel
from survey_engine.interview import Interview, Status
from tests.desks import add_account, cookies
from tests.telephony.county import REGION, person
from tests.telephony.legs import Leg, Moved, conference, hung_up, placed, told
from tests.telephony.simulator import Person, Telephone
from tests.telephony.test_bridge import LOGIN, OWN, Desk, desk, opened, refused

OTHER = "huawu2"
Work = Callable[["Place"], Coroutine[Any, Any, None]]


async def wants_a_person(telephone: Telephone) -> None:
    await telephone.next_question(0)
    telephone.press("0")
    await telephone.until(lambda: telephone.stopped_by_us, 60)


@dataclass
class Place:
    """A desk, and a call of the machine to somebody who will want a person."""

    at: Desk
    person: Leg
    moved: Moved

    @property
    def hands(self) -> HandDesk:
        return HandDesk(self.at.bridge, self.at.exchange)

    @property
    def telephone(self) -> Telephone:
        return self.moved.telephones[0]

    @property
    def interview(self) -> Interview:
        return self.at.service.store.interview(self.at.person)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        return Attempts(self.at.service.database).of(self.at.person)

    @property
    def offered(self) -> tuple[str, str]:
        return self.hands.offered(self.at.records, self.at.now())

    def ready(self) -> None:
        cookies(self.at.service, LOGIN)
        self.hands.set_ready(LOGIN, self.at.now(), ready=True)

    @property
    def rung(self) -> list[Leg]:
        return placed(self.at.api)[1:]

    async def ringing(self) -> Leg:
        await self.at.until(lambda: len(self.rung) == 1)
        return self.rung[0]

    async def over(self) -> None:
        await self.at.until(lambda: not self.at.exchange.live)

    @property
    def said(self) -> str:
        call = self.at.exchange.calls.find("", self.person.sid)
        assert call is not None
        return str(self.at.exchange.calls.report_of(call.id))


@pytest.fixture
def calling(tmp_path: Path) -> Iterator[Callable[[Work], None]]:
    with opened(tmp_path) as (service, api):

        def run(work: Work) -> None:
            async def up() -> None:
                async with desk(service, api) as sitting, machine(sitting) as place:
                    await work(place)

            asyncio.run(up())

        yield run


@asynccontextmanager
async def machine(at: Desk, lives: Person = wants_a_person) -> AsyncIterator[Place]:
    """Let the machine call somebody; the call is answered when :meth:`Place.moved` follows it."""
    service = at.service
    case = person(service)
    at.person = case.assignment_id
    dialler = Dialler(service, PhoneCalls(service.database), carrier_of(service.settings))
    await at.beside(dialler.dial, case)
    [leg] = placed(at.api)
    moved = Moved(at.carrier, at.api, leg.sid, lives)
    try:
        yield Place(at, leg, moved)
    finally:
        moved.hang_up()


@asynccontextmanager
async def answered(place: Place) -> AsyncIterator[None]:
    twiml = await place.at.carrier.answer(place.person.voice, place.person.sid)
    following = asyncio.create_task(place.moved.follow(twiml))
    try:
        yield
    finally:
        place.moved.hang_up()
        await following


def test_the_person_is_with_the_caller_who_picks_up_o01(calling: Callable[[Work], None]) -> None:
    async def work(place: Place) -> None:
        at = place.at
        await at.beside(place.ready)
        assert place.offered == ("ready", "")
        async with answered(place):
            caller = await place.ringing()
            assert caller.to == f"+86{OWN}"
            assert place.offered == ("ringing", at.person)
            with refused(Fault.PICK_UP):
                await at.beside(place.hands.refuse_lent, at.records, at.person)
            room = conference(await at.carrier.answer(caller.voice, caller.sid))
            late = await at.carrier.answer(place.person.voice, place.person.sid)
            assert conference(late).text == room.text
            again = conference(await at.carrier.answer(caller.voice, caller.sid))
            assert room.text == again.text
            [moved] = told(at.api, place.person.sid)
            assert conference(moved).text == room.text
            await place.over()
            assert place.offered == ("taken", at.person)
            assert "正在帮您转接人工" in place.said
            machine, mine = place.attempts
            assert (machine.channel, machine.outcome) == (Channel.VOICE, "N12")
            assert (mine.channel, mine.staff, mine.ended_at) == (Channel.DESK, LOGIN, None)
            interview = place.interview
            assert (interview.channel, interview.status) == (Channel.DESK, Status.OPEN)
            assert interview.wait is not None
            await at.until(lambda: at.live.phase == "met")
            await at.until(lambda: place.moved.ear is not None and place.moved.ear.sent > 10)
            with at.service.database.reading() as connection:
                looks = text("SELECT count(*) FROM audit WHERE action = 'person.uncover'")
                assert connection.scalar(looks) == 1
            assert ReadyCallers(at.service.database).waiting(at.now()) == ()
            await at.carrier.report(place.person.status, place.person.sid, CallStatus="completed")
            assert at.live.phase == "over"
            assert at.live.suggested is not None
            assert hung_up(at.api) == {caller.sid}

    calling(work)


@pytest.mark.parametrize(
    "why", ["not ready", "signed out", "signed in anew", "holds a case", "elsewhere"]
)
def test_who_cannot_take_it_is_not_rung_o02(calling: Callable[[Work], None], why: str) -> None:
    async def work(place: Place) -> None:
        at = place.at
        if why == "elsewhere":
            account = Staff(at.service.database).get(LOGIN)
            assert account is not None
            moved = replace(account, region="980000000000")
            Staff(at.service.database).replace(moved, by="test", at=at.now())
        if why != "not ready":
            await at.beside(place.ready)
        if why == "holds a case":
            await at.beside(at.desk.queue(at.records).claim_next, at.now())
        if why.startswith("signed"):
            with at.service.database.writing() as connection:
                connection.execute(text("DELETE FROM sitting"))
        if why == "signed in anew":
            cookies(at.service, LOGIN)
        async with answered(place):
            await at.until(lambda: bool(place.moved.telephones))
            await place.telephone.until(lambda: place.telephone.stopped_by_us, 30)
            await place.over()
            assert place.rung == []
            assert place.interview.status is Status.WITH_PERSON
            assert [one.outcome for one in place.attempts] == ["N12"]
            assert "正在帮您转接" not in place.said

    calling(work)


def test_nobody_picks_up_o03(
    calling: Callable[[Work], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.telephone.seeking.PATIENCE", 4.0)

    async def work(place: Place) -> None:
        at = place.at
        add_account(at.service, OTHER, "caller", REGION)
        Staff(at.service.database).keep_telephone(OTHER, "+8613822220000", by=OTHER, at=at.now())
        await at.beside(place.ready)
        cookies(at.service, OTHER)
        ReadyCallers(at.service.database).mark(OTHER, at.now())
        async with answered(place):
            first = await place.ringing()
            await at.carrier.report(first.status, first.sid, CallStatus="busy")
            await at.until(lambda: len(place.rung) == 2)
            assert place.rung[1].to == "+8613822220000"
            assert place.offered == ("off", "")
            await place.over()
            assert hung_up(at.api) == {place.rung[1].sid}
            assert "现在没有人能接" in place.said
            assert place.interview.status is Status.WITH_PERSON
            assert [one.outcome for one in place.attempts] == ["N12"]
            late = await at.carrier.answer(place.rung[1].voice, place.rung[1].sid)
            assert [one.tag for one in late] == ["Hangup"]
            assert told(at.api, place.person.sid) == []
        found = at.desk.queue(at.records).claim_next(at.now())
        assert found is not None
        assert (found.assignment_id, found.reason) == (at.person, "with_person")

    calling(work)


def test_a_hang_up_ends_the_ringing_o04(calling: Callable[[Work], None]) -> None:
    async def work(place: Place) -> None:
        at = place.at
        await at.beside(place.ready)
        async with answered(place):
            caller = await place.ringing()
            place.moved.hang_up()
            await at.carrier.report(place.person.status, place.person.sid, CallStatus="completed")
            await place.over()
            assert hung_up(at.api) == {caller.sid}
            assert [one.outcome for one in place.attempts] == ["N12"]
            assert at.desk.queue(at.records).held(at.now()) is None
            late = await at.carrier.answer(caller.voice, caller.sid)
            assert [one.tag for one in late] == ["Hangup"]

    calling(work)


def test_a_carrier_that_refuses_leaves_them_with_the_machine_o05(
    calling: Callable[[Work], None],
) -> None:
    async def work(place: Place) -> None:
        at = place.at
        await at.beside(place.ready)
        async with answered(place):
            caller = await place.ringing()
            at.api.refuse = (503, 20503)
            twiml = await at.carrier.answer(caller.voice, caller.sid)
            at.api.refuse = None
            assert [one.tag for one in twiml] == ["Hangup"]
            await at.carrier.report(caller.status, caller.sid, CallStatus="completed")
            await place.over()
            assert "现在没有人能接" in place.said
            assert [one.outcome for one in place.attempts] == ["N12"]
            assert at.desk.queue(at.records).held(at.now()) is None

    calling(work)


def test_it_can_be_handed_to_the_machine_again_o06(calling: Callable[[Work], None]) -> None:
    async def work(place: Place) -> None:
        at = place.at
        await at.beside(place.ready)
        async with answered(place):
            caller = await place.ringing()
            await at.carrier.answer(caller.voice, caller.sid)
            await at.until(lambda: at.live.phase == "met")
            await at.until(lambda: place.moved.ear is not None)
            await at.beside(place.hands.give, at.records, at.person, at.now())
            await at.until(lambda: len(place.moved.telephones) == 2)
            await at.until(lambda: len(told(at.api, place.person.sid)) == 3)
            assert conference(told(at.api, place.person.sid)[-1]) is not None
            await at.until(lambda: place.interview.channel is Channel.DESK)
            assert at.live.phase == "met"
            assert place.attempts[-1].ended_at is None

    calling(work)
