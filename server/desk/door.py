"""The one door to every route: each declares who may enter, and nothing is open by omission."""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, WebSocketException
from fastapi.dependencies.models import Dependant
from starlette.requests import HTTPConnection, Request
from starlette.routing import BaseRoute

from models.failure import SittingEndedError
from models.sitting import Held, Sittings
from models.walled import Walled
from server.desk.permission import Permission, may
from server.desk.sitting import Sitting
from server.service import Service

COOKIE = "tingwen_desk"
FIELD, HEADER = "csrf", "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY_VIOLATION = 1008


class Open(StrEnum):
    """For whom a route is open that asks for no account."""

    ANYONE = "anyone"  #: it shows nothing of anybody
    LINK = "link"  #: whoever holds a signed link, which the route checks
    SIGNED = "signed"  #: a carrier or messenger whose signature the route checks
    HALF = "half"  #: whoever has shown a password and still owes the second factor


class SignInNeededError(Exception):
    """Nobody is signed in."""


class NotAllowedError(Exception):
    """The role does not have the permission."""


class ForgedRequestError(Exception):
    """A request that changes something without the token of its page, or from another site."""


class UndeclaredRouteError(Exception):
    """A route says not who may enter; the message names it."""


async def sent_token(connection: HTTPConnection) -> str:
    """Return the token that came in the header, or else in the form."""
    found = connection.headers.get(HEADER, "")
    if found or not isinstance(connection, Request) or connection.method in _SAFE:
        return found
    if "form" not in connection.headers.get("content-type", ""):
        return ""
    value = (await connection.form()).get(FIELD, "")
    return value if isinstance(value, str) else ""


class Door:
    """Lets in who has ``permission``; a dependency that gives the :class:`Sitting`.

    A page that asks ``idle``, by itself, does not keep the sitting from ending.
    """

    def __init__(self, permission: Permission, *, idle: bool = False) -> None:
        self.permission = permission
        self._idle = idle

    def __call__(
        self, connection: HTTPConnection, sent: Annotated[str, Depends(sent_token)]
    ) -> Sitting:
        """Return who sits here, or turn them away."""
        if connection.scope["type"] != "websocket":
            return self._entered(connection, sent)
        try:
            return self._entered(connection, sent)
        except (SignInNeededError, NotAllowedError, ForgedRequestError) as error:
            raise WebSocketException(_POLICY_VIOLATION) from error

    def _entered(self, connection: HTTPConnection, sent: str) -> Sitting:
        service: Service = connection.app.state.service
        held = held_sitting(service, connection, idle=self._idle)
        refuse_forged(service, connection, sent, held.token)
        account = held.account
        if not may(account.role, self.permission) or account.fresh:
            raise NotAllowedError
        viewer = account.viewer()
        records = Walled(service.database, viewer)
        return Sitting(viewer, records, held.token, held.cookie, held.ends_at, held.lasts_until)


def held_sitting(
    service: Service, connection: HTTPConnection, *, pending: bool = False, idle: bool = False
) -> Held:
    """Return the sitting of the request's cookie. Raises :class:`SignInNeededError`."""
    cookie = connection.cookies.get(COOKIE, "")
    try:
        held = Sittings(service.database).held(cookie, datetime.now(UTC), idle=idle)
    except SittingEndedError as error:
        raise SignInNeededError from error
    if held.pending is not pending:
        raise SignInNeededError
    return held


def refuse_forged(service: Service, connection: HTTPConnection, sent: str, expected: str) -> None:
    """Refuse what another site made the browser send. Raises :class:`ForgedRequestError`."""
    if connection.scope["type"] == "websocket":
        if not _is_ours(service, connection):
            raise ForgedRequestError
        return
    if connection.scope["method"] in _SAFE:
        return
    if connection.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForgedRequestError
    if not hmac.compare_digest(sent.encode(), expected.encode()):
        raise ForgedRequestError


def _is_ours(service: Service, connection: HTTPConnection) -> bool:
    origin = urlsplit(connection.headers.get("origin", "")).netloc
    hosts = (urlsplit(service.settings.public_url).netloc, connection.headers.get("host", ""))
    return bool(origin) and origin in hosts


class Declared:
    """Says that a route is open; does nothing else."""

    def __init__(self, to: Open) -> None:
        self.to = to

    async def __call__(self) -> None:
        """Let everybody in, without a thread of its own."""


class PasswordShown(Declared):
    """Lets in who has shown a password; a dependency that gives the pending sitting."""

    def __init__(self) -> None:
        super().__init__(Open.HALF)

    def __call__(  # type: ignore[override]
        self, connection: HTTPConnection, sent: Annotated[str, Depends(sent_token)]
    ) -> Held:
        """Return the pending sitting. Raises :class:`SignInNeededError`."""
        service: Service = connection.app.state.service
        held = held_sitting(service, connection, pending=True)
        refuse_forged(service, connection, sent, held.token)
        return held


def needs(permission: Permission, *, idle: bool = False) -> Any:
    """Return what declares the permission of a route; ``idle`` where a page asks by itself.

    The route takes it as its parameter ``sitting: Annotated[Sitting, needs(Permission.CALL)]``.
    """
    return Depends(Door(permission, idle=idle))


def needs_account() -> Any:
    """Return what declares a route for everybody who is signed in."""
    return needs(Permission.OWN)


def needs_password() -> Any:
    """Return what declares a route for whoever still owes the second factor."""
    return Depends(PasswordShown())


def open_to(whom: Open) -> Any:
    """Return what declares that a route asks for no account: one of its ``dependencies``."""
    return Depends(Declared(whom))


def declaration(route: BaseRoute) -> Permission | Open:
    """Return who may enter a route. Raises :class:`UndeclaredRouteError`."""
    dependant = getattr(route, "dependant", None)
    found = set(_declared(dependant)) if dependant is not None else set()
    if len(found) != 1:
        raise UndeclaredRouteError(
            f"{getattr(route, 'path', route)} declares {len(found)} permissions; give exactly"
            " one, with needs(…) or open_to(…)."
        )
    return found.pop()


def _declared(dependant: Dependant) -> Iterable[Permission | Open]:
    for one in dependant.dependencies:
        if isinstance(one.call, Door):
            yield one.call.permission
        elif isinstance(one.call, Declared):
            yield one.call.to
        yield from _declared(one)


def declared_routes(router: APIRouter) -> APIRouter:
    """Return ``router`` if each of its routes is declared; else the application cannot start."""
    for route in router.routes:
        declaration(route)
    return router
