"""Spoken answers through recogniser, understanding and policy: what would be recorded.

Run: ``python -m benchmarks.speech --model DIR [--clips DIR]``. A folder of clips has a
``manifest.tsv`` (file, transcript, category, meaning, condition, rate, duration_s); each clip is
asked under the item that ``speech_asks.tsv`` (or ``--asks``) names for its words;
``benchmarks.speech_clips`` speaks others. ``--deaths`` kills the worker in the middle of so many
turns.
"""

import argparse
import asyncio
import csv
import os
import signal
import statistics
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.speech_form import speech_form
from dialog.hearings import heard_as
from dialog.policy import PLAIN, AskAgain, Confirm, Record
from dialog.question import Question
from dialog.understanding import Understanding, Understood, spoken
from server.forms.library import SHIPPED, load_form
from telephony.activity import SileroActivity
from telephony.audio import TELEPHONE, AudioChunk
from telephony.failure import RecogniserError
from telephony.hints import hints_of
from telephony.listener import EARLY
from telephony.manner import Manner
from telephony.recogniser import Hints, Transcript
from telephony.recognisers.whisper import ear
from telephony.turn_rules import KINDS, Kind, turn_rules
from telephony.workers import Setup, WorkerRecogniser
from tests.telephony.clips import FOLDER, SpokenAnswer, spoken_answers

ASKS = Path(__file__).with_name("speech_asks.tsv")
CONDITIONS = ("clean16k", "tel8k", "babble20", "pink10loss2")
#: Wishes after which the question is simply put again.
_HARMLESS = frozenset(("", "repeat", "slower", "explain", "wait", "who_are_you"))
_KINDS = ("recorded right", "confirmed", "asked again", "handed off", "wrong")


@dataclass(frozen=True, slots=True)
class Ask:
    """Under which question a clip is asked, and what it means; several meanings may be right."""

    form: str
    ask: str
    meanings: tuple[str, ...]


def asks(table: Path) -> Mapping[str, Ask]:
    """Return the questions by what is said."""
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return {
        row["transcript"]: Ask(row["form"], row["ask"], tuple(row["meaning"].split("|")))
        for row in rows
    }


def judged(understood: Understood, meanings: tuple[str, ...]) -> str:
    """Return which of the five things happened; a wrong value read back is denied."""
    if understood.intent:
        if f"@{understood.intent}" in meanings:
            return "recorded right"
        return "asked again" if understood.intent in _HARMLESS else "wrong"
    decision, right = understood.decision, understood.value in meanings
    if isinstance(decision, Record):
        return "recorded right" if right else "wrong"
    if isinstance(decision, Confirm):
        return "confirmed" if right else "asked again"
    return "asked again" if isinstance(decision, AskAgain) else "handed off"


class Bench:
    """The forms, and the recogniser in a worker process as a service has it."""

    def __init__(self, model: Path, table: Path) -> None:
        self.forms = {"person": load_form(SHIPPED / "person.yaml"), "bench": speech_form()}
        self.understanding = {name: Understanding(form) for name, form in self.forms.items()}
        self.asks = asks(table)
        module = "telephony.recognisers.whisper"
        self.recogniser = WorkerRecogniser(Setup("whisper", module, model, 1, streams=False))

    def question(self, clip: SpokenAnswer) -> tuple[Ask, Question]:
        asked = self.asks[clip.transcript]
        return asked, Question.of_ask(self.forms[asked.form], asked.ask, {})

    async def hear(self, clip: SpokenAnswer, hints: Hints) -> tuple[Transcript, float]:
        """Return what was heard, and how long after the last sound."""
        listening = await self.recogniser.listen(hints)
        await listening.feed(clip.chunk)
        began = time.perf_counter()
        return await listening.finish(), time.perf_counter() - began

    async def after_turn(self, clip: SpokenAnswer, *, ahead: bool) -> float:
        """Return how long after the end of its turn a clip is heard, as a call would hear it.

        ``ahead``: from the beginning of the silence on that ends the turn.
        """
        _, question = self.question(clip)
        rules = turn_rules()
        quiet = rules.ends_after(KINDS.get(question.accepts, Kind.OPEN), Manner()) - EARLY
        listening = await self.recogniser.listen(hints_of(question))
        await listening.feed(clip.chunk)
        if ahead:
            await listening.pause()
        await asyncio.sleep(quiet)
        began = time.perf_counter()
        await listening.finish()
        return time.perf_counter() - began

    async def ahead(self, clips: list[SpokenAnswer]) -> None:
        """Tell what it saves to hear a turn from its first silence on, clip by clip beside it."""
        late, early = [], []
        for clip in clips:
            late.append(await self.after_turn(clip, ahead=False))
            early.append(await self.after_turn(clip, ahead=True))
        print(f"end of turn to transcript: {spread(late)}; heard in the silence: {spread(early)}")

    async def read_back(self, clips: list[SpokenAnswer]) -> None:
        """Tell what becomes of yes and no to a value that was read back."""
        form, counts = self.forms["person"], Counter[str]()
        question = Question.of_ask(form, "A4", {"confirming": "40"})
        for clip in clips:
            if clip.category != "yes_no" or clip.meaning not in ("yes", "no"):
                continue
            heard, _ = await self.hear(clip, hints_of(question))
            about = spoken(PLAIN, question, heard.confidence)
            understanding = self.understanding["person"]
            understood = heard_as(understanding, question, heard.text, about, heard.hearings)
            taken = understood.value if isinstance(understood.decision, Record) else "asked again"
            counts[f"{clip.meaning} → {taken}"] += 1
        told = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
        print(f"  to a value read back: {told or 'none of these clips is a yes or no'}")

    async def run(self, clips: list[SpokenAnswer], *, hints: bool) -> None:
        counts: Counter[str] = Counter()
        digits: Counter[str] = Counter()
        possible, heard_in, understood_in = 0, [], []
        for clip in clips:
            asked, question = self.question(clip)
            understanding = self.understanding[asked.form]
            heard, seconds = await self.hear(clip, hints_of(question) if hints else Hints())
            began = time.perf_counter()
            about = spoken(PLAIN, question, heard.confidence)
            understood = heard_as(understanding, question, heard.text, about, heard.hearings)
            understood_in.append(time.perf_counter() - began)
            heard_in.append(seconds)
            kind = judged(understood, asked.meanings)
            counts[kind] += 1
            digits[kind] += asked.ask == "A6"
            perfect = judged(understanding.understand(question, clip.transcript), asked.meanings)
            possible += perfect in ("recorded right", "confirmed")
        told = ", ".join(f"{kind} {counts[kind]}" for kind in _KINDS)
        right = counts["recorded right"] + counts["confirmed"]
        print(f"{clips[0].condition}, hints {'on' if hints else 'off'}: {told} of {len(clips)}")
        print(
            f"  right or confirmed {right / len(clips):.0%};"
            f" of the {possible} whose exact words would be understood {right / possible:.0%};"
            f" number strings recorded wrong {digits['wrong']}"
        )
        print(f"  heard {spread(heard_in)}; understood {spread(understood_in)}")

    async def deaths(self, clip: SpokenAnswer, times: int) -> None:
        """Kill the worker in the middle of turns; tell when the call knew and it was back."""
        knew, back = [], []
        await self.recogniser.start()
        for number in range(times):
            listening = await self.recogniser.listen(Hints())
            await listening.feed(clip.chunk)
            ending = asyncio.ensure_future(listening.finish())
            await asyncio.sleep(0.03)
            deadly = signal.SIGABRT if number % 2 else signal.SIGKILL
            os.kill(self.recogniser.workers[0].pid, deadly)
            began = time.perf_counter()
            try:
                await ending
            except RecogniserError:
                knew.append(time.perf_counter() - began)
            while not self.recogniser.workers:
                await asyncio.sleep(0.01)
            back.append(time.perf_counter() - began)
        print(f"{times} deaths: {len(knew)} turns were told {spread(knew)}; back {spread(back)}")


def spread(seconds: list[float]) -> str:
    """Return median and 95th percentile in milliseconds."""
    if not seconds:
        return "never"
    ranked = sorted(seconds)
    late = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
    return f"{statistics.median(ranked) * 1e3:.0f} ms, p95 {late * 1e3:.0f} ms"


def stages(model: Path, clips: list[tuple[SpokenAnswer, Hints]]) -> None:
    """Tell how long each stage of one answer takes, alone in this process."""
    whisper, spent = ear(model), {"encode": [0.0], "decode": [0.0], "align": [0.0]}
    for name in spent:
        spent[name].clear()
    for clip, hints in clips:
        samples = clip.chunk.samples().astype(np.float32) / np.float32(32_768)
        if clip.chunk.format.rate != 16_000:
            continue
        began = time.perf_counter()
        encoded, frames = whisper._encoded(samples)  # noqa: SLF001
        spent["encode"].append(time.perf_counter() - began)
        began = time.perf_counter()
        decoded = whisper._decoded(encoded, hints, clip.chunk.seconds)  # noqa: SLF001
        spent["decode"].append(time.perf_counter() - began)
        began = time.perf_counter()
        whisper._timed(encoded, decoded[0][0], frames)  # noqa: SLF001
        spent["align"].append(time.perf_counter() - began)
    for name, seconds in spent.items():
        print(f"{name}: {spread(seconds)}")


def activity(clip: SpokenAnswer) -> None:
    """Tell what voice activity costs a second of telephone sound."""
    sound, watcher, seconds = clip.chunk.to(TELEPHONE), SileroActivity(), 0.0
    began = time.process_time()
    while seconds < 60:
        for at in range(0, len(sound.data), 160):
            watcher.feed(AudioChunk(TELEPHONE, sound.data[at : at + 160]))
        seconds += sound.seconds
    spent = (time.process_time() - began) / seconds
    print(f"voice activity: {spent * 1e3:.1f} ms of one core a second of sound")


async def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--clips", type=Path, default=FOLDER)
    parser.add_argument("--asks", type=Path, default=ASKS)
    parser.add_argument("--conditions", nargs="*", default=CONDITIONS)
    parser.add_argument("--deaths", type=int, default=0)
    parser.add_argument("--every", type=int, default=2, help="time every so manieth clip")
    given = parser.parse_args()
    bench = Bench(given.model, given.asks)
    sets = {one: spoken_answers(one, given.clips) for one in given.conditions}
    try:
        for clips in filter(None, sets.values()):
            for hints in (True, False):
                await bench.run(clips, hints=hints)
            await bench.read_back(clips)
            await bench.ahead(clips[:: given.every])
        first = next(filter(None, sets.values()))
        activity(first[0])
        if sets.get("clean16k"):
            wide = [(clip, hints_of(bench.question(clip)[1])) for clip in sets["clean16k"]]
            stages(given.model, wide)
        if given.deaths:
            await bench.deaths(first[0], given.deaths)
    finally:
        await bench.recogniser.close()


if __name__ == "__main__":
    asyncio.run(main())
