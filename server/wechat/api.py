"""WeChat's REST interface as far as we use it: token, messages, media, menu, QR codes."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx

from server.wechat.fault import ApiError, Fault

T = TypeVar("T")
BASE: Final = "https://api.weixin.qq.com"
#: Codes after which the token is fetched anew and the call made once more.
TOKEN_OVER: Final = frozenset({40001, 40014, 42001, 42007})
#: Seconds before its end at which a token is no longer used.
_MARGIN = 300
#: Bytes that a voice message may have; WeChat itself takes 2 MB.
_MEDIA = 2 * 1024 * 1024


@dataclass
class _Token:
    value: str = ""
    until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class WechatApi:
    """The interface of one account.

    ``base`` is its address. Tokens are the stable ones, which processes share without taking
    them from each other; where an address does not have these, the older ones. Raises
    :class:`ApiError` for whatever does not come back well.
    """

    app_id: str
    secret: str
    base: str = BASE
    clock: Callable[[], float] = time.monotonic
    _token: _Token = field(default_factory=_Token)
    _client: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=httpx.Timeout(8.0, connect=4.0))
    )

    @property
    def is_set(self) -> bool:
        """Whether there is an account to ask for."""
        return bool(self.app_id and self.secret)

    def send_text(self, open_id: str, text: str) -> None:
        """Send a customer-service message (客服消息)."""
        body = {"touser": open_id, "msgtype": "text", "text": {"content": text}}
        self._post("/cgi-bin/message/custom/send", body, "消息")

    def voice(self, media_id: str) -> bytes:
        """Return the sound of a voice message as it was sent, mostly AMR."""
        return self._with_token("语音", lambda token: self._media(token, media_id))

    def make_menu(self, menu: Mapping[str, object]) -> None:
        """Put a menu in place of the account's menu."""
        self._post("/cgi-bin/menu/create", menu, "菜单")

    def ticket_address(self, scene: str, seconds: int) -> str:
        """Return an address whose QR code brings whoever scans it here, with ``scene``."""
        info = {"scene": {"scene_str": scene}}
        body = {"expire_seconds": seconds, "action_name": "QR_STR_SCENE", "action_info": info}
        return str(self._post("/cgi-bin/qrcode/create", body, "二维码").get("url", ""))

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _post(self, path: str, body: Mapping[str, object], what: str) -> Mapping[str, Any]:
        # Chinese has to arrive as it is: WeChat shows \\u escapes letter by letter.
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}

        def call(token: str) -> Mapping[str, Any]:
            address = f"{self.base}{path}"
            params = {"access_token": token}
            sent = self._client.post(address, params=params, content=content, headers=headers)
            return _judged(sent, what)

        return self._with_token(what, call)

    def _media(self, token: str, media_id: str) -> bytes:
        params = {"access_token": token, "media_id": media_id}
        with self._client.stream("GET", f"{self.base}/cgi-bin/media/get", params=params) as got:
            content = b""
            for piece in got.iter_bytes():
                content += piece
                if len(content) > _MEDIA:
                    raise ApiError(Fault.NOT_SOUND)
            if "json" in got.headers.get("content-type", "") or content[:1] == b"{":
                _judged(httpx.Response(got.status_code, content=content), "语音")
            return content

    def _with_token(self, what: str, call: Callable[[str], T]) -> T:
        try:
            try:
                return call(self._fresh_token())
            except ApiError as error:
                if error.errcode not in TOKEN_OVER:
                    raise
                return call(self._fresh_token(anew=True))
        except httpx.HTTPError as error:
            raise ApiError(Fault.API_UNREACHABLE, what=what, reason=type(error).__name__) from error

    def _fresh_token(self, *, anew: bool = False) -> str:
        held = self._token
        with held.lock:
            if anew or self.clock() >= held.until:
                found = self._fetched(anew=anew)
                held.value = str(found.get("access_token", ""))
                held.until = self.clock() + max(0, int(found.get("expires_in", 0)) - _MARGIN)
            return held.value

    def _fetched(self, *, anew: bool) -> Mapping[str, Any]:
        if not self.is_set:
            raise ApiError(Fault.API_NOT_SET, name="TINGWEN_WECHAT_APP_ID / _APP_SECRET")
        who = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.secret}
        body = {**who, "force_refresh": anew}
        sent = self._client.post(f"{self.base}/cgi-bin/stable_token", json=body)
        if sent.status_code in (404, 405, 501):
            sent = self._client.get(f"{self.base}/cgi-bin/token", params=who)
        return _judged(sent, "令牌")


def _judged(sent: httpx.Response, what: str) -> Mapping[str, Any]:
    """Return what came back, unless it says that something went wrong."""
    try:
        found = sent.json()
    except ValueError:
        found = None
    if not isinstance(found, dict) or sent.status_code >= 400:
        raise ApiError(Fault.API_UNREACHABLE, what=what, reason=f"HTTP {sent.status_code}")
    errcode = int(found.get("errcode") or 0)
    if errcode:
        raise ApiError(Fault.API_REFUSED, errcode=errcode, what=what)
    return found
