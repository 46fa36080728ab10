"""Forged, altered and repeated requests, and guessed passwords, at scale: how many get in.

``python -m benchmarks.forged [--each 10000] [--replays 1000]`` puts them one after another into
the real application and ends with 1 if anything got in or changed anything.
"""

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import httpx
import pyotp
from pydantic import SecretStr
from sqlalchemy import func, select

from models.staff import Staff
from models.tables import WechatContactRow, WechatMessageRow, WechatNonceRow
from server.app import create_app
from server.service import Service
from server.settings import Settings
from tests.desks import add_account
from tests.server.test_sign_in import RIGHT, solved
from tests.server.wechat.account import AES_KEY, APP_ID, TOKEN, Sender, Sent, message_id
from tests.server.wechat.conftest import prepared
from tests.server.wechat.conftest import statuses as answers
from tests.server.wechat.test_gate import QUERY
from tests.server.wechat.test_gate import altered as altered_message
from tests.telephony.county import county
from tests.telephony.forgery import altered, opened, statuses
from tests.telephony.test_twilio_forged import PUBLIC, altered_socket, place


@dataclass(frozen=True)
class Told:
    """How one kind of request fared; ``changed`` if anything of it was kept."""

    name: str
    statuses: Counter[int]
    let_in: int
    changed: bool
    seconds: float

    def line(self) -> str:
        answers = ", ".join(f"{status} {many:,}" for status, many in sorted(self.statuses.items()))
        return (
            f"{self.name}: {self.statuses.total():,} sent ({answers}), {self.let_in} let in,"
            f" {'changed something' if self.changed else 'nothing changed'},"
            f" {self.seconds:.0f} s"
        )


def counted(
    name: str, send: Callable[[], Sequence[int]], kept: Callable[[], object], refused: set[int]
) -> Told:
    """Send, and count what was not refused and whether anything is kept of it."""
    before, began = kept(), time.perf_counter()
    found = Counter(send())
    seconds = time.perf_counter() - began
    let_in = sum(many for status, many in found.items() if status not in refused)
    return Told(name, found, let_in, kept() != before, seconds)


def wechat(each: int, replays: int, folder: Path) -> Iterator[Told]:
    """Both modes of the official account."""
    for safe in (True, False):
        service = Service.open(
            Settings(
                data_dir=folder / f"wechat-{safe}", wechat_token=SecretStr(TOKEN),
                wechat_aes_key=SecretStr(AES_KEY if safe else ""), wechat_app_id=APP_ID,
            )
        )  # fmt: skip
        prepared(service)
        app, mode = create_app(service), "safe" if safe else "plain"
        yield from _wechat(service, app, mode, each, replays, Sender("oForger-000001", safe=safe))
        service.close()


def _wechat(
    service: Service, app: object, mode: str, each: int, replays: int, sender: Sender
) -> Iterator[Told]:
    draw, now = random.Random(1), datetime.now(UTC)

    def kept() -> object:
        rows = (WechatMessageRow, WechatContactRow, WechatNonceRow)
        with service.database.reading() as connection:
            return [connection.scalar(select(func.count()).select_from(row)) for row in rows]

    def send(requests: Sequence[Sent]) -> list[int]:
        return asyncio.run(answers(app, requests))  # type: ignore[arg-type]

    def text(at: datetime, nonce: str = "") -> Sent:
        return sender.send({"MsgType": "text", "Content": "有", **message_id()}, at, nonce)

    names = (*QUERY, "body") if mode == "safe" else ("signature", "timestamp", "nonce", "openid")
    real = [text(now) for _ in range(50)]
    forged = [altered_message(real[n % 50], draw, names) for n in range(each)]
    yield counted(f"WeChat {mode}, altered", lambda: send(forged), kept, {400, 403})
    assert send([text(datetime.now(UTC), "919191")]) == [200]
    again = [text(datetime.now(UTC), "919191") for _ in range(replays)]
    yield counted(f"WeChat {mode}, same nonce", lambda: send(again), kept, {403})
    for words, seconds in (("301 s old", -301), ("330 s early", 330)):
        off = [text(datetime.now(UTC) + timedelta(seconds=seconds)) for _ in range(replays)]
        yield counted(f"WeChat {mode}, {words}", lambda off=off: send(off), kept, {403})  # type: ignore[misc]


def twilio(each: int, replays: int, folder: Path) -> Iterator[Told]:
    """Both webhooks and the media socket."""
    with county(folder / "twilio", public_url=PUBLIC) as service:
        at, draw = place(service), random.Random(2)
        for name, hook in (("voice", at.voice), ("status", at.ended)):
            yield counted(
                f"Twilio {name}, altered",
                lambda hook=hook: asyncio.run(  # type: ignore[misc]
                    statuses(at.app, (altered(hook, draw) for _ in range(each)))
                ),
                at.kept,
                {400, 403},
            )

        async def sockets() -> list[int]:
            hooks = (altered_socket(at.socket, draw) for _ in range(each))
            return [101 if await opened(at.app, one) else 403 for one in hooks]

        yield counted("Twilio socket, altered", lambda: asyncio.run(sockets()), at.kept, {403})
        assert asyncio.run(statuses(at.app, iter([at.voice, at.ended]))) == [200, 204]
        again = [at.voice, at.ended] * (replays // 2)
        yield counted(
            "Twilio, sent again once the call is over",
            lambda: asyncio.run(statuses(at.app, iter(again))),
            at.kept,
            {200, 204, 404},
        )


def passwords(each: int, folder: Path) -> Iterator[Told]:
    """Guesses for twenty logins, five of which exist, from a hundred addresses, over HTTP."""
    service = Service.open(Settings(data_dir=folder / "staff", argon2_time=1, argon2_memory_kib=8))
    for login in ("wang", *(f"victim{number}" for number in range(5))):
        made = add_account(service, login, "caseworker", "990000000000")
        hashed = service.sign_in.passwords.hashed(RIGHT)
        made = replace(made, password=hashed, second_factor=pyotp.random_base32())
        Staff(service.database).replace(made, by="t", at=datetime.now(UTC))
    logins = [f"victim{n}" for n in range(5)] + [f"nobody{n}" for n in range(15)]

    def kept() -> object:
        return [service.sign_in.staff.get(login) for login in logins]

    yield counted(
        "passwords, guessed",
        lambda: asyncio.run(_guess(create_app(service), logins, each)),
        kept,
        {401, 429},
    )
    for login, expected in (("wang", 303), ("victim0", 429)):
        found = asyncio.run(_right(create_app(service), login))
        print(f"the right password of {login}, from a new address: {found}")
        if found != expected:
            raise SystemExit(f"{login} should be told {expected}")
    service.close()


async def _guess(app: object, logins: Sequence[str], each: int) -> list[int]:
    found = []
    pages: dict[str, str] = {}
    for number in range(each):
        login = logins[number % len(logins)]
        async with browser(app, f"10.1.{number % 100}.1") as client:
            page = pages.get(login) or (await client.get("/desk/sign-in")).text
            reply = await _signed_in(client, page, login, f"guess {number}")
            pages[login] = reply.text if "sealed" in reply.text else ""
            found.append(reply.status_code)
    return found


async def _right(app: object, login: str) -> int:
    async with browser(app, "10.2.0.1") as client:
        page = (await client.get("/desk/sign-in")).text
        return (await _signed_in(client, page, login, RIGHT)).status_code


async def _signed_in(
    client: httpx.AsyncClient, page: str, login: str, password: str
) -> httpx.Response:
    """Send the form of the sign-in page, with its question answered if it has one."""
    fresh = (await client.get("/desk/sign-in")).text
    fields = {"login": login, "password": password, "csrf": _field(fresh, "csrf")}
    if sealed := _field(page, "sealed"):
        question = re.search(r'<label for="answer">([^<]*)', page)
        fields |= {"sealed": sealed, "answer": solved(question[1]) if question else ""}
    return await client.post("/desk/sign-in", data=fields)


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def browser(app: object, address: str) -> httpx.AsyncClient:
    """Return a browser at ``address``."""
    transport = httpx.ASGITransport(app, client=(address, 1))  # type: ignore[arg-type]
    return httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers={"accept": "text/html"}
    )


def main() -> None:
    """Run all, print a line a kind, and fail if anything got in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=10_000)
    parser.add_argument("--replays", type=int, default=1_000)
    wanted = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for one in chain(
            wechat(wanted.each, wanted.replays, folder),
            twilio(wanted.each, wanted.replays, folder),
            passwords(wanted.each, folder),
        ):
            print(one.line(), flush=True)
            bad += bool(one.let_in or one.changed)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
