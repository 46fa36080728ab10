"""The wall walk: whatever a desk is asked with, nothing of another region comes out or changes.

W01 every route × role × region with foreign ids in path, query and body gives no foreign row, W02
what is foreign is answered like what is not there, W03 nothing foreign has changed at the end, W04
a role that may not enter a route gets the same refusal whatever it asks for, W05 web sockets too.
A route that somebody adds is walked by itself.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from pydantic import BaseModel
from sqlalchemy import ColumnElement, select
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from models.base import Record
from models.campaign import Campaign, Campaigns
from models.clip import Clip, Clips
from models.region import Region, Regions
from models.roster import Roster
from models.roster_import import RosterImports
from models.sitting import Sittings
from models.tables import AssignmentRow, InterviewRow, PersonRow, ReviewTaskRow, UncoveringRow
from models.tables.staff import ROLES
from models.uncovering import Uncovering
from models.viewer import Viewer
from models.visit import Visits
from models.walled import Walled
from server.app import all_routes, create_app
from server.demo.respondent import Manner, Respondent
from server.desk.door import COOKIE, Open, declaration
from server.desk.permission import Permission, may
from server.service import Service
from server.settings import Settings
from survey_engine.questionnaire import Questionnaire
from tests.desks import add_account
from tests.models.sample import AT, row

COUNTY, TOWN, HERE, THERE = "990000000000", "990000100000", "990000100201", "990000200201"
MISSING = "0" * 32
REGIONS = (TOWN, "990001000000")
#: A rare surname, so that a masked name of somebody foreign is found as well.
FOREIGN = "鄺"
PLAUSIBLE = {
    "reason": "核对情况", "granted": "true", "kind": "home", "day": "2026-10-01", "role": "caller",
    "seed": "7", "size": "50", "days": "30", "before": "0", "act": "confirm", "key": "k" * 12,
}  # fmt: skip
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class County:
    """A service with people on both sides, and what is foreign to those on this side.

    ``written`` is what the walk itself has sent to be kept, which may be shown again.
    """

    service: Service
    ids: Sequence[str]
    secrets: Sequence[str]
    written: set[str] = field(default_factory=set)

    def leaks(self, told: str, sent: str) -> list[str]:
        """Return what is foreign in an answer and was not in a question."""
        said = " ".join((sent, *self.written))
        return [secret for secret in self.secrets if secret in told and secret not in said]


@pytest.fixture(scope="module")
def county(
    tmp_path_factory: pytest.TempPathFactory, forms: dict[str, Questionnaire]
) -> Iterator[County]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("wall"), argon2_time=1, argon2_memory_kib=8
    )
    service = Service.open(settings)
    form = forms["person"]
    for name, region in (("both", COUNTY), ("theirs", "990000200000")):
        campaign = Campaign(
            id=name, form=form.form, version=form.version, reference_day=date(2026, 9, 30),
            region=region,
        )  # fmt: skip
        Campaigns(service.database).create(campaign, by="t", at=AT)
    mine = [row(index) for index in range(3)]
    theirs = [
        row(index, region=THERE, name=f"{FOREIGN}外人{index}", telephone=f"1399999000{index}")
        for index in range(3, 6)
    ]
    Roster(service.database).keep("both", [*mine, *theirs], by="t", at=AT)
    Roster(service.database).keep("theirs", theirs, by="t", at=AT)
    Regions(service.database).keep([Region(THERE, f"{FOREIGN}家村"), Region(HERE, "本村")])
    for name in ("张试用0", f"{FOREIGN}外人3"):
        (case,) = service.cases.by_name("both", name)
        Respondent(service, case, Manner("vague", vague=0.6)).answer()
    for role in ROLES:
        for number, region in enumerate(REGIONS):
            add_account(service, f"{role}-{number}", role, region)
    yield fill(service)
    service.close()


def fill(service: Service) -> County:
    """Leave a trace of everything that somebody beyond the wall may have done."""
    yonder = Viewer(login="yonder", name=f"{FOREIGN}督导", role="supervisor", region=THERE)
    add_account(service, "yonder", "supervisor", THERE)
    database, records = service.database, Walled(service.database, yonder)
    cases = records.cases()
    asked = Uncovering(database, records).ask("both", THERE, "他们的用途", at=AT)
    Visits(database, records).record(cases[0].assignment_id, "home", date(2026, 10, 1), at=AT)
    imports = RosterImports(database, records)
    imported = imports.begin("both", THERE, "他们的底册.csv", AT)
    imports.end(imported, "done", {"read": 0, "accepted": 0, "unchanged": 0, "rejected": []}, AT)
    with database.reading() as connection:
        interviews = connection.scalars(
            select(InterviewRow.id).join(
                AssignmentRow, AssignmentRow.id == InterviewRow.assignment_id
            ).where(AssignmentRow.region == THERE)
        ).all()  # fmt: skip
        tasks = connection.execute(
            select(ReviewTaskRow.id, ReviewTaskRow.utterance).where(ReviewTaskRow.region == THERE)
        ).all()
        people = connection.scalars(select(PersonRow.id).where(PersonRow.region == THERE)).all()
    assert tasks, "there is something to review beyond the wall"
    clip = Clip(
        utterance="their-utterance", interview_id=interviews[0], format="pcm16", rate=8000,
        sound=b"\0" * 320, recorded_at=AT,
    )  # fmt: skip
    Clips(database).keep(clip)
    ids = (
        cases[0].assignment_id, tasks[0].id, interviews[0], people[0], asked.id, imported,
        "their-utterance", tasks[0].utterance, "theirs", "yonder", THERE,
    )  # fmt: skip
    secrets = (
        FOREIGN, "他们的", "1399999000", "yonder", "990000200", "theirs",
        *(case.certificate for case in cases), *(case.assignment_id for case in cases),
        *(task.id for task in tasks), *interviews, *people, asked.id, imported,
    )  # fmt: skip
    return County(service, [one for one in ids if one], secrets)


def desk_routes(service: Service) -> list[APIRoute]:
    found = [
        route
        for router in all_routes(service)
        for route in router.routes
        if isinstance(route, APIRoute) and isinstance(declaration(route), Permission)
    ]
    assert len(found) > 25
    return found


def fields(params: Sequence[Any]) -> list[str]:
    """The names of what a route takes; a model stands for its fields."""
    names = []
    for param in params:
        kind = param.field_info.annotation
        is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
        names += list(kind.model_fields) if is_model else [param.name]
    return names


@dataclass(frozen=True)
class Asked:
    """One request of the walk."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, str]

    def sent(self) -> str:
        return " ".join((self.path, *self.query.values(), *self.body.values()))


def asked_of(route: APIRoute, foreign: str, *, everywhere: bool = True) -> Iterator[Asked]:
    """Yield requests with ``foreign`` in the path, and in each other place in turn."""
    (method,) = (route.methods or set()) - {"HEAD"}
    path = _PLACE.sub(lambda found: PLAUSIBLE.get(found[1], foreign), route.path)
    query = {name: PLAUSIBLE.get(name, "") for name in fields(route.dependant.query_params)}
    body = {name: PLAUSIBLE.get(name, "x") for name in fields(route.dependant.body_params)}
    full = {name: value for name, value in query.items() if value}
    yield Asked(method, path, full, body)
    if not everywhere:
        return
    for name in query:
        yield Asked(method, path, {**full, name: foreign}, body)
    for name in body:
        yield Asked(method, path, full, {**body, name: foreign})
    if body:
        extra = dict.fromkeys(("region", "assignment_id", "task_id", "login", "campaign"), foreign)
        yield Asked(method, path, full, {**body, **extra})


def ask(client: TestClient, token: str, asked: Asked) -> tuple[int, str]:
    headers = {"accept": "text/html", "x-csrf-token": token}
    reply = client.request(
        asked.method,
        asked.path,
        params=asked.query,
        data=asked.body or None,
        headers=headers,
    )
    told = reply.text if reply.headers.get("content-type", "").startswith(("text", "app")) else ""
    return reply.status_code, f"{told} {reply.headers.get('location', '')}"


def entering(county: County, login: str) -> tuple[TestClient, str]:
    client = TestClient(create_app(county.service), follow_redirects=False)
    cookie = Sittings(county.service.database).begin(login, datetime.now(UTC))
    client.cookies.set(COOKIE, cookie)
    return client, Sittings(county.service.database).token(cookie)


def foreign_rows(service: Service) -> list[tuple[str, tuple[object, ...]]]:
    """Every row that belongs beyond the wall, or to somebody who works there."""
    found: list[tuple[str, tuple[object, ...]]] = []
    with service.database.reading() as connection:
        there = list(
            connection.scalars(select(AssignmentRow.id).where(AssignmentRow.region == THERE))
        )
        for table in Record.metadata.sorted_tables:
            columns = table.c
            mine: ColumnElement[bool]
            if "assignment_id" in columns:
                mine = columns.assignment_id.in_(there)
            elif "region" in columns:
                mine = columns.region.startswith("990000200")
            elif "campaign_id" in columns:
                mine = columns.campaign_id == "theirs"
            else:
                continue
            found += [
                (table.name, tuple(one)) for one in connection.execute(select(table).where(mine))
            ]
    return sorted(found, key=repr)


@pytest.mark.parametrize("role", ROLES)  # all that only read come before all that write
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_wall_walk_w01_w02_w03_w04(county: County, role: str, method: str) -> None:
    before, walked = foreign_rows(county.service), 0
    routes = [one for one in desk_routes(county.service) if method in (one.methods or ())]
    for number in range(len(REGIONS)):
        client, token = entering(county, f"{role}-{number}")
        for route in routes:
            if route.path in ("/desk/sign-out", "/desk/account/password"):
                continue
            permission = declaration(route)
            assert isinstance(permission, Permission)
            allowed = may(role, permission)
            walked += walk(county, client, token, route, allowed=allowed)
            if allowed:
                like_not_there(client, token, route, county)
    assert walked >= len(routes)
    assert foreign_rows(county.service) == before


def walk(county: County, client: TestClient, token: str, route: APIRoute, *, allowed: bool) -> int:
    """Ask a route with everything foreign; return how often it was asked."""
    walked = 0
    for foreign in county.ids if allowed else county.ids[:1]:
        everywhere = allowed and foreign in county.ids[::3]
        for asked in asked_of(route, foreign, everywhere=everywhere):
            county.written.update((*asked.body.values(), asked.query.get("seed", "")))
            status, told = ask(client, token, asked)
            walked += 1
            assert county.leaks(told, asked.sent()) == [], (asked, status)
            assert status < 500, (asked, told)
            assert allowed or status == 403, asked
    return walked


def like_not_there(client: TestClient, token: str, route: APIRoute, county: County) -> None:
    """What is foreign in the path is answered word for word like what is not there."""
    if not _PLACE.search(route.path):
        return
    missing = next(asked_of(route, MISSING))
    status, told = ask(client, token, missing)
    for foreign in county.ids:
        asked = next(asked_of(route, foreign))
        answer = ask(client, token, asked)
        if answer[0] == 422:
            continue  # no id of this kind looks like that, whether there is one or not
        assert answer[0] == status, (asked, missing, status)
        if status != 404:
            continue
        assert answer[1].replace(foreign, MISSING) == told, asked


def test_nobody_uncovered_anybody_foreign(county: County) -> None:
    with county.service.database.reading() as connection:
        seen = select(AssignmentRow.region).join(
            UncoveringRow, UncoveringRow.assignment_id == AssignmentRow.id
        )
        assert THERE not in set(connection.scalars(seen))


def test_web_sockets_w05(county: County) -> None:
    sockets = [
        route
        for router in all_routes(county.service)
        for route in router.routes
        if isinstance(route, APIWebSocketRoute)
    ]
    assert sockets
    for route in sockets:
        whom = declaration(route)
        if whom is Open.SIGNED or whom is Open.LINK:
            continue
        for role in (one for one in ROLES if isinstance(whom, Permission) and may(one, whom)):
            client, _ = entering(county, f"{role}-0")
            for foreign in county.ids:
                path = _PLACE.sub(foreign, route.path)
                assert county.leaks(heard(client, path), path) == []


def heard(client: TestClient, path: str) -> str:
    """Return the first thing that a web socket says, or nothing if it does not open."""
    try:
        with client.websocket_connect(path, headers={"origin": "http://testserver"}) as socket:
            return socket.receive_text()
    except WebSocketDisconnect:
        return ""


def test_the_walk_finds_what_is_there(county: County) -> None:
    """The walk would see a leak: somebody of the county sees all that it looks for."""
    add_account(county.service, "whole", "supervisor", COUNTY)
    client, token = entering(county, "whole")
    for path in ("/desk/roster?campaign=both", "/desk/roster/names", "/desk/campaigns",
                 f"/desk/roster/{county.ids[0]}"):  # fmt: skip
        status, told = ask(client, token, Asked("GET", path, {}, {}))
        assert status == 200
        assert county.leaks(told, path), path
