"""The service with Asterisk as its carrier, over real connections.

K01 a call from ``tingwen call`` to the hang-up, through ARI and AudioSocket; K02 what comes of
calls that nobody takes; K03 connections that may not be here, and too many of them; K04 calls end
also where nothing is told; K05 a person takes over; K06 settings that cannot be right.
"""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from models.attempt import Attempts
from models.phone_call import PhoneCall
from server.app import create_app
from server.cli import assembled
from server.commands.serve import run_service
from server.failure import CommandFailedError
from server.service import Service
from server.settings import Settings
from server.telephone.exchange import Exchange, Voices
from server.telephone.ready import carrier_of
from survey_engine.interview import Status
from telephony.activity import LevelActivity
from telephony.audio import TELEPHONE, AudioChunk
from telephony.failure import CarrierError
from telephony.recogniser import Hints, Transcript
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.models.sample import number
from tests.telephony.ari import PASSWORD, USER, Asterisk, Channel
from tests.telephony.carrier import served
from tests.telephony.coded_speech import CodedListening, CodedRecogniser, spoken
from tests.telephony.county import CAMPAIGN, county, person, spoken_digits
from tests.telephony.far_side import FRAME, FarSide, frame

HANG_UP = b"\x00\x00\x00"


class WideRecogniser(CodedRecogniser):
    """Hears coded speech that came as 16-bit samples."""

    async def listen(self, hints: Hints) -> CodedListening:
        await super().listen(hints)
        return _Narrowed(self)


class _Narrowed(CodedListening):
    async def feed(self, chunk: AudioChunk) -> Transcript | None:
        return await super().feed(chunk.to(TELEPHONE))


@dataclass
class Place:
    """A running service and the Asterisk that it calls through."""

    service: Service
    exchange: Exchange
    asterisk: Asterisk

    def dial(self, index: int = 0) -> Channel:
        """Call somebody from the command line."""
        settings = self.service.settings
        order = ["call", "--campaign", CAMPAIGN, "--person", number(index), "--json"]
        environment = {
            "TINGWEN_DATA_DIR": str(settings.data_dir),
            "TINGWEN_ASTERISK_ARI": settings.asterisk_ari,
            "TINGWEN_ASTERISK_USER": USER,
            "TINGWEN_ASTERISK_PASSWORD": PASSWORD,
            "TINGWEN_ASTERISK_ENDPOINT": settings.asterisk_endpoint,
            "TINGWEN_CALLS_PER_SECOND": "1000",
            "TINGWEN_TRIES_A_DAY": "1000",
        }
        result = CliRunner().invoke(assembled("call"), order, env=environment)
        assert result.exit_code == 0, result.output
        assert json.loads(result.output) == {"call": self.asterisk.placed[-1].id}
        return self.asterisk.placed[-1]

    def outcomes(self, index: int = 0) -> list[tuple[str | None, str | None]]:
        mine = person(self.service, index).assignment_id
        return [(one.outcome, one.aapor) for one in Attempts(self.service.database).of(mine)]

    async def settled(self, index: int = 0) -> tuple[str | None, str | None]:
        """Return what the only attempt came to."""
        for _ in range(1_200):
            [outcome] = self.outcomes(index)
            if outcome[0] and not self.exchange.live:
                return outcome
            await asyncio.sleep(0.05)
        raise AssertionError("the attempt has no outcome")

    async def call_that_is(self, state: str, index: int = 0) -> PhoneCall:
        """Return the only call, once the last report of it has come."""
        mine = person(self.service, index).assignment_id
        for _ in range(1_200):
            [call] = self.exchange.calls.of(mine)
            if call.state == state and call.ended_at:
                return call
            await asyncio.sleep(0.05)
        raise AssertionError(f"the call is {call.state} and not {state}")


Work = Callable[[Place], Coroutine[Any, Any, None]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


@pytest.fixture
def at_work(tmp_path: Path) -> Callable[..., None]:
    """Runs something against a service that is up."""

    def run(work: Work, **settings: Any) -> None:
        async def up() -> None:
            asterisk = Asterisk(("127.0.0.1", free_port()))
            async with served(asterisk.app()) as address:
                given = at(address, asterisk) | settings
                with county(tmp_path, people=6, **given) as service:
                    async with place(service, asterisk) as running:
                        await work(running)

        asyncio.run(up())

    return run


def at(address: str, asterisk: Asterisk) -> dict[str, Any]:
    return {
        "twilio_account_sid": "",
        "twilio_auth_token": "",
        "twilio_number": "",
        "asterisk_ari": f"{address}/ari",
        "asterisk_user": USER,
        "asterisk_password": PASSWORD,
        "asterisk_endpoint": "PJSIP/{number}@trunk",
        "asterisk_listen_port": asterisk.audio[1],
    }


@asynccontextmanager
async def place(service: Service, asterisk: Asterisk) -> AsyncIterator[Place]:
    voices = Voices(Speaker(ToneVoice(0.004)), WideRecogniser(), LevelActivity)
    exchange = Exchange(service, carrier_of(service.settings), voices)
    async with served(create_app(service, exchange=exchange)):
        while not asterisk.listening:
            await asyncio.sleep(0.01)
        yield Place(service, exchange, asterisk)
    assert exchange.live == {}


async def asked(far: FarSide) -> None:
    """Hear a question out."""
    begun = time.monotonic()
    await far.until_loud(begun)
    await far.until_quiet(30)


def test_a_call_from_the_command_to_the_hang_up_k01(at_work: Callable[..., None]) -> None:
    async def work(place: Place) -> None:
        channel = await asyncio.to_thread(place.dial)
        assert channel.asked["endpoint"].startswith("PJSIP/+8615423")
        assert channel.asked["context"] == "tingwen"
        digits = spoken_digits(person(place.service).facts()["last4"])
        async with place.asterisk.answered(channel) as far:
            for words in ("我就是本人", digits, "对", "不同意"):
                await asked(far)
                far.say(spoken(words, 0.5))
            await asked(far)
            far.press("1")
            await asked(far)
            far.say(spoken("别再打来了", 0.5))
            await asyncio.wait_for(far.ended.wait(), 60)
        assert await place.settled() == ("N11", "2.11")
        interview = place.service.store.interview(person(place.service).assignment_id)
        assert interview.status is Status.ENDED
        assert interview.answers["A3"].value == "1"
        call = await place.call_that_is("completed")
        assert call.external_id == channel.id
        report = place.exchange.calls.report_of(call.id)
        assert report["ending"] == "finished"
        assert report["odd"] == {}
        assert place.asterisk.refused == 0

    at_work(work)


def test_what_comes_of_calls_that_nobody_takes_k02(at_work: Callable[..., None]) -> None:
    async def at_once(asterisk: Asterisk, channel: Channel) -> None:
        """The trunk is gone: told before our order is answered."""
        await asterisk.end(channel, 38)
        await asyncio.sleep(0.1)

    async def work(place: Place) -> None:
        ends = [("Ringing", 17), ("Ringing", 0), ("Down", 1), ("Ringing", 21), ("Up", 16)]
        found = []
        for index, (state, cause) in enumerate(ends):
            channel = await asyncio.to_thread(place.dial, index)
            await place.asterisk.ring(channel, state)
            await place.asterisk.end(channel, cause)
            found.append(await place.settled(index))
        place.asterisk.at_once = at_once
        await asyncio.to_thread(place.dial, 5)
        found.append(await place.settled(5))
        assert found == [
            ("N15", "3.12"),
            ("N15", "3.13"),
            ("N14", "4.31"),
            ("N15", "3.12"),
            ("N15", "3.16"),
            ("N15", "3.16"),
        ]
        calls = place.exchange.calls
        assert all(
            call.ended_at
            for index in range(6)
            for call in calls.of(person(place.service, index).assignment_id)
        )

    at_work(work)


def test_connections_that_may_not_be_here_k03(at_work: Callable[..., None]) -> None:
    async def work(place: Place) -> None:
        channel = await asyncio.to_thread(place.dial)
        asterisk = place.asterisk
        begun = time.monotonic()
        silent = [await asterisk.connection(None) for _ in range(40)]
        for _reader, writer in silent[::2]:
            writer.write(b"\x01\x00\x10half")
        closed = [asyncio.create_task(reader.read()) for reader, _writer in silent]
        results = await asyncio.gather(*closed, return_exceptions=True)
        assert time.monotonic() - begun > 1.5
        assert results.count(HANG_UP) == 33, "seven found no room"
        for _reader, writer in silent:
            writer.close()
        for said in (uuid4(), channel):
            token = said if not isinstance(said, Channel) else None
            reader, writer = await asterisk.connection(token)
            if token is None:
                writer.write(frame(0x10, FRAME))
            assert await asyncio.wait_for(reader.read(), 60) == HANG_UP
            writer.close()
        async with asterisk.answered(channel) as far:
            await far.until_loud(0)
            for token in (channel.token, channel.token, uuid4()):
                reader, writer = await asterisk.connection(token)
                assert await asyncio.wait_for(reader.read(), 60) == HANG_UP
                writer.close()
            assert len(place.exchange.live) == 1
        assert await place.settled() == ("N15", "3.13")
        reader, writer = await asterisk.connection(channel.token)
        assert await asyncio.wait_for(reader.read(), 60) == HANG_UP
        writer.close()

    at_work(work, lines=1)


def test_calls_end_where_nothing_is_told_k04(at_work: Callable[..., None]) -> None:
    async def work(place: Place) -> None:
        rings = await asyncio.to_thread(place.dial, 0)
        await asyncio.to_thread(place.dial, 1)
        for listening in list(place.asterisk.listening.values()):
            await listening.close()
        place.asterisk.channels = {rings.id: rings}
        later = datetime.now(UTC) + timedelta(seconds=80)
        place.exchange.now = lambda: later
        await asyncio.to_thread(place.exchange.sweep)
        assert place.outcomes(0) == [(None, None)]
        assert place.outcomes(1) == [("N15", "3.16")]
        later += timedelta(seconds=120)
        await asyncio.to_thread(place.exchange.sweep)
        assert place.outcomes(0) == [("N15", "3.13")]

    at_work(work)


def test_a_person_takes_over_k05(at_work: Callable[..., None]) -> None:
    async def work(place: Place) -> None:
        channel = await asyncio.to_thread(place.dial)
        async with place.asterisk.answered(channel) as far:
            await asked(far)
            far.say(spoken("我要找人工", 0.5))
            await asyncio.wait_for(far.ended.wait(), 60)
        await place.settled()
        to = {f"TINGWEN_TO_{channel.id}": "PJSIP/+86101234@trunk"}
        assert place.asterisk.globals == to

    at_work(work, transfer_number="+86101234")


ASTERISK: dict[str, Any] = {
    "asterisk_ari": "http://127.0.0.1:9/ari",
    "asterisk_user": "u",
    "asterisk_password": "hidden-word",
    "asterisk_endpoint": "PJSIP/{number}@trunk",
}


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (ASTERISK | {"twilio_account_sid": "AC1"}, "carrier-unclear", "TINGWEN_TWILIO_ACCOUNT_SID"),
        (ASTERISK | {"twilio_auth_token": "t"}, "carrier-unclear", "TINGWEN_ASTERISK_ARI"),
        (ASTERISK | {"asterisk_password": ""}, "carrier-half-set", "TINGWEN_ASTERISK_PASSWORD"),
        ({"asterisk_user": "u"}, "carrier-half-set", "TINGWEN_ASTERISK_ENDPOINT"),
        (ASTERISK | {"asterisk_ari": "there"}, "carrier-misset", "TINGWEN_ASTERISK_ARI"),
        (ASTERISK | {"asterisk_endpoint": "x"}, "carrier-misset", "TINGWEN_ASTERISK_ENDPOINT"),
    ],
)
def test_settings_that_cannot_be_right_k06(given: dict[str, Any], code: str, said: str) -> None:
    with pytest.raises(CarrierError) as refused:
        carrier_of(Settings(**given))
    assert refused.value.code == code
    assert said in str(refused.value)
    assert "hidden-word" not in str(refused.value) + repr(Settings(**given))


def test_the_carrier_is_the_one_that_is_set_k06() -> None:
    assert carrier_of(Settings(**ASTERISK)).name == "asterisk"
    assert carrier_of(Settings(twilio_account_sid="AC1")).name == "twilio"
    assert carrier_of(Settings()).name == "twilio"


def test_a_port_that_is_taken_is_told_in_one_sentence_k06(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        service = Service.open(Settings(data_dir=tmp_path, asterisk_listen_port=port, **ASTERISK))
        with pytest.raises(CommandFailedError) as refused:
            run_service(service, "127.0.0.1", 0)
        service.close()
    assert f"127.0.0.1:{port}" in str(refused.value)
    assert "TINGWEN_ASTERISK_LISTEN_PORT" in str(refused.value)
