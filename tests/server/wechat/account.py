"""WeChat's side: its interface on a real socket, and requests as it makes them.

Signing and sealing are wechatpy's, which serves as the oracle for ours.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree.ElementTree import fromstring

from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

TOKEN, APP_ID, SECRET = "tingwen-test", "wx5823bf96d3bd56c7", "secret-of-a-test"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
_NUMBERS = count(1)


@dataclass
class WechatApi:
    """The interface: what was asked, what it refuses, and which media it has."""

    base: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    errcodes: list[int] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    token: str = "t0"
    tokens: int = 0
    stable: bool = True
    down: bool = False

    def texts(self) -> list[str]:
        """What was sent to anybody."""
        return [
            body["text"]["content"] for path, body in self.asked if path.endswith("custom/send")
        ]

    def answer(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, str, bytes]:
        if self.down:
            return 502, "text/html", b"bad gateway"
        if path.endswith("/stable_token") and not self.stable:
            return 404, "text/html", b"no such page"
        if path.endswith("token"):
            return self._token(path, query, body)
        self.asked.append((path, json.loads(body) if body else {}))
        if query.get("access_token") != [self.token]:
            return _json({"errcode": 40001, "errmsg": "invalid credential"})
        if self.errcodes and (code := self.errcodes.pop(0)):
            return _json({"errcode": code, "errmsg": "refused"})
        if path.endswith("media/get"):
            return self._media(query)
        if path.endswith("qrcode/create"):
            return _json({"ticket": "gQ", "expire_seconds": 60, "url": "http://weixin.qq.com/q/x"})
        return _json({"errcode": 0, "errmsg": "ok"})

    def _media(self, query: dict[str, list[str]]) -> tuple[int, str, bytes]:
        found = self.media.get(query["media_id"][0])
        if found is None:
            return _json({"errcode": 40007, "errmsg": "invalid media_id"})
        return 200, "audio/amr", found

    def _token(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, str, bytes]:
        given = {name: values[0] for name, values in query.items()}
        given |= json.loads(body) if body else {}
        if (given.get("appid"), given.get("secret")) != (APP_ID, SECRET):
            return _json({"errcode": 40013, "errmsg": "invalid appid"})
        if given.get("force_refresh") or not self.tokens or not path.endswith("stable_token"):
            self.tokens += 1
            self.token = f"t{self.tokens}"
        return _json({"access_token": self.token, "expires_in": 7200})


def _json(body: dict[str, Any]) -> tuple[int, str, bytes]:
    return 200, "application/json", json.dumps(body).encode()


@contextmanager
def wechat_api() -> Iterator[WechatApi]:
    api = WechatApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            asked = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, kind, content = api.answer(asked.path, parse_qs(asked.query), body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _reply  # noqa: N815

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Sent:
    """One request of WeChat: the address it is made to and its body."""

    path: str
    body: bytes


@dataclass(frozen=True)
class Sender:
    """Somebody in WeChat, whose messages arrive in plain or in safe mode."""

    open_id: str = "oTestOpenId-000001"
    safe: bool = True

    def text(self, words: str, **more: str) -> Sent:
        return self.send({"MsgType": "text", "Content": words, **message_id(), **more})

    def voice(self, media_id: str, recognition: str = "") -> Sent:
        fields = {"MsgType": "voice", "MediaId": media_id, "Format": "amr", **message_id()}
        return self.send({**fields, **({"Recognition": recognition} if recognition else {})})

    def event(self, event: str, key: str = "", at: datetime | None = None) -> Sent:
        return self.send({"MsgType": "event", "Event": event, "EventKey": key}, at)

    def send(self, fields: dict[str, str], at: datetime | None = None, nonce: str = "") -> Sent:
        at = at or datetime.now(UTC)
        stamp, nonce = str(int(at.timestamp())), nonce or f"{next(_NUMBERS):010d}"
        whole = {
            "ToUserName": "gh_0123456789ab",
            "FromUserName": self.open_id,
            "CreateTime": stamp,
            **fields,
        }
        return request(xml(whole), stamp, nonce, open_id=self.open_id, safe=self.safe)


def message_id() -> dict[str, str]:
    return {"MsgId": str(24_000_000_000_000_000 + next(_NUMBERS))}


def xml(fields: dict[str, str]) -> str:
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>"


def request(text: str, stamp: str, nonce: str, *, open_id: str = "", safe: bool = True) -> Sent:
    query = {"signature": signed(stamp, nonce), "timestamp": stamp, "nonce": nonce}
    query |= {"openid": open_id} if open_id else {}
    if not safe:
        return Sent(f"/wechat?{urlencode(query)}", text.encode())
    sealed = fromstring(WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message(text, nonce, stamp))
    encrypted, signature = sealed.findtext("Encrypt"), sealed.findtext("MsgSignature")
    query |= {"encrypt_type": "aes", "msg_signature": str(signature)}
    body = xml({"ToUserName": "gh_0123456789ab", "Encrypt": str(encrypted)})
    return Sent(f"/wechat?{urlencode(query)}", body.encode())


def signed(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(TOKEN, *parts)
    return str(signer.signature)


def opened(reply: str) -> dict[str, str]:
    """Return the fields of a reply, opened by wechatpy where it is sealed; none for no reply."""
    if not reply:
        return {}
    root = fromstring(reply)
    if root.find("Encrypt") is not None:
        found = {child.tag: child.text or "" for child in root}
        crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        reply = crypto.decrypt_message(
            reply, found["MsgSignature"], found["TimeStamp"], found["Nonce"]
        )
        root = fromstring(reply)
    return {child.tag: child.text or "" for child in root}
