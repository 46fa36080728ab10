"""Nothing that only looks like Twilio gets in: forged and altered forms and sockets, replays.

``python -m benchmarks.forged`` does the same ten thousand times each.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from models.tables import AttemptRow, AuditRow, PhoneCallRow
from server.app import create_app
from server.service import Service
from server.telephone.exchange import Exchange
from server.telephone.ready import ready_exchange
from tests.telephony.county import TOKEN, county, person
from tests.telephony.forgery import Hook, altered, opened, statuses

PUBLIC = "https://survey.example.org"
SID = "CA" + "7" * 32
FORGED, REPLAYED = 1_500, 200


@dataclass
class Place:
    """A service with one call under way."""

    service: Service
    app: ASGIApp
    voice: Hook
    ended: Hook
    socket: Hook

    def kept(self) -> list[object]:
        """Whatever a request can change."""
        tables = (PhoneCallRow, AttemptRow, AuditRow)
        with self.service.database.reading() as connection:
            return [
                tuple(one)
                for table in tables
                for one in connection.execute(select(*table.__table__.columns))
            ]


def place(service: Service) -> Place:
    """Make a call with somebody, as if Twilio had been asked for it."""
    exchange: Exchange = ready_exchange(service)
    assignment = person(service).assignment_id
    now = datetime.now(UTC)
    call = exchange.calls.receive(assignment, "twilio", SID, now)
    form = (("CallSid", SID), ("CallStatus", "in-progress"), ("From", "+8613800138000"))
    over = (("CallSid", SID), ("CallStatus", "completed"), ("SequenceNumber", "3"))
    return Place(
        service,
        create_app(service, exchange=exchange),
        Hook.real(PUBLIC, f"/twilio/voice?call={call.id}", TOKEN, form),
        Hook.real(PUBLIC, f"/twilio/status?call={call.id}", TOKEN, over),
        Hook.real(PUBLIC.replace("https", "wss"), "/twilio/media", TOKEN, ()),
    )


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Place]:
    with county(tmp_path, public_url=PUBLIC) as service:
        yield place(service)


def test_nothing_forged_gets_in(at: Place) -> None:
    draw, before = random.Random(20261125), at.kept()
    for hook in (at.voice, at.ended):
        found = asyncio.run(statuses(at.app, (altered(hook, draw) for _ in range(FORGED // 2))))
        assert set(found) <= {400, 403}
    assert at.kept() == before
    assert asyncio.run(statuses(at.app, iter([at.voice, at.ended]))) == [200, 204]


def test_a_field_moved_into_its_name_says_nothing(at: Place) -> None:
    """Twilio signs names and values run together, so where one ends is not signed."""
    moved = [("CallSi", f"d{SID}"), *at.ended.pairs[1:]]
    joined = [(at.ended.pairs[0][0], SID + "CallStatuscompleted"), at.ended.pairs[2]]
    before = at.kept()
    for pairs in (moved, joined):
        hook = Hook(PUBLIC, at.ended.path, tuple(pairs), at.ended.signatures)
        assert asyncio.run(statuses(at.app, iter([hook]))) != [204]
    assert at.kept() == before


def test_no_forged_socket_opens(at: Place) -> None:
    draw = random.Random(20261126)
    hooks = [altered_socket(at.socket, draw) for _ in range(FORGED // 3)]

    async def ask() -> list[bool]:
        return [await opened(at.app, one) for one in hooks]

    assert not any(asyncio.run(ask()))
    assert asyncio.run(opened(at.app, at.socket))


def altered_socket(hook: Hook, draw: random.Random) -> Hook:
    """Change the signature or the address of a handshake, which has no form."""
    with_form = Hook(hook.public, hook.path, (("x", "x"),), hook.signatures)
    while True:
        found = altered(with_form, draw)
        changed = (found.path, found.signatures) != (hook.path, hook.signatures)
        if changed and found.path.startswith(hook.path + "?") is False:
            return Hook(hook.public, found.path, (), found.signatures)


def test_a_replay_changes_nothing(at: Place) -> None:
    """What Twilio sends again is answered again; once the call is over nothing comes of it."""
    assert asyncio.run(statuses(at.app, iter([at.voice, at.ended]))) == [200, 204]
    before = at.kept()
    again = (hook for _ in range(REPLAYED // 2) for hook in (at.voice, at.ended))
    assert set(asyncio.run(statuses(at.app, again))) <= {200, 204, 404}
    assert at.kept() == before
