"""Requests of Twilio's with one thing changed, put straight into the application."""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp, Message

from tests.telephony.carrier import signature

Pairs = tuple[tuple[str, str], ...]
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Hook:
    """A webhook as it is signed for ``public``: address, form and signatures."""

    public: str
    path: str
    pairs: Pairs
    signatures: Sequence[str]

    @classmethod
    def real(cls, public: str, path: str, token: str, pairs: Pairs) -> "Hook":
        return cls(public, path, pairs, (signature(public + path, pairs, token),))


def altered(hook: Hook, draw: random.Random) -> Hook:
    """Change one place of the signature, the address or the form in one of a few ways."""
    (proof,) = hook.signatures
    number = draw.randrange(len(hook.pairs))
    name, value = hook.pairs[number]

    def form(*pairs: tuple[str, str]) -> Hook:
        return replace(hook, pairs=(*hook.pairs[:number], *pairs, *hook.pairs[number + 1 :]))

    def proven(*signatures: str) -> Hook:
        return replace(hook, signatures=signatures)

    other = "".join(draw.choice(_SIGNS) for _ in range(6))
    ways: Sequence[Callable[[], Hook]] = (
        lambda: proven(_changed(proof, draw)),
        lambda: proven(proof[:-1]),
        lambda: proven(proof + draw.choice(_SIGNS)),
        lambda: proven(proof.swapcase()),
        lambda: proven(""),
        proven,
        lambda: proven(proof, proof),
        lambda: proven(signature(hook.public + hook.path, hook.pairs, other)),
        lambda: proven(signature(hook.public + hook.path + other, hook.pairs, other)),
        lambda: replace(hook, path=hook.path + other),
        lambda: replace(hook, path=f"{hook.path}&{other}=1"),
        lambda: form((name, _changed(value, draw))),
        lambda: form((name, value + other)),
        lambda: form((name, value), (other, other)),
        lambda: form((other, value)),
        form,
    )
    return draw.choice(ways)()


def _changed(text: str, draw: random.Random) -> str:
    """A text with one of its letters or digits replaced by another."""
    places = [place for place, sign in enumerate(text) if sign in _SIGNS]
    place = draw.choice(places)
    other = draw.choice([sign for sign in _SIGNS if sign != text[place]])
    return text[:place] + other + text[place + 1 :]


async def statuses(app: ASGIApp, hooks: Iterator[Hook]) -> list[int]:
    """Return how each is answered."""
    return [await _posted(app, one) for one in hooks]


async def _posted(app: ASGIApp, hook: Hook) -> int:
    body = urlencode(hook.pairs).encode()
    scope = {
        **_scope(hook), "type": "http", "method": "POST", "http_version": "1.1", "scheme": "http",
    }  # fmt: skip
    told: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])

    await app(scope, receive, send)
    return told[0]


async def opened(app: ASGIApp, hook: Hook) -> bool:
    """Whether the application lets a web socket in that is signed like this."""
    scope = {**_scope(hook), "type": "websocket", "scheme": "ws", "subprotocols": []}
    coming = [{"type": "websocket.connect"}]
    told: list[str] = []

    async def receive() -> Message:
        return coming.pop() if coming else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        told.append(message["type"])

    await app(scope, receive, send)
    await asyncio.sleep(0)
    return told[0] == "websocket.accept"


def _scope(hook: Hook) -> dict[str, object]:
    path = urlsplit(hook.path)
    headers = [
        (b"content-type", b"application/x-www-form-urlencoded"),
        *((b"x-twilio-signature", one.encode()) for one in hook.signatures),
    ]
    return {
        "path": path.path, "raw_path": path.path.encode(), "query_string": path.query.encode(),
        "headers": headers, "root_path": "", "server": ("testserver", 80),
        "client": ("10.0.0.1", 1),
    }  # fmt: skip
