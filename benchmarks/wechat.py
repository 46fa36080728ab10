"""How fast the WeChat webhook answers: ``python -m benchmarks.wechat [--parallel 100]``.

A real server process on loopback, safe mode, an own person behind each sender; every sender is
bound and then answers at once with all the others, round after round. Voice messages come among
the texts while the recogniser is stopped: whoever asks it waits for ever.
"""

import argparse
import asyncio
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import uvicorn
from pydantic import SecretStr

from models.campaign import Campaign, Campaigns
from models.roster import Roster
from server.app import create_app
from server.commands.campaign import kept_form
from server.forms.library import find_form
from server.service import Service
from server.settings import Settings
from server.wechat.account import open_front
from server.wechat.ticket import new_ticket
from telephony.audio import AudioChunk
from telephony.recogniser import Hints, Listening, Transcript
from tests.models.sample import AT, row
from tests.server.wechat.account import (
    AES_KEY,
    APP_ID,
    SECRET,
    TOKEN,
    Sender,
    Sent,
    wechat_api,
)


class Stopped:
    """A recogniser that has stopped: it takes everything and never answers."""

    name = "stopped"

    async def listen(self, _hints: Hints) -> Listening:
        """Begin a turn that never ends."""
        return StoppedListening()

    async def close(self) -> None:
        """Do nothing."""


class StoppedListening:
    """One turn of it."""

    async def feed(self, _chunk: AudioChunk) -> Transcript | None:
        """Take sound."""
        return None

    async def finish(self) -> Transcript:
        """Never answer."""
        await asyncio.sleep(3_600)
        return Transcript()

    async def cancel(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Town:
    """The service's folder and its tickets."""

    folder: Path
    api: str

    def settings(self) -> Settings:
        return Settings(
            data_dir=self.folder,
            wechat_token=SecretStr(TOKEN),
            wechat_aes_key=SecretStr(AES_KEY),
            wechat_app_id=APP_ID,
            wechat_app_secret=SecretStr(SECRET),
            wechat_api_base=self.api,
            argon2_memory_kib=8,
        )

    def tickets(self, people: int) -> list[str]:
        service = Service.open(self.settings())
        form = kept_form(service, find_form("person"))
        campaign = Campaign(id="c", form=form.form, version=form.version, reference_day=AT.date())
        Campaigns(service.database).create(campaign, by="b", at=AT)
        Roster(service.database).keep(
            "c", [row(number) for number in range(1, people + 1)], by="b", at=AT
        )
        now = time.time()
        found = []
        for number in range(1, people + 1):
            case = service.cases.by_certificate("c", row(number).certificate)
            made = new_ticket(case.assignment_id, _moment(now), 1)
            found.append(made.text(service.database.keys))
        service.close()
        return found


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def serve(folder: Path, api: str, port: int) -> None:
    """Run the service with a stopped recogniser."""
    service = Service.open(Town(folder, api).settings())
    front = open_front(service, Stopped())
    uvicorn.run(create_app(service, wechat=front), port=port, log_level="error", access_log=False)


async def rounds(port: int, tickets: list[str], many: int) -> dict[str, list[float]]:
    """Bind everybody at once, then let everybody answer at once, ``many`` times."""
    senders = [Sender(f"oBenchmark-{number:06}") for number in range(len(tickets))]
    took: dict[str, list[float]] = {"bind": [], "text": [], "voice": []}
    pairs = zip(senders, tickets, strict=True)
    await together(port, [("bind", one.text(ticket)) for one, ticket in pairs], took)
    for turn in range(many):
        sent = [
            ("voice", one.voice("m")) if number % 10 == 0 else ("text", one.text(WORDS[turn]))
            for number, one in enumerate(senders)
        ]
        await together(port, sent, took)
        await asyncio.sleep(REST)
    return took


async def together(
    port: int, requests: list[tuple[str, Sent]], took: dict[str, list[float]]
) -> None:
    """Make all requests in parallel, on connections that are open already as WeChat's are."""
    lines = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in requests))

    async def timed(kind: str, sent: Sent, line: Line) -> None:
        reader, writer = line
        head = f"POST {sent.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sent.body)}\r\n\r\n"
        begun = time.perf_counter()
        writer.write(head.encode() + sent.body)
        status = await reader.readline()
        took[kind].append(time.perf_counter() - begun)
        assert b" 200 " in status, status
        writer.close()

    both = zip(requests, lines, strict=True)
    await asyncio.gather(*(timed(kind, sent, line) for (kind, sent), line in both))


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
#: Seconds between rounds, in which late answers go out.
REST = 15.0
WORDS = ("能联系上", "本人", "1042", "愿意", "你们是谁", "再说一遍", "有", "没有", "不知道", "对")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--parallel", type=int, default=100)
    arguments.add_argument("--rounds", type=int, default=len(WORDS))
    arguments.add_argument("--serve", nargs=3)
    asked = arguments.parse_args()
    if asked.serve:
        folder, api, port = asked.serve
        serve(Path(folder), api, int(port))
        return
    took = measured(asked.parallel, asked.rounds)
    for kind, seconds in took.items():
        seconds.sort()
        p99 = seconds[int(len(seconds) * 0.99) - 1]
        print(
            f"{kind}: {len(seconds)} requests, {asked.parallel} at once,"
            f" median {statistics.median(seconds):.3f} s, p99 {p99:.3f} s, max {seconds[-1]:.3f} s"
        )


def measured(parallel: int, many: int) -> dict[str, list[float]]:
    """Return how long requests took, by kind; server and interface have their own processes."""
    here, there = multiprocessing.Pipe()
    interface = multiprocessing.Process(target=_interface, args=(there,), daemon=True)
    interface.start()
    with tempfile.TemporaryDirectory() as folder:
        api, port = here.recv(), _free_port()
        tickets = Town(Path(folder), api).tickets(parallel)
        command = [sys.executable, "-m", "benchmarks.wechat", "--serve", folder, api, str(port)]
        process = subprocess.Popen(command, env=dict(os.environ))
        try:
            _wait(f"http://127.0.0.1:{port}")
            return asyncio.run(rounds(port, tickets, many))
        finally:
            process.terminate()
            process.wait()
            interface.terminate()


def _interface(told: Connection) -> None:
    with wechat_api() as api:
        told.send(api.base)
        time.sleep(3_600)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(base: str) -> None:
    while True:
        try:
            httpx.get(f"{base}/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main()
