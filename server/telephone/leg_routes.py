"""The webhooks of a bridged call's two legs, and the socket by which both sides are heard."""

from fastapi import APIRouter, Request, WebSocket
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from server.desk.door import Open, open_to
from server.telephone.bridging import LEG, LEG_STATUS
from server.telephone.exchange import Exchange
from server.telephone.moving import EAR
from server.telephone.routes import UNKNOWN, may_open, read_form, signature_check
from server.telephone.socket import SocketTransport
from telephony.carriers.twilio_status import read_report


def leg_routes(exchange: Exchange) -> APIRouter:
    """Return the routes of bridged calls; the signature comes before everything else."""
    router = APIRouter(dependencies=[open_to(Open.SIGNED)])
    check, bridging = signature_check(exchange), exchange.bridging

    @router.post(LEG, include_in_schema=False)
    async def leg(request: Request) -> Response:
        form = read_form(check, request, await request.body())
        if isinstance(form, Response):
            return form
        call, sid = request.query_params.get("call", ""), dict(form)["CallSid"]
        twiml = await run_in_threadpool(bridging.answered, call, sid)
        return UNKNOWN if twiml is None else Response(twiml, media_type="text/xml")

    @router.post(LEG_STATUS, include_in_schema=False)
    async def status(request: Request) -> Response:
        form = read_form(check, request, await request.body())
        if isinstance(form, Response):
            return form
        call, report = request.query_params.get("call", ""), read_report(dict(form))
        known = await run_in_threadpool(bridging.reported, call, report)
        return Response(status_code=204) if known else UNKNOWN

    @router.websocket(EAR)
    async def ear(socket: WebSocket) -> None:
        transport = SocketTransport(socket)
        if not may_open(check, socket):
            await transport.refuse()
            return
        await socket.accept()
        if not await exchange.overhear(transport):
            await transport.refuse()

    router.add_api_websocket_route(f"{EAR}/", ear)
    return router
