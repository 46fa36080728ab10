"""The second screen, which faces the person: one question, very large, and its choices."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Header
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from models.failure import KeyReusedError, NotFoundError, SittingEndedError
from models.sitting import Sittings
from models.window import Window
from server.desk.clip_routes import wav
from server.desk.door import needs
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service
from server.templates import page
from server.window.desk import WindowView
from server.window.finding import served
from server.window.routes import HOME, Said, window_desk
from telephony.audio import AudioFormat, Encoding
from telephony.failure import VoiceError
from telephony.speaker import Speaker

Serving = Annotated[Sitting, needs(Permission.WINDOW)]
#: The screen asks by itself, which must not keep the clerk's sitting from ending.
Looking = Annotated[Sitting, needs(Permission.WINDOW, idle=True)]
#: Seconds between looks for something new, and that one stream lasts; then the browser opens
#: another one, so that a server which stops need not wait long for screens.
_EVERY, _LASTS = 0.4, 12.0
_NOTHING: tuple[str, str, int] | None = ("", "", -1)
#: How much slower than on the telephone questions are read aloud, and in which sound.
_RATE, _SOUND = 0.85, AudioFormat(Encoding.PCM, 16_000)


def facing_routes(service: Service, speaker: Speaker | None = None) -> APIRouter:
    """Return the routes of the second screen, read aloud by ``speaker`` where there is one."""
    router = APIRouter(prefix=f"{HOME}/facing")
    screens = _Screens(service)

    @router.get("", response_class=HTMLResponse)
    def look(sitting: Serving) -> Response:
        return screens.page(sitting)

    @router.get("/now", response_class=HTMLResponse)
    def look_again(sitting: Looking, seen: str = "") -> Response:
        """The screen if it is another one than was ``seen``, else nothing (204)."""
        same = seen == screens.version(sitting)
        return Response(status_code=204) if same else screens.page(sitting)

    @router.get("/stream")
    async def follow(
        sitting: Looking, seen: str = "", last_event_id: Annotated[str, Header()] = ""
    ) -> StreamingResponse:
        """The screens as they come (server-sent events), the first if it is not what was seen."""
        coming = screens.coming(sitting, last_event_id or seen)
        return StreamingResponse(coming, media_type="text/event-stream")

    @router.get("/sound")
    async def aloud(sitting: Looking) -> Response:
        """The question as the installed voice reads it; 404 without a voice or a question."""
        _, view = await run_in_threadpool(screens.view, sitting)
        question = view.question
        if speaker is None or not question:
            raise NotFoundError("There is nothing to read aloud.")
        try:
            sound = await speaker.sound(question, _RATE, _SOUND)
        except VoiceError as error:
            raise NotFoundError("There is no voice to read aloud.") from error
        return Response(wav(sound), media_type="audio/wav")

    @router.post("", response_class=HTMLResponse)
    def tap(said: Annotated[Said, Form()], sitting: Serving) -> Response:
        screens.take(sitting, said)
        return screens.page(sitting)

    return router


class _Screens:
    """Makes what the second screen shows."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._desk = window_desk(service)
        self._window = Window(service.database)

    def view(self, sitting: Sitting) -> tuple[str, WindowView]:
        """Whom the clerk serves and what is asked."""
        found = served(self._window, sitting.records)
        return found, self._desk.view(found) if found else WindowView("nobody")

    def version(self, sitting: Sitting) -> str:
        """Return what names the screen that is to be seen now."""
        found, view = self.view(sitting)
        return view.version(found)

    def page(self, sitting: Sitting) -> HTMLResponse:
        """Return the screen."""
        found, view = self.view(sitting)
        return page(
            "desk/window_facing.html",
            csrf=sitting.csrf,
            organisation=self._service.settings.organisation,
            view=view,
            version=view.version(found),
        )

    def take(self, sitting: Sitting, said: Said) -> None:
        """Take what was tapped, if it belongs to the question that waits."""
        found, view = self.view(sitting)
        if not (found and view.here and said.turn == view.turn):
            return
        try:
            self._desk.take(found, said.turn, said.utterance(found, datetime.now(UTC)))
        except KeyReusedError:
            return

    async def coming(self, sitting: Sitting, seen: str) -> AsyncIterator[str]:
        """Yield screens as events while the sitting lasts, the first if it is not ``seen``."""
        until, glimpse = time.monotonic() + _LASTS, _NOTHING
        yield "retry: 300\n\n"
        while time.monotonic() < until and await run_in_threadpool(self._still_sits, sitting):
            now = await run_in_threadpool(self._window.glimpse, sitting.login)
            if now != glimpse:
                glimpse = now
                version = await run_in_threadpool(self.version, sitting)
                if version != seen:
                    seen = version
                    yield await run_in_threadpool(self._event, sitting, version)
            await asyncio.sleep(_EVERY)

    def _event(self, sitting: Sitting, version: str) -> str:
        body = bytes(self.page(sitting).body).decode()
        return f"id: {version}\nevent: screen\ndata: {json.dumps(body)}\n\n"

    def _still_sits(self, sitting: Sitting) -> bool:
        try:
            Sittings(self._service.database).held(sitting.cookie, datetime.now(UTC), idle=True)
        except SittingEndedError:
            return False
        return True
