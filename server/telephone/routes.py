"""The webhooks and the media socket of Twilio; the signature comes before everything else."""

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from server.desk.door import Open, open_to
from server.telephone.exchange import Exchange
from server.telephone.socket import MEDIA, SocketTransport, socket_address
from telephony.carriers.twilio_signature import SignatureCheck, Signed
from telephony.carriers.twilio_status import read_report

_MOST_FIELDS = 500
_ONCE = ("CallSid", "CallStatus", "AnsweredBy", "SequenceNumber", "AccountSid")
Pairs = list[tuple[str, str]]


def telephone_routes(exchange: Exchange) -> APIRouter:
    """Return the routes below ``/twilio``."""
    router = APIRouter(dependencies=[open_to(Open.SIGNED)])
    check = signature_check(exchange)

    async def signed_form(request: Request) -> Pairs | Response:
        return read_form(check, request, await request.body())

    @router.post("/twilio/voice", include_in_schema=False)
    async def voice(request: Request) -> Response:
        form = await signed_form(request)
        if isinstance(form, Response):
            return form
        twiml: str | None
        call, fields = request.query_params.get("call", ""), dict(form)
        sid, url = fields["CallSid"], socket_address(exchange.service.settings.public_url, MEDIA)
        if not call and fields.get("Direction") == "inbound":
            twiml = await run_in_threadpool(exchange.rung, fields.get("From", ""), sid, url)
        else:
            twiml = await run_in_threadpool(exchange.answered, call, sid, url)
        return UNKNOWN if not twiml else Response(twiml, media_type="text/xml")

    @router.post("/twilio/status", include_in_schema=False)
    async def status(request: Request) -> Response:
        form = await signed_form(request)
        if isinstance(form, Response):
            return form
        call = request.query_params.get("call", "")
        known = await run_in_threadpool(exchange.reported, call, read_report(dict(form)))
        return Response(status_code=204) if known else UNKNOWN

    @router.websocket(MEDIA)
    async def media(socket: WebSocket) -> None:
        transport = SocketTransport(socket)
        if not may_open(check, socket):
            await transport.refuse()
            return
        await socket.accept()
        if await exchange.hold(transport, exchange.carrier.codec()) is None:
            await transport.refuse()

    router.add_api_websocket_route(f"{MEDIA}/", media)
    return router


def signature_check(exchange: Exchange) -> SignatureCheck:
    """Return the check of the carrier's signatures against our own public address."""
    settings = exchange.service.settings
    return SignatureCheck(
        settings.public_url,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_shared_key.get_secret_value(),
    )


def may_open(check: SignatureCheck, socket: WebSocket) -> bool:
    """Whether the upgrade of a socket is signed for our address, which has no query."""
    return not socket.url.query and check.socket(_path(socket), _signed(socket))


def read_form(check: SignatureCheck, request: Request, body: bytes) -> Pairs | Response:
    """Return the fields of a signed form, or how the request is refused."""
    text = body.decode("utf-8", "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return _refused(400, "too-many-fields", f"字段超过 {_MOST_FIELDS} 个。")
    if not check.form(_path(request), pairs, _signed(request)):
        return _refused(403, "bad-signature", "签名不对。")
    names = [name for name, _value in pairs]
    if not dict(pairs).get("CallSid") or any(names.count(name) > 1 for name in _ONCE):
        return _refused(400, "bad-form", "CallSid 缺少或者重复。")
    return pairs


def _path(connection: HTTPConnection) -> str:
    """Return path and query exactly as they were asked for."""
    raw: bytes = connection.scope.get("raw_path") or connection.url.path.encode()
    query: bytes = connection.scope.get("query_string", b"")
    path = raw.partition(b"?")[0].decode("latin-1")
    return f"{path}?{query.decode('latin-1')}" if query else path


def _signed(connection: HTTPConnection) -> Signed:
    headers = connection.headers
    return Signed(
        tuple(headers.getlist("x-twilio-signature")),
        tuple(headers.getlist("x-twilio-webhooks-signature-settings")),
    )


def _refused(status: int, code: str, sentence: str) -> Response:
    return JSONResponse({"code": code, "message": sentence}, status)


UNKNOWN = _refused(404, "unknown-call", "没有这通电话。")
