"""One call: from the moment that the line carries sound to its certain end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from survey_engine.interview import Status
from telephony.activity import Activity
from telephony.call_report import CallReport, Ending
from telephony.failure import LineError, VoiceError
from telephony.interviewer import Interviewer
from telephony.line import LineCodec, Started, Transport
from telephony.listener import Listener
from telephony.open_line import OpenLine
from telephony.playout import PIECE, Playout
from telephony.recogniser import Recogniser
from telephony.speaker import Speaker
from telephony.talk import Talk
from telephony.turn_rules import TurnRules, turn_rules

_log = logging.getLogger(__name__)
#: Seconds that work which has begun may go on after the line is gone.
_LAST_WORK = 15.0
_TOLD = (LineError, VoiceError, OSError)


@dataclass(frozen=True, slots=True)
class CallParts:
    """What a call works with; the calls of a process share the speaker and the recogniser.

    ``activity`` makes the voice activity of one line; ``transfer`` connects the person with a
    human and says whether that worked. ``piece`` is how many seconds one message carries;
    ``met`` is set where a person is known to be there.
    """

    speaker: Speaker
    recogniser: Recogniser
    activity: Callable[[], Activity]
    transfer: Callable[[], Awaitable[bool]] | None = None
    rules: TurnRules | None = None
    piece: float = PIECE
    met: bool = False


class Call:
    """Owns one line. :meth:`run` is the whole of it; nothing is left running when it returns."""

    def __init__(
        self,
        transport: Transport,
        codec: LineCodec,
        started: Started,
        interviewer: Interviewer,
        parts: CallParts,
    ) -> None:
        rules = parts.rules or turn_rules()
        self._report = CallReport()
        playout = Playout(codec, started.format, piece=parts.piece)
        listener = Listener(
            parts.activity(), parts.recogniser, rules, started.format, playout.played
        )
        self._line = OpenLine(transport, codec, started, listener, playout, self._report)
        self._talk = Talk(self._line, interviewer, parts.speaker, rules, self._report)
        self._talk.memory.met = parts.met
        self._interviewer, self._transfer = interviewer, parts.transfer
        self._machine = asyncio.Event()

    async def run(self) -> CallReport:
        """Hold the call; returns when the line is closed and everything is put away."""
        self._report.started = self._line.now()
        talking = asyncio.create_task(self._talked())
        reading = asyncio.create_task(self._line.read())
        pumping = asyncio.create_task(self._line.pump())
        tasks: list[asyncio.Task[Any]] = [talking, reading, pumping]
        tasks.append(asyncio.create_task(self._machine.wait()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            self._note_ending(talking, reading)
        finally:
            await self._put_away(tasks)
        return self._report

    def end_for_machine(self) -> None:
        """End the call because a machine has taken it, unless somebody has spoken with us."""
        if not self._talk.memory.met:
            self._machine.set()

    async def say(self, line: str) -> None:
        """Say one of our own lines to its end, where a talk is over and the line is not."""
        await self._talk.say(line)

    async def _talked(self) -> None:
        status = await self._talk.hold()
        if status is Status.WITH_PERSON and self._transfer is not None and await self._transfer():
            self._report.ending = Ending.TRANSFERRED

    def _note_ending(self, talking: "asyncio.Task[None]", reading: "asyncio.Task[None]") -> None:
        if self._machine.is_set():
            self._report.ending = Ending.MACHINE
        elif not talking.done() and reading.done() and reading.exception() is None:
            self._report.ending = Ending.HUNG_UP

    async def _put_away(self, tasks: "list[asyncio.Task[Any]]") -> None:
        await self._talk.put_away(_LAST_WORK)
        for result in await _cancelled(tasks):
            if isinstance(result, _TOLD):
                _log.info("a call broke off: %s", result)
            elif isinstance(result, Exception):
                _log.error("a call broke off", exc_info=result)
        await self._line.close()
        await self._let_go()
        await self._talk.put_away(_LAST_WORK)
        self._report.ended = self._line.now()

    async def _let_go(self) -> None:
        """Whoever hung up in the middle is called again; what was said is kept."""
        memory = self._talk.memory
        try:
            if memory.status is Status.OPEN:
                await self._interviewer.leave("dropped")
            await self._interviewer.remember(memory.manner)
        except Exception:
            _log.exception("a call could not be put away")


async def _cancelled(tasks: "list[asyncio.Task[Any]]") -> list[Any]:
    """Cancel ``tasks`` until each of them is over, and return what came of them."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _done, pending = await asyncio.wait(pending, timeout=1.0)
    return await asyncio.gather(*tasks, return_exceptions=True)
