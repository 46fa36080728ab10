"""The wall walk: whatever a desk is asked with, nothing of another region comes out or changes.

W01 every route × role × level of the regions, with ids from beyond the wall in the path, in each
parameter of query and body alone and in all at once, gives no foreign row; W02 what is foreign is
answered like what is not there; W03 nothing foreign has changed at the end; W04 a role that may
not enter a route is refused whatever it asks for; W05 web sockets and links too; W06 who moves to
another region takes nothing along. Routes and parameters come from the application itself, so one
that somebody adds is walked by itself; a path that names a new kind of thing stops the walk until
:data:`KINDS` says what that is.
"""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from pydantic import BaseModel
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from models.region import COUNTRY
from models.sitting import Sittings
from models.staff import Staff
from models.tables.staff import ROLES
from models.window import Window
from server.app import all_routes, create_app
from server.desk.door import COOKIE, Open, declaration
from server.desk.permission import Permission, may
from server.service import Service
from server.settings import Settings
from survey_engine.questionnaire import Questionnaire
from tests.desks import add_account, brief_streams
from tests.server.wall import BEYOND, DESKS, HOME, Country, Village

LEVELS = tuple(DESKS)
#: What the parameters of routes name. Those of paths have to be here.
KINDS: Mapping[str, str] = {
    "assignment_id": "assignment", "task_id": "task", "approval_id": "approval",
    "import_id": "import", "name": "campaign", "campaign_id": "campaign", "campaign": "campaign",
    "login": "login", "actor": "login", "utterance": "utterance", "token": "assignment",
    "region": "region", "village": "region", "key": "ruling", "done": "ruling",
    "after": "assignment", "person": "certificate", "who": "name", "number": "certificate",
    "object": "assignment",
}  # fmt: skip
#: What belongs to no region, by where its paths begin.
COMMON = {"/desk/results": "busy"}
#: What is like a thing of each kind and does not exist.
MISSING = {
    "region": "970101101201", "certificate": "97000019600229001042", "name": "无此人",
    "login": "nobody-there", "campaign": "no-such-year", "ruling": "no-such-ruling",
    "utterance": "no-such-sound",
}  # fmt: skip
PLAUSIBLE = {
    "reason": "核对情况", "granted": "true", "kind": "home", "day": "2026-10-01", "role": "caller",
    "seed": "7", "size": "50", "days": "30", "before": "0", "key": "k" * 12, "turn": "0",
    "old": "x", "new": "x", "home_rate": "90", "words": "一句话",
}  # fmt: skip
#: What somebody adds to an address or a form who hopes that it is passed on.
SLIPPED_IN = ("region__like", "sort", "order", "fields", "wall_from", "viewer", "staff_id")
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")
_EITHER = re.compile(r"\^\(([\w|]+)\)\$")
_NONCE = re.compile(r'value="n?[0-9a-f]{32}"|\d\d:\d\d:\d\d')


@dataclass(frozen=True)
class Land:
    """A service with a village on each side of each wall.

    ``written`` is what the walk at each level has sent to be kept, which may be shown again.
    """

    service: Service
    app: FastAPI
    home: Village
    beyond: Mapping[str, Village]
    written: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def foreign(self, level: str) -> list[Village]:
        """The villages that nobody sees who works at ``level``, the nearest one first."""
        return [self.beyond[one] for one in LEVELS[LEVELS.index(level) :]]

    def secrets(self, level: str) -> Iterator[str]:
        for village in self.foreign(level):
            yield from village.secrets

    def leaks(self, level: str, told: str, sent: str) -> list[str]:
        """Return what is foreign in an answer and was not in a question."""
        found = [secret for secret in self.secrets(level) if secret in told]
        if not found:
            return []
        said = " ".join((sent, *self.written[level]))
        return [secret for secret in found if secret not in said]


@pytest.fixture(scope="module")
def land(
    tmp_path_factory: pytest.TempPathFactory, forms: dict[str, Questionnaire]
) -> Iterator[Land]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("wall"), argon2_time=1, argon2_memory_kib=8
    )
    service = Service.open(settings)
    country = Country(service, forms["person"])
    home = country.village("home", HOME, "区", 1)
    beyond = {
        level: country.village(level, region, surname, number)
        for number, (level, (region, surname)) in enumerate(BEYOND.items(), 2)
    }
    country.name_around()
    for role in ROLES:
        for level, region in DESKS.items():
            add_account(service, f"{role}-{level}", role, region)
    with brief_streams():
        yield Land(service, create_app(service), home, beyond)
    service.close()


def routes_of(service: Service) -> list[APIRoute]:
    found = [
        route
        for router in all_routes(service)
        for route in router.routes
        if isinstance(route, APIRoute)
    ]
    assert len(found) > 60
    return found


@dataclass(frozen=True)
class Param:
    """One parameter of a route; ``either`` are the only values it takes, if they are few."""

    name: str
    either: Sequence[str] = ()

    @property
    def kind(self) -> str:
        return KINDS.get(self.name, "")

    def plausible(self, mine: Village) -> str:
        if self.either:
            return self.either[0]
        return PLAUSIBLE.get(self.name) or mine.ids.get(self.kind) or "x"


def params_of(found: Sequence[Any]) -> list[Param]:
    """What a route takes there; a model stands for its fields."""
    params = []
    for one in found:
        kind = one.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            params += [Param(name, _either(info)) for name, info in kind.model_fields.items()]
        else:
            params.append(Param(one.name, _either(one.field_info)))
    return params


def _either(info: Any) -> Sequence[str]:
    patterns = [getattr(one, "pattern", None) or "" for one in info.metadata]
    found = next(filter(None, map(_EITHER.fullmatch, patterns)), None)
    return found[1].split("|") if found else ()


@dataclass(frozen=True)
class Asked:
    """One request of the walk."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, str]

    def with_(self, place: str, name: str, value: str) -> "Asked":
        if place == "query":
            return replace(self, query={**self.query, name: value})
        return replace(self, body={**self.body, name: value})

    def sent(self) -> str:
        return " ".join((self.path, *self.query.values(), *self.body.values()))


@dataclass(frozen=True)
class Steps:
    """The requests that are put to one route from one side of one wall."""

    route: APIRoute
    mine: Village
    there: Sequence[Village]

    @property
    def method(self) -> str:
        (method,) = (self.route.methods or set()) - {"HEAD"}
        return method

    @property
    def query(self) -> list[Param]:
        return params_of(self.route.dependant.query_params)

    @property
    def body(self) -> list[Param]:
        return params_of(self.route.dependant.body_params)

    @property
    def places(self) -> list[Param]:
        """What the path names."""
        found = params_of(self.route.dependant.path_params)
        known = {one.name for one in found}
        more = [Param(name) for name in _PLACE.findall(self.route.path) if name not in known]
        common = COMMON.get(self.route.path.rpartition("/{")[0], "")
        return [replace(one, either=(common,)) if common else one for one in (*found, *more)]

    def plain(self) -> Asked:
        """What somebody asks who means no harm."""
        names = {one.name: one.plausible(self.mine) for one in self.query}
        query = {name: value for name, value in names.items() if value not in ("x", "")}
        body = {one.name: one.plausible(self.mine) for one in self.body}
        values = {one.name: one.plausible(self.mine) for one in self.places}
        for one in self.places:
            assert one.either or one.kind, f"say in KINDS what {one.name} of {self.route.path} is"
            values[one.name] = one.either[0] if one.either else self.mine.ids[one.kind]
        return Asked(self.method, self._path(values), query, body)

    def _path(self, values: Mapping[str, str]) -> str:
        return _PLACE.sub(lambda found: values[found[1]], self.route.path)

    def elsewhere(self) -> Iterator[tuple[Asked, Asked]]:
        """Yield requests about something foreign in the path, each with one of what is missing."""
        named = next((one for one in self.places if not one.either), None)
        if named is None:
            return
        plain = self.plain()
        acts = cycle(next((one.either for one in self.places if one.either), ("",)))
        nearest = self.there[0].ids
        other = next(islice(cycle(nearest), len(self.route.path) % len(nearest), None))
        wanted = [*(one.ids[named.kind] for one in self.there), nearest[other]]
        for foreign in wanted:
            act = next(acts)
            paths = (
                self._path({"act": act, named.name: value})
                for value in (foreign, missing_of(named.kind))
            )
            yield replace(plain, path=next(paths)), replace(plain, path=next(paths))

    def slipped(self) -> Iterator[tuple[Asked, Asked]]:
        """Yield requests with something foreign in one parameter, each with what is missing."""
        plain, near = self.plain(), self.there[0].ids
        for place, params in (("query", self.query), ("body", self.body)):
            for number, one in enumerate(params):
                if one.either:
                    continue
                kind = one.kind or sorted(near)[(len(self.route.path) + number) % len(near)]
                yield (
                    plain.with_(place, one.name, near[kind]),
                    plain.with_(place, one.name, missing_of(kind)),
                )

    def all_at_once(self) -> Iterator[Asked]:
        """Yield requests with something foreign everywhere, also where nothing is expected."""
        plain, near = self.plain(), self.there[0].ids
        known = {name: near[kind] for name, kind in KINDS.items() if kind in near}
        more = {**dict.fromkeys(SLIPPED_IN, near["region"][:6]), **known}
        kept = {one.name: plain.body[one.name] for one in self.body if not one.kind}
        yield replace(plain, query={**plain.query, **more}, body={**known, **kept})
        crooked = plain.path.replace("/desk", "/DESK").replace("-", "%252d")
        yield replace(plain, path=f"{crooked}%2f..%2f{near['assignment']}")
        yield replace(plain, method="PUT", path=self._path(dict.fromkeys(
            (one.name for one in self.places), near["assignment"])))  # fmt: skip


def missing_of(kind: str) -> str:
    return MISSING.get(kind, "0" * 32)


@dataclass
class Walker:
    """Somebody who walks the routes, signed in anew whenever that has ended."""

    land: Land
    client: httpx.AsyncClient
    login: str
    level: str
    token: str = ""
    walked: int = 0

    def enter(self) -> None:
        sittings = Sittings(self.land.service.database)
        cookie = sittings.begin(self.login, datetime.now(UTC))
        self.client.cookies.set(COOKIE, cookie)
        self.token = sittings.token(cookie)

    async def ask(self, asked: Asked) -> tuple[int, str]:
        """Ask, see that nothing foreign is told, and return the answer."""
        self.land.written[self.level].update(asked.body.values())
        reply = await self.client.request(
            asked.method, asked.path, params=asked.query, data=asked.body or None,
            headers={"accept": "text/html", "x-csrf-token": self.token},
        )  # fmt: skip
        self.walked += 1
        location = reply.headers.get("location", "")
        if reply.status_code == 401 or location.startswith("/desk/sign-in"):
            self.enter()
        kind = reply.headers.get("content-type", "")
        told = f"{reply.text if kind.startswith(('text', 'app')) else ''} {location}"
        assert self.land.leaks(self.level, told, asked.sent()) == [], (self.login, asked, told)
        assert reply.status_code < 500, (self.login, asked, told)
        return reply.status_code, told

    async def alike(self, foreign: Asked, missing: Asked) -> None:
        """See that what is foreign is answered word for word like what is not there."""
        status, told = await self.ask(foreign)
        if status == 422:
            return  # no id of this kind looks like that, whether there is one or not
        other, words = await self.ask(missing)
        assert status == other, (self.login, foreign, told, missing, words)
        if status not in (303, 200) and "key" not in foreign.body:
            # That a key was used before is told; it is random, and says nothing of whom.
            assert _plain(told, foreign) == _plain(words, missing), (self.login, foreign)

    async def walk(self, steps: Steps) -> None:
        """Put all requests to one route."""
        for foreign, missing in steps.elsewhere():
            await self.alike(foreign, missing)
        nearest, turn = self.level == LEVELS[0], LEVELS.index(self.level)
        for number, (foreign, missing) in enumerate(steps.slipped()):
            if nearest:
                await self.alike(foreign, missing)
            elif number % 2 == turn % 2:  # each parameter at every other level
                await self.ask(foreign)
        for asked in steps.all_at_once():
            await self.ask(asked)


def _plain(told: str, asked: Asked) -> str:
    """An answer without what differs from one asking to the next."""
    for value in sorted((*asked.path.split("/"), *asked.query.values(), *asked.body.values())):
        told = told.replace(value, "…") if len(value) > 8 else told
    return _NONCE.sub("…", told)


def walking(land: Land, walk: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    async def run() -> None:
        transport = httpx.ASGITransport(land.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            await walk(client)

    asyncio.run(run())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_role_is_refused_whatever_it_asks_for_w04(land: Land, method: str) -> None:
    routes = [one for one in routes_of(land.service) if method in (one.methods or ())]

    async def walk(client: httpx.AsyncClient) -> None:
        for role in ROLES:
            walker = Walker(land, client, f"{role}-village", "village")
            walker.enter()
            for route in routes:
                whom = declaration(route)
                if not isinstance(whom, Permission) or may(role, whom):
                    continue
                steps = Steps(route, land.home, land.foreign("village"))
                asked = next((foreign for foreign, _ in steps.elsewhere()), steps.plain())
                assert (await walker.ask(asked))[0] == 403, (role, asked)

    walking(land, walk)


def test_what_needs_no_account_tells_nothing_w05(land: Land) -> None:
    """Links, webhooks and the open pages, asked by staff with ids of others for tokens."""
    routes = [one for one in routes_of(land.service) if isinstance(declaration(one), Open)]
    assert any(declaration(one) is Open.LINK for one in routes)

    async def walk(client: httpx.AsyncClient) -> None:
        walker = Walker(land, client, "caller-village", "village")
        walker.enter()
        village = land.beyond["village"]
        for route in routes:
            steps = Steps(route, village, ())
            for value in village.ids.values():
                path = _PLACE.sub(value, route.path)
                body = {one.name: value for one in steps.body}
                status, _ = await walker.ask(Asked(steps.method, path, {"token": value}, body))
                assert declaration(route) is Open.ANYONE or status >= 300, path

    walking(land, walk)


def test_web_sockets_w05(land: Land) -> None:
    sockets = [
        route
        for router in all_routes(land.service)
        for route in router.routes
        if isinstance(route, APIWebSocketRoute)
    ]
    assert sockets
    client = TestClient(land.app)
    client.cookies.set(
        COOKIE, Sittings(land.service.database).begin("caller-village", datetime.now(UTC))
    )
    for route in sockets:
        for value in land.beyond["village"].ids.values():
            path = _PLACE.sub(value, route.path)
            told = heard(client, f"{path}?token={value}&call={value}", value)
            assert land.leaks("village", told, f"{path} {value}") == []
            assert "event" not in told, (path, told)


def heard(client: TestClient, path: str, value: str) -> str:
    """Return what a web socket says to somebody who names ``value``, until it closes."""
    told: list[str] = []
    begin = {
        "event": "start", "call": value, "token": value, "streamSid": value, "sequenceNumber": "1",
        "start": {"streamSid": value, "callSid": value, "customParameters": {"token": value}},
    }  # fmt: skip
    opening = client.websocket_connect(path, headers={"origin": "http://testserver"})
    with suppress(WebSocketDisconnect), opening as socket:
        socket.send_text(json.dumps(begin))
        while not told or "close" not in told[-1]:
            told.append(json.dumps(socket.receive(), default=str))
    return " ".join(told)


def test_who_moves_takes_nothing_along_w06(land: Land) -> None:
    """A seat, a claim, a ruling, a search: nothing of it opens once the region is another."""
    staff, there = Staff(land.service.database), land.beyond["province"]
    for role in ("caller", "caseworker", "clerk", "supervisor", "security_admin", "audit_admin"):
        add_account(land.service, f"moving-{role}", role, COUNTRY)
        client = client_of(land, f"moving-{role}")
        for path in (f"review/{there.ids['task']}", f"calls/{there.ids['assignment']}"):
            client.get(f"/desk/{path}")
        Window(land.service.database).seat(
            f"moving-{role}", there.ids["assignment"], datetime.now(UTC)
        )
        account = staff.get(f"moving-{role}")
        assert account
        moved = replace(account, region=HOME)
        staff.replace(moved, by="t", at=datetime.now(UTC))

    async def walk(client: httpx.AsyncClient) -> None:
        for role in ("caller", "caseworker", "clerk", "supervisor"):
            walker = Walker(land, client, f"moving-{role}", "village")
            walker.enter()
            for route in routes_of(land.service):
                whom = declaration(route)
                if isinstance(whom, Permission) and may(role, whom):
                    await walker.ask(Steps(route, land.home, land.foreign("village")).plain())

    walking(land, walk)


def client_of(land: Land, login: str) -> TestClient:
    client = TestClient(land.app, follow_redirects=False)
    cookie = Sittings(land.service.database).begin(login, datetime.now(UTC))
    client.cookies.set(COOKIE, cookie)
    return client


def test_the_walk_opens_pages_and_would_see_a_leak(land: Land) -> None:
    """Each page opens for somebody at home, and who sees the country sees what is looked for."""
    opened: set[str] = set()
    for role in ROLES:
        client = client_of(land, f"{role}-village")
        for route in routes_of(land.service):
            whom = declaration(route)
            if "GET" in (route.methods or ()) and isinstance(whom, Permission):
                asked = Steps(route, land.home, ()).plain()
                if client.get(asked.path).status_code == 200:
                    opened.add(route.path)
    pages = {
        route.path
        for route in routes_of(land.service)
        if "GET" in (route.methods or ()) and isinstance(declaration(route), Permission)
    }
    # Some lead elsewhere, show what is there once all is answered, or read a question aloud.
    assert len(pages - opened) <= len(pages) // 5, pages - opened
    add_account(land.service, "whole", "supervisor", COUNTRY)
    there = land.beyond["province"].ids
    for path in (f"/desk/roster?campaign={there['campaign']}", "/desk/roster/names",
                 "/desk/campaigns", f"/desk/roster/{there['assignment']}"):  # fmt: skip
        told = client_of(land, "whole").get(path)
        assert told.status_code == 200
        assert [one for one in land.secrets("province") if one in told.text], path


@pytest.mark.parametrize("level", LEVELS)  # all that only read come before all that write
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_wall_walk_w01_w02_w03(land: Land, method: str, level: str) -> None:
    foreign = land.foreign(level)
    before, walked = [one.rows(land.service) for one in foreign], 0
    assert all(len(rows) > 20 for rows in before)
    routes = [one for one in routes_of(land.service) if method in (one.methods or ())]

    async def walk(client: httpx.AsyncClient) -> None:
        nonlocal walked
        for role in ROLES:
            walker = Walker(land, client, f"{role}-{level}", level)
            walker.enter()
            for route in routes:
                whom = declaration(route)
                if isinstance(whom, Permission) and may(role, whom):
                    await walker.walk(Steps(route, land.home, foreign))
            walked += walker.walked

    walking(land, walk)
    assert walked > 200
    assert [one.rows(land.service) for one in foreign] == before
