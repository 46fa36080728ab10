"""The telephone in a browser: at the desk to try it, and behind a link to speak, not type."""

import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Cookie, Form, Request, WebSocket
from fastapi.responses import HTMLResponse, JSONResponse, Response

from models.audit import AuditEntry, AuditLog
from models.campaign import Campaign
from models.failure import CallRefusedError
from server.chat_routes import SESSION
from server.desk.door import Open, needs, open_to
from server.desk.page import desk_page
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.link import read_link
from server.pace import Pace
from server.telephone.exchange import Exchange
from server.telephone.socket import SocketTransport
from server.templates import page
from survey_engine.channel import Channel
from telephony.carriers.browser import BrowserLine

MEDIA = "/phone/media"
CARRIER = "browser"
_REFUSALS = {
    "opted-out": "这个人说过不要再打，不能呼叫。",
    "being-called": "这个人正在通话，请等那通电话结束。",
}
Calling = Annotated[Sitting, needs(Permission.CALL)]


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a page needs to open its line; the token is good once, for two minutes."""

    call: str
    token: str
    media: str = MEDIA


def begin(exchange: Exchange, assignment_id: str) -> Ticket:
    """Begin a call that is taken in a browser; blocking.

    Raises :class:`models.failure.CallRefusedError` if the person does not want to be called or is
    being spoken with.
    """
    calls, now = exchange.calls, exchange.now()
    calls.refuse_opted_out(assignment_id)
    if any(call.media_at and not call.ended_at for call in calls.of(assignment_id)):
        raise CallRefusedError(f"Assignment {assignment_id} is being called.", "being-called")
    name, token = f"browser-{secrets.token_urlsafe(12)}", secrets.token_urlsafe(24)
    call = calls.receive(assignment_id, CARRIER, name, now)
    exchange.service.contacts.begin(assignment_id, Channel.VOICE, now, call.id, incoming=True)
    calls.give_token(call.id, token, now)
    return Ticket(name, token)


def browser_routes(exchange: Exchange) -> APIRouter:
    """Return the pages of the browser telephone and its media socket."""
    router = APIRouter()
    _add_desk(router, exchange)
    _add_chat(router, exchange)

    @router.websocket(MEDIA, dependencies=[open_to(Open.LINK)])
    async def media(socket: WebSocket) -> None:
        transport = SocketTransport(socket)
        await socket.accept()
        if await exchange.hold(transport, BrowserLine()) is None:
            await transport.refuse()

    return router


def _add_desk(router: APIRouter, exchange: Exchange) -> None:
    @router.get("/desk/phone", response_class=HTMLResponse)
    def show(request: Request, sitting: Calling) -> Response:
        return desk_page(
            request, sitting, "desk/phone.html", active="phone", campaigns=_open(sitting)
        )

    @router.post("/desk/phone")
    def ring(
        sitting: Calling,
        campaign: Annotated[str, Form(max_length=80)] = "",
        person: Annotated[str, Form(max_length=40)] = "",
    ) -> Response:
        if campaign not in {one.id for one in _open(sitting)}:
            return _told("请选一个开启的项目。", 422)
        found = sitting.records.by_certificate(campaign, person.strip())
        if not found:
            return _told("这个项目里没有这个残疾人证号，请核对。", 404)
        _note(exchange, sitting.login, found[0].assignment_id)
        return _ticket(exchange, found[0].assignment_id)


def _note(exchange: Exchange, login: str, assignment_id: str) -> None:
    """Keep in the audit log who tried the telephone with whom."""
    entry = AuditEntry(at=exchange.now(), actor=login, action="phone.try", object=assignment_id)
    AuditLog(exchange.service.database).add(entry)


def _add_chat(router: APIRouter, exchange: Exchange) -> None:
    pace = Pace(burst=6, per_minute=3)
    service = exchange.service

    @router.get(
        "/chat/{token}/voice", response_class=HTMLResponse, dependencies=[open_to(Open.LINK)]
    )
    def show(token: str, tingwen_chat: Annotated[str, Cookie(alias=SESSION)] = "") -> Response:
        link = read_link(service.database.keys, token)
        if link is None or not service.chat.is_mine(link, tingwen_chat):
            return page("refused.html", code=403, sentence="请用打开链接的那部手机接着答。")
        settings = service.settings
        return page(
            "voice.html",
            organisation=settings.organisation,
            callback=settings.callback,
            back=f"/chat/{token}",
        )

    @router.post("/chat/{token}/voice", dependencies=[open_to(Open.LINK)])
    def ring(token: str, tingwen_chat: Annotated[str, Cookie(alias=SESSION)] = "") -> Response:
        link = read_link(service.database.keys, token)
        if link is None or not service.chat.is_mine(link, tingwen_chat):
            return _told("请用打开链接的那部手机接着答。", 403)
        if not pace.allows(token):
            return _told("接得太频繁了，请过一会儿再试。", 429)
        return _ticket(exchange, link.assignment_id)


def _open(sitting: Sitting) -> tuple[Campaign, ...]:
    return tuple(one for one in sitting.records.campaigns() if one.status == "open")


def _ticket(exchange: Exchange, assignment_id: str) -> Response:
    try:
        ticket = begin(exchange, assignment_id)
    except CallRefusedError as refused:
        return _told(_REFUSALS.get(refused.reason, "现在不能通话，请稍后再试。"), 409)
    return JSONResponse({"call": ticket.call, "token": ticket.token, "media": ticket.media})


def _told(sentence: str, status: int) -> Response:
    return JSONResponse({"message": sentence}, status)
