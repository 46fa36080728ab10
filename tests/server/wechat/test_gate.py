"""Who gets through the webhook.

G01 what WeChat sends gets in, in both modes, and the reply opens with its own tools; G02 nothing
forged or altered gets in, and nothing of it is kept; G03 nothing is taken twice; G04 the order of
checks; G05 bad XML is refused at once; G06 sizes are capped while they arrive; G07 proving who we
are.
"""

import base64
import itertools
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import SecretStr
from sqlalchemy import func, select
from wechatpy.crypto import WeChatCrypto

from models.tables import WechatContactRow, WechatMessageRow, WechatNonceRow
from server.service import Service
from server.settings import Settings
from server.wechat.fault import RefusedError
from server.wechat.seal import Seal
from server.wechat.signature import is_signed, signature
from tests.server.wechat.account import (
    AES_KEY,
    APP_ID,
    Sender,
    Sent,
    WechatApi,
    message_id,
    request,
    signed,
    xml,
)
from tests.server.wechat.conftest import Account, open_account, prepared

FORGED, REPLAYED = 10_000, 1_000


@pytest.fixture(scope="module")
def plain(settings: Settings, api: WechatApi, tmp_path_factory: Any) -> Iterator[Account]:
    """The same account in plain mode."""
    folder: Path = tmp_path_factory.mktemp("plain")
    service = Service.open(
        Settings(
            data_dir=folder,
            wechat_token=settings.wechat_token,
            wechat_app_id=APP_ID,
            wechat_app_secret=settings.wechat_app_secret,
            wechat_api_base=api.base,
        )
    )
    prepared(service)
    yield from open_account(service, api)


def kept(account: Account) -> tuple[int, ...]:
    """How many rows there are of whatever a request can leave behind."""
    rows = (WechatMessageRow, WechatContactRow, WechatNonceRow)
    with account.service.database.reading() as connection:
        return tuple(connection.scalar(select(func.count()).select_from(row)) or 0 for row in rows)


def test_both_modes_g01(account: Account, plain: Account) -> None:
    assert account.said(Sender("oSafeMode-0001").text("你好"))
    assert plain.said(Sender("oPlainMode-001", safe=False).text("你好"))


def test_safe_mode_takes_nothing_plain_g01(account: Account, plain: Account) -> None:
    assert account.post(Sender(safe=False).text("你好"))[0] == 403
    assert plain.post(Sender().text("你好"))[0] == 403


@pytest.mark.parametrize("text", ["", "有", "𠮷野家👩‍👩‍👧 \u202eRTL\u200b", "a" * 5_000])
def test_sealing_agrees_with_another_g01(text: str) -> None:
    theirs, ours = WeChatCrypto("t", AES_KEY, APP_ID), Seal(AES_KEY, APP_ID)
    sealed = ours.close(text)
    stamp, nonce = "1409304348", "xxxxxx"
    signed_there = signature("t", stamp, nonce, sealed)
    opened = theirs.decrypt_message({"Encrypt": sealed}, signed_there, stamp, nonce)
    assert opened == text
    from wechatpy.crypto import PrpCrypto

    assert ours.open(PrpCrypto(theirs.key).encrypt(text, APP_ID).decode()).decode() == text


@pytest.mark.parametrize("safe", [True, False], ids=["safe", "plain"])
def test_nothing_forged_gets_in_g02(account: Account, plain: Account, safe: bool) -> None:
    """Each is a real request with one thing changed."""
    draw, asked = random.Random(20261125), account if safe else plain
    somebody = Sender("oForger-000001", safe=safe)
    before = kept(asked)
    real = [somebody.text("有") for _ in range(50)]
    names = (*QUERY, "body") if safe else ("signature", "timestamp", "nonce", "openid")
    forged = [altered(one, draw, names) for one in real for _ in range(FORGED // 100)]
    statuses = asked.statuses(forged)
    assert len(statuses) == FORGED // 2
    assert set(statuses) <= {400, 403}
    assert kept(asked) == before
    assert asked.statuses(real[:1]) == [200]


QUERY = ("signature", "timestamp", "nonce", "msg_signature", "openid")


def altered(sent: Sent, draw: random.Random, names: tuple[str, ...]) -> Sent:
    """Change one place of one part, or the whole part, in one of a few ways."""
    path, _, query = sent.path.partition("?")
    fields = dict(part.split("=", 1) for part in query.split("&"))
    name = draw.choice(names)
    if name == "body":
        start = sent.body.index(b"<Encrypt><![CDATA[") + 18
        place = draw.randrange(start, sent.body.index(b"]]></Encrypt>"))
        return Sent(sent.path, changed_at(sent.body, place, draw))
    value = fields[name]
    ways: list[Callable[[], str]] = [
        lambda: changed_at(value.encode(), draw.randrange(len(value)), draw).decode(),
        lambda: value[:-1],
        lambda: value + draw.choice("0a"),
        lambda: value.swapcase() if value.swapcase() != value else value + "%00",
        lambda: "" if name != "openid" else "oSomebodyElse",
        lambda: f"{value}&{name}={value}" if name != "openid" else "oSomebodyElse2",
        lambda: "%E2%82%AC" + value,
    ]
    fields[name] = draw.choice(ways)()
    return Sent(f"{path}?" + "&".join(f"{key}={one}" for key, one in fields.items()), sent.body)


def changed_at(text: bytes, place: int, draw: random.Random) -> bytes:
    signs = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
    other = draw.choice([one for one in signs if one != text[place]])
    return text[:place] + bytes((other,)) + text[place + 1 :]


def test_without_or_with_another_token_g02(account: Account) -> None:
    stamp, nonce = str(int(time.time())), "424242"
    sealed = Seal(AES_KEY, APP_ID).close(xml({"MsgType": "text"}))
    for token in ("", "wrong", "tingwen-tes", "TINGWEN-TEST"):
        query = {
            "signature": signature(token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "msg_signature": signature(token, stamp, nonce, sealed),
        }
        sent = Sent(f"/wechat?{urlencode(query)}", xml({"Encrypt": sealed}).encode())
        assert account.post(sent)[0] == 403
    assert not is_signed(signature("-", stamp), "", stamp)


def test_nothing_is_taken_twice_g03(account: Account) -> None:
    """A nonce serves one message; what comes again is answered as before and leaves nothing."""
    somebody = Sender("oReplays-00001")
    now = datetime.now(UTC)
    first = somebody.send({"MsgType": "text", "Content": "你好", **message_id()}, now, "919191")
    said = account.said(first)
    before = kept(account)
    others = [
        somebody.send({"MsgType": "text", "Content": f"改成{n}", **message_id()}, now, "919191")
        for n in range(REPLAYED)
    ]
    assert set(account.statuses(others)) == {403}
    assert account.said(first) == said
    assert kept(account) == before


@pytest.mark.parametrize("seconds", [301, -900, 86_400])
def test_old_and_early_requests_g03(account: Account, seconds: int) -> None:
    before = kept(account)
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    somebody = Sender("oOldRequests-1")
    late = [
        somebody.send({"MsgType": "text", "Content": "有", **message_id()}, at)
        for _ in range(REPLAYED // 2)
    ]
    assert set(account.statuses(late)) == {403}
    assert kept(account) == before


def test_fresh_enough_g03(account: Account) -> None:
    at = datetime.now(UTC) - timedelta(seconds=240)
    fields = {"MsgType": "text", "Content": "有", **message_id()}
    assert account.post(Sender("oFreshEnough-1").send(fields, at))[0] == 200


def test_the_same_id_with_other_words_g03(account: Account) -> None:
    somebody, same = Sender("oOtherWords-01"), message_id()
    said = account.said(somebody.text("有", **same))
    assert account.post(somebody.text("没有", **same))[0] == 403
    assert account.said(somebody.text("有", **same)) == said


def test_order_of_checks_g04(account: Account) -> None:
    stamp, nonce = str(int(time.time())), "31337"
    good = signed(stamp, nonce)

    def code(body: bytes, **query: str) -> str:
        whole = {"signature": good, "timestamp": stamp, "nonce": nonce, **query}
        answer = account.client.post(f"/wechat?{urlencode(whole)}", content=body)
        return str(answer.json()["code"])

    bomb = b'<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>'
    sealed = Seal(AES_KEY, "wxother").close("<xml/>")
    wrong_app = xml({"Encrypt": sealed}).encode()
    inner_bomb = Seal(AES_KEY, APP_ID).close(bomb.decode())
    assert code(b"x" * 70_000, signature="wrong") == "body-too-large"
    assert code(bomb, signature="wrong") == "wechat-not-signed"
    assert code(bomb) == "wechat-bad-xml"
    assert code(xml({"MsgType": "text"}).encode()) == "wechat-not-sealed"
    assert code(wrong_app, msg_signature="0" * 40) == "wechat-not-signed"
    assert code(wrong_app, msg_signature=signed(stamp, nonce, sealed)) == "wechat-not-opened"
    with_bomb = {"msg_signature": signed(stamp, nonce, inner_bomb)}
    assert code(xml({"Encrypt": inner_bomb}).encode(), **with_bomb) == "wechat-bad-xml"


@pytest.mark.parametrize("way", ["padding", "padding-0", "length", "length-high", "short", "text"])
def test_lies_inside_the_seal_g04(way: str) -> None:
    seal, key = Seal(AES_KEY, APP_ID), base64.b64decode(AES_KEY + "=")
    app = APP_ID.encode()

    def sealed(length: int, pad: bytes | None = None) -> str:
        plain = b"r" * 16 + length.to_bytes(4) + b"<xml/>" + app
        fill = 32 - len(plain) % 32
        closer = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        whole = closer.update(plain + (pad if pad is not None else bytes((fill,)) * fill))
        return base64.b64encode(whole + closer.finalize()).decode()

    fill = 32 - (26 + len(app)) % 32
    made: dict[str, Callable[[], str]] = {
        "padding": lambda: sealed(6, b"\x01" * (fill - 1) + bytes((fill,))),
        "padding-0": lambda: sealed(6, b"\0" * fill),
        "length": lambda: sealed(5),
        "length-high": lambda: sealed(2**32 - 1),
        "short": lambda: base64.b64encode(b"x" * 16).decode(),
        "text": lambda: "no base64 at all",
    }
    assert seal.open(sealed(6)) == b"<xml/>"
    with pytest.raises(RefusedError) as caught:
        seal.open(made[way]())
    assert caught.value.code == "not-opened"


LAUGHS = "".join(
    ['<!ENTITY l0 "lol">', *(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))]
)
BAD_XML = {
    "laughs": f"<!DOCTYPE xml [{LAUGHS}]><xml><Content>&l9;</Content></xml>".encode(),
    "quadratic": (
        '<!DOCTYPE x [<!ENTITY a "' + "a" * 20_000 + '">]><xml>' + "&a;" * 5_000 + "</xml>"
    ).encode(),
    "file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><C>&a;</C></xml>',
    "http": b'<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:1/">]><xml><C>&a;</C></xml>',
    "dtd": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x.dtd"><xml/>',
    "deep": b"<xml>" + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</xml>",
    "utf-7": b'<?xml version="1.0" encoding="utf-7"?><xml/>',
    "utf-16": '<?xml version="1.0" encoding="utf-16"?><xml/>'.encode("utf-16"),
    "nul": b"<xml><Content>a\0b</Content></xml>",
    "cdata-split": b"<xml><Content><![CDATA[a]]><![CDATA[b]]></Content></xml>",
    "twice": b"<xml><MsgType>text</MsgType><MsgType>event</MsgType></xml>",
    "empty": b"",
    "other-root": b"<html/>",
    "latin-1": "<xml><Content>é</Content></xml>".encode("latin-1"),
    "not-closed": b"<xml><Content>",
    "wide": b"<xml>" + b"".join(b"<a%d/>" % n for n in range(5_000)) + b"</xml>",
}


@pytest.mark.parametrize("name", BAD_XML)
def test_bad_xml_g05(account: Account, name: str) -> None:
    stamp, nonce = str(int(time.time())), f"5005{name}"
    query = {"signature": signed(stamp, nonce), "timestamp": stamp, "nonce": nonce}
    sent = Sent(f"/wechat?{urlencode(query)}", BAD_XML[name])
    status, body = account.post(sent)
    expected = "wechat-bad-xml" if len(BAD_XML[name]) <= 65_536 else "body-too-large"
    assert status in (400, 413), body
    assert expected in body


@pytest.mark.parametrize(
    "fields",
    [
        {"MsgType": "text", "Content": "没有编号"},
        {"MsgType": "text", "MsgId": "1' OR 1=1"},
        {"MsgId": "1", "Content": "没有种类"},
        {"MsgType": "text", "MsgId": "1", "FromUserName": "../../etc"},
        {"MsgType": "text", "MsgId": "1", "CreateTime": "yesterday"},
    ],
)
def test_fields_that_are_wrong_g05(account: Account, fields: dict[str, str]) -> None:
    status, body = account.post(Sender("oWrongFields-1").send(fields))
    assert status in (400, 403), body
    assert "no-field" in body or "not-signed" in body


def test_sizes_are_capped_while_they_arrive_g06(account: Account) -> None:
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        for _ in range(1_000):
            read += 16_384
            yield b"<" * 16_384

    answer = account.client.post("/wechat?signature=x", content=itertools.islice(chunks(), 20))
    assert answer.status_code == 413
    lying = account.client.post(
        "/wechat?signature=x", content=b"x" * 70_000, headers={"content-length": "10"}
    )
    assert lying.status_code in (400, 403, 413)


def test_proving_who_we_are_g07(account: Account) -> None:
    stamp = str(int(time.time()))

    def greeted(echo: str, **changed: str) -> tuple[int, str]:
        query = {"signature": signed(stamp, "n1"), "timestamp": stamp, "nonce": "n1", **changed}
        answer = account.client.get(f"/wechat?{urlencode({**query, 'echostr': echo})}")
        return answer.status_code, answer.text

    assert greeted("5837397520665436492") == (200, "5837397520665436492")
    assert greeted("<script>alert(1)</script>") == (200, "")
    assert greeted("1", signature=signed(stamp, "n2"))[0] == 403
    assert greeted("1", timestamp=str(int(stamp) - 301))[0] == 403


def test_without_an_account_g07(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    from server.app import create_app

    service = Service.open(Settings(data_dir=tmp_path))
    with TestClient(create_app(service)) as client:
        assert client.get("/wechat").status_code == 404
        assert client.post("/wechat", content=b"<xml/>").status_code == 404


def test_a_key_that_is_none_g07(tmp_path: Path) -> None:
    from server.app import create_app

    service = Service.open(
        Settings(data_dir=tmp_path, wechat_token=SecretStr("t"), wechat_aes_key=SecretStr("short"))
    )
    with pytest.raises(RefusedError, match="43"):
        create_app(service)
    service.close()


def test_requests_are_made_as_wechat_makes_them() -> None:
    sent = request("<xml/>", "1", "2", safe=False)
    assert sent.path == f"/wechat?signature={signed('1', '2')}&timestamp=1&nonce=2"
