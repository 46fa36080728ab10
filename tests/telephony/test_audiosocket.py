"""Asterisk as the second carrier, over a real TCP connection, on the same port and the same call.

A01 frames split, joined and odd; A02 a call from the first sound to the hang-up, with a key and a
word, paced by us; A03 a connection without a UUID, or that closes at once, ends alone; A04 calls
are placed, ended and moved by ARI; A05 every carrier fits the port.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from uuid import UUID

import numpy as np
import pytest

from survey_engine.questionnaire import Questionnaire
from telephony.activity import LevelActivity
from telephony.audio import NARROW, TELEPHONE, WIDE, AudioChunk
from telephony.call import Call, CallParts
from telephony.call_report import CallReport
from telephony.carrier import CallState, Carrier, Order
from telephony.carriers.audiosocket import AsteriskCarrier, AudioSocketServer
from telephony.carriers.audiosocket_line import AudioSocketLine
from telephony.carriers.twilio import TwilioCarrier
from telephony.failure import CarrierError, LineError
from telephony.line import Ended, Key, LineCodec, Sound, Started, Transport
from telephony.open_line import started_line
from telephony.recognisers.scripted import ScriptedRecogniser
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.telephony.coded_speech import noise
from tests.telephony.memory_interviewer import MemoryInterviewer

CALL = UUID(int=7)
FRAME = bytes(320)


def frame(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(2, "big") + body


BEGIN = frame(0x01, CALL.bytes)


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
            Started(str(CALL), str(CALL), NARROW, {"token": str(CALL)}),
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


class Asterisk:
    """The far side: sends a frame every 20 ms, keeps what it hears with its times."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.heard: list[tuple[float, bytes]] = []
        self.speech: list[bytes] = []
        self.ended = asyncio.Event()

    async def live(self) -> None:
        listening = asyncio.create_task(self._listen())
        self._writer.write(BEGIN)
        begun, ticks = time.monotonic(), 0
        while not self.ended.is_set():
            body = self.speech.pop(0) if self.speech else FRAME
            self._writer.write(frame(0x10, body))
            ticks += 1
            await asyncio.sleep(max(0.0, begun + ticks * 0.02 - time.monotonic()))
        self._writer.close()
        await listening

    async def _listen(self) -> None:
        try:
            while True:
                kind, high, low = await self._reader.readexactly(3)
                body = await self._reader.readexactly(high * 256 + low)
                if kind != 0x10:
                    break
                self.heard.append((time.monotonic(), body))
        except (asyncio.IncompleteReadError, OSError):
            pass
        self.ended.set()

    def press(self, key: str) -> None:
        self._writer.write(frame(0x03, key.encode()))

    def say(self, seconds: float) -> None:
        data = AudioChunk(TELEPHONE, noise(seconds)).to(NARROW).data
        self.speech += [data[at : at + 320].ljust(320, b"\0") for at in range(0, len(data), 320)]

    def level(self, since: float) -> int:
        loud = [np.abs(np.frombuffer(body, "<i2")).max() for at, body in self.heard if at > since]
        return int(max(loud, default=0))

    async def until_loud(self, since: float) -> None:
        while self.level(since) < 1_000:
            await asyncio.sleep(0.01)

    async def until_quiet(self, seconds: float = 0.25) -> float:
        while True:
            now = time.monotonic()
            if self.heard and self.level(now - seconds) < 1_000:
                return now
            await asyncio.sleep(0.01)


@asynccontextmanager
async def asterisk(
    interviewer: MemoryInterviewer, words: list[str], reports: list[CallReport]
) -> AsyncIterator[Asterisk]:
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
        yield Asterisk(reader, writer)
    finally:
        writer.close()
        await server.close()


def test_a_call_over_tcp_a02(forms: dict[str, Questionnaire]) -> None:
    interviewer = MemoryInterviewer(forms["person"])
    reports: list[CallReport] = []

    async def work() -> Asterisk:
        async with asterisk(interviewer, ["我就是本人", "别再打来了"], reports) as far:
            living = asyncio.create_task(far.live())
            await far.until_loud(0)
            await far.until_quiet()
            far.say(0.6)
            spoke = time.monotonic()
            await far.until_loud(spoke + 0.6)
            for key in "1042":
                far.press(key)
            pressed = time.monotonic()
            await far.until_loud(pressed + 0.3)
            await far.until_quiet()
            far.say(0.8)
            await asyncio.wait_for(living, 20)
            return far

    far = asyncio.run(asyncio.wait_for(work(), 60))
    assert interviewer.held.answers["A2"].value == "1042"
    assert [turn.words for turn in reports[0].turns] == ["我就是本人", "别再打来了"]
    assert reports[0].spoken[-1].share == 1
    assert all(len(body) <= 320 for _at, body in far.heard)
    gaps = np.diff([at for at, _body in far.heard[:40]])
    assert np.median(gaps) == pytest.approx(0.02, abs=0.005)


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

    asyncio.run(asyncio.wait_for(work(), 20))
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
    yield f"http://user:secret@127.0.0.1:{server.server_address[1]}/ari", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_calls_go_by_ari_a04(ari: tuple[str, Ari]) -> None:
    address, asked = ari
    carrier = AsteriskCarrier(address, "PJSIP/{number}@trunk", "tingwen")
    call = carrier.place(Order("+8613800138000", "", "", ring=30))
    method, path, body = asked[0]
    assert (method, path, body["endpoint"]) == (
        "POST", "/ari/channels", "PJSIP/+8613800138000@trunk",
    )  # fmt: skip
    assert body["variables"] == {"TINGWEN_CALL": call}
    assert carrier.status(call) is CallState.RINGING
    carrier.transfer(call, "100")
    carrier.hang_up(call)
    carrier.hang_up("gone")
    assert carrier.status("gone") is CallState.COMPLETED
    with pytest.raises(CarrierError):
        carrier.transfer("gone", "100")
    with pytest.raises(CarrierError):
        AsteriskCarrier("http://127.0.0.1:9", "x", "y").place(Order("1", "", ""))


@pytest.mark.parametrize(
    "make", [lambda: AsteriskCarrier("", "", ""), lambda: TwilioCarrier("", "", "")]
)
def test_every_carrier_fits_the_port_a05(make: Callable[[], Carrier]) -> None:
    carrier = make()
    assert carrier.name
    codec = carrier.codec()
    able = codec.abilities
    assert able.paces or not able.marks
    assert codec.sound(AudioChunk(NARROW, FRAME)) == ()
