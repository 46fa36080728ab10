"""The live channel of a caller's page: what is said on their call, while it is said."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from models.failure import NotFoundError, SittingEndedError
from models.sitting import Sittings
from server.calls.case_pages import CasePages
from server.desk.door import needs
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service

Calling = Annotated[Sitting, needs(Permission.CALL, idle=True)]
Assignment = Annotated[str, Path(max_length=200)]
#: How often is looked, and how often is asked whether whoever listens still may, in seconds.
_EVERY, _CHECKED = 0.35, 20.0
_POLICY, _NOT_HELD = 1008, 4001


def add_live_routes(router: APIRouter, pages: CasePages) -> None:
    """Add the socket to the callers' routes."""

    @router.websocket("/{assignment_id}/live")
    async def live(socket: WebSocket, assignment_id: Assignment, sitting: Calling) -> None:
        try:
            told = await run_in_threadpool(pages.told, sitting, assignment_id)
        except NotFoundError:
            told = None
        if told is None:
            await socket.close(_POLICY)
            return
        await socket.accept()
        gone = asyncio.create_task(_gone(socket))
        try:
            await _tell(socket, pages, sitting, assignment_id, gone)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return
        finally:
            gone.cancel()


async def _gone(socket: WebSocket) -> None:
    """Return when the page has gone; what it says is of no interest."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_bytes()


async def _tell(
    socket: WebSocket,
    pages: CasePages,
    sitting: Sitting,
    assignment_id: str,
    gone: "asyncio.Task[None]",
) -> None:
    """Tell how the call stands whenever that has changed, for as long as it may be told."""
    loop, last = asyncio.get_running_loop(), None
    checked = loop.time()
    while not gone.done():
        told = await run_in_threadpool(pages.told, sitting, assignment_id)
        if told is None:
            ended = await run_in_threadpool(pages.result, sitting, assignment_id)
            await socket.close(_NOT_HELD, ended)
            return
        if told != last:
            await socket.send_json(told)
            last = told
        if told["phase"] == "over":
            await socket.close()
            return
        if loop.time() - checked > _CHECKED:
            service, idle = socket.app.state.service, not told["talks"]
            if not await run_in_threadpool(_still_sits, service, sitting, idle=idle):
                await socket.close(_POLICY)
                return
            await run_in_threadpool(pages.keep, sitting, assignment_id)
            checked = loop.time()
        await asyncio.wait({gone}, timeout=_EVERY)


def _still_sits(service: Service, sitting: Sitting, *, idle: bool) -> bool:
    """Whether the caller may still listen; who is on the line is at work, not ``idle``."""
    try:
        held = Sittings(service.database).held(sitting.cookie, datetime.now(UTC), idle=idle)
    except SittingEndedError:
        return False
    return held.account.viewer() == sitting.viewer
