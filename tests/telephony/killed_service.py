"""A service that is killed again and again while people chat and telephone with it.

The service is a process of its own; whoever talks with it notices that it is gone, waits, and goes
on: the chat sends again what got no answer, the carrier reports the end of a call that broke off,
or, half of the time, only knows it when it is asked. What everybody sent and heard is noted, so
that the records can be held against it.
"""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import httpx
from websockets.exceptions import WebSocketException

from models.case import Case
from models.failure import CallRefusedError
from models.phone_call import PhoneCalls
from server.commands.serve import chat_address
from server.link import read_link
from server.service import Service
from server.telephone.dialler import Dialled, Dialler
from server.telephone.ready import carrier_of
from tests.telephony.carrier import SimulatedCarrier
from tests.telephony.county import TOKEN, county, person, spoken_digits
from tests.telephony.people import Answers, answering, answers_of
from tests.telephony.simulator import Heard, Telephone
from tests.telephony.twilio_api import TwilioApi, twilio_api

ROOT = Path(__file__).resolve().parents[2]
#: What is noticed of a service that is gone.
GONE = (httpx.HTTPError, WebSocketException, OSError, AssertionError)
_TURN = re.compile(r'name="turn" value="(\d+)"')
_TARGET = re.compile(r'name="target" value="([^"]*)"')
_TAPS = re.compile(r'name="(tapped|choice)" value="([^"]+)"')
_WISHES = frozenset({"repeat", "explain", "back", "human", "later"})
_TIRED = 40
#: Seconds in which everybody has to come to an end.
_PARTING = 120.0


@dataclass
class Chatted:
    """One chat as the browser saw it: what was sent for each turn, and which got an answer."""

    case: Case
    nonce: str
    sent: dict[int, dict[str, str]] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)
    again: int = 0


@dataclass
class Called:
    """One call as the person held it: what they said, in order."""

    case: Case
    call: str
    said: list[str] = field(default_factory=list)
    broke: bool = False

    @property
    def acknowledged(self) -> list[str]:
        """Their answers that were followed by another question."""
        return self.said[:-1]


class Victim:
    """The service in its process, a child of one that has read the program already."""

    def __init__(self, service: Service, api: TwilioApi) -> None:
        settings = service.settings
        self.address = settings.public_url
        self.is_up = asyncio.Event()
        environment = os.environ | {
            "TINGWEN_DATA_DIR": str(settings.data_dir),
            "TINGWEN_DATABASE_URL": settings.database_url.get_secret_value(),
            "TINGWEN_PUBLIC_URL": self.address,
            "TINGWEN_TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
            "TINGWEN_TWILIO_AUTH_TOKEN": TOKEN,
            "TINGWEN_TWILIO_NUMBER": settings.twilio_number,
            "TINGWEN_TWILIO_API_BASE": api.base,
        }
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.telephony.humming"], cwd=ROOT, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._child = 0

    async def start(self) -> None:
        """Start it, and return when it answers."""
        parent = self._parent
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(f"serve --port {self.address.rpartition(':')[2]}\n")
        parent.stdin.flush()
        self._child = int(await asyncio.to_thread(parent.stdout.readline))
        async with httpx.AsyncClient() as client:
            for _ in range(1_200):
                try:
                    await client.get(f"{self.address}/healthz")
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                else:
                    self.is_up.set()
                    return
        raise AssertionError("the service does not answer")

    async def kill(self, how: int = signal.SIGKILL) -> None:
        """End it, and return when it is gone."""
        self.is_up.clear()
        child, self._child = self._child, 0
        with suppress(ProcessLookupError):
            while child:
                os.kill(child, how)
                await asyncio.sleep(0.01 if how == signal.SIGKILL else 0.2)

    async def close(self) -> None:
        """End it and its parent."""
        await self.kill()
        self._parent.communicate()


@dataclass
class Town:
    """People who chat and telephone with a service for as long as it is killed again and again."""

    service: Service
    victim: Victim
    api: TwilioApi
    random: Random
    chats: list[Chatted] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    is_over: bool = False
    #: Turns of chats that have no answer yet, and calls that are being held.
    waiting: int = 0
    talking: int = 0

    # Chats.

    async def chat(self, people: Iterator[Case]) -> None:
        """Fill in one chat after the other."""
        for case in people:
            address = chat_address(self.service, case.assignment_id)
            link = read_link(self.service.database.keys, address.rpartition("/")[2])
            assert link is not None
            one = Chatted(case, link.nonce)
            self.chats.append(one)
            where = self.victim.address + urlsplit(address).path
            async with httpx.AsyncClient(timeout=30, follow_redirects=True) as browser:
                await self._fill_in(one, browser, where)
            if self.is_over:
                return

    async def _fill_in(self, one: Chatted, browser: httpx.AsyncClient, where: str) -> None:
        await self._sent(browser, where, None)
        page, _tries = await self._sent(browser, where, {"begin": "1"})
        while not self.is_over:
            answer = _answer(page, one.case, self.random)
            if answer is None:
                return
            turn = int(answer["turn"])
            one.sent[turn] = answer
            self.waiting += 1
            page, tries = await self._sent(browser, where, answer)
            self.waiting -= 1
            one.answered.add(turn)
            one.again += tries > 1
            await asyncio.sleep(self.random.uniform(0.2, 0.8))

    async def _sent(
        self, browser: httpx.AsyncClient, where: str, form: dict[str, str] | None
    ) -> tuple[str, int]:
        """Send until there is an answer; return the page and how often it was sent."""
        tries = 0
        while True:
            await self.victim.is_up.wait()
            tries += 1
            try:
                reply = await (browser.post(where, data=form) if form else browser.get(where))
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if reply.status_code == 429:
                await asyncio.sleep(1)
                continue
            assert reply.status_code == 200, reply.text
            return reply.text, tries

    # Calls.

    async def telephone(self, people: Iterator[Case]) -> None:
        """Take one call after the other."""
        dialler = Dialler(
            self.service, PhoneCalls(self.service.database), carrier_of(self.service.settings)
        )
        for case in people:
            await self.victim.is_up.wait()
            if self.is_over:
                return
            try:
                dialled = await asyncio.to_thread(dialler.dial, case)
            except CallRefusedError:
                await asyncio.sleep(0.2)
                continue
            one = Called(case, dialled.call)
            self.calls.append(one)
            self.talking += 1
            await self._held(one, dialled)
            self.talking -= 1

    async def _held(self, one: Called, dialled: Dialled) -> None:
        carrier = SimulatedCarrier(self.victim.address, self.victim.address, TOKEN)
        telephone = Telephone(call=dialled.external_id)
        status = f"/twilio/status?call={dialled.call}"
        answers = answering(self._noting(one), think=0.3, most=_TIRED)

        async def human(telephone: Telephone) -> None:
            answering = asyncio.create_task(answers(telephone))
            try:
                while not (self.is_over or answering.done()):
                    await asyncio.sleep(0.1)
            finally:
                answering.cancel()
            telephone.hang_up()

        try:
            twiml = await carrier.answer(f"/twilio/voice?call={dialled.call}", dialled.external_id)
            await carrier.stream(twiml, telephone, human)
        except GONE:
            one.broke = True
        one.broke |= not self.victim.is_up.is_set()
        self.api.states[dialled.external_id] = "completed"
        if one.broke and self.random.random() < 0.5:
            return
        await self._reported(carrier, status, dialled.external_id)

    async def _reported(self, carrier: SimulatedCarrier, path: str, name: str) -> None:
        while True:
            await self.victim.is_up.wait()
            try:
                await carrier.report(path, name, CallStatus="completed", SequenceNumber="3")
            except GONE:
                await asyncio.sleep(0.05)
            else:
                return

    def _noting(self, one: Called) -> Answers:
        form = self.service.shelf.find(one.case.form, one.case.version)
        own = {
            "A1": "我就是本人",
            "A2": spoken_digits(one.case.facts()["last4"]),
            "A6": "#13800138000",
        }
        answer = answers_of(form, own)

        def noted(asked: Heard) -> str:
            words = answer(asked)
            one.said.append(words.removeprefix("#"))
            return words

        return noted


def _answer(page: str, case: Case, random: Random) -> dict[str, str] | None:
    turn, target = _TURN.search(page), _TARGET.search(page)
    if turn is None or target is None or not target[1]:
        return None
    taps = [(kind, value) for kind, value in _TAPS.findall(page) if value not in _WISHES]
    place = {"turn": turn[1], "target": target[1]}
    if target[1] == "A1":
        return {**place, "tapped": "1"}
    if taps:
        kind, value = random.choice(taps)
        return {**place, kind: value}
    return {**place, "words": case.facts().get("last4", "") or "不知道"}


@dataclass(frozen=True)
class Kill:
    """What was going on when the service was killed."""

    waiting: int
    talking: int


@dataclass(frozen=True)
class Load:
    """How many kill how often, and how many chat and telephone meanwhile."""

    kills: int
    chats: int
    calls: int
    shortest: float
    longest: float
    seed: int = 1
    database_url: str = ""

    @property
    def people(self) -> int:
        """Enough that whoever was cut off is left in peace for a while."""
        return 20 + 4 * self.kills


@contextmanager
def town(folder: Path, load: Load) -> Iterator[Town]:
    """Build the county whose people talk with the service."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with twilio_api() as api:
        given = {"twilio_api_base": api.base, "database_url": load.database_url}
        with county(folder, load.people, address, **given) as service:
            victim = Victim(service, api)
            try:
                yield Town(service, victim, api, Random(load.seed))
            finally:
                asyncio.run(victim.close())


@asynccontextmanager
async def talked_with(at: Town, load: Load) -> AsyncIterator[None]:
    """Let everybody talk for as long as this lasts; then they hang up, or close the page."""
    cases = [person(at.service, index) for index in range(load.people)]
    for_chat, for_calls = iter(cases[::2]), _round(cases[1::2])
    work = [asyncio.create_task(at.chat(for_chat)) for _ in range(load.chats)]
    work += [asyncio.create_task(at.telephone(for_calls)) for _ in range(load.calls)]
    try:
        yield
        at.is_over = True
        await asyncio.wait_for(asyncio.gather(*work), _PARTING)
    finally:
        for one in work:
            one.cancel()
        await asyncio.gather(*work, return_exceptions=True)


def _round(cases: list[Case]) -> Iterator[Case]:
    while True:
        yield from cases


async def killed(at: Town, load: Load) -> list[Kill]:
    """Kill the service so often, at random moments, and start it again each time."""
    kills = []
    await at.victim.start()
    async with talked_with(at, load):
        for _ in range(load.kills):
            await asyncio.sleep(at.random.uniform(load.shortest, load.longest))
            kills.append(Kill(at.waiting, at.talking))
            await at.victim.kill()
            await at.victim.start()
        await asyncio.sleep(load.shortest)
    return kills
