"""One worker process of a recogniser, as its service sees it."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from telephony.failure import RecogniserError
from telephony.recogniser import Transcript
from telephony.recognisers.fault import Fault
from telephony.wire import Packet, read_head, transcript_of

#: More unread bytes than this mean that the worker has stopped reading.
_BACKLOG = 2_000_000
#: No answer of a worker is longer: a minute of speech, heard in five ways.
_LINE = 1 << 20
#: Seconds that a worker may take to end once it says nothing more.
_DYING = 2.0


class WorkerTurn:
    """One turn in a worker: the newest partial transcript, and the final one when it comes."""

    def __init__(self) -> None:
        self.final: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
        self._partial: Transcript | None = None

    def take(self, transcript: Transcript) -> None:
        """Note what the worker heard."""
        if not transcript.final:
            self._partial = transcript
        elif not self.final.done():
            self.final.set_result(transcript)

    def partial(self) -> Transcript | None:
        """Return the newest partial transcript, each only once."""
        newest, self._partial = self._partial, None
        return newest

    @property
    def is_lost(self) -> bool:
        """Whether its worker died before it was done."""
        return (
            self.final.done() and not self.final.cancelled() and self.final.exception() is not None
        )

    def fail(self, error: RecogniserError) -> None:
        """The worker says nothing more about this turn."""
        if not self.final.done():
            self.final.set_exception(error)
            self.final.exception()  # Whoever has given the turn up need not ask for it.


class WorkerProcess:
    """A worker from its start to its end; when it dies, all its turns fail at once.

    ``ready`` becomes true when its model is loaded, false if it dies before that.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.name = name
        self._process = process
        self._turns: dict[int, WorkerTurn] = {}
        self._count = 0
        self._silent = 0.0
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, name: str, module: str, model: Path) -> "WorkerProcess":
        """Start a worker of the recogniser ``module``; see :func:`telephony.worker.main`."""
        command = (sys.executable, "-m", "telephony.worker", module, str(model))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, env=_environment(), limit=_LINE
        )
        return cls(name, process)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it serves: its model is loaded and it has not died."""
        return self.ready.done() and self.ready.result() and not self._reading.done()

    @property
    def turns(self) -> int:
        """How many turns are open in it."""
        return len(self._turns)

    def open(self) -> tuple[int, WorkerTurn]:
        """Return the number of a new turn, and the turn."""
        self._count += 1
        self._turns[self._count] = turn = WorkerTurn()
        if not self.is_alive:
            turn.fail(RecogniserError(Fault.DIED, name=self.name))
        return self._count, turn

    def send(self, packet: Packet) -> None:
        """Send a packet without waiting; a worker that reads no more is ended."""
        pipe = self._process.stdin
        if pipe is None or self._reading.done():
            return
        pipe.write(packet.written())
        if pipe.transport.get_write_buffer_size() > _BACKLOG:
            self.kill()

    def forget(self, number: int) -> None:
        """Give a turn up."""
        if self._turns.pop(number, None) is not None:
            self.send(Packet("drop", number, {}))

    def kill(self, silent: float = 0.0) -> None:
        """End it now; ``silent`` tells after how many seconds without an answer."""
        self._silent = silent
        with suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> None:
        """Wait until it has ended and nothing of it is left."""
        await asyncio.wait([self._reading])
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_DYING):
                await self._process.wait()
        except TimeoutError:
            self.kill(self._silent)
            await self._process.wait()

    async def _read(self) -> None:
        try:
            while packet := await self._packet():
                self._take(packet)
        finally:
            self._lose()

    async def _packet(self) -> Packet | None:
        pipe = self._process.stdout
        line = await pipe.readline() if pipe else b""
        return read_head(line)[0] if line.endswith(b"\n") else None

    def _take(self, packet: Packet) -> None:
        if packet.does == "ready":
            self.ready.set_result(True)
        elif turn := self._turns.get(packet.turn):
            transcript = transcript_of(packet)
            turn.take(transcript)
            if transcript.final:
                del self._turns[packet.turn]

    def _lose(self) -> None:
        """Tell all turns; one whose reader was cancelled fails too."""
        silent = Fault.SILENT if self._silent else Fault.DIED
        for turn in self._turns.values():
            turn.fail(RecogniserError(silent, name=self.name, seconds=round(self._silent)))
        self._turns.clear()
        if not self.ready.done():
            self.ready.set_result(False)


def _environment() -> dict[str, str]:
    """One thread a worker, the modules of this process, and none of its secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TINGWEN_")}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
