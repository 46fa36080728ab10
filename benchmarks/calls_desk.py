"""Measures "next case": a million assignments, fifty callers who claim at once, none twice.

``python -m benchmarks.calls_desk [PEOPLE [CALLERS [postgresql]]]`` makes the people by SQL, first
in SQLite and then in a PostgreSQL server of its own (or there alone), three in ten of them tried
before and one in twenty held back for a week. Fifty callers of ten counties then press the key at
random within one second, and in the same instant (the worst case), eight times each, giving their
case back as tried; once before, not counted, to open the connections. Besides, fifty of the whole
province, one alone, and one for whom nobody is left.
Prints the time of a claim from the caller's side and the processor time of its thread, which
other programs on the machine hardly change, and stops if any case was given out twice. Both
databases wait for the disk as they do in service.
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import text, update

from models.call_places import CallPlaces
from models.call_queue import CallQueue
from models.campaign import Campaign, Campaigns
from models.database import Database
from models.keys import KeyFile
from models.region import ensure_regions
from models.schema.versions.r0015_calling import _FILL
from models.tables import CallingRow
from models.viewer import Viewer
from models.walled import Walled
from tests.models.postgresql import Cluster, binaries

PROVINCE, CAMPAIGN = "990000000000", "province"
PEOPLE, CALLERS, ROUNDS = 1_000_000, 50, 8
COUNTIES = 10
NOW = datetime.fromisoformat("2026-10-12T10:00:00+08:00")
_VILLAGES = [
    f"9901{county + 1:02d}{town + 100}{village + 200}"
    for county in range(COUNTIES)
    for town in range(10)
    for village in range(10)
]

_NUMBERS = (
    "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < :people)"
)
_PERSONS = f"""
INSERT INTO person (id, key, name, name_index, certificate, region, created_at, updated_at)
{_NUMBERS} SELECT 'p' || n, {{key}}, {{bytes}}, {{key}}, {{bytes}}, {{village}}, :at, :at FROM many
"""
_ASSIGNMENTS = f"""
INSERT INTO assignment (id, campaign_id, person_id, region, status, outcome, outcome_decided,
    visited, created_at, updated_at)
{_NUMBERS} SELECT 'a' || n, '{CAMPAIGN}', 'p' || n, {{village}}, 'waiting', '', false, '', :at, :at
FROM many
"""
_VILLAGE = (
    "'9901' || substr('0' || (1 + n % 10), -2) || (100 + n / 10 % 10) || (200 + n / 100 % 10)"
)
_SQLITE = {
    "key": "CAST(printf('%032d', n) AS BLOB)",
    "bytes": "zeroblob(60)",
    "village": _VILLAGE,
}
_POSTGRESQL = {
    "key": "sha256(n::text::bytea)",
    "bytes": "decode(repeat('00', 60), 'hex')",
    "village": "'9901' || lpad((1 + n % 10)::text, 2, '0') || (100 + n / 10 % 10)"
    " || (200 + n / 100 % 10)",
}
_TRIED = """
UPDATE calling SET urgency = 2, reason = 'retry',
    morning = length(assignment_id) % 2, afternoon = 1
WHERE substr(assignment_id, length(assignment_id)) IN ('1', '4', '7')
"""
_PAUSED = """
UPDATE calling SET due_at = :later WHERE substr(assignment_id, length(assignment_id) - 1)
    IN ('07', '28', '41', '66', '83')
"""


def main() -> None:
    """Print the figures of both databases."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    callers = int(sys.argv[2]) if len(sys.argv) > 2 else CALLERS
    print("| database | measured | claims | median ms | p95 ms | worst ms | processor ms |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        keys = KeyFile.open(Path(folder) / "keys.json")
        if "postgresql" not in sys.argv:
            with_database(f"sqlite:///{folder}/calls.db", keys, people, callers)
        found = binaries()
        if found is None:
            raise SystemExit("no PostgreSQL server 15 or newer below /usr/lib/postgresql")
        cluster = Cluster(found, waits_for_disk=True)
        try:
            cluster.run("CREATE DATABASE calls")
            with_database(cluster.url("calls"), keys, people, callers)
        finally:
            cluster.stop()


def with_database(url: str, keys: KeyFile, people: int, callers: int) -> None:
    """Measure one database."""
    database = Database.open(url, keys)
    database.migrate()
    _fill(database, people)
    name = "SQLite" if database.is_sqlite else "PostgreSQL"
    everywhere = [f"9901{number % COUNTIES + 1:02d}000000" for number in range(callers)]
    for who, regions in (("counties", everywhere), ("province", [PROVINCE] * callers)):
        for when, within in (("within a second", 1.0), ("in the same instant", 0.0)):
            _print(name, f"{callers} {when}, {who}", _at_once(database, regions, within))
    _print(name, "one after the other", _alone(database, "990101000000", 200))
    with database.writing() as connection:
        done = update(CallingRow).where(CallingRow.county == "990102").values(due_at=None)
        connection.execute(done)
    _print(name, "nobody left in the county", _alone(database, "990102000000", 50, found=False))
    database.close()


def _fill(database: Database, people: int) -> None:
    at, kind = datetime.now(UTC), _SQLITE if database.is_sqlite else _POSTGRESQL
    campaign = Campaign(
        id=CAMPAIGN, form="person", version="1", reference_day=date(2026, 9, 30), region=PROVINCE,
        call_hours="09:00-12:00,14:00-20:00",
    )  # fmt: skip
    Campaigns(database).create(campaign, by="benchmark", at=at)
    since = NOW - timedelta(days=20)
    with database.writing() as connection:
        ensure_regions(connection, _VILLAGES)
        if not database.is_sqlite:  # counting progress row by row would take an hour
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in (_PERSONS, _ASSIGNMENTS):
            filled = text(statement.format(**kind))
            connection.execute(filled, {"people": people, "at": _moment(database, since)})
        if not database.is_sqlite:
            connection.execute(text(_FILL))
        connection.execute(text(_TRIED))
        later = _moment(database, NOW + timedelta(days=7))
        connection.execute(text(_PAUSED), {"later": later})
    if not database.is_sqlite:
        with database.writing() as connection:
            connection.execute(text("ANALYZE"))


def _moment(database: Database, at: datetime) -> object:
    """SQLite keeps times as text."""
    plain = at.astimezone(UTC)
    return plain.strftime("%Y-%m-%d %H:%M:%S.%f") if database.is_sqlite else plain


def _queue(places: CallPlaces, database: Database, login: str, region: str) -> CallQueue:
    viewer = Viewer(login=login, name=login, role="caller", region=region)
    return CallQueue(database, Walled(database, viewer), places)


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds that a claim took, and those of the processor."""

    waited: float
    worked: float


def _timed(work: Callable[[], object]) -> tuple[Took, object]:
    begun, working = time.perf_counter(), time.thread_time()
    done = work()
    worked = time.thread_time() - working
    return Took(1_000 * (time.perf_counter() - begun), 1_000 * worked), done


def _at_once(database: Database, regions: list[str], within: float) -> list[Took]:
    """Let one caller of each region press the key, at random within so many seconds."""
    random, places = Random(1), CallPlaces(database)
    took: list[Took] = []
    given: list[str] = []
    for done in range(1 + ROUNDS):
        if done == 1:  # the round before opened the connections and planned their statements
            took.clear()
        barrier = threading.Barrier(len(regions))
        threads = [
            threading.Thread(
                target=_claim,
                args=(
                    _queue(places, database, f"caller{number}", region),
                    barrier,
                    random.uniform(0, within),
                    took,
                    given,
                ),
            )
            for number, region in enumerate(regions)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        _put_back(database)
    if len(given) != len(set(given)) or len(given) != len(regions) * (1 + ROUNDS):
        raise SystemExit(f"{len(given)} claims gave {len(set(given))} cases")
    return took


def _claim(
    queue: CallQueue, barrier: threading.Barrier, wait: float, took: list[Took], given: list[str]
) -> None:
    barrier.wait()
    time.sleep(wait)
    milliseconds, found = _timed(lambda: queue.claim_next(NOW))
    took.append(milliseconds)
    if found is not None:
        given.append(found.assignment_id)  # type: ignore[attr-defined]


def _put_back(database: Database) -> None:
    """Whoever is held was tried and rests a week."""
    held = update(CallingRow).where(CallingRow.claimed_by.is_not(None))
    rest = {"claimed_by": None, "claimed_until": None, "due_at": NOW + timedelta(days=7)}
    with database.writing() as connection:
        connection.execute(held.values(**rest))


def _alone(database: Database, region: str, times: int, *, found: bool = True) -> list[Took]:
    queue, took = _queue(CallPlaces(database), database, "alone", region), []
    for _ in range(times):
        milliseconds, one = _timed(lambda: queue.claim_next(NOW))
        if (one is not None) is not found:
            raise SystemExit("the queue is not as it was made")
        took.append(milliseconds)
        _put_back(database)
    return took


def _print(name: str, what: str, took: list[Took]) -> None:
    waited = [one.waited for one in took]
    p95, median = statistics.quantiles(waited, n=20)[-1], statistics.median(waited)
    worked = statistics.median(one.worked for one in took)
    figures = f"{median:.1f} | {p95:.1f} | {max(waited):.1f} | {worked:.1f}"
    print(f"| {name} | {what} | {len(took)} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
