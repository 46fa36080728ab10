"""A recogniser in worker processes: what dies is started again, what it was hearing is not lost."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from telephony.audio import AudioChunk
from telephony.failure import RecogniserError
from telephony.recogniser import Hints, Transcript
from telephony.recognisers.fault import Fault
from telephony.wire import Packet, feeding, opening
from telephony.worker_process import WorkerProcess

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
#: Seconds of sound that go to a worker at once.
_PACKET = 0.1
#: In how many workers a turn is tried before its call is told.
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Setup:
    """How a recogniser runs in workers.

    ``module`` has the function ``ear`` (see :class:`telephony.ear.Ear`). ``streams`` tells that it
    hears while the person speaks; otherwise a turn goes to the least busy worker when the person
    pauses or has finished.
    ``patience`` is how many seconds an answer may take, ``longest`` what a turn may last.
    """

    name: str
    module: str
    model: Path
    workers: int = 1
    streams: bool = True
    patience: float = 10.0
    longest: float = 60.0


class WorkerRecogniser:
    """See :class:`telephony.recogniser.Recogniser`."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._slots: list[WorkerProcess | None] = [None] * setup.workers
        self._keepers: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self._closed = False

    @property
    def name(self) -> str:
        """What it is called in settings and records."""
        return self.setup.name

    @property
    def workers(self) -> tuple[WorkerProcess, ...]:
        """The workers that serve now."""
        return tuple(worker for worker in self._slots if worker and worker.is_alive)

    async def start(self, within: float = 60.0) -> None:
        """Start the workers and wait until the first serves.

        Raises :class:`telephony.failure.RecogniserError` if none does ``within`` that many
        seconds; they go on trying.
        """
        if not self._keepers:
            slots = range(self.setup.workers)
            self._keepers = [asyncio.create_task(self._keep(slot)) for slot in slots]
        with suppress(TimeoutError):
            async with asyncio.timeout(within):  # wait_for may lose a cancellation (3.11)
                await self._ready.wait()
        self.pick()

    async def listen(self, hints: Hints) -> "WorkerListening":
        """Begin a turn; the first one starts the workers."""
        if not self._keepers:
            await self.start()
        self.pick()
        return WorkerListening(self, hints)

    def pick(self) -> WorkerProcess:
        """Return the worker with the fewest turns; raises ``RecogniserError`` if none serves."""
        if self._closed:
            raise RecogniserError(Fault.CLOSED, name=self.name)
        if not self.workers:
            raise RecogniserError(Fault.NO_START, name=self.name)
        return min(self.workers, key=lambda worker: worker.turns)

    async def close(self) -> None:
        """Stop the workers."""
        self._closed = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _keep(self, slot: int) -> None:
        """Keep one worker running; wait longer each time one dies before it serves."""
        pause = _FIRST_PAUSE
        while True:
            served = await self._serve(slot)
            pause = _FIRST_PAUSE if served else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _serve(self, slot: int) -> bool:
        """Run one worker to its end and return whether it ever served."""
        worker = await WorkerProcess.start(self.name, self.setup.module, self.setup.model)
        self._slots[slot] = worker
        try:
            served = await worker.ready
            if served:
                self._ready.set()
            await worker.ended()
        finally:
            worker.kill()
            await worker.ended()
        return served


class WorkerListening:
    """One turn; its sound is kept so that another worker can hear it if the first one dies."""

    def __init__(self, recogniser: WorkerRecogniser, hints: Hints) -> None:
        self._recogniser = recogniser
        self._setup = recogniser.setup
        self._hints = hints
        self._sound: list[AudioChunk] = []
        self._seconds = 0.0
        self._stand: _Stand | None = None
        self._tries = 0
        self._pausing = False

    async def feed(self, chunk: AudioChunk) -> Transcript | None:
        """See :class:`telephony.recogniser.Listening`."""
        self._pausing = False
        if self._seconds < self._setup.longest:
            self._sound.append(chunk)
            self._seconds += chunk.seconds
        if not self._setup.streams:
            return None
        stand = self._standing()
        stand.send(self._sound, _PACKET)
        return stand.turn.partial()

    async def pause(self) -> Transcript | None:
        """See :class:`telephony.recogniser.Listening`."""
        with suppress(RecogniserError):  # Whether it can be heard is told at its end.
            stand = self._standing()
            if not self._pausing:
                self._pausing = True
                stand.pause(self._sound)
            return stand.turn.partial()
        return None

    async def finish(self) -> Transcript:
        """See :class:`telephony.recogniser.Listening`."""
        while True:
            try:
                return await self._standing().finish(self._sound, self._setup.patience)
            except RecogniserError as error:
                if error.fault is not Fault.DIED or self._tries == _TRIES:
                    raise

    async def cancel(self) -> None:
        """See :class:`telephony.recogniser.Listening`."""
        self._sound.clear()
        if self._stand is not None:
            self._stand.leave()

    def _standing(self) -> "_Stand":
        """Return where the turn stands, in another worker if the one that heard it has died."""
        stand = self._stand
        if stand is None or (stand.is_lost and self._tries < _TRIES):
            self._tries += 1
            self._stand = stand = _Stand(self._recogniser.pick(), self._hints)
        if stand.is_lost:
            raise RecogniserError(Fault.DIED, name=self._setup.name)
        return stand


class _Stand:
    """A turn's place in one worker, and how much of its sound went there."""

    def __init__(self, worker: WorkerProcess, hints: Hints) -> None:
        self._worker = worker
        self._number, self.turn = worker.open()
        self._sent = 0
        worker.send(opening(self._number, hints))

    @property
    def is_lost(self) -> bool:
        """Whether its worker has died."""
        return self.turn.is_lost

    def send(self, sound: list[AudioChunk], least: float) -> None:
        """Send what has not been sent, if it is at least that many seconds."""
        unsent = sound[self._sent :]
        if not unsent or sum(chunk.seconds for chunk in unsent) < least:
            return
        for line, chunks in groupby(unsent, key=lambda chunk: chunk.format):
            joined = AudioChunk(line, b"".join(chunk.data for chunk in chunks))
            self._worker.send(feeding(self._number, joined))
        self._sent = len(sound)

    def pause(self, sound: list[AudioChunk]) -> None:
        """Send the rest and have it heard."""
        self.send(sound, 0.0)
        self._worker.send(Packet("pause", self._number, {}))

    async def finish(self, sound: list[AudioChunk], patience: float) -> Transcript:
        """Send the rest and wait for the final transcript."""
        self.send(sound, 0.0)
        self._worker.send(Packet("finish", self._number, {}))
        try:
            async with asyncio.timeout(patience):
                return await self.turn.final
        except TimeoutError:
            self._worker.kill(patience)
            raise RecogniserError(
                Fault.SILENT, name=self._worker.name, seconds=round(patience)
            ) from None

    def leave(self) -> None:
        """Give the turn up."""
        self._worker.forget(self._number)
