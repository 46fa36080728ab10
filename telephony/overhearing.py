"""Hears what two people say to each other, each side apart, and says nothing."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from telephony.activity import Activity
from telephony.audio import AudioChunk
from telephony.failure import LineError, RecogniserError
from telephony.flood import FloodGate
from telephony.interviewer import Expectation
from telephony.line import Ended, LineCodec, Sound, Started, Transport
from telephony.listener import Listener
from telephony.manner import Manner
from telephony.recogniser import Recogniser, Word
from telephony.turn import Began, Stopped
from telephony.turn_rules import Kind, TurnRules, turn_rules

_log = logging.getLogger(__name__)
#: How often what has been recognised of a sentence that goes on is told, in seconds.
_TOLD = 0.5
#: How often is asked what the present question expects, in seconds.
_ASKED = 1.5
_PATIENCE = 8.0
#: Sound that is kept around what was said, in seconds.
_AROUND = 0.3


class Side(StrEnum):
    """Who speaks."""

    PERSON = "person"
    CALLER = "caller"


@dataclass(frozen=True, slots=True)
class Overheard:
    """Something said to its end; the times of ``words`` count from the beginning of ``sound``.

    ``text`` is empty where nothing was recognised; ``deaf`` where nothing could be.
    """

    text: str
    sound: AudioChunk
    words: tuple[Word, ...] = ()
    deaf: bool = False


class Witness(Protocol):
    """Keeps what is overheard."""

    async def expected(self) -> Expectation:
        """Return what the present question expects of the person."""

    async def begin(self, side: Side) -> int:
        """Somebody begins to speak; return the number of what they say."""

    async def hear(self, number: int, words: str) -> None:
        """Take what has been recognised of it so far."""

    async def finish(self, side: Side, number: int, said: Overheard) -> None:
        """Take it as it was in the end."""


@dataclass(frozen=True, slots=True)
class EarParts:
    """What hearing needs; see :class:`telephony.call.CallParts`."""

    recogniser: Recogniser
    activity: Callable[[], Activity]
    rules: TurnRules | None = None


class Overhearing:
    """Owns one line that only listens. :meth:`run` is the whole of it."""

    def __init__(
        self,
        transport: Transport,
        codec: LineCodec,
        started: Started,
        witness: Witness,
        parts: EarParts,
    ) -> None:
        self._transport, self._codec, self._witness = transport, codec, witness
        rules = parts.rules or turn_rules()
        self._sides = {
            side: _Side(
                side, Listener(parts.activity(), parts.recogniser, rules, started.format), witness
            )
            for side in Side
        }

    async def run(self) -> None:
        """Hear until the line ends; whatever was being said then is finished first."""
        following = [asyncio.create_task(side.follow()) for side in self._sides.values()]
        asking = asyncio.create_task(self._keep_asking())
        try:
            await self._read()
        except LineError as error:
            _log.info("an ear was closed: %s", error)
        finally:
            asking.cancel()
            for side in self._sides.values():
                side.end()
            await asyncio.gather(*following, asking, return_exceptions=True)
            await self._transport.close()

    async def _read(self) -> None:
        now = _now()
        gates = {side: FloodGate(now) for side in Side}
        while (message := await self._transport.receive()) is not None:
            now = _now()
            gates[Side.PERSON].pass_message(now)
            for event in self._codec.receive(message):
                if isinstance(event, Ended):
                    return
                if isinstance(event, Sound):
                    side = Side.PERSON if event.theirs else Side.CALLER
                    gates[side].pass_sound(event.chunk.seconds, now)
                    self._sides[side].hear(event.chunk, now)

    async def _keep_asking(self) -> None:
        """The recogniser is given the phrases that the present question makes likely."""
        while True:
            expected = await self._witness.expected()
            self._sides[Side.PERSON].listener.expect(expected, Manner())
            await asyncio.sleep(_ASKED)


class _Side:
    """One side of the talk."""

    def __init__(self, side: Side, listener: Listener, witness: Witness) -> None:
        self.listener = listener
        self._side, self._witness = side, witness
        self._happened: asyncio.Queue[Began | Stopped | None] = asyncio.Queue()
        self._speaking: Began | None = None
        listener.expect(Expectation(Kind.OPEN), Manner())
        listener.tell(lambda: self._note(listener.catch_up()))

    def hear(self, chunk: AudioChunk, now: float) -> None:
        self._note(self.listener.hear(chunk, now))

    def _note(self, happenings: Iterable[Began | Stopped]) -> None:
        for happening in happenings:
            self._speaking = happening if isinstance(happening, Began) else None
            self._happened.put_nowait(happening)

    def end(self) -> None:
        """Nothing comes any more; a sentence that goes on ends here."""
        self.listener.tell(None)
        if self._speaking is not None:
            self._happened.put_nowait(Stopped(self._speaking.at, self.listener.position))
            self.listener.stop()
        self._happened.put_nowait(None)

    async def follow(self) -> None:
        """Follow the turns of this side, one after the other."""
        while (happening := await self._happened.get()) is not None:
            if isinstance(happening, Began):
                number = await self._witness.begin(self._side)
                stopped = await self._while_speaking(number)
                await self._witness.finish(self._side, number, await self._overheard(stopped))

    async def _while_speaking(self, number: int) -> Stopped:
        told = ""
        while True:
            try:
                async with asyncio.timeout(_TOLD):
                    happening = await self._happened.get()
            except TimeoutError:
                words = self.listener.words
                if words and words != told:
                    told = words
                    await self._witness.hear(number, words)
                continue
            if isinstance(happening, Stopped):
                return happening

    async def _overheard(self, stopped: Stopped) -> Overheard:
        start = max(0.0, stopped.start - _AROUND)
        sound = self.listener.sound(start, stopped.end + _AROUND)
        try:
            async with asyncio.timeout(_PATIENCE):
                transcript = await self.listener.transcript()
        except (RecogniserError, TimeoutError) as error:
            _log.warning("nobody hears a talk: %s", error or "it took too long")
            return Overheard("", sound, deaf=True)
        shift = self.listener.run_up_of(stopped) - start
        words = tuple(
            replace(one, start=one.start + shift, end=one.end + shift) for one in transcript.words
        )
        return Overheard(transcript.text, sound, words)


def _now() -> float:
    return asyncio.get_running_loop().time()
