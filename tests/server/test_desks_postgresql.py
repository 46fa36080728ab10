"""The desks on PostgreSQL, by the requests that people's browsers send.

G01 signing in by both factors, and the lock; G02 every page of every role opens, G03 a claim, a
ruling, its undoing and what it settles to; G04 two callers never get the same case; G05 names with
a second person, found by name and number, and a roster imported.
"""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from pydantic import SecretStr
from sqlalchemy import update
from starlette.testclient import TestClient

from models.roster import Roster
from models.staff import Staff
from models.tables import CampaignRow
from models.tables.staff import ROLES
from server.app import create_app
from server.desk.door import declaration
from server.desk.permission import Permission, may
from server.service import Service
from server.settings import Settings
from survey_engine.questionnaire import Questionnaire
from tests.desks import add_account, brief_streams, cookies, csrf
from tests.models.postgresql import Cluster
from tests.models.sample import row
from tests.server.test_sign_in import RIGHT, code_of, first_step, second_step
from tests.server.test_wall import Steps, routes_of
from tests.server.wall import HOME, Country, Village

PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def service(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    cluster.run("CREATE DATABASE desks")
    opened = Service.open(
        Settings(
            data_dir=tmp_path_factory.mktemp("desks"), database_url=SecretStr(cluster.url("desks")),
            argon2_time=1, argon2_memory_kib=8, review_second_share=0, review_gold_share=0,
        )
    )  # fmt: skip
    for role in ROLES:
        add_account(opened, role, role, HOME)
    with brief_streams():
        yield opened
    opened.close()
    cluster.run("DROP DATABASE desks WITH (FORCE)")


@pytest.fixture(scope="module")
def village(service: Service, forms: dict[str, Questionnaire]) -> Village:
    found = Country(service, forms["person"]).village("home", HOME, "区", 1)
    with service.database.writing() as connection:
        connection.execute(update(CampaignRow).values(call_hours=""))
    return found


class Desk:
    """One person's browser."""

    def __init__(self, service: Service, login: str) -> None:
        cookie = cookies(service, login)
        self.token = csrf(service, cookie)
        self.client = TestClient(
            create_app(service), cookies=cookie, headers=PAGE, follow_redirects=False
        )

    def post(self, path: str, **data: str) -> tuple[int, str]:
        reply = self.client.post(path, data={"csrf": self.token, **data})
        return reply.status_code, reply.headers.get("location", reply.text)


def test_signing_in_g01(service: Service) -> None:
    made = add_account(service, "wang", "caseworker", HOME)
    made = replace(
        made,
        password=service.sign_in.passwords.hashed(RIGHT),
        second_factor=pyotp.random_base32(),
    )
    Staff(service.database).replace(made, by="t", at=datetime.now(UTC))
    client = TestClient(create_app(service), follow_redirects=False, headers=PAGE)
    assert first_step(client, "wang", "wrong wrong")[0] == 401
    assert first_step(client, "wang", RIGHT)[0] == 303
    assert second_step(client, code_of(made)) == 303
    assert client.get("/desk/account").status_code == 200
    for number in range(10):
        service.sign_in.failures.count("wang", f"10.0.{number}.1", datetime.now(UTC))
    assert first_step(TestClient(client.app, headers=PAGE), "wang", RIGHT)[0] == 429


@pytest.mark.parametrize("role", ROLES)
def test_every_page_opens_g02(service: Service, village: Village, role: str) -> None:
    client, opened = Desk(service, role).client, 0
    for route in routes_of(service):
        whom = declaration(route)
        if "GET" not in (route.methods or ()) or not isinstance(whom, Permission):
            continue
        asked = Steps(route, village, ()).plain()
        status = client.get(asked.path, params=dict(asked.query)).status_code
        assert status < 500, asked
        assert (status == 403) is not may(role, whom), asked
        opened += status == 200
    assert opened


def test_a_ruling_and_its_undoing_g03(service: Service, village: Village) -> None:
    desk, task = Desk(service, "caseworker"), village.ids["task"]
    assert desk.client.get(f"/desk/review/{task}").status_code == 200
    other = Desk(service, "supervisor").client.get(f"/desk/review/{task}")
    assert "别人" in other.text
    ruling = {"key": "postgres-ruling", "act": "undetermined", "reason": "听不清"}
    for _ in range(2):  # sent twice
        assert desk.post(f"/desk/review/{task}", **ruling)[0] == 303
    assert desk.post("/desk/review/undo", key="postgres-ruling")[0] == 303
    assert desk.post(f"/desk/review/{task}", **{**ruling, "key": "postgres-second"})[0] == 303
    service.reviews.settle(datetime.now(UTC) + timedelta(seconds=11))
    assert [one.ending for one in service.reviews.rulings.of_task(task)] == ["withdrawn", "settled"]
    assert service.reviews.reviews.task(task).status != "open"


def test_two_callers_g04(service: Service, village: Village) -> None:
    people = [row(600 + number, region=HOME) for number in range(6)]
    now = datetime.now(UTC)
    Roster(service.database).keep(village.ids["campaign"], people, by="t", at=now)
    for number in range(4):
        add_account(service, f"caller-{number}", "caller", HOME)
    desks = [Desk(service, f"caller-{number}") for number in range(4)]
    with ThreadPoolExecutor(4) as together:
        found = list(together.map(lambda desk: desk.post("/desk/calls/next"), desks))
    cases = [
        place for status, place in found if re.fullmatch(r"/desk/calls/[0-9a-f]{32}#now", place)
    ]
    assert len(cases) == 4, found
    assert len(set(cases)) == 4


def test_names_and_rosters_g05(service: Service, village: Village, tmp_path: Path) -> None:
    desk, campaign = Desk(service, "supervisor"), village.ids["campaign"]
    who = village.ids["certificate"]
    status, page = desk.post("/desk/roster/find", campaign=campaign, who=who)
    assert (status, "本页 1 人" in page) == (200, True)
    assert desk.post("/desk/roster/names", campaign=campaign, region=HOME, reason="核对")[0] == 303
    page = desk.client.get("/desk/roster/names").text
    asked = re.search(r"/desk/roster/names/([0-9a-f]{32})/take", page)
    assert asked
    status, told = desk.post(f"/desk/roster/names/{asked[1]}/take")
    assert (status, village.ids["name"] in told) == (200, True)
    assert desk.post(f"/desk/roster/names/{asked[1]}/take")[0] == 403
    lines = ("姓名,残疾人证号,区划代码,联系电话", f"新人,99000019600229001042,{HOME},15423600001")
    file = {"file": ("r.csv", "\n".join(lines).encode(), "text/csv")}
    reply = desk.client.post(
        "/desk/roster/import", data={"csrf": desk.token, "campaign": campaign}, files=file
    )
    assert reply.status_code == 303
    for _ in range(1_200):
        page = desk.client.get(reply.headers["location"]).text
        if "正在导入" not in page:
            break
        time.sleep(0.05)
    assert "收下 1 行" in page
    assert "应调查" in desk.client.get(f"/desk/progress?campaign={campaign}").text
