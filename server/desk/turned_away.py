"""What somebody is told who cannot enter or whose request cannot be carried out."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from models.failure import (
    NotFoundError,
    StorageBusyError,
    StorageFullError,
    StorageUnavailableError,
)
from server.desk.door import ForgedRequestError, NotAllowedError, SignInNeededError
from server.desk.home_routes import SIGN_IN
from server.templates import page

_SENTENCES = {
    401: ("sign-in-needed", "请先登录", "登录已结束或还没有登录，请重新登录后再试。"),
    403: ("not-allowed", "不能打开", "您的岗位不包含这项工作；需要的话请找安全管理员。"),
    404: ("not-found", "没有这一页", "没有这一页，或不在您负责的区域内；请从列表里重新打开。"),
    405: ("no-such-act", "不能这样打开", "这一页不能这样打开；请从列表里重新打开。"),
    409: ("page-stale", "没有做成", "这一页已经旧了，什么也没有改动；请刷新后再做一次。"),
    413: ("body-too-large", "太长了", "内容太长，什么也没有改动；请返回缩短后再发。"),
    422: ("bad-input", "填写有误", "填写的内容不对，什么也没有改动；请返回检查后再提交。"),
    500: ("broken", "出错了", "这一次没有做成；请返回再试一次，还不行请把时间告诉系统管理员。"),
    503: ("storage-down", "暂时不能用", "记录暂时存取不了，什么也没有改动；请过几分钟再试。"),
}


def turn_away(request: Request, status: int, sentence: str = "") -> Response:
    """Return the answer with ``status`` in words, as a page or as JSON, whichever was wanted.

    ``sentence`` is said in place of the usual one.
    """
    code, heading, usual = _SENTENCES[status]
    sentence = sentence or usual
    if "text/html" in request.headers.get("accept", ""):
        return page(
            "desk/turned_away.html",
            code=status,
            heading=heading,
            sentence=sentence,
            back=_way_back(request, status),
        )
    return JSONResponse({"code": code, "message": sentence}, status)


def _way_back(request: Request, status: int) -> tuple[str, str] | None:
    """Where whoever works at a desk goes on, and what that is called; nobody else has one."""
    if not request.url.path.startswith("/desk"):
        return None
    return (SIGN_IN, "登录") if status == 401 else ("/desk", "回到工作台")


def add_refusals(app: FastAPI) -> None:
    """Let ``app`` answer in words wherever a door or the records refuse."""
    for error, status in (
        (NotAllowedError, 403),
        (ForgedRequestError, 409),
        (NotFoundError, 404),
        (RequestValidationError, 422),
        (StorageUnavailableError, 503),
        (StorageBusyError, 503),
        (StorageFullError, 503),
    ):
        app.add_exception_handler(error, _answering(status))
    app.add_exception_handler(SignInNeededError, _sign_in)
    app.add_exception_handler(HTTPException, _missing)


def _answering(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, _error: Exception) -> Response:
        return turn_away(request, status)

    return answer


async def _sign_in(request: Request, _error: Exception) -> Response:
    wants_page = "text/html" in request.headers.get("accept", "")
    if request.method == "GET" and wants_page:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?next={quote(back)}", status_code=303)
    return turn_away(request, 401)


async def _missing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    if status == 413:
        return turn_away(request, status, detail)
    if status in _SENTENCES:
        return turn_away(request, status)
    return JSONResponse({"code": "refused", "message": str(detail)}, status)
