"""Kills the service in mid-call and mid-chat, and holds the records against what people were told.

``python -m benchmarks.kills [KILLS]`` (100) serves with a voice that hums and a recogniser that
reads words out of their sound, everything else being ``tingwen serve`` in a process of its own. A
dozen people telephone over signed webhooks and media sockets and a dozen chat, all at once, while
SIGKILL comes at random moments, 2 to 12 s after each start. A chat sends again what got no answer.
Of half of the calls that broke off the carrier reports the end, and knows it of the others only
when it is asked. In the end the service has ``--patience`` seconds (240) to put away what broke
off; the rest is left to the leases. ``--postgresql`` uses a server of this machine in place of
SQLite.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.models.postgresql import Cluster, binaries
from tests.telephony.kept_after_kills import faults, open_attempts, open_calls, put_away
from tests.telephony.killed_service import Kill, Load, Town, killed, town

CHATS, CALLS = 12, 12
SHORTEST, LONGEST = 2.0, 12.0


def main() -> None:
    asked = _arguments()
    with _database(asked.postgresql) as url, tempfile.TemporaryDirectory() as folder:
        load = Load(asked.kills, CHATS, CALLS, SHORTEST, LONGEST, asked.seed, url)
        with town(Path(folder), load) as at:
            begun = time.monotonic()
            kills = asyncio.run(_killed(at, load, asked.patience))
            _tell(at, kills, time.monotonic() - begun)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=100)
    parser.add_argument("--patience", type=float, default=240.0)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@contextmanager
def _database(postgresql: bool) -> Iterator[str]:
    found = binaries()
    if not postgresql:
        yield ""
        return
    if found is None:
        raise SystemExit("no PostgreSQL server 15 or newer below /usr/lib/postgresql: install it")
    running = Cluster(found)
    try:
        running.run("CREATE DATABASE kills")
        yield running.url("kills")
    finally:
        running.stop()


async def _killed(at: Town, load: Load, patience: float) -> list[Kill]:
    kills = await killed(at, load)
    until = time.monotonic() + patience
    while open_calls(at.service) and time.monotonic() < until:
        await asyncio.sleep(1)
    return kills


def _tell(at: Town, kills: list[Kill], seconds: float) -> None:
    turns = sum(len(one.answered) for one in at.chats)
    said = sum(len(one.acknowledged) for one in at.calls)
    broke = sum(one.broke for one in at.calls)
    left = put_away(at)
    rows = {
        "kills, in seconds": f"{len(kills)}, {seconds:.0f}",
        "calls that were cut off": broke,
        "chat turns that waited for an answer": sum(kill.waiting for kill in kills),
        "answers acknowledged in chats / on calls": f"{turns} / {said}",
        "chat turns sent more than once": sum(one.again for one in at.chats),
        "lost, doubled, or chains broken": len(found := faults(at)),
        "calls left to their lease": left,
        "calls that hold a line / attempts without outcome": (
            f"{open_calls(at.service)} / {len(open_attempts(at))}"
        ),
    }
    print("| what | found |\n| --- | --- |")
    for name, value in rows.items():
        print(f"| {name} | {value} |")
    if found:
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
