"""Where everybody arrives, and the way out."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from models.sitting import Sittings
from server.desk.door import COOKIE, needs, needs_account
from server.desk.permission import Permission
from server.desk.rail import entries
from server.desk.sitting import Sitting
from server.service import Service

ACCOUNT, SIGN_IN = "/desk/account", "/desk/sign-in"
#: The desk at which a role arrives that may enter several; otherwise the first on the rail.
_HOME = {"supervisor": "progress", "evaluator": "progress"}
Anybody = Annotated[Sitting, needs_account()]
#: A page that only asks how long it has does not make it longer.
Looking = Annotated[Sitting, needs(Permission.OWN, idle=True)]


def home_routes(service: Service) -> APIRouter:
    """Return the routes of ``/desk`` that belong to no desk."""
    router = APIRouter()

    @router.get("/desk")
    def arrive(request: Request, sitting: Anybody) -> Response:
        mine = list(entries(sitting, request.app.state.desk_paths))
        mine.sort(key=lambda one: one.name != _HOME.get(sitting.viewer.role))
        return RedirectResponse(mine[0].path if mine else ACCOUNT, status_code=303)

    @router.get("/desk/sitting")
    def left(sitting: Looking) -> Response:
        """How long the sitting lasts if nobody does anything; asking does not prolong it."""
        return _left(sitting)

    @router.post("/desk/sitting")
    def stay(sitting: Anybody) -> Response:
        """Somebody is there: they write, read or listen, though no page is asked for."""
        return _left(sitting)

    @router.post("/desk/sign-out")
    def leave(sitting: Anybody) -> Response:
        Sittings(service.database).end(sitting.cookie)
        response = RedirectResponse(SIGN_IN, status_code=303)
        response.delete_cookie(COOKIE, path="/")
        return response

    return router


def _left(sitting: Sitting) -> JSONResponse:
    """Return the seconds left, and whether being there makes it longer (not after eight hours)."""
    left = int((sitting.ends_at - datetime.now(UTC)).total_seconds())
    return JSONResponse({"left": max(0, left), "longer": sitting.ends_at < sitting.lasts_until})


def keep_cookie(service: Service, response: Response, cookie: str) -> None:
    """Put the cookie of a sitting on a response; scripts and other sites cannot read it."""
    secure = service.settings.public_url.startswith("https:")
    response.set_cookie(COOKIE, cookie, path="/", httponly=True, samesite="strict", secure=secure)
