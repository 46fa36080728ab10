"""The pages of signing in, of the first setting-up, and of one's own password and passkeys."""

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from models.failure import SealError
from models.sitting import Held
from models.staff import Staff
from server.desk.door import (
    ForgedRequestError,
    Open,
    needs_account,
    needs_password,
    open_to,
    refuse_forged,
    sent_token,
)
from server.desk.home_routes import ACCOUNT, SIGN_IN, keep_cookie
from server.desk.one_time_code import new_secret, picture, secret_in_groups
from server.desk.page import desk_page
from server.desk.passkey import PasskeyRefusedError
from server.desk.sign_in import Asked, RefusedError, from_address
from server.desk.sitting import Sitting
from server.service import Service
from server.templates import page

VISIT = "tingwen_visit"
SECOND, ENROL = f"{SIGN_IN}/second", f"{SIGN_IN}/first"
_SECRET = "sign-in.enrolment"  # noqa: S105 - names a column of sorts, and is no secret
Pending = Annotated[Held, needs_password()]
Anybody = Annotated[Sitting, needs_account()]
Json = Annotated[dict[str, Any], Body()]


class Named(BaseModel):
    """The form of name and password."""

    login: str = Field("", max_length=40)
    password: str = Field("", max_length=200)
    sealed: str = Field("", max_length=1_000)
    answer: str = Field("", max_length=40)
    next: str = Field("", max_length=500)


class Enrolled(BaseModel):
    """The form of the first setting-up."""

    password: str = Field("", max_length=200)
    again: str = Field("", max_length=200)
    sealed: str = Field("", max_length=1_000)
    code: str = Field("", max_length=20)


class Changed(BaseModel):
    """The form of a new password."""

    old: str = Field("", max_length=200)
    password: str = Field("", max_length=200)
    again: str = Field("", max_length=200)


def sign_in_routes(service: Service) -> APIRouter:
    """Return the routes of signing in."""
    router = APIRouter()
    _password_routes(router, service)
    _second_routes(router, service)
    _enrolment_routes(router, service)
    _account_routes(router, service)
    return router


def _password_routes(router: APIRouter, service: Service) -> None:
    anyone = [open_to(Open.ANYONE)]

    @router.get(SIGN_IN, response_class=HTMLResponse, dependencies=anyone)
    def form(request: Request, next: str = "") -> Response:  # noqa: A002 - its name in addresses
        question = service.sign_in.question("", _address(request), _now())
        refused = RefusedError("", 200, question) if question else None
        return _form(service, request, Named.model_validate({"next": next[:500]}), refused)

    @router.post(SIGN_IN, response_class=HTMLResponse, dependencies=anyone)
    def enter(
        request: Request,
        sent: Annotated[Named, Form()],
        token: Annotated[str, Depends(sent_token)],
    ) -> Response:
        try:
            refuse_forged(service, request, token, _visit_token(service, request))
        except ForgedRequestError:
            stale = RefusedError("这一页放得太久了，请再填一次。", 409)
            return _form(service, request, sent, stale)
        asked = Asked(
            login=sent.login.strip().lower(),
            password=sent.password,
            address=_address(request),
            sealed=sent.sealed,
            answer=sent.answer,
        )
        try:
            cookie = service.sign_in.password(asked, _now())
        except RefusedError as refused:
            return _form(service, request, sent, refused)
        response = RedirectResponse(f"{SECOND}?next={quote(_local(sent.next))}", status_code=303)
        keep_cookie(service, response, cookie)
        return response


def _second_routes(router: APIRouter, service: Service) -> None:
    @router.get(SECOND, response_class=HTMLResponse)
    def form(held: Pending, next: str = "") -> Response:  # noqa: A002
        if held.account.fresh:
            return RedirectResponse(ENROL, status_code=303)
        return _second_page(service, held, next)

    @router.post(SECOND, response_class=HTMLResponse)
    def enter(
        request: Request,
        held: Pending,
        code: Annotated[str, Form(max_length=20)] = "",
        next: Annotated[str, Form(max_length=500)] = "",  # noqa: A002
    ) -> Response:
        if held.account.fresh:
            return RedirectResponse(ENROL, status_code=303)
        try:
            cookie = service.sign_in.code(held, code, _address(request), _now())
        except RefusedError as refused:
            return _second_page(service, held, next, refused)
        return _entered(service, cookie, next)

    @router.post(f"{SIGN_IN}/passkey/options")
    def options(held: Pending) -> Response:
        asked, challenge = service.sign_in.passkeys.to_sign(held.account.login)
        service.sign_in.sittings.challenge(held.cookie, challenge)
        return JSONResponse(asked)

    @router.post(f"{SIGN_IN}/passkey")
    def passkey(request: Request, held: Pending, sent: Json) -> Response:
        try:
            cookie = service.sign_in.passkey(held, sent, _address(request), _now())
        except RefusedError as refused:
            return _told(refused)
        response = JSONResponse({"entered": True})
        keep_cookie(service, response, cookie)
        return response


def _enrolment_routes(router: APIRouter, service: Service) -> None:
    @router.get(ENROL, response_class=HTMLResponse)
    def form(held: Pending) -> Response:
        if not held.account.fresh:
            return RedirectResponse(SECOND, status_code=303)
        return _enrolment_page(service, held, new_secret())

    @router.post(ENROL, response_class=HTMLResponse)
    def enrol(request: Request, held: Pending, sent: Annotated[Enrolled, Form()]) -> Response:
        if not held.account.fresh:
            return RedirectResponse(SECOND, status_code=303)
        secret = _opened_secret(service, sent.sealed) or new_secret()
        try:
            _require_same(sent.password, sent.again)
            cookie = service.sign_in.enrol(
                held, sent.password, secret, sent.code, _address(request), _now()
            )
        except RefusedError as refused:
            return _enrolment_page(service, held, secret, refused)
        return _entered(service, cookie, "")


def _account_routes(router: APIRouter, service: Service) -> None:
    @router.get(ACCOUNT, response_class=HTMLResponse)
    def account(request: Request, sitting: Anybody) -> Response:
        return _account_page(service, request, sitting)

    @router.post(f"{ACCOUNT}/password", response_class=HTMLResponse)
    def change(request: Request, sitting: Anybody, sent: Annotated[Changed, Form()]) -> Response:
        mine, now = service.sign_in.sittings.held(sitting.cookie, _now()).account, _now()
        try:
            _require_same(sent.password, sent.again)
            cookie = service.sign_in.change_password(
                mine, sent.old, sent.password, _address(request), now
            )
        except RefusedError as refused:
            return _account_page(service, request, sitting, refused)
        response = RedirectResponse(f"{ACCOUNT}?done=password", status_code=303)
        keep_cookie(service, response, cookie)
        return response

    @router.post(f"{ACCOUNT}/passkey/options")
    def options(sitting: Anybody) -> Response:
        mine = service.sign_in.sittings.held(sitting.cookie, _now()).account
        asked, challenge = service.sign_in.passkeys.to_register(mine)
        service.sign_in.sittings.challenge(sitting.cookie, challenge)
        return JSONResponse(asked)

    @router.post(f"{ACCOUNT}/passkey")
    def register(sitting: Anybody, sent: Json) -> Response:
        now = _now()
        held = service.sign_in.sittings.held(sitting.cookie, now)
        service.sign_in.sittings.challenge(sitting.cookie, None)
        label = f"{now.astimezone():%Y-%m-%d} 添加"
        try:
            service.sign_in.passkeys.register(held.account, held.challenge or b"", sent, label, now)
        except PasskeyRefusedError:
            return _told(RefusedError("这把通行密钥没有加上，请再试一次。", 422))
        return JSONResponse({"registered": True})


def _require_same(password: str, again: str) -> None:
    if password != again:
        raise RefusedError("两次填的新密码不一样，请再填一次。", 422)


def _form(
    service: Service, request: Request, sent: Named, refused: RefusedError | None
) -> Response:
    visit = request.cookies.get(VISIT) or secrets.token_urlsafe(24)
    question = refused.challenge if refused else None
    response = page(
        "desk/sign_in.html",
        code=refused.status if refused else 200,
        csrf=service.sign_in.sittings.token(visit),
        login=sent.login,
        next=_local(sent.next),
        sentence=refused.sentence if refused else "",
        challenge=question,
    )
    secure = service.settings.public_url.startswith("https:")
    response.set_cookie(VISIT, visit, path=SIGN_IN, httponly=True, samesite="strict", secure=secure)
    return response


def _second_page(
    service: Service, held: Held, next_page: str, refused: RefusedError | None = None
) -> Response:
    return page(
        "desk/second_factor.html",
        code=refused.status if refused else 200,
        csrf=held.token,
        next=_local(next_page),
        sentence=refused.sentence if refused else "",
        passkeys=len(service.sign_in.staff.passkeys(held.account.login)),
    )


def _enrolment_page(
    service: Service, held: Held, secret: str, refused: RefusedError | None = None
) -> Response:
    return page(
        "desk/enrolment.html",
        code=refused.status if refused else 200,
        csrf=held.token,
        account=held.account,
        picture=picture(secret, held.account.login),
        secret=secret_in_groups(secret),
        sealed=service.database.keys.encrypt(secret.encode(), _SECRET).hex(),
        sentence=refused.sentence if refused else "",
    )


def _account_page(
    service: Service, request: Request, sitting: Sitting, refused: RefusedError | None = None
) -> Response:
    return desk_page(
        request,
        sitting,
        "desk/account.html",
        code=refused.status if refused else 200,
        sentence=refused.sentence if refused else "",
        done=request.query_params.get("done", ""),
        passkeys=Staff(service.database).passkeys(sitting.login),
    )


def _entered(service: Service, cookie: str, next_page: str) -> Response:
    response = RedirectResponse(_local(next_page) or "/desk", status_code=303)
    keep_cookie(service, response, cookie)
    return response


def _told(refused: RefusedError) -> Response:
    return JSONResponse({"code": "refused", "message": refused.sentence}, refused.status)


def _opened_secret(service: Service, sealed: str) -> str:
    try:
        return service.database.keys.decrypt(bytes.fromhex(sealed), _SECRET).decode()
    except (SealError, ValueError):
        return ""


def _visit_token(service: Service, request: Request) -> str:
    return service.sign_in.sittings.token(request.cookies.get(VISIT, ""))


def _local(address: str) -> str:
    """Return an address of the desks, or nothing: nobody is sent to another site."""
    fits = address.startswith("/desk") and "\\" not in address and "//" not in address
    return address if fits and address.isprintable() else ""


def _address(request: Request) -> str:
    return from_address(request.client.host if request.client else "")


def _now() -> datetime:
    return datetime.now(UTC)
