"""The pages of a respondent's chat."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Cookie, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from dialog.utterance import Utterance
from models.failure import KeyReusedError
from server.chat_desk import ChatView
from server.desk.door import Open, open_to
from server.link import Link, read_link
from server.pace import Pace
from server.service import Service
from server.templates import page

SESSION = "tingwen_chat"
_WRONG = "这个链接不对，请从短信或微信里重新点开。"
_LATE = "这一步已经答过了，下面是现在要问的。"


def chat_routes(service: Service) -> APIRouter:
    """Return the routes of ``/chat/{token}``."""
    router = APIRouter(dependencies=[open_to(Open.LINK)])
    pace = Pace(burst=120, per_minute=90)

    @router.get("/chat/{token}", response_class=HTMLResponse)
    def show(token: str, tingwen_chat: Annotated[str, Cookie()] = "") -> Response:
        link = read_link(service.database.keys, token)
        if link is None:
            return _refused(_WRONG, 404)
        return _shown(service, link, token, tingwen_chat)

    @router.post("/chat/{token}", response_class=HTMLResponse)
    def take(
        request: Request,
        token: str,
        sent: Annotated[Sent, Form()],
        tingwen_chat: Annotated[str, Cookie()] = "",
    ) -> Response:
        link = read_link(service.database.keys, token)
        if link is None:
            return _refused(_WRONG, 404)
        if not pace.allows(f"{token} {_address(request)}"):
            return _refused("发得太快了，请过一会儿再发。", 429)
        if sent.begin:
            return _begin(service, link, token, tingwen_chat)
        if not service.chat.is_mine(link, tingwen_chat):
            return _refused("请用打开链接的那部手机接着答。", 403)
        return _answer(service, link, sent)

    return router


class Sent(BaseModel):
    """What a page of the chat sends; ``turn`` and ``target`` say which page it was."""

    begin: str = ""
    resume: str = ""
    turn: int = Field(0, ge=0, le=1_000_000)
    target: str = Field("", max_length=80)
    words: str = Field("", max_length=1_000)
    tapped: str = Field("", max_length=200)
    choice: list[str] = Field(default_factory=list, max_length=40)

    def utterance(self, link: Link) -> Utterance:
        """Return it as the conversation takes it; a tap outweighs words left in the field."""
        tapped = self.tapped or " ".join(self.choice)
        return Utterance(
            id=f"{link.nonce}:{self.turn}",
            at=datetime.now(UTC),
            words="" if tapped else self.words.strip(),
            tapped=tapped,
            target=self.target,
        )


def _shown(service: Service, link: Link, token: str, session: str) -> Response:
    """Show the chat as it stands, or its first page.

    The browser gets its session with the first page: whoever begins and never sees the answer can
    begin again.
    """
    if service.chat.is_mine(link, session):
        return _talk(service, link, service.chat.view(link))
    if service.chat.was_opened(link):
        return _refused("这个链接已经在别的手机上打开过了，请联系我们换一个。", 403)
    if link.is_expired(datetime.now(UTC)):
        return _refused("这个链接已经过期了，请联系我们换一个。", 410)
    return _known(service, _page(service, "chat_start.html"), token, session)


def _begin(service: Service, link: Link, token: str, session: str) -> Response:
    now = datetime.now(UTC)
    if link.is_expired(now) and not service.chat.is_mine(link, session):
        return _refused("这个链接已经过期了，请联系我们换一个。", 410)
    session = session or secrets.token_urlsafe(24)
    if not service.chat.open(link, session, now):
        return _refused("这个链接已经在别的手机上打开过了，请联系我们换一个。", 403)
    return _known(service, RedirectResponse(f"/chat/{token}#now", status_code=303), token, session)


def _known(service: Service, response: Response, token: str, session: str) -> Response:
    """Let the browser be known again by ``session``, or by a new one."""
    secure = service.settings.public_url.startswith("https:")
    response.set_cookie(
        SESSION,
        session or secrets.token_urlsafe(24),
        path=f"/chat/{token}",
        httponly=True,
        samesite="strict",
        secure=secure,
    )
    return response


def _answer(service: Service, link: Link, sent: Sent) -> Response:
    utterance = sent.utterance(link)
    chat = service.chat
    try:
        if sent.resume:
            return _talk(service, link, chat.resume(link, sent.turn, utterance.at))
        return _talk(service, link, chat.take(link, sent.turn, utterance))
    except KeyReusedError:
        return _talk(service, link, chat.view(link), notice=_LATE)


def _talk(service: Service, link: Link, view: ChatView, notice: str = "") -> Response:
    voice = f"/chat/{link.token(service.database.keys)}/voice" if service.can_talk else ""
    return _page(service, "chat.html", notice=notice, view=view, voice=voice)


def _page(
    service: Service,
    name: str,
    view: ChatView | None = None,
    notice: str = "",
    voice: str = "",
) -> Response:
    """Return a page; ``voice`` is where one may speak instead of typing, if one may."""
    settings = service.settings
    return page(
        name,
        organisation=settings.organisation,
        callback=settings.callback,
        view=view,
        notice=notice,
        voice=voice,
    )


def _refused(sentence: str, status: int) -> Response:
    return page("refused.html", code=status, sentence=sentence)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
