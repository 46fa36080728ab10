"""A WebSocket of the web server as what a line runs over."""

from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from telephony.line import Message

#: The parameter by which a line proves whose it is.
TOKEN = "token"  # noqa: S105 - the name of a parameter
#: Where the sound of a call goes both ways.
MEDIA = "/twilio/media"
_POLICY, _DONE = 1008, 1000
#: How the server says that the other side has closed the socket.
_GONE = (RuntimeError, OSError, WebSocketDisconnect)


def socket_address(public_url: str, path: str) -> str:
    """Return where a socket of ours is opened from outside."""
    scheme, _, rest = public_url.rstrip("/").partition("://")
    return f"{'ws' if scheme == 'http' else 'wss'}://{rest}{path}"


class SocketTransport:
    """See :class:`telephony.line.Transport`."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def receive(self) -> Message | None:
        """See :class:`telephony.line.Transport`."""
        if self._socket.client_state is WebSocketState.DISCONNECTED:
            return None
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        return text if text is not None else message.get("bytes") or b""

    async def send(self, message: Message) -> None:
        """See :class:`telephony.line.Transport`."""
        part = "text" if isinstance(message, str) else "bytes"
        try:
            await self._socket.send({"type": "websocket.send", part: message})
        except _GONE as error:
            raise ConnectionError("the other side has gone") from error

    async def close(self, code: int = _DONE) -> None:
        """See :class:`telephony.line.Transport`."""
        with suppress(*_GONE):
            await self._socket.close(code)

    async def refuse(self) -> None:
        """Close it because whoever opened it may not be here."""
        await self.close(_POLICY)
