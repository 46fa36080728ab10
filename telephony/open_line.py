"""A line that carries sound: what comes in becomes happenings, what is to be said goes out."""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from telephony.call_report import CallReport
from telephony.carriers.fault import LineFault
from telephony.failure import LineError
from telephony.flood import FloodGate
from telephony.line import (
    Ended,
    Key,
    LineCodec,
    LineEvent,
    Marked,
    Message,
    Sound,
    Started,
    Transport,
)
from telephony.listener import Listener
from telephony.playout import Playout
from telephony.prompt import Prompt
from telephony.turn import Began, Stopped

#: Seconds within which a line has to start after it was opened, and messages until then.
START_PATIENCE, _START_MESSAGES = 10.0, 20
#: Seconds that a line may take to accept what is sent, and to be closed.
_STUCK, _PARTING = 5.0, 2.0

Happening = Began | Stopped | Key


async def started_line(
    transport: Transport, codec: LineCodec, patience: float = START_PATIENCE
) -> Started:
    """Read until the line carries sound; nothing is sent before.

    Raises :class:`telephony.failure.LineError` if it does not start in ``patience`` seconds.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            for _ in range(_START_MESSAGES):
                message = await transport.receive()
                if message is None:
                    break
                for event in codec.receive(message):
                    if isinstance(event, Started):
                        return event
    raise LineError(LineFault.NEVER_STARTED, seconds=patience)


class OpenLine:
    """One line between its start and its end; :meth:`read` and :meth:`pump` run side by side.

    Only the pump sends, so that nothing of an interrupted prompt can leave after the message that
    clears it.
    """

    def __init__(
        self,
        transport: Transport,
        codec: LineCodec,
        started: Started,
        listener: Listener,
        playout: Playout,
        report: CallReport,
    ) -> None:
        self.started = started
        self.playout = playout
        self.listener = listener
        self.happenings: asyncio.Queue[Happening] = asyncio.Queue()
        #: Set while the last words are said, which nothing interrupts.
        self.is_parting = False
        self._transport, self._codec, self._report = transport, codec, report
        self._outgoing: deque[Message] = deque()
        self._kick = asyncio.Event()
        listener.tell(lambda: self.note(listener.catch_up()))

    def now(self) -> float:
        """The clock of this process, in seconds."""
        return asyncio.get_running_loop().time()

    async def read(self) -> None:
        """Take in what comes until the line ends.

        Raises :class:`telephony.failure.LineError` if it brings more than any telephone does.
        """
        gate = FloodGate(self.now())
        while (message := await self._transport.receive()) is not None:
            now = self.now()
            gate.pass_message(now)
            for event in self._codec.receive(message):
                if isinstance(event, Ended):
                    return
                self._take(event, now, gate)

    def _take(self, event: LineEvent, now: float, gate: FloodGate) -> None:
        if isinstance(event, Sound):
            gate.pass_sound(event.chunk.seconds, now)
            self.note(self.listener.hear(event.chunk, now))
        elif isinstance(event, Marked):
            self.playout.marked(event.name, now)
            self._kick.set()
        elif isinstance(event, Key):
            self._report.keys += 1
            self._be_silent(now)
            self.happenings.put_nowait(event)

    def note(self, happenings: Iterable[Began | Stopped]) -> None:
        """Pass on what the listener found; where somebody began to speak, be silent at once."""
        for happening in happenings:
            if isinstance(happening, Began) and self._be_silent(self.now()):
                self._report.interruptions.append(self.listener.position - happening.at)
            self.happenings.put_nowait(happening)

    def _be_silent(self, now: float) -> bool:
        if self.is_parting or self.playout.is_quiet:
            return False
        self._outgoing.clear()
        self._outgoing.extend(self.playout.interrupt(now))
        self._kick.set()
        return True

    def put(self, prompt: Prompt) -> None:
        """Say ``prompt`` after everything else."""
        self.playout.put(prompt)
        self._kick.set()

    def show(self, words: str) -> None:
        """Show the other side what was heard of them, where the line can show it."""
        self._outgoing.extend(self._codec.caption(words, ours=False))
        self._kick.set()

    def kick(self) -> None:
        """Have the pump look for what is due, since something has changed."""
        self._kick.set()

    async def pump(self) -> None:
        """Send what is due when it is due.

        Raises ``ConnectionError`` when the line has gone, and
        :class:`telephony.failure.LineError` when it takes nothing any more.
        """
        while True:
            self._kick.clear()
            self._outgoing.extend(self.playout.due(self.now()))
            if self._outgoing:
                await self._send()
            await self._kicked(self.playout.next_at())

    async def _send(self) -> None:
        """Send what waits; what a line cannot take in time would only be heard too late."""
        try:
            async with asyncio.timeout(_STUCK):
                while self._outgoing:
                    await self._transport.send(self._outgoing.popleft())
                    self._report.note_sound(self.now())
        except TimeoutError as error:
            raise LineError(LineFault.STUCK, seconds=_STUCK) from error

    async def _kicked(self, at: float | None) -> None:
        loop = asyncio.get_running_loop()
        timer = loop.call_at(at, self._kick.set) if at is not None else None
        try:
            await self._kick.wait()
        finally:
            if timer is not None:
                timer.cancel()

    async def quiet(self, patience: float) -> None:
        """Wait until everything was played, but no longer than ``patience`` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not self.playout.is_quiet:
                    await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Let go of the line."""
        self.listener.tell(None)
        await self.listener.forget()
        self.playout.interrupt(self.now())
        self._report.spoken = self.playout.ledger
        self._report.odd.update(self.playout.odd)
        self._report.odd.update(getattr(self._codec, "counted", {}))
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_PARTING):
                await self._transport.close()
