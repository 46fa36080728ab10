"""Asterisk at the exchange: its connections are taken, and what it tells of calls is kept."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from models.failure import RecordsError
from server.telephone.exchange import Exchange
from telephony.carriers.asterisk import AsteriskCarrier
from telephony.carriers.asterisk_events import read_event
from telephony.carriers.audiosocket import AudioSocketServer, cannot_listen
from telephony.line import LineCodec, Transport

_log = logging.getLogger(__name__)
#: Seconds within which a connection has to say whose it is.
UUID_PATIENCE = 2.0
#: Connections that may be open besides one for each line.
_SPARE = 32
#: Seconds until the events are asked for again after their socket was lost.
_AGAIN = 5.0


@asynccontextmanager
async def asterisk_at_work(exchange: Exchange) -> AsyncIterator[None]:
    """Take Asterisk's lines and events for as long as this lasts, where it is the carrier.

    Raises :class:`telephony.failure.CarrierError` if nothing can listen where the settings say.
    """
    carrier, settings = exchange.carrier, exchange.service.settings
    if not isinstance(carrier, AsteriskCarrier):
        yield
        return

    async def hold(transport: Transport, codec: LineCodec) -> None:
        await exchange.hold(transport, codec, UUID_PATIENCE)

    lines = AudioSocketServer(hold, settings.lines + _SPARE)
    host, port = settings.asterisk_listen_host, settings.asterisk_listen_port
    port = await lines.listen(host, port)
    listener = f"tingwen-{socket.gethostname()}-{port}"
    hearing = asyncio.create_task(_hear_for_ever(exchange, carrier, listener))
    try:
        yield
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await lines.close()


def refuse_taken_port(exchange: Exchange) -> None:
    """Raise :class:`telephony.failure.CarrierError` where Asterisk's sound cannot be taken."""
    settings = exchange.service.settings
    host, port = settings.asterisk_listen_host, settings.asterisk_listen_port
    if not isinstance(exchange.carrier, AsteriskCarrier):
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise cannot_listen(host, port, error) from error


async def _hear_for_ever(exchange: Exchange, carrier: AsteriskCarrier, listener: str) -> None:
    address, headers = carrier.events(listener)
    while True:
        try:
            async with connect(address, additional_headers=headers) as events:
                async for event in events:
                    await _keep(exchange, event)
        except (OSError, WebSocketException) as error:
            _log.warning("Asterisk tells nothing of its calls, is asked again: %s", error)
        await asyncio.sleep(_AGAIN)


async def _keep(exchange: Exchange, event: str | bytes) -> None:
    report = read_event(event)
    if report is None:
        return
    try:
        await asyncio.to_thread(exchange.reported, report.call, report)
    except RecordsError:
        _log.exception("what Asterisk told of a call could not be kept")
