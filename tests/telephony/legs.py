"""Twilio's side of a call that two people lead: two legs in a conference, and the stream of both.

Each leg is answered by signed webhooks; whoever is moved by the REST interface does what the new
TwiML says. The stream sends ``connected``, ``start`` and then what each track carries, every 20 ms.
"""

import asyncio
import base64
import json
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from tests.telephony import twilio_messages as said
from tests.telephony.carrier import SimulatedCarrier, SocketLink
from tests.telephony.simulator import FRAME, SILENCE, TICK, Person, Telephone
from tests.telephony.twilio_api import Form, TwilioApi

TRACKS = ("inbound", "outbound")


@dataclass(frozen=True)
class Leg:
    """One leg as the REST interface was asked for it."""

    sid: str
    form: Form

    @property
    def to(self) -> str:
        return self.form["To"][0]

    @property
    def voice(self) -> str:
        return _path(self.form["Url"][0])

    @property
    def status(self) -> str:
        return _path(self.form["StatusCallback"][0])


def placed(api: TwilioApi) -> list[Leg]:
    """Return the legs that were dialled, in their order."""
    orders = [form for _, path, form in api.asked if path.endswith("/Calls.json")]
    return [Leg(sid, form) for sid, form in zip(api.states, orders, strict=False)]


def hung_up(api: TwilioApi) -> set[str]:
    """Return the legs that were hung up on."""
    return {sid for sid, state in api.states.items() if state == "completed"}


def told(api: TwilioApi, sid: str) -> list[ET.Element]:
    """Return the TwiML that a leg was given while it went on."""
    return [
        ET.fromstring(form["Twiml"][0])
        for _, path, form in api.asked
        if f"/{sid}.json" in path and "Twiml" in form
    ]


def conference(twiml: ET.Element) -> ET.Element:
    """Return the conference that a leg enters."""
    found = twiml.find("Dial/Conference")
    assert found is not None, ET.tostring(twiml)
    return found


@dataclass
class Ear:
    """The stream that listens to both sides of one leg, for as long as the leg is in a room."""

    call: str
    twiml: ET.Element
    stream: str = said.STREAM
    sent: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._tracks: dict[str, deque[bytes]] = {name: deque() for name in TRACKS}

    def say(self, sound: bytes, track: str = "inbound") -> None:
        """Let somebody speak: ``inbound`` is whose leg it is, ``outbound`` the other one."""
        for at in range(0, len(sound), FRAME):
            self._tracks[track].append(sound[at : at + FRAME].ljust(FRAME, b"\xff"))

    async def said(self) -> None:
        while any(self._tracks.values()):
            await asyncio.sleep(TICK)

    def hang_up(self) -> None:
        self._over.set()

    @property
    def parameters(self) -> dict[str, str]:
        listed = self.twiml.findall("Start/Stream/Parameter")
        return {one.attrib["name"]: one.attrib["value"] for one in listed}

    async def listen(self, carrier: SimulatedCarrier) -> None:
        """Open the stream and send both tracks until the leg leaves or is hung up."""
        stream = self.twiml.find("Start/Stream")
        assert stream is not None
        assert stream.attrib["track"] == "both_tracks"
        async with carrier.socket(stream.attrib["url"]) as link:
            await self._whole(link)

    async def _whole(self, link: SocketLink) -> None:
        """Send the stream from its beginning to its end, unless the other side refuses it."""
        with suppress(ConnectionError):
            await link.send(said.connected())
            start = json.loads(said.start(self.parameters, self.stream, self.call))
            start["start"]["tracks"] = list(TRACKS)
            await link.send(json.dumps(start))
            await self._send(link)
            await link.send(said.stop(self.sent + 2, self.stream, self.call))

    async def _send(self, link: SocketLink) -> None:
        loop = asyncio.get_running_loop()
        begun, ticks = loop.time(), 0
        while not self._over.is_set():
            ticks += 1
            for track, frames in self._tracks.items():
                self.sent += 1
                frame = frames.popleft() if frames else SILENCE
                await link.send(_media(track, frame, self.sent + 1, self.stream, ticks))
            await asyncio.sleep(max(0.0, begun + ticks * TICK - loop.time()))


@dataclass
class Moved:
    """The person's leg of a call: does what TwiML says, and ends that when it is moved.

    ``lives`` is what the person does while the machine speaks with them.
    """

    carrier: SimulatedCarrier
    api: TwilioApi
    call: str
    lives: Person
    ear: Ear | None = None
    telephones: list[Telephone] = field(default_factory=list)
    is_over: bool = False

    def __post_init__(self) -> None:
        self._told: asyncio.Queue[ET.Element | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def move(call: str, twiml: str) -> None:
            if call == self.call:
                loop.call_soon_threadsafe(self._told.put_nowait, ET.fromstring(twiml))

        self.api.on_move = move

    def hang_up(self) -> None:
        self._told.put_nowait(None)

    async def follow(self, twiml: ET.Element) -> None:
        """Follow ``twiml`` and whatever comes after it, until the leg is over."""
        told: ET.Element | None = twiml
        while told is not None:
            doing = asyncio.create_task(self._doing(told))
            moving = asyncio.create_task(self._told.get())
            # A call ends with the stream that it is connected to, and outlives one that listens.
            ends = {moving} if told.find("Start/Stream") is not None else {doing, moving}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not moving.done():
                moving.cancel()
                break
            self._leave()
            await doing
            told = moving.result()
        self.is_over = True

    def _doing(self, twiml: ET.Element) -> Coroutine[Any, Any, None]:
        if twiml.find("Connect/Stream") is not None:
            telephone = Telephone(call=self.call, stream=f"MZ{len(self.telephones):032x}")
            self.telephones.append(telephone)
            return self.carrier.stream(twiml, telephone, self.lives)
        self.ear = Ear(self.call, twiml)
        return self.ear.listen(self.carrier)

    def _leave(self) -> None:
        if self.ear is not None:
            self.ear.hang_up()
        for telephone in self.telephones:
            telephone.hang_up()


def _media(track: str, sound: bytes, number: int, stream: str, chunk: int) -> str:
    about = {
        "track": track,
        "chunk": str(chunk),
        "timestamp": str(20 * (chunk - 1)),
        "payload": base64.b64encode(sound).decode(),
    }
    fields = {"event": "media", "sequenceNumber": str(number), "streamSid": stream, "media": about}
    return json.dumps(fields)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
