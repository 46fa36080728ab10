"""What peers of the media socket do that no telephone does, and two processes at once.

V01 a peer that reads nothing ends its own call only; V02 media after ``stop``, and ``stop`` twice,
end a call once; V03 a verdict that one process is told ends the call that another one holds.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect as open_socket

from server.app import create_app
from server.service import Service
from server.telephone.dialler import Dialler
from server.telephone.exchange import Exchange, Voices
from server.telephone.ready import carrier_of
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.models.postgresql import Cluster
from tests.telephony import twilio_messages as said
from tests.telephony.carrier import SimulatedCarrier, served, signature
from tests.telephony.coded_speech import CodedRecogniser
from tests.telephony.county import TOKEN, county, person
from tests.telephony.quick_activity import QuickActivity
from tests.telephony.simulator import Telephone, connect
from tests.telephony.test_twilio_routes import PUBLIC, Place
from tests.telephony.twilio_api import twilio_api

MEDIA = "/twilio/media"
SOCKET = PUBLIC.replace("http", "ws") + MEDIA
#: Small, so that what nobody reads is noticed soon.
_BUFFER = 4_096
Work = Callable[[list[Place]], Coroutine[Any, Any, None]]


def run(folder: Path, work: Work, processes: int = 1, **settings: Any) -> None:
    """Run something against so many instances of the service with one database."""

    async def up(places: list[Place], service: Service, api: Any) -> None:
        if len(places) == processes:
            await work(places)
            return
        mine = service if not places else Service.open(service.settings)
        voices = Voices(Speaker(ToneVoice(0.05)), CodedRecogniser(), QuickActivity)
        exchange = Exchange(mine, carrier_of(mine.settings), voices)
        async with served(create_app(mine, exchange=exchange), _BUFFER) as address:
            carrier = SimulatedCarrier(address, PUBLIC, TOKEN)
            await up([*places, Place(mine, exchange, carrier, api)], service, api)
        opened.append(mine)

    opened: list[Service] = []
    with twilio_api() as api:
        given = {"public_url": PUBLIC, "twilio_api_base": api.base, **settings}
        with county(folder, **given) as service:
            asyncio.run(up([], service, api))
        for one in opened:
            one.close()


async def listening(telephone: Telephone) -> None:
    await telephone.until(lambda: telephone.stopped_by_us, 60)


async def begun(place: Place, index: int = 0) -> tuple[Telephone, str, str]:
    """Dial somebody who answers; return their telephone, and where to report to."""
    dialler = Dialler(place.service, place.exchange.calls, place.exchange.carrier)
    dialled = await asyncio.to_thread(dialler.dial, person(place.service, index))
    sid = dialled.external_id
    twiml = await place.carrier.answer(f"/twilio/voice?call={dialled.call}", sid)
    telephone = Telephone(call=sid)
    telephone.parameters = {"token": twiml[0][0][0].attrib["value"]}
    return telephone, sid, f"/twilio/status?call={dialled.call}"


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    for _ in range(round(seconds / 0.05)):
        if condition():
            return True
        await asyncio.sleep(0.05)
    return False


def test_a_peer_that_reads_nothing_ends_its_own_call_only_v01(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telephony.open_line._STUCK", 1.0)

    async def work(places: list[Place]) -> None:
        (at,) = places
        stuck, _sid, _status = await begun(at)
        other, _sid, _status = await begun(at, 1)
        host, port = at.carrier.address.removeprefix("http://").split(":")
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        narrow.setblocking(False)
        await asyncio.get_running_loop().sock_connect(narrow, (host, int(port)))
        proof = {"X-Twilio-Signature": signature(SOCKET, (), TOKEN)}
        where = at.carrier.address.replace("http", "ws") + MEDIA
        async with (
            open_socket(
                where, sock=narrow, additional_headers=proof, compression=None, max_queue=1,
                close_timeout=0.1, ping_interval=None,
            ) as deaf,
            at.carrier.socket(SOCKET) as link,
        ):  # fmt: skip
            hearing = asyncio.create_task(connect(link, other, listening))
            await deaf.send(said.connected())
            start = said.start(stuck.parameters, stuck.stream, stuck.call)
            wide = start.replace("audio/x-mulaw", "audio/x-l16").replace("8000", "16000")
            await deaf.send(wide)
            assert await until(lambda: len(at.exchange.live) == 2, 5)
            number = 2

            async def speaks() -> None:
                nonlocal number
                while True:
                    await deaf.send(said.media(b"\xff" * 640, number, stuck.stream, chunk=number))
                    number += 1
                    await asyncio.sleep(0.02)

            speaking = asyncio.create_task(speaks())
            assert await until(lambda: len(at.exchange.live) == 1, 60)
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            assert not other.stopped_by_us
            assert max(other.lateness) < 0.5
            other.hang_up()
            await hearing
        await at.settled()
        assert [(one.outcome, one.aapor) for one in at.attempts()] == [("N15", "3.16")]
        assert [one.outcome for one in at.attempts(1)] == ["N15"]

    run(tmp_path, work)


def test_media_after_stop_and_two_stops_end_a_call_once_v02(tmp_path: Path) -> None:
    async def work(places: list[Place]) -> None:
        (at,) = places
        telephone, sid, status = await begun(at)
        stream = telephone.stream
        async with at.carrier.socket(SOCKET) as link:
            await link.send(said.connected())
            await link.send(said.start(telephone.parameters, stream, sid))
            assert "media" in str(await link.receive())
            await link.send(said.stop(2, stream, sid))
            for number in range(3, 8):
                await link.send(said.media(b"\x05" * 160, number, stream, chunk=number))
            await link.send(said.stop(9, stream, sid))
            await link.send(said.stop(9, stream, sid))
            while await link.receive() is not None:
                pass
        for _ in range(2):
            ended = await at.carrier.report(status, sid, CallStatus="completed")
            assert ended.status_code == 204
        await at.settled()
        [attempt] = at.attempts()
        assert (attempt.outcome, attempt.aapor) == ("N15", "3.13")
        [call] = at.exchange.calls.of(attempt.assignment_id)
        report = at.exchange.calls.report_of(call.id)
        assert (report["ending"], report["turns"]) == ("hung_up", [])

    run(tmp_path, work)


def test_a_verdict_told_to_another_process_v03(tmp_path: Path, cluster: Cluster) -> None:
    async def work(places: list[Place]) -> None:
        held, told = places
        telephone, sid, status = await begun(held)
        other, other_sid, other_status = await begun(held, 1)
        async with (
            held.carrier.socket(SOCKET) as link,
            held.carrier.socket(SOCKET) as other_link,
        ):
            calls = [
                asyncio.create_task(connect(one, phone, listening))
                for one, phone in ((link, telephone), (other_link, other))
            ]
            assert await until(lambda: len(held.exchange.live) == 2, 5)
            for path, call, who in (
                (status, sid, "machine_start"), (other_status, other_sid, "unknown"),
            ):  # fmt: skip
                reply = await told.carrier.report(path, call, AnsweredBy=who)
                assert reply.status_code == 204
            assert told.exchange.live == {}
            assert await until(lambda: telephone.stopped_by_us, 6)
            assert not other.stopped_by_us
            other.hang_up()
            await asyncio.gather(*calls)
        await held.settled()
        assert [(one.outcome, one.aapor) for one in told.attempts()] == [("N15", "3.14")]
        assert [one.aapor for one in told.attempts(1)] == ["3.13"]

    cluster.run("CREATE DATABASE verdicts")
    run(tmp_path, work, processes=2, database_url=cluster.url("verdicts"))
    cluster.run("DROP DATABASE verdicts WITH (FORCE)")
