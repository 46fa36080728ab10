"""Twilio's side of a media stream, with somebody on the telephone.

It follows the wire rules to the letter: ``connected``, ``start``, a frame every 20 ms by an
absolute schedule, an outbound buffer that is drained at 8,000 bytes a second from its first byte,
marks in order and at once where nothing is buffered, ``clear`` that empties and returns every mark.
What the caller hears is what was drained. Everything that we must not do is a violation.
"""

import asyncio
import base64
import json
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from telephony.line import Message
from tests.telephony import twilio_messages as said

RATE, FRAME = 8_000, 160
TICK = 0.02
SILENCE = b"\xff" * FRAME
#: What may lie unplayed in the carrier's buffer, and what one message may carry, in seconds.
MOST_BACKLOG, MOST_PIECE = 2.0, 1.0


class Link(Protocol):
    """The carrier's end of a socket."""

    async def send(self, message: str) -> None: ...

    async def receive(self) -> Message | None: ...

    async def close(self) -> None: ...


class MemoryLink:
    """A socket without a network; ``ours`` is the end that the call gets as its transport."""

    def __init__(self) -> None:
        self._to_us: asyncio.Queue[Message | None] = asyncio.Queue()
        self._to_carrier: asyncio.Queue[Message | None] = asyncio.Queue()
        self.ours = _OurEnd(self._to_carrier, self._to_us)

    async def send(self, message: str) -> None:
        self._to_us.put_nowait(message)

    async def receive(self) -> Message | None:
        return await self._to_carrier.get()

    async def close(self) -> None:
        self._to_us.put_nowait(None)


class _OurEnd:
    def __init__(
        self, outgoing: asyncio.Queue[Message | None], incoming: asyncio.Queue[Message | None]
    ) -> None:
        self._outgoing, self._incoming, self.is_closed = outgoing, incoming, False

    async def receive(self) -> Message | None:
        return await self._incoming.get()

    async def send(self, message: Message) -> None:
        if self.is_closed:
            raise ConnectionError
        self._outgoing.put_nowait(message)

    async def close(self) -> None:
        self.is_closed = True
        self._outgoing.put_nowait(None)


@dataclass
class Heard:
    """A prompt as the caller heard it."""

    name: str
    at: float
    sound: bytes
    played: bool


@dataclass
class Telephone:
    """Somebody's telephone: what they hear, and what they may do."""

    stream: str = said.STREAM
    call: str = said.CALL
    parameters: Mapping[str, str] = field(default_factory=dict)
    prompts: list[Heard] = field(default_factory=list)
    clears: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    #: How late each piece of sound was for the ear, in seconds.
    lateness: list[float] = field(default_factory=list)
    #: Whether frames are sent only while somebody speaks, as some carriers do.
    spares: bool = False
    first_sound: float = 0.0
    started: float = 0.0
    stopped_by_us: bool = False
    spoke: list[tuple[float, float]] = field(default_factory=list)
    #: Everything that was heard, with the moment at which it began.
    heard: list[tuple[float, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._buffer: deque[bytes | str] = deque()
        self._drained = 0.0
        self._since_mark = bytearray()
        self._microphone: deque[bytes] = deque()
        self._keys: deque[str] = deque()
        self._changed = asyncio.Event()
        self._running_dry = 0.0
        self._arrivals: list[float] = []
        self.hanging_up = ""

    # What the person does.

    def say(self, sound: bytes) -> None:
        """Speak, after what is being said already."""
        for at in range(0, len(sound), FRAME):
            self._microphone.append(sound[at : at + FRAME].ljust(FRAME, b"\xff"))

    def press(self, keys: str) -> None:
        self._keys.extend(keys)

    def hang_up(self, how: str = "stop") -> None:
        """Hang up: ``stop`` as the carrier tells it, or ``drop`` as a broken line shows it."""
        self.hanging_up = how
        self._changed.set()

    @property
    def is_talking(self) -> bool:
        return bool(self._microphone)

    async def next_sound(self, patience: float = 30.0) -> None:
        """Wait until the next sound comes."""
        known = len(self._arrivals)
        await self.until(lambda: len(self._arrivals) > known, patience)

    def first_after(self, moment: float) -> float:
        """Return when the first sound came after ``moment``."""
        return next((at for at in self._arrivals if at > moment), float("inf"))

    @property
    def hears_something(self) -> bool:
        return any(isinstance(one, bytes) for one in self._buffer)

    async def until(self, condition: Callable[[], bool], patience: float = 60.0) -> bool:
        """Wait until something holds; False if it did not in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
                return True
        return False

    async def next_question(self, known: int, patience: float = 60.0) -> Heard | None:
        """Return the first question after ``known`` prompts that was heard to its end."""

        def found() -> Heard | None:
            asked = (one for one in self.prompts[known:] if one.played)
            return next((one for one in asked if one.name.split(":")[0] != "say"), None)

        await self.until(lambda: found() is not None or self.stopped_by_us, patience)
        return found()

    # What the carrier does.

    def take(self, message: Message, now: float) -> list[str]:
        """Take a message of ours; return the marks that come back at once."""
        fields = self._checked(message)
        event = fields.get("event")
        if event == "media":
            self._media(base64.b64decode(fields["media"]["payload"]), now)
        elif event == "mark":
            self._buffer.append(str(fields["mark"]["name"]))
        elif event == "clear":
            return self._clear(now)
        return self.drain(now)

    def _checked(self, message: Message) -> dict[str, Any]:
        if isinstance(message, bytes):
            self.violations.append("31950 binary")
            return {}
        fields: dict[str, Any] = json.loads(message)
        if fields.get("event") not in ("media", "mark", "clear"):
            self.violations.append(f"sent {fields.get('event')}")
        if fields.get("streamSid") != self.stream:
            self.violations.append("wrong streamSid")
        if not self.started:
            self.violations.append("sent before start")
        return fields

    def _media(self, sound: bytes, now: float) -> None:
        self.drain(now)
        self.first_sound = self.first_sound or now
        self._arrivals.append(now)
        self._changed.set()
        if sound[:4] == b"RIFF" or len(sound) > MOST_PIECE * RATE:
            self.violations.append("a header or too long a piece")
        if not self.hears_something:
            dry = now - self._running_dry if self._since_mark else 0.0
            self.lateness.append(max(0.0, dry))
            self._drained = now
        else:
            self.lateness.append(0.0)
        self._buffer.append(sound)
        if sum(len(one) for one in self._buffer if isinstance(one, bytes)) > MOST_BACKLOG * RATE:
            self.violations.append("too much in the buffer")

    def _clear(self, now: float) -> list[str]:
        marks = self.drain(now)
        cleared = [one for one in self._buffer if isinstance(one, str)]
        self._buffer.clear()
        self.clears.append(now)
        for name in cleared or [""]:
            self.prompts.append(Heard(name, now, bytes(self._since_mark), played=False))
            self._since_mark.clear()
        self._changed.set()
        return marks + cleared

    def drain(self, now: float) -> list[str]:
        """Play what the buffer holds up to ``now``; return the marks that were passed."""
        marks: list[str] = []
        room = max(0, round((now - self._drained) * RATE))
        while self._buffer:
            head = self._buffer[0]
            if isinstance(head, str):
                self._buffer.popleft()
                self._pass_mark(head, now)
                marks.append(head)
                continue
            if room < len(head):
                if room:
                    self._hear(head[:room])
                    self._buffer[0] = head[room:]
                    self._drained += room / RATE
                break
            self._buffer.popleft()
            self._hear(head)
            room -= len(head)
            self._drained += len(head) / RATE
        if not self._buffer:
            self._running_dry, self._drained = self._drained, now
        return marks

    def _hear(self, sound: bytes) -> None:
        self.heard.append((self._drained, sound))
        self._since_mark += sound

    def _pass_mark(self, name: str, now: float) -> None:
        if name in [one.name for one in self.prompts]:
            self.violations.append(f"mark {name} twice")
        self.prompts.append(Heard(name, now, bytes(self._since_mark), played=True))
        self._since_mark.clear()
        self._changed.set()

    def frame(self, now: float) -> bytes:
        """Return the next 20 ms of the person's microphone."""
        if not self._microphone:
            return SILENCE
        frame = self._microphone.popleft()
        if not self.spoke or now - self.spoke[-1][1] > 1.5 * TICK:
            self.spoke.append((now, now))
        self.spoke[-1] = (self.spoke[-1][0], now + TICK)
        if not self._microphone:
            self._changed.set()
        return frame

    def pressed(self) -> list[str]:
        pressed, self._keys = list(self._keys), deque()
        return pressed


Person = Callable[[Telephone], Coroutine[Any, Any, None]]


async def connect(link: Link, telephone: Telephone, person: Person) -> None:
    """Run one stream from ``connected`` until either side ends it."""
    stream = _Stream(link, telephone)
    await stream.begin()
    tasks = [asyncio.create_task(one) for one in (stream.listen(), stream.speak())]
    tasks.append(asyncio.create_task(person(telephone)))
    try:
        await telephone.until(lambda: bool(telephone.hanging_up) or telephone.stopped_by_us, 7_200)
        if telephone.hanging_up == "stop":
            await stream.end()
    except ConnectionError:
        telephone.stopped_by_us = True
    finally:
        await link.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Stream:
    """One socket between the carrier and us; every message has the next number."""

    def __init__(self, link: Link, telephone: Telephone) -> None:
        self._link, self._telephone = link, telephone
        self._number = 0

    def _next(self) -> int:
        self._number += 1
        return self._number

    async def begin(self) -> None:
        telephone = self._telephone
        await self._link.send(said.connected())
        telephone.started = asyncio.get_running_loop().time()
        self._next()
        await self._link.send(said.start(telephone.parameters, telephone.stream, telephone.call))

    async def end(self) -> None:
        telephone = self._telephone
        await self._link.send(said.stop(self._next(), telephone.stream, telephone.call))

    async def _return_marks(self, names: list[str]) -> None:
        for name in names:
            await self._link.send(said.mark(name, self._next(), self._telephone.stream))

    async def speak(self) -> None:
        """Send a frame every 20 ms, and what keys and marks there are."""
        loop, telephone = asyncio.get_running_loop(), self._telephone
        begun, ticks = loop.time(), 0
        while not telephone.hanging_up:
            now = loop.time()
            await self._return_marks(telephone.drain(now))
            for key in telephone.pressed():
                await self._link.send(said.dtmf(key, self._next(), telephone.stream))
            frame = telephone.frame(now)
            ticks += 1
            if frame is not SILENCE or not telephone.spares:
                media = said.media(frame, self._next(), telephone.stream, chunk=ticks)
                await self._link.send(media)
            await asyncio.sleep(max(0.0, begun + ticks * TICK - loop.time()))

    async def listen(self) -> None:
        loop, telephone = asyncio.get_running_loop(), self._telephone
        while (message := await self._link.receive()) is not None:
            await self._return_marks(telephone.take(message, loop.time()))
        telephone.stopped_by_us = not telephone.hanging_up
        telephone.hang_up(telephone.hanging_up)
