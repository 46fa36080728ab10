"""The second screen, which faces the person: one question, very large, and its choices."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from models.failure import KeyReusedError
from models.window import Window
from server.desk.door import needs
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service
from server.templates import page
from server.window.desk import WindowView
from server.window.finding import served
from server.window.routes import HOME, Said, window_desk

Serving = Annotated[Sitting, needs(Permission.WINDOW)]
#: The screen asks by itself, which must not keep the clerk's sitting from ending.
Looking = Annotated[Sitting, needs(Permission.WINDOW, idle=True)]


def facing_routes(service: Service) -> APIRouter:
    """Return the routes of the second screen."""
    router = APIRouter(prefix=f"{HOME}/facing")
    desk, window = window_desk(service), Window(service.database)

    def shown(sitting: Sitting) -> tuple[str, WindowView]:
        """Whom the clerk serves and what is asked."""
        found = served(window, sitting.records)
        return found, desk.view(found) if found else WindowView("nobody")

    def screen(sitting: Sitting) -> Response:
        found, view = shown(sitting)
        return page(
            "desk/window_facing.html",
            csrf=sitting.csrf,
            organisation=service.settings.organisation,
            view=view,
            version=_version(found, view),
        )

    @router.get("", response_class=HTMLResponse)
    def look(sitting: Serving) -> Response:
        return screen(sitting)

    @router.get("/now", response_class=HTMLResponse)
    def look_again(sitting: Looking, seen: str = "") -> Response:
        """The screen if it is another one than was ``seen``, else nothing (204)."""
        same = seen == _version(*shown(sitting))
        return Response(status_code=204) if same else screen(sitting)

    @router.post("", response_class=HTMLResponse)
    def tap(said: Annotated[Said, Form()], sitting: Serving) -> Response:
        found, view = shown(sitting)
        if found and view.here and said.turn == view.turn:
            try:
                desk.take(found, said.turn, said.utterance(found, datetime.now(UTC)))
            except KeyReusedError:
                return screen(sitting)
        return screen(sitting)

    return router


def _version(served: str, view: WindowView) -> str:
    return f"{served[:12]}-{view.status}-{view.turn}"
