"""The webhook of the account at ``/wechat``."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from server.desk.door import Open, open_to
from server.wechat.fault import Fault, RefusedError
from server.wechat.front import WechatFront
from server.wechat.gate import Query

#: What is echoed is what WeChat sends to prove us: a few digits or letters, never markup.
_ECHO = re.compile(r"[A-Za-z0-9+/=_-]{1,128}")
_NAMES = ("signature", "timestamp", "nonce", "msg_signature", "openid")
_BAD = frozenset({Fault.BAD_XML, Fault.NO_FIELD})


async def signed_query(request: Request) -> Query:
    """Return what is signed; a name that comes twice counts as missing."""
    found = request.query_params
    once = {name: found.getlist(name) for name in _NAMES}
    return Query(**{name: values[0] for name, values in once.items() if len(values) == 1})


Signed = Annotated[Query, Depends(signed_query)]


def wechat_routes(front: WechatFront | None) -> APIRouter:
    """Return the routes; without an account they say that there is none."""
    router = APIRouter(prefix="/wechat", dependencies=[open_to(Open.SIGNED)])

    @router.get("", include_in_schema=False)
    def greet(query: Signed, echostr: str = "") -> Response:
        try:
            echo = _open(front).greet(query, echostr)
        except RefusedError as error:
            return _refused(error)
        return PlainTextResponse(echo if _ECHO.fullmatch(echo) else "")

    @router.post("", include_in_schema=False)
    async def take(request: Request, query: Signed) -> Response:
        asked = _open(front)
        body = await request.body()
        try:
            written = await asked.take(query, body)
        except RefusedError as error:
            return _refused(error)
        return Response(written, media_type="application/xml" if written else "text/plain")

    return router


def _open(front: WechatFront | None) -> WechatFront:
    if front is None:
        raise HTTPException(404)
    return front


def _refused(error: RefusedError) -> JSONResponse:
    status = 400 if error.fault in _BAD else 403
    return JSONResponse({"code": f"wechat-{error.code}", "message": str(error)}, status)
