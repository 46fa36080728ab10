"""Asterisk as a carrier: calls by its own REST interface (ARI), sound by AudioSocket.

The dialplan runs ``AudioSocket(${TINGWEN_CALL},host:port)`` on the answered channel; Asterisk then
connects to us over TCP. :class:`AudioSocketServer` takes those connections.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from uuid import uuid4

import httpx

from telephony.carrier import CallState, Order
from telephony.carriers.audiosocket_line import HANG_UP, AudioSocketLine
from telephony.carriers.fault import CarrierFault
from telephony.failure import CarrierError
from telephony.line import LineCodec, Message, Transport

_READ = 4_096
_PATIENCE = 10.0
_GONE = 404
_STATES: Mapping[str, CallState] = {
    "Down": CallState.QUEUED,
    "Rsrved": CallState.QUEUED,
    "OffHook": CallState.QUEUED,
    "Dialing": CallState.QUEUED,
    "Ring": CallState.RINGING,
    "Ringing": CallState.RINGING,
    "Up": CallState.ANSWERED,
    "Busy": CallState.BUSY,
}


class AsteriskCarrier:
    """See :class:`telephony.carrier.Carrier`.

    ``ari`` is the base address of ARI with user and password in it; ``endpoint`` is where numbers
    are dialled, like ``PJSIP/{number}@trunk``; ``context`` the dialplan's that runs AudioSocket.
    The name of a call is the UUID that AudioSocket brings.
    """

    name = "asterisk"

    def __init__(self, ari: str, endpoint: str, context: str) -> None:
        self._ari, self._endpoint, self._context = ari.rstrip("/"), endpoint, context

    def codec(self) -> LineCodec:
        """See :class:`telephony.carrier.Carrier`."""
        return AudioSocketLine()

    def answer(self, media_url: str, parameters: Mapping[str, str]) -> str:
        """Return nothing: the dialplan says where the sound goes."""
        del media_url, parameters
        return ""

    def turn_away(self, sentence: str) -> str:
        """Return nothing: the dialplan connects only what we have placed."""
        del sentence
        return ""

    def place(self, order: Order) -> str:
        """See :class:`telephony.carrier.Carrier`."""
        call = str(uuid4())
        asked = {
            "endpoint": self._endpoint.format(number=order.to),
            "extension": "s",
            "context": self._context,
            "priority": 1,
            "timeout": order.ring,
            "channelId": call,
            "variables": {"TINGWEN_CALL": call},
        }
        self._asked("拨打", "POST", "/channels", asked)
        return call

    def hang_up(self, call: str) -> None:
        """See :class:`telephony.carrier.Carrier`."""
        self._asked("挂断", "DELETE", f"/channels/{call}", gone=True)

    def transfer(self, call: str, to: str) -> None:
        """See :class:`telephony.carrier.Carrier`; the dialplan dials the extension ``to``."""
        where = {"context": self._context, "extension": to, "priority": 1}
        self._asked("转接", "POST", f"/channels/{call}/continue", where)

    def status(self, call: str) -> CallState:
        """See :class:`telephony.carrier.Carrier`; a channel that is no more was completed."""
        found = self._asked("查询", "GET", f"/channels/{call}", gone=True)
        if found is None:
            return CallState.COMPLETED
        return _STATES.get(str(found.json().get("state")), CallState.QUEUED)

    def rooms(self) -> None:
        """See :class:`telephony.carrier.Carrier`; the dialplan would have to know of rooms."""
        return

    def _asked(
        self,
        what: str,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        gone: bool = False,
    ) -> httpx.Response | None:
        """Ask ARI; None where the channel is gone and that is all right."""
        try:
            found = httpx.request(method, self._ari + path, json=body, timeout=_PATIENCE)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = type(error).__name__
            raise CarrierError(
                CarrierFault.CARRIER_UNREACHABLE, what=what, reason=reason
            ) from error
        if gone and found.status_code == _GONE:
            return None
        if found.is_error:
            raise CarrierError(
                CarrierFault.CARRIER_REFUSED, what=what, status=found.status_code, code="-"
            )
        return found


class SocketStream:
    """A TCP connection as a :class:`telephony.line.Transport`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def receive(self) -> Message | None:
        """See :class:`telephony.line.Transport`."""
        try:
            return await self._reader.read(_READ) or None
        except OSError:
            return None

    async def send(self, message: Message) -> None:
        """See :class:`telephony.line.Transport`; a frame is written in one go."""
        self._writer.write(message if isinstance(message, bytes) else message.encode())
        await self._writer.drain()

    async def close(self) -> None:
        """Tell Asterisk to hang up, and let go."""
        with suppress(OSError):
            self._writer.write(HANG_UP)
            self._writer.close()
            await self._writer.wait_closed()


Holder = Callable[[Transport, LineCodec], Awaitable[object]]


class AudioSocketServer:
    """Listens for Asterisk; each connection is one line, held by ``hold``."""

    def __init__(self, hold: Holder) -> None:
        self._hold = hold
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int) -> int:
        """Begin to listen and return the port; 0 chooses one."""
        self._server = await asyncio.start_server(self._connected, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = SocketStream(reader, writer)
        task = asyncio.current_task()
        if task is not None:
            self._lines.add(task)
            task.add_done_callback(self._lines.discard)
        try:
            await self._hold(stream, AudioSocketLine())
        finally:
            await stream.close()

    async def close(self) -> None:
        """Stop listening; lines that are held drop."""
        if self._server is not None:
            self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
