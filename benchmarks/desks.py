"""The supervisor's page over a province, and what a sign-in costs.

``python -m benchmarks.desks [PEOPLE]`` starts a PostgreSQL server of its own, makes a province of
14 cities, 1,500 townships and 22,500 villages with two million people by SQL, and asks for the page
of the province, a city, a county and a township, as a browser of a supervisor does.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import text
from starlette.testclient import TestClient

from models.campaign import Campaign, Campaigns
from models.demand import Demands, Stage
from models.schema.versions.r0009_progress import _FILL
from models.staff import Account, Staff
from server.app import create_app
from server.forms.library import SHIPPED, load_form
from server.service import Service
from server.settings import Settings
from tests.desks import cookies
from tests.models.postgresql import Cluster, binaries

PROVINCE, CAMPAIGN = "990000000000", "province"
CITIES, TOWNSHIPS, VILLAGES = 14, 1_500, 15
PEOPLE = 2_000_000
_TIMES = 30

#: Ten counties a city; the township's place in its county counts on.
_PLACES = f"""
CREATE TEMPORARY TABLE place AS
SELECT '99' || lpad((1 + town % {CITIES})::text, 2, '0')
    || lpad((1 + (town / {CITIES}) % 10)::text, 2, '0')
    || lpad((100 + town / {CITIES * 10})::text, 3, '0')
    || lpad((200 + village)::text, 3, '0') AS code,
    row_number() OVER () - 1 AS number
FROM generate_series(0, {TOWNSHIPS - 1}) AS town, generate_series(1, {VILLAGES}) AS village
"""
_REGIONS = """
INSERT INTO region (code, name, level, parent)
SELECT DISTINCT rpad(substr(code, 1, width), 12, '0'), 'place ' || substr(code, 1, width), level,
    CASE WHEN level = 2 THEN '000000000000' ELSE rpad(substr(code, 1, above), 12, '0') END
FROM place, (VALUES (2, 2, 0), (4, 3, 2), (6, 4, 4), (9, 5, 6), (12, 6, 9))
    AS step (width, level, above)
WHERE level = :level ON CONFLICT DO NOTHING
"""
_PERSONS = """
INSERT INTO person (id, key, name, name_index, certificate, region, created_at, updated_at)
SELECT md5('p' || n), sha256(n::text::bytea), '\\x00', sha256(n::text::bytea),
    decode(repeat('00', 60), 'hex'), place.code, now(), now()
FROM generate_series(1, :people) AS n JOIN place ON place.number = n % :villages
"""
_ASSIGNMENTS = f"""
INSERT INTO assignment (id, campaign_id, person_id, region, status, outcome, outcome_decided,
    visited, channel, created_at, updated_at)
SELECT md5('a' || n), '{CAMPAIGN}', md5('p' || n), place.code,
    CASE WHEN n % 10 < 3 THEN 'completed' WHEN n % 50 = 4 THEN 'ended' ELSE 'waiting' END,
    CASE WHEN n % 50 = 4 THEN (ARRAY['N01', 'N02', 'N11', 'N15'])[1 + n / 50 % 4] ELSE '' END,
    n % 100 = 4, CASE WHEN n % 10 > 3 THEN 'home' WHEN n % 10 = 3 THEN 'met' ELSE '' END,
    CASE WHEN n % 10 < 3 THEN (ARRAY['voice', 'wechat', 'window'])[1 + n / 10 % 3] END, now(), now()
FROM generate_series(1, :people) AS n JOIN place ON place.number = n % :villages
"""


def main() -> None:
    """Make the province and print the figures."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    found = binaries()
    if found is None:
        raise SystemExit("no PostgreSQL server 15 or newer below /usr/lib/postgresql")
    cluster = Cluster(found)
    try:
        cluster.run("CREATE DATABASE province")
        with tempfile.TemporaryDirectory() as folder:
            measure(cluster.url("province"), Path(folder), people)
    finally:
        cluster.stop()


def measure(url: str, folder: Path, people: int) -> None:
    service = Service.open(Settings.model_validate({"data_dir": folder, "database_url": url}))
    begun = time.perf_counter()
    province(service, people)
    print(f"{people:,} people made in {time.perf_counter() - begun:.0f} s")
    client = TestClient(create_app(service), headers={"accept": "text/html"})
    client.cookies.update(cookies(service, "supervisor"))
    for name, region in (
        ("province", PROVINCE), ("city", "990100000000"), ("county", "990101000000"),
        ("township", "990101100000"),
    ):  # fmt: skip
        page = f"/desk/progress?campaign={CAMPAIGN}&region={region}"
        tell(name, timed(lambda page=page: answered(client, page)))  # type: ignore[misc]
    passwords = service.sign_in.passwords
    kept = passwords.hashed("correct horse battery")
    tell("password, known login", timed(lambda: passwords.fits(kept, "wrong"), times=10))
    tell("password, unknown login", timed(lambda: passwords.fits(None, "wrong"), times=10))
    tell("one visit counted", timed(lambda: one_more(service)))
    service.close()


def province(service: Service, people: int) -> None:
    form = load_form(SHIPPED / "person.yaml")
    campaign = Campaign(
        id=CAMPAIGN,
        form=form.form,
        version=form.version,
        reference_day=date(2026, 9, 30),
        region=PROVINCE,
        demands=Demands(home_rate=90, stages=(Stage(name="采集", until=date(2026, 10, 25)),)),
    )
    now = datetime.now(UTC)
    Campaigns(service.database).create(campaign, by="benchmark", at=now)
    account = Account(
        login="supervisor", name="督导", role="supervisor", password="-", region=PROVINCE
    )
    Staff(service.database).add(account, by="benchmark", at=now)
    with service.database.writing() as connection:
        connection.execute(text(_PLACES))
        for level in range(2, 7):
            connection.execute(text(_REGIONS), {"level": level})
        connection.execute(text("ALTER TABLE assignment DISABLE TRIGGER assignment_counted"))
        wanted = {"people": people, "villages": TOWNSHIPS * VILLAGES}
        connection.execute(text(_PERSONS), wanted)
        connection.execute(text(_ASSIGNMENTS), wanted)
        connection.execute(text("ALTER TABLE assignment ENABLE TRIGGER assignment_counted"))
        connection.exec_driver_sql(_FILL)
        connection.execute(text("ANALYZE"))


def one_more(service: Service) -> None:
    """Count somebody who was just met at home."""
    statement = text(
        "UPDATE assignment SET visited = 'home' WHERE id ="
        " (SELECT id FROM assignment WHERE visited = '' LIMIT 1)"
    )
    with service.database.writing() as connection:
        connection.execute(statement)


def answered(client: TestClient, page: str) -> None:
    reply = client.get(page)
    assert reply.status_code == 200, reply.status_code


def timed(work: Callable[[], object], times: int = _TIMES) -> Sequence[float]:
    work()
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - begun))
    return sorted(found)


def tell(name: str, found: Sequence[float]) -> None:
    p95 = found[int(0.95 * (len(found) - 1))]
    print(f"{name}: median {statistics.median(found):.0f} ms, 95 % {p95:.0f} ms")


if __name__ == "__main__":
    main()
