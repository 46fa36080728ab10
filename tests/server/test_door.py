"""Who may enter where.

D01 every route declares exactly one permission or says for whom it is open, D02 a route without a
declaration stops the application from starting, D03 nobody enters without a sitting, D04 a role
enters only what it may, D05 nothing is changed without the page's token or from another site,
D06 a statement without the viewer's wall is refused, D07 what is beyond the wall is answered like
what is not there, D08 sittings end with time and with what an account may do,
D09 web sockets have the same door.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Annotated

import pytest
from fastapi import APIRouter, WebSocket
from fastapi.routing import APIRoute
from sqlalchemy import select, text
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from models.campaign import Campaign, Campaigns
from models.failure import (
    NotFoundError,
    RoleRefusedError,
    SittingEndedError,
    UnwalledError,
)
from models.review import TaskFilter
from models.roster import Roster
from models.sitting import IDLE, LASTING, Sittings
from models.staff import Staff
from models.tables import AssignmentRow
from models.tables.staff import ROLES
from models.viewer import Viewer
from models.walled import Walled
from server.app import all_routes, create_app
from server.desk.door import COOKIE, Open, UndeclaredRouteError, declaration, needs
from server.desk.permission import Permission, holders, may
from server.desk.sitting import Sitting
from server.service import Service
from server.settings import Settings
from survey_engine.questionnaire import Questionnaire
from tests.desks import add_account, cookies, csrf
from tests.models.sample import AT, row

HERE, THERE, COUNTY = "990000100201", "990000200201", "990000000000"
PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, forms: dict[str, Questionnaire]
) -> Iterator[Service]:
    """A service with one person on each side of a wall."""
    opened = Service.open(Settings(data_dir=tmp_path_factory.mktemp("door")))
    form = forms["person"]
    campaign = Campaign(
        id="c", form=form.form, version=form.version, reference_day=AT.date(), region=COUNTY
    )
    Campaigns(opened.database).create(campaign, by="t", at=AT)
    Roster(opened.database).keep("c", [row(1), row(2, region=THERE)], by="t", at=AT)
    for role in ROLES:
        add_account(opened, role, role, "990000100000")
    yield opened
    opened.close()


@pytest.fixture
def client(service: Service) -> TestClient:
    return TestClient(create_app(service), follow_redirects=False)


def viewer(region: str = "990000100000") -> Viewer:
    return Viewer(login="v", name="v", role="caller", region=region)


def test_every_route_is_declared_d01(service: Service) -> None:
    found = {
        (getattr(route, "path", ""), declaration(route))
        for router in all_routes(service)
        for route in router.routes
    }
    assert ("/desk", Permission.OWN) in found
    assert {path for path, one in found if one is Open.ANYONE} <= {
        "/healthz", "/metrics", "/desk/sign-in",
    }  # fmt: skip
    assert not [path for path, one in found if path.startswith("/desk/") and one is Open.LINK]


def test_an_undeclared_route_stops_the_application_d02(service: Service) -> None:
    router = APIRouter()

    @router.get("/desk/forgotten")
    def forgotten() -> str:
        return "open by omission"

    with pytest.raises(UndeclaredRouteError, match="/desk/forgotten"):
        create_app(service, [router])


def test_nobody_enters_without_a_sitting_d03(client: TestClient) -> None:
    assert client.get("/desk/review", headers=PAGE).headers["location"] == (
        "/desk/sign-in?next=/desk/review"
    )
    assert client.get("/desk/review").status_code == 401
    assert client.post("/desk/review/x", headers=PAGE).status_code == 401
    client.cookies["tingwen_desk"] = "x" * 43
    assert client.get("/desk/review").status_code == 401


@pytest.mark.parametrize("role", ROLES)
def test_a_role_enters_only_what_it_may_d04(
    service: Service, client: TestClient, role: str
) -> None:
    client.cookies.update(cookies(service, role))
    expected = 200 if may(role, Permission.REVIEW) else 403
    assert client.get("/desk/review", headers=PAGE).status_code == expected
    assert client.get("/desk/account", headers=PAGE).status_code == 200


def test_administrators_exclude_each_other_d04() -> None:
    for mine in (Permission.SYSTEM, Permission.STAFF, Permission.AUDIT):
        assert len(holders(mine)) == 1
    administrators = {role for role in ROLES if role.endswith("_admin")}
    for seeing in (Permission.REVIEW, Permission.CALL, Permission.ROSTER, Permission.SHOW):
        assert not holders(seeing) & administrators


def test_nothing_is_changed_without_the_token_d05(service: Service, client: TestClient) -> None:
    cookie = cookies(service, "caller")
    client.cookies.update(cookie)
    token = csrf(service, cookie)
    assert client.post("/desk/sign-out").status_code == 409
    assert client.post("/desk/sign-out", data={"csrf": token[:-1] + "x"}).status_code == 409
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert client.post("/desk/sign-out", data={"csrf": token}, headers=elsewhere).status_code == 409
    assert client.get("/desk/account").status_code == 200
    assert client.post("/desk/sign-out", headers={"x-csrf-token": token}).status_code == 303
    client.cookies.clear()
    client.cookies.update(cookie)
    assert client.get("/desk/account").status_code == 401


def test_no_route_is_changed_without_the_token_d05(service: Service, client: TestClient) -> None:
    """Every unsafe route of every role, asked by somebody who may, from a page of another site."""
    asked = set()
    for role in ROLES:
        cookie = cookies(service, role)
        client.cookies.clear()
        client.cookies.update(cookie)
        for method, path in unsafe_routes(service, role):
            for token in ("", csrf(service, cookie)[:-1] + "_"):
                reply = client.request(method, path, data={"csrf": token})
                assert reply.status_code == 409, (role, path)
            headers = {"x-csrf-token": csrf(service, cookie), "sec-fetch-site": "cross-site"}
            assert client.request(method, path, headers=headers).status_code == 409, path
            asked.add(path)
    assert len(asked) > 30


def test_no_route_opens_without_the_second_factor_d03(service: Service, client: TestClient) -> None:
    for role in ROLES:
        cookie = Sittings(service.database).begin(role, datetime.now(UTC), pending=True)
        client.cookies.clear()
        client.cookies.set(COOKIE, cookie)
        token = Sittings(service.database).token(cookie)
        for method, path in (*unsafe_routes(service, role), ("GET", "/desk"), ("GET", "/api/x")):
            reply = client.request(method, path, headers={"x-csrf-token": token})
            assert reply.status_code in (401, 404), (role, path)
            assert reply.status_code == 401 or path == "/api/x"


def unsafe_routes(service: Service, role: str) -> list[tuple[str, str]]:
    """Method and address of whatever ``role`` may change."""
    return [
        (method, re.sub(r"\{[^}]*\}", "0" * 32, route.path))
        for router in all_routes(service)
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in (route.methods or set()) - {"GET", "HEAD"}
        if isinstance(whom := declaration(route), Permission) and may(role, whom)
    ]


def test_a_statement_without_the_wall_is_refused_d06(service: Service) -> None:
    records = Walled(service.database, viewer())
    everybody = select(AssignmentRow.id)
    with records.reading() as connection:
        mine = everybody.where(viewer().wall(AssignmentRow.region))
        assert len(connection.execute(mine).all()) == 1
        theirs = everybody.where(viewer("990000200000").wall(AssignmentRow.region))
        for statement in (everybody, theirs, text("SELECT id FROM assignment")):
            with pytest.raises(UnwalledError):
                connection.execute(statement)


def test_beyond_the_wall_is_like_not_there_d07(service: Service) -> None:
    records = Walled(service.database, viewer())
    here, there = sorted(
        service.cases.by_name("c", "张试用1") + service.cases.by_name("c", "张试用2"),
        key=lambda case: case.region,
    )
    assert records.case(here.assignment_id).region == HERE
    told = set()
    for hidden in (there.assignment_id, "0" * 32):
        with pytest.raises(NotFoundError) as refused:
            records.case(hidden)
        told.add(str(refused.value))
    assert len(told) == 1
    assert records.by_name("c", "张试用2") == ()
    assert records.tasks(TaskFilter()) == ()
    assert [region.code for region in records.path(HERE)] == ["990000100000", HERE]
    for code in (THERE, COUNTY, "99", "x" * 12):
        with pytest.raises(NotFoundError):
            records.region(code)


def test_sittings_end_d08(service: Service) -> None:
    sittings, staff, now = Sittings(service.database), Staff(service.database), datetime.now(UTC)
    account = add_account(service, "leaving", "caller", HERE)
    cookie = sittings.begin("leaving", now)
    assert sittings.held(cookie, now + IDLE - timedelta(minutes=1)).account == account
    for late in (now + 2 * IDLE, now + LASTING):
        with pytest.raises(SittingEndedError):
            sittings.held(cookie, late)
    changes = ({"role": "clerk"}, {"password": "other"}, {"region": COUNTY}, {"active": False})
    for change in changes:
        cookie = sittings.begin("leaving", now)
        account = replace(account, **change)
        staff.replace(account, by="t", at=now)
        with pytest.raises(SittingEndedError):
            sittings.held(cookie, now)


def test_no_administrator_becomes_another_d04(service: Service) -> None:
    staff, now = Staff(service.database), datetime.now(UTC)
    administrators = [role for role in ROLES if role.endswith("_admin")]
    for before, after in permutations(administrators, 2):
        account = staff.get(before)
        assert account is not None
        with pytest.raises(RoleRefusedError):
            staff.replace(replace(account, role=after), by="t", at=now)
        assert staff.get(before) == account


def test_the_rail_shows_what_the_role_may_see(service: Service, client: TestClient) -> None:
    client.cookies.update(cookies(service, "supervisor"))
    page = client.get("/desk/review", headers=PAGE).text
    assert 'aria-current="page">审核' in page
    assert "呼叫" not in page


def test_web_sockets_have_the_same_door_d09(service: Service) -> None:
    router = APIRouter()

    @router.websocket("/desk/listen")
    async def listen(
        socket: WebSocket, sitting: Annotated[Sitting, needs(Permission.CALL)]
    ) -> None:
        await socket.accept()
        await socket.send_text(sitting.login)
        await socket.close()

    app = create_app(service, [router])
    ours, theirs = {"origin": "http://testserver"}, {"origin": "http://example.invalid"}

    def heard(login: str, headers: dict[str, str]) -> str:
        client = TestClient(app)
        if login:
            client.cookies.update(cookies(service, login))
        try:
            with client.websocket_connect("/desk/listen", headers=headers) as socket:
                return socket.receive_text()
        except WebSocketDisconnect:
            return "refused"

    assert heard("caller", ours) == "caller"
    refused = [heard("caller", theirs), heard("caller", {}), heard("clerk", ours), heard("", ours)]
    assert refused == ["refused"] * 4
