"""The administrators' desk: accounts, the audit log and the running of the service, each apart."""

import re
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from models.audit_list import AuditList, Sought
from models.failure import NotFoundError, RoleRefusedError, TakenNameError
from models.sign_in_failure import SignInFailures
from models.staff import Account, Staff
from models.verify import verify
from server.desk.audit_words import ACTIONS, action_in_words, detail_in_words
from server.desk.door import needs
from server.desk.page import desk_page
from server.desk.password import first_password
from server.desk.permission import ROLE_WORDS, Permission
from server.desk.progress_routes import HERE
from server.desk.sitting import Sitting
from server.service import Service

Administering = Annotated[Sitting, needs(Permission.ADMIN)]
Securing = Annotated[Sitting, needs(Permission.STAFF)]
Auditing = Annotated[Sitting, needs(Permission.AUDIT)]
Running = Annotated[Sitting, needs(Permission.SYSTEM)]
Short = Annotated[str, Query(max_length=80)]
ADMIN = "/desk/admin"
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_ACTS = "^(reset|end|begin|unlock)$"


class Named(BaseModel):
    """The form of an account."""

    login: str = Field("", max_length=40)
    name: str = Field("", max_length=40)
    role: str = Field("", max_length=20)
    region: str = Field("", max_length=12)
    languages: str = Field("", max_length=200)
    skills: str = Field("", max_length=200)


def admin_routes(service: Service) -> APIRouter:
    """Return the routes below ``/desk/admin``."""
    router = APIRouter(prefix=ADMIN)

    @router.get("")
    def arrive(sitting: Administering) -> Response:
        parts = {
            Permission.STAFF: "staff", Permission.AUDIT: "audit", Permission.SYSTEM: "system",
        }  # fmt: skip
        mine = next(part for permission, part in parts.items() if sitting.may(permission))
        return RedirectResponse(f"{ADMIN}/{mine}", status_code=303)

    _staff_routes(router, service)
    _audit_routes(router, service)
    _system_routes(router, service)
    return router


def _staff_routes(router: APIRouter, service: Service) -> None:
    @router.get("/staff", response_class=HTMLResponse)
    def listed(request: Request, sitting: Securing, words: Short = "") -> Response:
        return _staff_page(service, request, sitting, words=words)

    @router.post("/staff", response_class=HTMLResponse)
    def add(request: Request, sitting: Securing, sent: Annotated[Named, Form()]) -> Response:
        region = sitting.records.region(sent.region).code
        password = first_password()
        try:
            account = _account(service, sent, region, password)
            Staff(service.database).add(account, by=sitting.login, at=datetime.now(UTC))
        except (ValueError, TakenNameError, RoleRefusedError) as error:
            sentence = str(error) if isinstance(error, ValueError) else _REFUSED[error.code]
            return _staff_page(service, request, sitting, sentence=sentence, sent=sent, code=422)
        return _staff_page(service, request, sitting, given=(account.login, password))

    @router.post("/staff/{login}/role", response_class=HTMLResponse)
    def change(
        request: Request,
        sitting: Securing,
        login: str,
        role: Annotated[str, Form(max_length=20)],
        region: Annotated[str, Form(max_length=12)],
    ) -> Response:
        account, place = _mine(service, sitting, login), sitting.records.region(region).code
        changed, now = replace(account, role=role, region=place), datetime.now(UTC)
        try:
            Staff(service.database).replace(changed, by=sitting.login, at=now)
        except RoleRefusedError as error:
            sentence = _REFUSED[error.code]
            return _staff_page(service, request, sitting, sentence=sentence, code=422)
        return RedirectResponse(f"{ADMIN}/staff", status_code=303)

    @router.post("/staff/{login}/{act}", response_class=HTMLResponse)
    def act(
        request: Request,
        sitting: Securing,
        login: str,
        act: Annotated[str, Path(pattern=_ACTS)],
    ) -> Response:
        account, now = _mine(service, sitting, login), datetime.now(UTC)
        staff = Staff(service.database)
        if act == "reset":
            password = first_password()
            hashed = service.sign_in.passwords.hashed(password)
            staff.renew(login, password=hashed, by=sitting.login, at=now)
            return _staff_page(service, request, sitting, given=(login, password))
        if act == "unlock":
            SignInFailures(service.database).unlock(login)
        else:
            staff.replace(replace(account, active=act == "begin"), by=sitting.login, at=now)
        return RedirectResponse(f"{ADMIN}/staff", status_code=303)


_REFUSED = {
    "taken-name": "这个登录名已经有人用，请换一个。",
    "role-refused": "没有改：没有这个岗位，或三种管理员不能由同一个人换着当。",
}


def _mine(service: Service, sitting: Sitting, login: str) -> Account:
    """Return an account within the wall, and not one's own: nobody raises themselves."""
    account = Staff(service.database).get(login)
    if account is None or not sitting.viewer.sees(account.region) or login == sitting.login:
        raise NotFoundError("There is no such account; look at the list again.")
    return account


def _account(service: Service, sent: Named, region: str, password: str) -> Account:
    if not _LOGIN.fullmatch(sent.login):
        raise ValueError("登录名用 2 到 40 个小写字母、数字、点、短横。")
    if not sent.name.strip():
        raise ValueError("请填姓名。")
    return Account(
        login=sent.login,
        name=sent.name.strip(),
        role=sent.role,
        password=service.sign_in.passwords.hashed(password),
        region=region,
        languages=tuple(sent.languages.split()),
        skills=tuple(sent.skills.split()),
        fresh=True,
    )


def _staff_page(
    service: Service,
    request: Request,
    sitting: Sitting,
    *,
    words: str = "",
    sentence: str = "",
    sent: Named | None = None,
    given: tuple[str, str] | None = None,
    code: int = 200,
) -> Response:
    accounts = Staff(service.database).all(sitting.viewer.region)
    failures, now = SignInFailures(service.database), datetime.now(UTC)
    return desk_page(
        request,
        sitting,
        "desk/staff.html",
        active="admin",
        code=code,
        accounts=[one for one in accounts if words in one.login or words in one.name],
        locked=failures.locked([one.login for one in accounts], now),
        words=words,
        sentence=sentence,
        sent=sent or Named.model_validate({"region": sitting.viewer.region}),
        given=given,
        roles=ROLE_WORDS,
    )


def _audit_routes(router: APIRouter, service: Service) -> None:
    @router.get("/audit", response_class=HTMLResponse)
    def listed(
        request: Request,
        sitting: Auditing,
        actor: Short = "",
        action: Short = "",
        before: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        sought = Sought(actor=actor.strip(), action=action.strip(), before=before)
        lines = AuditList(service.database, sitting.viewer).page(sought)
        return desk_page(
            request,
            sitting,
            "desk/audit.html",
            active="admin",
            lines=lines,
            sought=sought,
            actions=ACTIONS,
            action_in_words=action_in_words,
            detail_in_words=detail_in_words,
            here=HERE,
        )

    @router.post("/audit/verify", response_class=HTMLResponse)
    def check(request: Request, sitting: Auditing) -> Response:
        return desk_page(
            request, sitting, "desk/verified.html", active="admin", broken=verify(service.database)
        )


def _system_routes(router: APIRouter, service: Service) -> None:
    @router.get("/system", response_class=HTMLResponse)
    def state(request: Request, sitting: Running) -> Response:
        space, keys = shutil.disk_usage(service.settings.data_dir), service.database.keys
        facts = {
            "程序版本": _version(),
            "Python": sys.version.split()[0],
            "数据库": "SQLite" if service.database.is_sqlite else "PostgreSQL",
            "密钥": f"在用 {keys.active}，共 {len(keys.key_ids)} 把",
            "数据盘剩余": f"{space.free / 2**30:.1f} GB（共 {space.total / 2**30:.1f} GB）",
            "对外地址": service.settings.public_url,
        }
        return desk_page(request, sitting, "desk/system.html", active="admin", facts=facts)


def _version() -> str:
    try:
        return version("tingwen")
    except PackageNotFoundError:
        return "未安装"
