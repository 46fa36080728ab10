"""A service with a few people, its WeChat account on a real socket, and somebody who writes."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from models.campaign import Campaign, Campaigns
from models.case import Case
from models.roster import Roster
from server.app import create_app
from server.commands.campaign import kept_form
from server.forms.library import find_form
from server.service import Service
from server.settings import Settings
from server.wechat.account import open_front
from server.wechat.front import WechatFront
from server.wechat.ticket import new_ticket
from telephony.recogniser import Recogniser
from tests.models.sample import AT, row
from tests.server.wechat.account import (
    AES_KEY,
    APP_ID,
    SECRET,
    TOKEN,
    Sender,
    Sent,
    WechatApi,
    opened,
    wechat_api,
)

PEOPLE = 9
#: Seconds that a request waits here, however busy the machine is.
PATIENT = 30.0


@dataclass
class Account:
    """The service as WeChat sees it."""

    service: Service
    front: WechatFront
    client: TestClient
    api: WechatApi

    def post(self, sent: Sent) -> tuple[int, str]:
        answer = self.client.post(sent.path, content=sent.body)
        return answer.status_code, answer.text

    def said(self, sent: Sent) -> str:
        """Return the text that the sender gets at once."""
        status, body = self.post(sent)
        assert status == 200, body
        return opened(body).get("Content", "")

    def statuses(self, requests: Iterable[Sent]) -> list[int]:
        """Put many requests straight into the application, one after another, quickly."""
        assert self.client.portal is not None
        return self.client.portal.call(statuses, self.client.app, list(requests))

    def work_off(self) -> int:
        """Do what the service does in the background, now."""
        assert self.client.portal is not None
        return self.client.portal.call(self.front.work_off)

    def case(self, number: int) -> Case:
        return self.service.cases.by_certificate("c", row(number).certificate)

    def ticket(self, number: int) -> str:
        made = new_ticket(self.case(number).assignment_id, self.front.clock(), 72)
        return made.text(self.service.database.keys)

    def bind(self, sender: Sender, number: int) -> str:
        return self.said(sender.text(self.ticket(number)))

    def last_words(self, number: int) -> str:
        """Return the words of the last contribution that the interview took."""
        last = self.service.chat.talk.latest(self.case(number).assignment_id, 1)
        return str(json.loads(last[0].body)["words"])


async def statuses(app: ASGIApp, requests: Sequence[Sent]) -> list[int]:
    return [await _status(app, one) for one in requests]


async def _status(app: ASGIApp, sent: Sent) -> int:
    path, _, query = sent.path.partition("?")
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "headers": [],
        "query_string": query.encode(), "http_version": "1.1", "scheme": "http", "root_path": "",
        "server": ("testserver", 80), "client": ("testclient", 1),
    }  # fmt: skip
    statuses: list[int] = []
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            await asyncio.sleep(60)
        given = True
        return {"type": "http.request", "body": sent.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


def prepared(service: Service) -> None:
    form = kept_form(service, find_form("person"))
    campaign = Campaign(id="c", form=form.form, version=form.version, reference_day=AT.date())
    Campaigns(service.database).create(campaign, by="t", at=AT)
    rows = [row(number) for number in range(1, PEOPLE + 1)]
    Roster(service.database).keep("c", rows, by="t", at=AT)


@pytest.fixture(scope="session")
def api() -> Iterator[WechatApi]:
    with wechat_api() as found:
        yield found


class Unheard(asyncio.Event):
    """An alarm that wakes nobody."""

    def set(self) -> None:
        """Do nothing."""


def open_account(
    service: Service,
    api: WechatApi,
    recogniser: Recogniser | None = None,
    *,
    resting: bool = False,
) -> Iterator[Account]:
    """Serve the account; ``resting`` leaves the background's work to the test."""
    front = open_front(service, recogniser)
    assert front is not None
    front = replace(front, patience=PATIENT)
    if resting:
        front = replace(front, pause=3_600.0, woken=Unheard())
    app = create_app(service, wechat=front)
    with TestClient(app) as client:
        yield Account(service, front, client, api)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, api: WechatApi) -> Settings:
    return Settings(
        data_dir=tmp_path_factory.mktemp("wechat"),
        wechat_token=SecretStr(TOKEN),
        wechat_aes_key=SecretStr(AES_KEY),
        wechat_app_id=APP_ID,
        wechat_app_secret=SecretStr(SECRET),
        wechat_api_base=api.base,
    )


@pytest.fixture(scope="module")
def account(settings: Settings, api: WechatApi) -> Iterator[Account]:
    service = Service.open(settings)
    prepared(service)
    yield from open_account(service, api)


@pytest.fixture(autouse=True)
def quiet(api: WechatApi) -> None:
    """Let each test begin with an interface that is well."""
    api.asked.clear()
    api.errcodes.clear()
    api.media.clear()
    api.down, api.stable = False, True
