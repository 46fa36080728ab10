"""The web application."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api_routes import api_routes
from server.calls.result_routes import result_routes
from server.calls.routes import calls_routes
from server.chat_routes import chat_routes
from server.desk.admin_routes import admin_routes
from server.desk.campaign_routes import campaign_routes
from server.desk.clip_routes import clip_routes
from server.desk.door import Open, declared_routes, open_to
from server.desk.home_routes import home_routes
from server.desk.progress_routes import progress_routes
from server.desk.roster_routes import roster_routes
from server.desk.sample_routes import sample_routes
from server.desk.sign_in_routes import sign_in_routes
from server.desk.turned_away import add_refusals, turn_away
from server.metrics import Measured, Metrics, metrics_routes
from server.review.quality_routes import quality_routes
from server.review.routes import review_routes
from server.review.settling import settling
from server.roster.limits import MAX_FILE
from server.service import Service
from server.telephone.asterisk import asterisk_at_work
from server.telephone.browser_routes import browser_routes
from server.telephone.exchange import Exchange
from server.telephone.leg_routes import leg_routes
from server.telephone.ready import ready_exchange
from server.telephone.routes import telephone_routes
from server.wechat.account import open_front
from server.wechat.front import WechatFront, at_work
from server.wechat.routes import wechat_routes
from server.window.facing_routes import facing_routes
from server.window.fault import Fault, WindowError
from server.window.routes import PHOTO, PHOTO_LIMIT, window_routes
from server.window.signing_routes import signing_routes
from server.window.speaking_routes import is_there, speaking_routes

PAGES = Path(__file__).resolve().parent / "pages"
MAX_BODY = 64 * 1024
#: Paths that take more, each with its own limit in bytes.
LARGER: Mapping[str, int] = {
    "/desk/roster/import": MAX_FILE + MAX_BODY,
    PHOTO: PHOTO_LIMIT,
}
#: What is said where the usual sentence would not help.
_TOO_LARGE: Mapping[str, str] = {PHOTO: str(WindowError(Fault.PHOTO_TOO_LARGE))}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=()",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(
    service: Service,
    more: Sequence[APIRouter] = (),
    exchange: Exchange | None = None,
    wechat: WechatFront | None = None,
) -> FastAPI:
    """Return the application that serves ``service``, with the routes of ``more`` besides.

    ``exchange`` holds its telephone calls, ``wechat`` is the front of the official account;
    without one it is made from the settings. Raises
    :class:`server.desk.door.UndeclaredRouteError` if a route says not who may enter.
    """
    calls = exchange or ready_exchange(service)
    front = wechat or open_front(service, calls.voices.recogniser)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        asterisk = asterisk_at_work(calls)
        async with settling(service.reviews), calls.running(), at_work(front), asterisk:
            yield
        service.close()

    app = FastAPI(title="听问 Tingwen", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.service, app.state.exchange = service, calls
    app.state.metrics = Metrics(service.database)
    app.mount("/static", StaticFiles(directory=PAGES / "static"), name="static")
    routers = [*all_routes(service, calls), wechat_routes(front), *more]
    for router in routers:
        app.include_router(declared_routes(router))
    app.state.desk_paths = {getattr(one, "path", "") for each in routers for one in each.routes}
    add_refusals(app)
    app.add_middleware(BodyLimit)

    @app.middleware("http")
    async def add_headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        return protected(request, await call_next(request))

    def protected(request: Request, response: Response) -> Response:
        if service.settings.public_url.startswith("https:"):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        for name, value in _HEADERS.items():
            if not (name == "Cache-Control" and request.url.path.startswith("/static/")):
                response.headers.setdefault(name, value)
        return response

    async def broken(request: Request, _error: Exception) -> Response:
        return protected(request, turn_away(request, 500))

    app.add_exception_handler(Exception, broken)
    app.add_middleware(Measured)
    return app


def all_routes(service: Service, exchange: Exchange | None = None) -> tuple[APIRouter, ...]:
    """Return the routes of every part; each of them declares who may enter."""
    calls = exchange or ready_exchange(service)
    return (
        _health_routes(),
        metrics_routes(),
        api_routes(service),
        chat_routes(service),
        calls_routes(service, calls),
        home_routes(service),
        sign_in_routes(service),
        admin_routes(service),
        campaign_routes(service),
        result_routes(service),
        progress_routes(service),
        clip_routes(service),
        quality_routes(service),
        roster_routes(service),
        sample_routes(service),
        facing_routes(service, calls.voices.speaker),
        signing_routes(service),
        window_routes(service, hears=is_there(calls.voices.recogniser)),
        speaking_routes(service, calls.voices.recogniser),
        review_routes(service),
        telephone_routes(calls),
        leg_routes(calls),
        browser_routes(calls),
    )


def _health_routes() -> APIRouter:
    router = APIRouter(dependencies=[open_to(Open.ANYONE)])

    @router.get("/healthz")
    def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok", "at": datetime.now(UTC).isoformat()})

    return router


class BodyLimit:
    """Refuses a body larger than its path takes while it arrives, whatever its header says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what it brings."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read, begun = 0, False
        limit = LARGER.get(scope["path"], MAX_BODY)

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise BodyTooLargeError(scope["path"])
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except BodyTooLargeError:
            if not begun:
                await turn_away(Request(scope), 413)(scope, receive, send)


class BodyTooLargeError(HTTPException):
    """A request body over the limit of its path, answered like any other refusal of a route."""

    def __init__(self, path: str) -> None:
        super().__init__(413, _TOO_LARGE.get(path, ""))
