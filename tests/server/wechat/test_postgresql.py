"""The account on PostgreSQL, over HTTP as WeChat asks it.

G01 binding, answers, the same message again, forged and replayed ones, a call's link, unbinding: on
PostgreSQL as on SQLite.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from models.attempt import Attempts
from models.invitation import Way
from server.inviting import Inviter
from server.service import Service
from server.settings import Settings
from server.wechat import sentences
from survey_engine.channel import Channel
from tests.models.postgresql import Cluster
from tests.server.wechat.account import Sender, WechatApi, message_id
from tests.server.wechat.conftest import Account, open_account, prepared


@pytest.fixture(scope="module")
def there(
    cluster: Cluster, settings: Settings, api: WechatApi, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Account]:
    cluster.run("CREATE DATABASE wechat")
    mine = {
        "data_dir": tmp_path_factory.mktemp("wechat"),
        "database_url": SecretStr(cluster.url("wechat")),
    }
    service = Service.open(settings.model_copy(update=mine))
    prepared(service)
    yield from open_account(service, api, resting=True)
    cluster.run("DROP DATABASE wechat WITH (FORCE)")


def test_the_account_on_postgresql_g01(there: Account, api: WechatApi) -> None:
    somebody, case = Sender("oOnPostgreSQL1"), there.case(1)
    assert "找到了" in there.bind(somebody, 1)
    asked = there.said(somebody.text("本人"))
    assert asked
    again = somebody.text("再说一遍")
    first, length = there.said(again), there.service.store.interview(case.assignment_id).length
    assert there.said(again) == first
    assert there.service.store.interview(case.assignment_id).length == length
    forged = replace(again, body=again.body.replace(b"A", b"B", 1))
    assert there.post(forged)[0] in (400, 403)
    stamp, nonce = (
        re.sub(rf".*{name}=(\d+).*", r"\1", again.path) for name in ("timestamp", "nonce")
    )
    fields = {"MsgType": "text", "Content": "别的", **message_id()}
    # What counts once is both together, and the clock may have gone on meanwhile.
    replayed = somebody.send(fields, datetime.fromtimestamp(int(stamp), UTC), nonce)
    assert there.post(replayed)[0] == 403
    service, now = there.service, there.front.clock()
    attempt = Attempts(service.database).begin(case.assignment_id, Channel.DESK, now)
    inviter = Inviter(service.database, service.settings, texts=False)
    assert inviter.send(case, attempt.id, "caller", now) is Way.WECHAT
    assert inviter.send(case, attempt.id, "caller", now) is None
    there.work_off()
    assert len([one for one in api.texts() if "/chat/" in one]) == 1
    assert there.said(somebody.text("解绑")) == sentences.UNBOUND
