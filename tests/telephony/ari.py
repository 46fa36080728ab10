"""Asterisk as a whole: its REST interface and events on a real socket, its lines over TCP."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from starlette.websockets import WebSocketDisconnect

from tests.telephony.far_side import FarSide

USER, PASSWORD = "tingwen", "s3cret:密"
PROOF = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@dataclass
class Channel:
    """One call as Asterisk sees it."""

    id: str
    asked: dict[str, Any]
    state: str = "Down"

    @property
    def token(self) -> UUID:
        return UUID(self.asked["variables"]["TINGWEN_TOKEN"])

    def plain(self) -> dict[str, str]:
        return {"id": self.id, "state": self.state}


@dataclass
class Asterisk:
    """What was asked, what goes on, and who listens to it."""

    audio: tuple[str, int]
    placed: list[Channel] = field(default_factory=list)
    channels: dict[str, Channel] = field(default_factory=dict)
    globals: dict[str, str] = field(default_factory=dict)
    listening: dict[str, WebSocket] = field(default_factory=dict)
    refused: int = 0
    at_once: Callable[["Asterisk", Channel], Awaitable[None]] | None = None

    async def tell(self, **event: object) -> None:
        for socket in list(self.listening.values()):
            await socket.send_text(json.dumps(event))

    async def ring(self, channel: Channel, state: str = "Ringing") -> None:
        channel.state = state
        await self.tell(type="ChannelStateChange", channel=channel.plain())

    async def end(self, channel: Channel, cause: int) -> None:
        self.channels.pop(channel.id, None)
        await self.tell(type="ChannelDestroyed", channel=channel.plain(), cause=cause)

    async def connection(
        self, token: UUID | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection, and say whose it is."""
        reader, writer = await asyncio.open_connection(*self.audio)
        if token is not None:
            writer.write(b"\x01\x00\x10" + token.bytes)
        return reader, writer

    @asynccontextmanager
    async def answered(self, channel: Channel) -> AsyncIterator[FarSide]:
        """The channel is answered, so the dialplan connects it with us; both end together."""
        await self.ring(channel)
        await self.ring(channel, "Up")
        far = FarSide(channel.token, *await asyncio.open_connection(*self.audio))
        living = asyncio.create_task(far.live())
        try:
            yield far
        finally:
            far.ended.set()
            await living
            await self.end(channel, 16)

    def app(self) -> FastAPI:
        app = FastAPI()

        def is_signed(headers: Any) -> bool:
            signed = headers.get("authorization") == PROOF
            self.refused += not signed
            return bool(signed)

        @app.websocket("/ari/events")
        async def events(socket: WebSocket, app: str, subscribeAll: str) -> None:  # noqa: N803
            if not is_signed(socket.headers) or subscribeAll != "true":
                await socket.close()
                return
            await socket.accept()
            self.listening[app] = socket
            try:
                await socket.receive()
            except WebSocketDisconnect:
                pass
            finally:
                self.listening.pop(app, None)

        @app.api_route("/ari/{path:path}", methods=["GET", "POST", "DELETE"])
        async def rest(path: str, request: Request) -> Response:
            if not is_signed(request.headers):
                return Response(status_code=401)
            body = await request.body()
            return await self._answer(request.method, path, json.loads(body) if body else {})

        return app

    async def _answer(self, method: str, path: str, body: dict[str, Any]) -> Response:
        if (method, path) == ("POST", "channels"):
            return await self._place(body)
        if (method, path) == ("POST", "asterisk/variable"):
            self.globals[body["variable"]] = body["value"]
            return Response(status_code=204)
        channel = self.channels.get(path.removeprefix("channels/"))
        if channel is None:
            return JSONResponse({"message": "Channel not found"}, 404)
        if method == "DELETE":
            await self.end(channel, 16)
            return Response(status_code=204)
        return JSONResponse(channel.plain())

    async def _place(self, body: dict[str, Any]) -> Response:
        if "nowhere" in body["endpoint"]:
            return JSONResponse({"message": "Allocation failed"}, 500)
        channel = Channel(body["channelId"], body)
        self.channels[channel.id] = channel
        self.placed.append(channel)
        if self.at_once:
            await self.at_once(self, channel)
        return JSONResponse(channel.plain())
