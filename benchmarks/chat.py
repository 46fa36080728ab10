"""Measures the chat: a turn from the HTTP request to the committed reply.

``python -m benchmarks.chat [RESPONDENTS [THINKING_SECONDS [PROCESSES]]]`` starts the demo's service
on free ports in processes of its own and lets that many respondents answer at once, each thinking
for a while before every answer. Without arguments it measures one who never thinks, then 200 who
think for five seconds on average. ``TINGWEN_DATABASE_URL`` names an empty PostgreSQL database to
use instead of SQLite.
"""

import asyncio
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import httpx

from models.case import Case
from server.commands.serve import chat_address
from server.demo.county import Demo
from server.service import Service
from server.settings import Settings

TURNS = 25
_TURN = re.compile(r'name="turn" value="(\d+)"')
_TARGET = re.compile(r'name="target" value="([^"]*)"')
_TAPS = re.compile(r'name="(tapped|choice)" value="([^"]+)"')
_WISHES = frozenset({"repeat", "explain", "back", "human", "later"})


def main() -> None:
    """Print the times of each load as a Markdown table."""
    loads = [(1, 0.0, 1), (200, 5.0, 1)]
    if len(sys.argv) > 1:
        given = [*sys.argv[1:], "0", "1"]
        loads = [(int(given[0]), float(given[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)]
    print("| respondents | thinking, s | turns | median, ms | 95 %, ms | worst, ms | lost |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for respondents, thinking, processes in loads:
        _measure(respondents, thinking, processes)


def _measure(respondents: int, thinking: float, processes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        addresses = [f"http://127.0.0.1:{_free_port()}" for _ in range(processes)]
        service = Service.open(Settings(data_dir=Path(folder), public_url=addresses[0]))
        county = Demo(service, size=4 * respondents + 60)
        county.prepare()
        waiting = [case for case in county.people() if case.status == "waiting"]
        people = waiting[:respondents]
        servers = [_serving(service, address) for address in addresses]
        try:
            times = asyncio.run(_all(service, people, thinking, addresses))
        finally:
            for server in servers:
                server.terminate()
                server.wait(20)
            service.close()
    kept = sorted(seconds * 1e3 for one in times for seconds in one)
    lost = respondents * TURNS - len(kept)
    middle, high = kept[len(kept) // 2], kept[int(0.95 * (len(kept) - 1))]
    print(
        f"| {respondents} | {thinking:g} | {len(kept)} | {middle:.0f} | {high:.0f}"
        f" | {kept[-1]:.0f} | {lost} |"
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _serving(service: Service, address: str) -> subprocess.Popen[bytes]:
    settings = service.settings
    environment = {
        "TINGWEN_DATA_DIR": str(settings.data_dir),
        "TINGWEN_PUBLIC_URL": address,
        "TINGWEN_DATABASE_URL": settings.database_url.get_secret_value(),
    }
    port = address.rpartition(":")[2]
    server = subprocess.Popen(
        [sys.executable, "-c", "from server.cli import main; main()", "serve", "--port", port],
        env=environment,
    )
    for _ in range(300):
        try:
            httpx.get(f"{address}/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return server
    raise SystemExit("the service does not answer")


async def _all(
    service: Service, people: list[Case], thinking: float, addresses: list[str]
) -> list[list[float]]:
    """Spread the respondents over the processes, as a balancer in front of them would."""
    respondents = [
        _respondent(
            chat_address(service, case.assignment_id).replace(
                addresses[0], addresses[number % len(addresses)]
            ),
            case,
            thinking,
            Random(number),
        )
        for number, case in enumerate(people)
    ]
    return await asyncio.gather(*respondents)


async def _respondent(address: str, case: Case, thinking: float, random: Random) -> list[float]:
    """Open a link and answer whatever is asked; return how long each turn took."""
    times = []
    async with httpx.AsyncClient(timeout=60, follow_redirects=True) as browser:
        page = (await browser.post(address, data={"begin": "1"})).text
        for _ in range(TURNS):
            await asyncio.sleep(random.expovariate(1 / thinking) if thinking else 0)
            begun = time.perf_counter()
            reply = await browser.post(address, data=_answer(page, case, random))
            if reply.status_code == 200:
                times.append(time.perf_counter() - begun)
            page = reply.text
    return times


def _answer(page: str, case: Case, random: Random) -> dict[str, str]:
    turn, target = _TURN.search(page), _TARGET.search(page)
    taps = [(kind, value) for kind, value in _TAPS.findall(page) if value not in _WISHES]
    place = {"turn": turn[1] if turn else "0", "target": target[1] if target else ""}
    if place["target"] == "A1":
        return {**place, "tapped": "1"}
    if taps:
        kind, value = random.choice(taps)
        return {**place, kind: value}
    return {**place, "words": case.facts().get("last4", "") or "不知道"}


if __name__ == "__main__":
    main()
