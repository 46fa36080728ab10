"""Twilio as a whole: it tells by signed webhooks and opens the media socket."""

import asyncio
import base64
import hashlib
import hmac
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode
from xml.etree import ElementTree as ET

import httpx
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed

from telephony.line import Message
from tests.telephony import twilio_messages as said
from tests.telephony.simulator import Person, Telephone, connect

Pairs = Sequence[tuple[str, str]]
Quoting = Callable[..., str]


def signature(url: str, pairs: Pairs, token: str) -> str:
    text = url + "".join(f"{name}{value}" for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class SocketLink:
    """See :class:`tests.telephony.simulator.Link`."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, message: str) -> None:
        try:
            await self._socket.send(message)
        except ConnectionClosed as error:
            raise ConnectionError from error

    async def receive(self) -> Message | None:
        try:
            return await self._socket.recv()
        except ConnectionClosed:
            return None

    async def close(self) -> None:
        await self._socket.close()


@dataclass
class SimulatedCarrier:
    """Calls ``public`` (the address that everything is signed for) at ``address``."""

    address: str
    public: str
    token: str
    verbs: list[str] = field(default_factory=list)
    quoted: Quoting = quote_plus

    async def post(self, path: str, pairs: Pairs, **headers: str) -> httpx.Response:
        """Post a signed form; ``headers`` replace what would be sent."""
        proof = signature(self.public + path, pairs, self.token)
        sent = {"X-Twilio-Signature": proof, "Content-Type": "application/x-www-form-urlencoded"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient() as client:
            body = urlencode(pairs, quote_via=self.quoted)
            return await client.post(self.address + path, content=body, headers=sent)

    async def answer(self, path: str, call: str, **more: str) -> ET.Element:
        """Tell that a call was answered; return the TwiML."""
        form = {"CallSid": call, "AccountSid": said.ACCOUNT, "CallStatus": "in-progress", **more}
        response = await self.post(path, list(form.items()))
        assert response.status_code == 200, response.text
        return ET.fromstring(response.text)

    async def report(self, path: str, call: str, **fields: str) -> httpx.Response:
        return await self.post(path, [("CallSid", call), *fields.items()])

    async def stream(self, twiml: ET.Element, telephone: Telephone, person: Person) -> None:
        """Open the socket that the TwiML names and stay until either side ends; then go on."""
        verbs = [one for one in twiml if one.tag != "Stop"]
        stream = verbs[0][0]
        telephone.parameters = {
            one.attrib["name"]: one.attrib["value"] for one in stream.findall("Parameter")
        }
        async with self.socket(stream.attrib["url"]) as link:
            await connect(link, telephone, person)
        self.verbs = [verb.tag for verb in verbs[1:]]

    @asynccontextmanager
    async def socket(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[SocketLink]:
        path = "/" + url.split("/", 3)[3]
        proof = {"X-Twilio-Signature": signature(url, (), self.token)}
        where = self.address.replace("http", "ws", 1) + path
        given = proof if headers is None else headers
        async with open_socket(where, additional_headers=given, compression=None) as socket:
            yield SocketLink(socket)


@asynccontextmanager
async def served(app: FastAPI, buffer: int = 0) -> AsyncIterator[str]:
    """Serve ``app`` on a free port of this machine, on the running loop.

    ``buffer`` is how many bytes a connection keeps that its other side has not taken.
    """
    config = uvicorn.Config(
        app,
        port=0,
        log_level="warning",
        access_log=False,
        ws_per_message_deflate=False,
        ws_max_size=2_000_000,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    listening = server.servers[0].sockets[0]
    if buffer:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
    port = listening.getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
