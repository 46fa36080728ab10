"""Links into the demo's desks, for trying them without setting up a telephone for codes.

Only ``tingwen demo`` puts this route into the application; the service itself has no such way in.
"""

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from models.keys import KeyService
from models.sitting import Sittings
from server.desk.door import Open, open_to
from server.desk.home_routes import keep_cookie
from server.service import Service
from server.templates import page

LASTING = timedelta(hours=12)
_TICKET = re.compile(r"([a-z0-9._-]{1,40})~(\d{10})~([A-Za-z0-9_-]{43})")


def entrance_routes(service: Service) -> APIRouter:
    """Return the route of the links."""
    router = APIRouter()

    @router.get("/demo/enter/{ticket}", dependencies=[open_to(Open.LINK)])
    def enter(ticket: str) -> Response:
        now = datetime.now(UTC)
        login = _login(service.database.keys, ticket, now)
        if login is None:
            sentence = "这个进入链接已失效，请重新启动演示。"
            return page("refused.html", code=403, sentence=sentence)
        response = RedirectResponse("/desk", status_code=303)
        keep_cookie(service, response, Sittings(service.database).begin(login, now))
        return response

    return router


def entrance(service: Service, login: str, now: datetime) -> str:
    """Return a link that signs in ``login`` for as long as the demo is likely to be looked at."""
    text = f"{login}~{int((now + LASTING).timestamp())}"
    ticket = f"{text}~{_mac(service.database.keys, text)}"
    return f"{service.settings.public_url}/demo/enter/{ticket}"


def _login(keys: KeyService, ticket: str, now: datetime) -> str | None:
    found = _TICKET.fullmatch(ticket)
    if found is None:
        return None
    mac = _mac(keys, f"{found[1]}~{found[2]}")
    over = now >= datetime.fromtimestamp(int(found[2]), UTC)
    genuine = hmac.compare_digest(mac.encode(), found[3].encode())
    return found[1] if genuine and not over else None


def _mac(keys: KeyService, text: str) -> str:
    sealed = keys.index(f"demo-entrance:{text}")
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
