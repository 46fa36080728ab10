"""Measures calls: how many at once, how late their sound is, and how fast a reply comes.

``python -m benchmarks.calls`` starts the service in a process of its own on one core and lets
simulated callers on another one ring it; each sends 20 ms of sound fifty times a second, hears
every question out and answers it. The callers' words are carried by their sound, so that the
recogniser takes no time; where the model decides what speech is, they are hidden in the sound of
real answers. ``--calls 10,60,120`` are the loads, ``--until-late`` stops after the first one that
was more than 20 ms late at p99, ``--seconds`` how long each lasts, ``--activity quick,silero`` who
notices speech, ``--noise -50`` how loud the noise of each line is (dB below full scale; with the
model only), ``--piece`` the seconds that one of our messages carries, and ``--urgent`` lets both
processes go before everything else on the machine while a load lasts, which needs the rights.
``--pipecat PYTHON`` measures pipecat's FastAPI transport with its Twilio serializer beside it, load
by load, in an environment of its own that has ``pipecat-ai[websocket,silero]`` and uvicorn.

A piece of sound is late by how much it arrives after the moment at which the ear needs it: the
arrival of the first piece of its prompt, plus the sound sent in between.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from pathlib import Path

import httpx
import numpy as np
import uvicorn
from websockets.asyncio.client import connect as open_socket

from models.phone_call import PhoneCalls
from server.app import create_app
from server.practice import practise
from server.service import Service
from server.settings import Settings
from server.telephone.exchange import Exchange, Voices
from server.telephone.ready import carrier_of
from telephony.activity import Rounds, SileroActivity
from telephony.audio import TELEPHONE, from_samples
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice
from tests.models.sample import number
from tests.telephony import twilio_messages as said
from tests.telephony.carrier import signature
from tests.telephony.clips import spoken_answers
from tests.telephony.coded_speech import CodedRecogniser, carried, spoken
from tests.telephony.county import TOKEN, county, person
from tests.telephony.quick_activity import QuickActivity

PUBLIC = "https://survey.example.org"
MEDIA = "wss://survey.example.org/twilio/media"
TICK, FRAME = 0.02, 160
_SETTLE = 3.0
#: Seconds that p99 of a load may be late.
_TOO_LATE = 0.02
#: Seconds that the service may take to load what it understands words with.
_LOADING = 8.0
_CORES = sorted(os.sched_getaffinity(0))
Voice = Callable[[str], bytes]
#: Whose voice says what, and says numbers; what is louder is no silence any more.
_SAID_BY = {"我就是本人": "没错就是我", "对": "是的", "没有": "没有"}
_DIGITS_BY, _LOUD = "四十四", 1_000


def main() -> None:
    """Print the figures of each load as a Markdown table."""
    asked = _arguments()
    if asked.serve:
        _serve(asked)
        return
    os.sched_setaffinity(0, {_CORES[-1]})
    print("| activity | system | calls | late p50, ms | p99, ms | worst, ms |", end="")
    print(" first sound p95, ms | reply above the silence p50 / p95, ms | silent p95, ms |", end="")
    print(" core used |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for activity in asked.activity.split(","):
        _measure_curve(asked, activity)


def _measure_curve(asked: argparse.Namespace, activity: str) -> None:
    """Measure every system at each load before the next load."""
    systems = ["tingwen", *["pipecat"] * bool(asked.pipecat)]
    for calls in map(int, asked.calls.split(",")):
        for system in list(systems):
            with _hurrying(asked.urgent):
                late = _measure(asked, Load(system, activity, calls))
            if asked.until_late and late > _TOO_LATE:
                systems.remove(system)


@dataclass(frozen=True, slots=True)
class Load:
    """So many calls on one system, with one sort of voice activity."""

    system: str
    activity: str
    calls: int


@contextmanager
def _hurrying(urgent: bool) -> Iterator[None]:
    """Let this session's processes go before those of every other one (Linux's autogroups)."""
    group = Path("/proc/self/autogroup")
    if urgent:
        group.write_text("-15")
    try:
        yield
    finally:
        if urgent:
            group.write_text("0")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", default="1,30,60,90,120,150")
    parser.add_argument("--until-late", action="store_true")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--activity", default="quick", help="quick, silero, or both")
    parser.add_argument("--noise", type=float, help="dB of each line's noise")
    parser.add_argument("--piece", type=float, default=0.02)
    parser.add_argument("--urgent", action="store_true")
    parser.add_argument("--pipecat", default="", help="the python of pipecat's environment")
    parser.add_argument("--serve", default="", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--people", type=int, default=1, help=argparse.SUPPRESS)
    return parser.parse_args()


# The service, on a core of its own.


def _serve(asked: argparse.Namespace) -> None:
    os.sched_setaffinity(0, {_CORES[0]})
    model = partial(SileroActivity, Rounds())
    activity = model if asked.activity == "silero" else QuickActivity
    folder = Path(asked.serve)
    given = {"public_url": PUBLIC, "lines": 10_000, "calls_per_second": 10_000}
    with county(folder, asked.people, **given) as service:  # type: ignore[arg-type]
        voices = Voices(Speaker(ToneVoice(0.15)), CodedRecogniser(), activity, asked.piece)
        exchange = Exchange(service, carrier_of(service.settings), voices)
        practise(service)
        (folder / "calls.json").write_text(json.dumps(_dialled(service, exchange, asked.people)))
        uvicorn.run(
            create_app(service, exchange=exchange),
            port=asked.port,
            log_level="warning",
            access_log=False,
            ws_per_message_deflate=False,
        )


def _dialled(service: Service, exchange: Exchange, people: int) -> list[dict[str, str]]:
    """Make calls that were dialled and answered, so that only their lines are left to open."""
    calls = []
    for index in range(people):
        case = person(service, index)
        name = f"CA{index:032x}"
        call = exchange.calls.receive(case.assignment_id, "twilio", name, exchange.now())
        exchange.calls.give_token(call.id, f"token-{index}", exchange.now())
        calls.append({"call": name, "token": f"token-{index}", "last4": number(index)[-4:]})
    return calls


@dataclass
class Figures:
    """What the callers saw."""

    late: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    reply: list[float] = field(default_factory=list)
    silent: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    sent_late: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def _measure(asked: argparse.Namespace, load: Load) -> float:
    """Measure one load, print its line and return how late p99 of the sound was."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        server = _started(asked, load, folder, port)
        try:
            _await_up(server, port)
            figures, used = asyncio.run(_figures(asked, load, folder, port, server.pid))
        finally:
            _stop(server)
        if load.system == "tingwen":
            _read_reports(Path(folder), load.calls, figures)
    _print(load, figures, used)
    return sorted(figures.late)[int(0.99 * (len(figures.late) - 1))] if figures.late else 0.0


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """End a server; one that does not heed the signal is killed."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _read_reports(folder: Path, calls: int, figures: Figures) -> None:
    """Add what the calls themselves wrote down: each stage between a last word and a sound."""
    service = Service.open(Settings(data_dir=folder))
    book = PhoneCalls(service.database)
    for index in range(calls):
        for call in book.of(person(service, index).assignment_id):
            turns: list[dict[str, float]] = book.report_of(call.id).get("turns", [])  # type: ignore[assignment]
            for turn in turns:
                if turn["sounded"]:
                    figures.reply.append(turn["sounded"] - turn["decided"])
                    figures.heard.append(turn["recognised"] - turn["decided"])
                    figures.taken.append(turn["answered"] - turn["recognised"])
    service.close()


def _started(
    asked: argparse.Namespace, load: Load, folder: str, port: int
) -> "subprocess.Popen[bytes]":
    if load.system == "pipecat":
        script = str(Path(__file__).with_name("pipecat_echo.py"))
        order = [asked.pipecat, script, str(port), load.activity, str(_CORES[0])]
        return subprocess.Popen(order, stderr=subprocess.DEVNULL)
    order = [sys.executable, "-m", "benchmarks.calls", "--serve", folder, "--port", str(port)]
    order += ["--people", str(load.calls), "--activity", load.activity]
    return subprocess.Popen([*order, "--piece", str(asked.piece)])


def _await_up(server: "subprocess.Popen[bytes]", port: int) -> None:
    while server.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            time.sleep(_LOADING)
            return
    raise SystemExit("the service does not answer")


async def _figures(
    asked: argparse.Namespace, load: Load, folder: str, port: int, pid: int
) -> tuple[Figures, float]:
    figures, over = Figures(), asyncio.Event()
    real = load.activity == "silero"
    voice = real_speech if real else coded_speech
    quiet = line_noise(asked.noise) if real and asked.noise else (b"\xff" * FRAME,)
    callers = []
    for one in _known_calls(load, folder):
        caller = Caller(figures, one, f"ws://127.0.0.1:{port}/twilio/media", voice, quiet)
        callers.append(asyncio.create_task(caller.live(over)))
        await asyncio.sleep(min(0.05, 6 / load.calls))
    await asyncio.sleep(_SETTLE)
    figures.late.clear()
    figures.sent_late.clear()
    before, begun = _cpu(pid), time.monotonic()
    await asyncio.sleep(asked.seconds)
    used = (_cpu(pid) - before) / (time.monotonic() - begun)
    over.set()
    ended = await asyncio.gather(*callers, return_exceptions=True)
    figures.broken = [repr(one) for one in ended if isinstance(one, Exception)]
    return figures, used


def _known_calls(load: Load, folder: str) -> list[dict[str, str]]:
    if load.system == "pipecat":
        return [{"call": f"CA{n:032x}", "token": "", "last4": "0000"} for n in range(load.calls)]
    listed: list[dict[str, str]] = json.loads((Path(folder) / "calls.json").read_text())
    return listed


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Caller:
    """One telephone: speaks on time, and notes how late it hears."""

    figures: Figures
    about: dict[str, str]
    url: str
    voice: Voice
    #: What is sent while nothing is said, frame by frame.
    quiet: Sequence[bytes]
    _begun: float = 0.0
    _offset: float = 0.0
    _ends: float = 0.0
    _voice: list[str] = field(default_factory=list)
    _opened: float = 0.0
    _interrupts: bool = False
    _barged: float = 0.0

    async def live(self, over: asyncio.Event) -> None:
        headers = {
            "X-Twilio-Signature": signature(
                f"{PUBLIC}/twilio/media".replace("https", "wss"), (), TOKEN
            )
        }
        async with open_socket(
            self.url,
            additional_headers=headers,
            compression=None,
            open_timeout=60,
            ping_interval=None,
        ) as link:
            stream = "MZ" + self.about["call"][2:]
            await link.send(said.connected())
            await link.send(said.start({"token": self.about["token"]}, stream, self.about["call"]))
            self._opened = time.monotonic()
            hearing = asyncio.create_task(self._hear(link, stream))
            await self._speak(link, stream, over)
            hearing.cancel()

    async def _speak(self, link, stream: str, over: asyncio.Event) -> None:  # type: ignore[no-untyped-def]
        begun, quiet = time.monotonic(), [_payload(frame) for frame in self.quiet]
        head = f'{{"event":"media","streamSid":"{stream}","sequenceNumber":"'
        for tick in count():
            if over.is_set():
                return
            speaks = bool(self._voice)
            payload = self._voice.pop() if speaks else quiet[tick % len(quiet)]
            if self._interrupts and speaks:
                self._interrupts, self._barged = False, time.monotonic()
            link.protocol.send_text(  # past the queues of the library, which cost most
                f'{head}{tick + 2}","media":{{"track":"inbound","chunk":"{tick + 1}","timestamp":"'
                f'{20 * tick}","payload":"{payload}"}}}}'.encode()
            )
            link.send_data()
            due = begun + (tick + 1) * TICK
            now = time.monotonic()
            self.figures.sent_late.append(now - due)
            await asyncio.sleep(max(0.0, due - now))

    async def _hear(self, link, stream: str) -> None:  # type: ignore[no-untyped-def]
        marks: asyncio.Queue[tuple[str, float]] = asyncio.Queue()
        returning = asyncio.create_task(self._return(link, stream, marks))
        try:
            async for message in link:
                now = time.monotonic()
                if message.startswith(('{"event":"media"', '{"event": "media"')):
                    self._heard(now, (len(message) - 80) * 3 // 4 / 8_000)
                elif '"mark"' in message:
                    marks.put_nowait((json.loads(message)["mark"]["name"], self._ends))
                elif '"clear"' in message:
                    if self._barged:
                        self.figures.silent.append(now - self._barged)
                    self._barged, self._begun, self._ends = 0.0, 0.0, now
        finally:
            returning.cancel()

    def _heard(self, now: float, seconds: float) -> None:
        if not self._ends:
            self.figures.first.append(now - self._opened)
        if now > self._ends + 0.3 or not self._begun:
            self._begun, self._offset = now, 0.0
            self._maybe_interrupt(now)
        self.figures.late.append(max(0.0, now - self._begun - self._offset))
        self._offset += seconds
        self._ends = max(self._ends, now) + seconds

    def _maybe_interrupt(self, now: float) -> None:
        """Now and then, speak into a prompt a second after it began."""
        if now - self._opened > 8 and random.random() < 0.5:
            asyncio.get_running_loop().call_later(1.0, self._interrupt)

    def _interrupt(self) -> None:
        if self._ends > time.monotonic() + 0.2 and not self._voice:
            self._say("没有")
            self._interrupts = True

    async def _return(self, link, stream: str, marks: asyncio.Queue[tuple[str, float]]) -> None:  # type: ignore[no-untyped-def]
        for at in count(1_000_000):
            name, ends = await marks.get()
            await asyncio.sleep(max(0.0, ends - time.monotonic()))
            await link.send(said.mark(name, at, stream))
            if not name.startswith("say"):
                self._answer(name)

    def _answer(self, name: str) -> None:
        words = {"ask:A1": "我就是本人", "ask:A2": _digits(self.about["last4"])}.get(name[:6], "")
        words = words or ("对" if name.startswith("confirm") else "没有")
        self._say(words)

    def _say(self, words: str) -> None:
        sound = self.voice(words)
        frames = [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]
        self._voice = [_payload(frame) for frame in reversed(frames)]


def coded_speech(words: str) -> bytes:
    """Return half a second of noise that carries ``words``."""
    return spoken(words, 0.5)


@cache
def real_speech(words: str) -> bytes:
    """Return a real answer over the telephone, as μ-law, with ``words`` hidden in its end."""
    code = carried(words)
    return _clip(_SAID_BY.get(words, _DIGITS_BY))[: -len(code)] + code


def line_noise(level: float) -> tuple[bytes, ...]:
    """Return five seconds of noise of ``level`` dB below full scale, as frames of μ-law."""
    strength = 32_768 * 10 ** (level / 20)
    noise = np.random.default_rng(1).normal(0, strength, 250 * FRAME).astype(np.int16)
    sound = from_samples(noise, TELEPHONE).data
    return tuple(sound[at : at + FRAME] for at in range(0, len(sound), FRAME))


@cache
def _clip(transcript: str) -> bytes:
    """Return the voice in a clip without the silence around it."""
    clip = next(one for one in spoken_answers("tel8k") if one.transcript == transcript)
    sound = clip.chunk.to(TELEPHONE)
    loud = np.flatnonzero(np.abs(sound.samples()) > _LOUD)
    return sound.data[loud[0] : loud[-1] + 1]


def _payload(sound: bytes) -> str:
    return base64.b64encode(sound).decode()


def _digits(last4: str) -> str:
    return "".join("零幺二三四五六七八九"[int(one)] for one in last4)


def _print(load: Load, figures: Figures, used: float) -> None:
    late, sent = sorted(figures.late), sorted(figures.sent_late)
    first, reply, silent = (sorted(one) for one in (figures.first, figures.reply, figures.silent))
    cells = [
        _ms(late, 0.5), _ms(late, 0.99), _ms(late, 1.0), _ms(first, 0.95),
        f"{_ms(reply, 0.5)} / {_ms(reply, 0.95)}", _ms(silent, 0.95), f"{used:.0%}",
    ]  # fmt: skip
    named = f"| {load.activity} | {load.system} | {load.calls} |"
    print(f"{named} {' | '.join(cells)} |", flush=True)
    print(
        f"  callers' own frames late p99 {_ms(sent, 0.99)} ms, {len(late)} pieces;"
        f" {len(reply)} replies, p50 / p95: heard {_span(figures.heard)} ms,"
        f" answered and stored {_span(figures.taken)} ms",
        file=sys.stderr,
    )


def _span(values: list[float]) -> str:
    return f"{_ms(sorted(values), 0.5)} / {_ms(sorted(values), 0.95)}"


def _ms(values: list[float], share: float) -> str:
    return f"{values[int(share * (len(values) - 1))] * 1e3:.0f}" if values else "–"


if __name__ == "__main__":
    random.seed(1)
    main()
