"""Asterisk as the second carrier, over a real TCP connection, on the same port and the same call.

A01 frames split, joined and odd; A02 a call from the first sound to the hang-up, with a key and a
word, paced by us; A03 a connection without a UUID, or that closes at once, ends alone; A04 calls
are placed, ended and moved by ARI; A05 every carrier fits the port; A06 what ARI tells of a call.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from uuid import UUID

import pytest

from survey_engine.questionnaire import Questionnaire
from telephony.activity import LevelActivity
from telephony.audio import NARROW, WIDE, AudioChunk
from telephony.call import Call, CallParts
from telephony.call_report import CallReport
from telephony.carrier import CallState, Carrier, Order, StatusReport
from telephony.carriers.asterisk import AsteriskAccount, AsteriskCarrier
from telephony.carriers.asterisk_events import read_event
from telephony.carriers.audiosocket import AudioSocketServer
from telephony.carriers.audiosocket_line import AudioSocketLine
from telephony.carriers.twilio import TwilioCarrier
from telephony.failure import CarrierError, LineError
from telephony.line import Ended, Key, LineCodec, Sound, Started, Transport
from telephony.open_line import started_line
from telephony.recognisers.scripted import ScriptedRecogniser
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.telephony.coded_speech import noise
from tests.telephony.far_side import FRAME, FarSide, frame, opening
from tests.telephony.memory_interviewer import MemoryInterviewer

CALL = UUID(int=7)
BEGIN = opening(CALL)
ID = CALL.hex
DOWN, RINGING, UP = ({"id": ID, "state": state} for state in ("Down", "Ringing", "Up"))


def gone(channel: object, cause: int) -> dict[str, object]:
    return {"type": "ChannelDestroyed", "channel": channel, "cause": cause, "cause_txt": "…"}


def test_frames_split_joined_and_odd_a01() -> None:
    stream = BEGIN + frame(0x10, FRAME) + frame(0x03, b"5") + frame(0x10, FRAME + FRAME + b"\0")
    for size in (1, 2, 7, 100, len(stream)):
        line = AudioSocketLine()
        events = [
            event
            for at in range(0, len(stream), size)
            for event in line.receive(stream[at : at + size])
        ]
        assert events == [
            Started(None, str(CALL), NARROW, {"token": str(CALL)}),
            Sound(AudioChunk(NARROW, FRAME)),
            Key("5"),
            Sound(AudioChunk(NARROW, FRAME + FRAME)),
        ]


def test_other_rates_empty_and_unknown_frames_a01() -> None:
    line = AudioSocketLine()
    line.receive(BEGIN)
    [sound] = line.receive(frame(0x12, AudioChunk(WIDE, bytes(640)).data))
    assert isinstance(sound, Sound)
    assert sound.chunk.format == NARROW
    assert sound.chunk.seconds == pytest.approx(0.02)
    assert line.receive(frame(0x10, b"")) == ()
    assert line.receive(frame(0x42, b"xyz")) == ()
    assert line.receive(frame(0x03, b"55")) == ()
    assert line.receive(frame(0x00, b"")) == (Ended(),)
    assert line.receive(frame(0x03, b"1")) == ()
    assert line.counted["unknown-frame"] == 1


@pytest.mark.parametrize("first", [frame(0x10, FRAME), frame(0x01, b"short"), BEGIN + BEGIN])
def test_a_line_has_to_say_whose_it_is_first_a01(first: bytes) -> None:
    with pytest.raises(LineError) as caught:
        AudioSocketLine().receive(first)
    assert caught.value.code == "broken-frame"


@asynccontextmanager
async def asterisk(
    interviewer: MemoryInterviewer, words: list[str], reports: list[CallReport]
) -> AsyncIterator[FarSide]:
    parts = CallParts(Speaker(ToneVoice(0.03)), ScriptedRecogniser(words), LevelActivity)

    async def held(transport: Transport, codec: LineCodec) -> None:
        try:
            started = await started_line(transport, codec)
        except LineError:
            return
        reports.append(await Call(transport, codec, started, interviewer, parts).run())

    server = AudioSocketServer(held)
    port = await server.listen("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield FarSide(CALL, reader, writer)
    finally:
        writer.close()
        await server.close()


def test_a_call_over_tcp_a02(forms: dict[str, Questionnaire]) -> None:
    interviewer = MemoryInterviewer(forms["person"])
    reports: list[CallReport] = []

    async def work() -> FarSide:
        async with asterisk(interviewer, ["我就是本人", "别再打来了"], reports) as far:
            living = asyncio.create_task(far.live())
            await far.until_loud(0)
            await far.until_quiet()
            far.say(noise(0.6))
            spoke = time.monotonic()
            await far.until_loud(spoke + 0.6)
            for key in "1042":
                far.press(key)
            pressed = time.monotonic()
            await far.until_loud(pressed + 0.3)
            await far.until_quiet()
            far.say(noise(0.8))
            await living
            return far

    far = asyncio.run(asyncio.wait_for(work(), 120))
    assert interviewer.held.answers["A2"].value == "1042"
    assert [turn.words for turn in reports[0].turns] == ["我就是本人", "别再打来了"]
    assert reports[0].spoken[-1].share == 1
    assert all(len(body) <= 320 for _at, body in far.heard)
    assert far.heard[49][0] - far.heard[0][0] > 0.5, "sound comes as it is spoken, not at once"


def test_a_connection_that_says_nothing_ends_alone_a03(forms: dict[str, Questionnaire]) -> None:
    interviewer = MemoryInterviewer(forms["person"])
    reports: list[CallReport] = []

    async def work() -> None:
        async with asterisk(interviewer, [], reports) as far:
            far._writer.write(frame(0x10, FRAME))
            assert await far._reader.read() == b"\x00\x00\x00"
        async with asterisk(interviewer, [], reports) as far:
            far._writer.close()
            assert await far._reader.read() in (b"", b"\x00\x00\x00")

    asyncio.run(asyncio.wait_for(work(), 120))
    assert reports == []
    assert interviewer.interview is None


Ari = list[tuple[str, str, dict[str, object]]]


@pytest.fixture
def ari() -> Iterator[tuple[str, Ari]]:
    asked: Ari = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append((self.command, self.path, json.loads(body or b"{}")))
            gone = "gone" in self.path
            text = json.dumps({"state": "Ringing"}).encode()
            self.send_response(404 if gone else 200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def log_message(self, *_args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/ari", asked
    server.shutdown()
    server.server_close()
    thread.join()


def account(ari: str, endpoint: str = "PJSIP/{number}@trunk") -> AsteriskAccount:
    return AsteriskAccount(ari, "user", "secret", endpoint, caller="听问 <010123>")


def test_calls_go_by_ari_a04(ari: tuple[str, Ari]) -> None:
    address, asked = ari
    carrier = AsteriskCarrier(account(address))
    order = Order("+8613800138000", "", "", call="our-id", token="the-token", ring=30)
    call = carrier.place(order)
    method, path, body = asked[0]
    assert (method, path, body["endpoint"]) == (
        "POST", "/ari/channels", "PJSIP/+8613800138000@trunk",
    )  # fmt: skip
    assert (call, body["channelId"]) == ("our-id", "our-id")
    assert body["variables"] == {"TINGWEN_TOKEN": "the-token"}
    assert (body["timeout"], body["callerId"]) == (30, "听问 <010123>")
    national = AsteriskCarrier(account(address, "SIP/trunk/{national}"))
    national.place(order)
    assert asked[-1][2]["endpoint"] == "SIP/trunk/13800138000"
    assert carrier.status(call) is CallState.RINGING
    carrier.transfer(call, "+8610123")
    assert asked[-1][1:] == (
        "/ari/asterisk/variable",
        {"variable": "TINGWEN_TO_our-id", "value": "PJSIP/+8610123@trunk"},
    )
    carrier.hang_up(call)
    carrier.hang_up("gone")
    assert carrier.status("gone") is CallState.COMPLETED
    with pytest.raises(CarrierError):
        carrier.transfer("gone", "100")
    with pytest.raises(CarrierError):
        AsteriskCarrier(account("http://127.0.0.1:9")).place(Order("1", "", ""))


@pytest.mark.parametrize(
    ("ari", "endpoint"),
    [
        ("", "PJSIP/{number}@trunk"),
        ("10.0.0.5:8088/ari", "PJSIP/{number}@trunk"),
        ("ftp://10.0.0.5/ari", "PJSIP/{number}@trunk"),
        ("http://10.0.0.5:99999/ari", "PJSIP/{number}@trunk"),
        ("http://h/ari", ""),
        ("http://h/ari", "PJSIP/trunk"),
        ("http://h/ari", "PJSIP/{}@trunk"),
        ("http://h/ari", "PJSIP/{number@trunk"),
        ("http://h/ari", "PJSIP/{phone}@trunk"),
        ("http://h/ari", "PJSIP/{number.x}@trunk"),
    ],
)
def test_an_account_that_cannot_be_right_is_refused_a04(ari: str, endpoint: str) -> None:
    with pytest.raises(CarrierError) as refused:
        AsteriskAccount(ari, "user", "secret", endpoint)
    assert refused.value.code == "carrier-misset"


@pytest.mark.parametrize(
    ("event", "report"),
    [
        ({"type": "ChannelStateChange", "channel": RINGING}, StatusReport(ID, CallState.RINGING)),
        ({"type": "ChannelStateChange", "channel": UP}, StatusReport(ID, CallState.ANSWERED)),
        (gone(UP, 16), StatusReport(ID, CallState.COMPLETED)),
        (gone(RINGING, 0), StatusReport(ID, CallState.NO_ANSWER)),
        (gone(DOWN, 0), StatusReport(ID, CallState.NO_ANSWER)),
        (gone(RINGING, 19), StatusReport(ID, CallState.NO_ANSWER)),
        (gone(DOWN, 17), StatusReport(ID, CallState.BUSY)),
        (gone(RINGING, 21), StatusReport(ID, CallState.BUSY)),
        (gone(DOWN, 21), StatusReport(ID, CallState.FAILED)),
        (gone(DOWN, 38), StatusReport(ID, CallState.FAILED)),
        (gone(DOWN, 1), StatusReport(ID, CallState.FAILED, sip_code=404)),
        ({"type": "ChannelDestroyed", "channel": RINGING}, StatusReport(ID, CallState.NO_ANSWER)),
        ({"type": "Dial", "dialstatus": "BUSY", "peer": DOWN}, StatusReport(ID, CallState.BUSY)),
        ({"type": "Dial", "dialstatus": "NOANSWER", "peer": DOWN}, None),
        ({"type": "ChannelStateChange", "channel": {"id": ID, "state": "?"}}, None),
        (gone({"id": "1700000000.12", "state": "Up"}, 16), None),
        (gone({"id": 7}, 16), None),
        ({"type": "ChannelDestroyed", "channel": "x"}, None),
        ([], None),
    ],
)
def test_what_events_say_a06(event: object, report: StatusReport | None) -> None:
    assert read_event(json.dumps(event)) == report


@pytest.mark.parametrize("message", ["", "{", "[" * 100_000, b"\xff", "7"])
def test_what_is_no_event_says_nothing_a06(message: str | bytes) -> None:
    assert read_event(message) is None


@pytest.mark.parametrize(
    "make",
    [lambda: AsteriskCarrier(account("http://h/ari")), lambda: TwilioCarrier("", "", "")],
)
def test_every_carrier_fits_the_port_a05(make: Callable[[], Carrier]) -> None:
    carrier = make()
    assert carrier.name
    codec = carrier.codec()
    able = codec.abilities
    assert able.paces or not able.marks
    assert codec.sound(AudioChunk(NARROW, FRAME)) == ()
