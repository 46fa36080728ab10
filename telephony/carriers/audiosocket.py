"""Takes Asterisk's connections: one TCP connection is one line."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from telephony.carriers.audiosocket_line import HANG_UP, AudioSocketLine
from telephony.carriers.fault import CarrierFault
from telephony.failure import CarrierError
from telephony.line import LineCodec, Message, Transport

_log = logging.getLogger(__name__)
_READ = 4_096
#: Seconds that a connection may take to let go of what was written last.
_PARTING = 1.0
#: Connections at once, by default.
_MOST = 100


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
        """Tell Asterisk to hang up, and let go, even of somebody who reads nothing any more."""
        with suppress(OSError):
            self._writer.write(HANG_UP)
            self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_PARTING):
                await self._writer.wait_closed()
        self._writer.transport.abort()


Holder = Callable[[Transport, LineCodec], Awaitable[object]]


class AudioSocketServer:
    """Listens for Asterisk; each connection is one line, held by ``hold``.

    ``most`` connections are taken at once; more are closed unread.
    """

    def __init__(self, hold: Holder, most: int = _MOST) -> None:
        self._hold, self._most = hold, most
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int) -> int:
        """Begin to listen and return the port; 0 chooses one.

        Raises :class:`telephony.failure.CarrierError` where that cannot be.
        """
        try:
            self._server = await asyncio.start_server(self._connected, host, port)
        except OSError as error:
            raise cannot_listen(host, port, error) from error
        return int(self._server.sockets[0].getsockname()[1])

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._lines) >= self._most:
            _log.warning("a connection was closed: %d are open", len(self._lines))
            writer.transport.abort()
            return
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)
        stream = SocketStream(reader, writer)
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


def cannot_listen(host: str, port: int, error: OSError) -> CarrierError:
    """Return what is said where nothing can listen at ``host`` and ``port``."""
    reason = error.strerror or type(error).__name__
    return CarrierError(CarrierFault.CANNOT_LISTEN, host=host, port=port, reason=reason)
