"""A recogniser's worker may die at any moment; its calls go on and it comes back."""

import asyncio
import os
import signal
import time
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.audio import TELEPHONE, AudioChunk, silence
from telephony.failure import RecogniserError
from telephony.recogniser import Hints, Listening, Transcript
from telephony.workers import Setup, WorkerRecogniser
from tests.telephony.conftest import KOREAN

#: Seconds after which something hangs, however busy the machine is.
_PATIENCE = 60.0
#: An ear that hears how many seconds it was fed, and can be told to hang or to die.
_EAR = """
import os, time
from telephony.recogniser import Transcript, Word

class Counting:
    seconds = 0.0
    def __init__(self, hints):
        self.hints = hints
    def feed(self, chunk):
        self.seconds += chunk.seconds
        if "die" in self.hints.phrases:
            os.abort()
        return self.heard(False)
    def pause(self):
        self.pauses = getattr(self, "pauses", 0) + 1
        return Transcript((Word(f"{self.pauses} pauses", 0.0, self.seconds, 1.0),))
    def finish(self):
        if "hang" in self.hints.phrases:
            time.sleep(60)
        return self.heard(True)
    def heard(self, final):
        text = f"{self.seconds:.1f}"
        return Transcript((Word(text, 0.0, self.seconds, 1.0),), final)

class CountingEar:
    def listen(self, hints):
        return Counting(hints)

def ear(model):
    if model.name == "broken":
        raise SystemExit(3)
    return CountingEar()
"""


@pytest.fixture
def counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "counting_ear.py").write_text(_EAR, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return "counting_ear"


def setup(module: str, workers: int = 1, model: str = "any", patience: float = 10.0) -> Setup:
    return Setup("counting", module, Path(model), workers, patience=patience)


async def closed(recogniser: WorkerRecogniser, doing: Coroutine[object, object, None]) -> None:
    try:
        await doing
    finally:
        await recogniser.close()


def run(recogniser: WorkerRecogniser, doing: Coroutine[object, object, None]) -> None:
    asyncio.run(closed(recogniser, doing))


async def serving(recogniser: WorkerRecogniser, workers: int, within: float = _PATIENCE) -> float:
    """Wait until so many workers serve and return how long that took."""
    began = time.monotonic()
    while len(recogniser.workers) < workers and time.monotonic() - began < within:
        await asyncio.sleep(0.02)
    assert len(recogniser.workers) == workers
    return time.monotonic() - began


def test_a_turn_whose_worker_dies_is_heard_by_another(counting: str) -> None:
    recogniser = WorkerRecogniser(setup(counting, workers=2))

    async def doing() -> None:
        await recogniser.start()
        await serving(recogniser, 2)
        listening = await recogniser.listen(Hints())
        await listening.feed(silence(1.0, TELEPHONE))
        (busy,) = [worker for worker in recogniser.workers if worker.turns]
        os.kill(busy.pid, signal.SIGKILL)
        await busy.ended()
        await listening.feed(silence(1.0, TELEPHONE))
        assert (await listening.finish()).text == "2.0"

    run(recogniser, doing())


def test_a_pause_is_heard_once_until_more_is_said(counting: str) -> None:
    recogniser = WorkerRecogniser(replace(setup(counting), streams=False))

    async def heard_in_pause(listening: Listening) -> list[str]:
        async def once() -> list[str]:
            partial = await listening.pause()
            await asyncio.sleep(0.01)
            return [partial.text] if partial else []

        told: list[str] = []
        async with asyncio.timeout(_PATIENCE):
            while not told:
                told += await once()
        for _ in range(10):
            told += await once()
        return told

    async def doing() -> None:
        listening = await recogniser.listen(Hints())
        await listening.feed(silence(1.0, TELEPHONE))
        assert await heard_in_pause(listening) == ["1 pauses"]
        await listening.feed(silence(1.0, TELEPHONE))
        assert await heard_in_pause(listening) == ["2 pauses"]
        assert (await listening.finish()).text == "2.0"

    run(recogniser, doing())


@pytest.mark.parametrize("ticks", range(4))
def test_who_is_cancelled_while_the_first_worker_comes_up_ends(counting: str, ticks: int) -> None:
    recogniser = WorkerRecogniser(setup(counting))

    async def doing() -> None:
        async def waits() -> None:
            await recogniser.start()
            await asyncio.sleep(2 * _PATIENCE)

        waiting = asyncio.create_task(waits())
        while not recogniser.workers:
            await asyncio.sleep(0)
        for _ in range(ticks):
            await asyncio.sleep(0)
        waiting.cancel()
        async with asyncio.timeout(_PATIENCE):
            await asyncio.wait([waiting])
        assert waiting.cancelled()

    run(recogniser, doing())


@pytest.mark.parametrize("deadly", [signal.SIGKILL, signal.SIGABRT])
def test_without_another_the_call_is_told_and_the_worker_is_back(
    counting: str, deadly: signal.Signals
) -> None:
    recogniser = WorkerRecogniser(setup(counting))

    async def doing() -> None:
        await recogniser.start()
        for _ in range(3):
            await serving(recogniser, 1)
            listening = await recogniser.listen(Hints())
            await listening.feed(silence(1.0, TELEPHONE))
            os.kill(recogniser.workers[0].pid, deadly)
            with pytest.raises(RecogniserError):
                await asyncio.wait_for(listening.finish(), _PATIENCE)
        await serving(recogniser, 1)
        listening = await recogniser.listen(Hints())
        await listening.feed(silence(0.5, TELEPHONE))
        assert (await listening.finish()).text == "0.5"

    run(recogniser, doing())


def test_a_real_vosk_worker_comes_back() -> None:
    recogniser = WorkerRecogniser(Setup("vosk", "telephony.recognisers.vosk", KOREAN))

    async def doing() -> None:
        await recogniser.start()
        listening = await recogniser.listen(Hints())
        await listening.feed(silence(1.0, TELEPHONE))
        os.kill(recogniser.workers[0].pid, signal.SIGABRT)
        with pytest.raises(RecogniserError) as told:
            await listening.finish()
        assert told.value.code in {"died", "no-start"}
        await serving(recogniser, 1)
        assert isinstance(await (await recogniser.listen(Hints())).finish(), Transcript)

    run(recogniser, doing())


def test_a_worker_that_aborts_on_every_turn_never_hangs_a_call(counting: str) -> None:
    recogniser = WorkerRecogniser(setup(counting))

    async def doing() -> None:
        await recogniser.start()
        listening = await recogniser.listen(Hints(("die",)))
        await listening.feed(silence(1.0, TELEPHONE))
        with pytest.raises(RecogniserError):
            await asyncio.wait_for(listening.finish(), _PATIENCE)

    run(recogniser, doing())


def test_a_worker_that_does_not_answer_is_replaced(counting: str) -> None:
    recogniser = WorkerRecogniser(setup(counting, patience=0.3))

    async def doing() -> None:
        await recogniser.start()
        listening = await recogniser.listen(Hints(("hang",)))
        with pytest.raises(RecogniserError) as told:
            await listening.finish()
        assert told.value.code == "silent"
        await serving(recogniser, 1)

    run(recogniser, doing())


def test_a_stopped_worker_does_not_hold_up_whoever_feeds_it(counting: str) -> None:
    recogniser = WorkerRecogniser(setup(counting, patience=0.3))

    async def doing() -> None:
        await recogniser.start()
        listening = await recogniser.listen(Hints())
        os.kill(recogniser.workers[0].pid, signal.SIGSTOP)
        began = time.monotonic()
        for _ in range(1_000):
            await listening.feed(silence(0.02, TELEPHONE))
        assert time.monotonic() - began < _PATIENCE
        with pytest.raises(RecogniserError):
            await listening.finish()

    run(recogniser, doing())


def test_a_model_that_cannot_be_loaded_is_told_and_the_service_goes_on(counting: str) -> None:
    recogniser = WorkerRecogniser(setup(counting, model="broken"))

    async def doing() -> None:
        with pytest.raises(RecogniserError) as told:
            await recogniser.start(within=0.5)
        assert told.value.code == "no-start"
        with pytest.raises(RecogniserError):
            await recogniser.listen(Hints())

    run(recogniser, doing())


def test_what_is_too_long_is_cut_and_nothing_grows(counting: str) -> None:
    recogniser = WorkerRecogniser(Setup("counting", counting, Path("any"), longest=5.0))

    async def doing() -> None:
        listening = await recogniser.listen(Hints())
        for _ in range(20):
            await listening.feed(silence(1.0, TELEPHONE))
        assert (await listening.finish()).text == "5.0"

    run(recogniser, doing())


def test_workers_get_no_secrets_and_leave_no_process_behind(
    counting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINGWEN_TWILIO_AUTH_TOKEN", "secret")
    recogniser = WorkerRecogniser(setup(counting, workers=2))
    pids: list[int] = []

    async def doing() -> None:
        await recogniser.start()
        await serving(recogniser, 2)
        pids.extend(worker.pid for worker in recogniser.workers)
        for pid in pids:
            assert b"TINGWEN_" not in Path(f"/proc/{pid}/environ").read_bytes()

    run(recogniser, doing())
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_partial_transcripts_come_each_once(counting: str) -> None:
    recogniser = WorkerRecogniser(setup(counting))

    async def doing() -> None:
        listening = await recogniser.listen(Hints())
        await listening.feed(AudioChunk(TELEPHONE, bytes(1_600)))
        partial = None
        async with asyncio.timeout(_PATIENCE):
            while not partial:
                await asyncio.sleep(0.01)
                partial = await listening.feed(AudioChunk(TELEPHONE, b""))
        assert partial.text == "0.2"
        assert await listening.feed(AudioChunk(TELEPHONE, b"")) is None
        await listening.cancel()

    run(recogniser, doing())
