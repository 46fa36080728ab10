"""The pages on which a caseworker decides flagged answers."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Form, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from models.failure import NotFoundError, RecordsError
from models.review import Ruling
from models.staff import Account, Staff
from server.service import Service
from server.sign_in import LASTING, SignIn, read_ticket
from server.templates import page

COOKIE, ENTRY, SITTING = "tingwen_desk", "entry", "sitting"
_MAY_REVIEW = ("caseworker", "supervisor")


class Decided(BaseModel):
    """What the form of a task sends."""

    decision: str = Field(max_length=20)
    value: str = Field("", max_length=1_000)
    choice: list[str] = Field(default_factory=list, max_length=40)
    reason: str = Field("", max_length=500)

    def ruling(self, by: str) -> Ruling:
        """Return it as the records take it."""
        value = self.value.strip() or " ".join(self.choice)
        return Ruling(
            decision=self.decision,
            by=by,
            reason=self.reason.strip(),
            at=datetime.now(UTC),
            value=value if self.decision == "change" else "",
        )


def review_routes(service: Service) -> APIRouter:
    """Return the routes below ``/desk``."""
    router = APIRouter(prefix="/desk")

    def reviewer(tingwen_desk: Annotated[str, Cookie()] = "") -> Account:
        return _reviewer(service, tingwen_desk)

    @router.get("/enter/{ticket}")
    def enter(ticket: str) -> Response:
        return _entered(service, ticket)

    @router.get("/review", response_class=HTMLResponse)
    def queue(account: Annotated[Account, Depends(reviewer)]) -> Response:
        first = service.reviews.first()
        if first:
            return RedirectResponse(f"/desk/review/{first}", status_code=303)
        return _empty_page(account)

    @router.get("/review/{task_id}", response_class=HTMLResponse)
    def task(task_id: str, account: Annotated[Account, Depends(reviewer)]) -> Response:
        return _task_page(service, account, task_id)

    @router.post("/review/{task_id}", response_class=HTMLResponse)
    def decide(
        task_id: str,
        decided: Annotated[Decided, Form()],
        account: Annotated[Account, Depends(reviewer)],
    ) -> Response:
        try:
            service.reviews.decide(task_id, decided.ruling(account.login))
        except NotFoundError as error:
            raise HTTPException(404) from error
        except RecordsError as error:
            return _task_page(service, account, task_id, notice=_in_chinese(error), code=409)
        return RedirectResponse("/desk/review", status_code=303)

    return router


def _reviewer(service: Service, ticket: str) -> Account:
    """Return who works here; nobody without a sitting of their own (deny by default)."""
    signed = read_ticket(service.database.keys, SITTING, ticket, datetime.now(UTC))
    account = Staff(service.database).get(signed.login) if signed else None
    if account is None or not account.active or account.role not in _MAY_REVIEW:
        raise HTTPException(401, "请用给您的链接重新进入。")
    return account


def _entered(service: Service, ticket: str) -> Response:
    now = datetime.now(UTC)
    signed = read_ticket(service.database.keys, ENTRY, ticket, now)
    if signed is None:
        return page("refused.html", code=403, sentence="这个进入链接已失效，请重新启动或另要一个。")
    sitting = SignIn(signed.login, now + LASTING).ticket(service.database.keys, SITTING)
    response = RedirectResponse("/desk/review", status_code=303)
    secure = service.settings.public_url.startswith("https:")
    response.set_cookie(
        COOKIE, sitting, path="/desk", httponly=True, samesite="strict", secure=secure
    )
    return response


def _task_page(
    service: Service, account: Account, task_id: str, notice: str = "", code: int = 200
) -> Response:
    try:
        view = service.reviews.view(task_id)
    except NotFoundError as error:
        raise HTTPException(404) from error
    return page(
        "review.html",
        code=code,
        staff=account.name,
        lines=service.reviews.queue(),
        view=view,
        notice=notice,
    )


def _empty_page(account: Account) -> Response:
    return page("review.html", staff=account.name, lines=(), view=None, notice="")


def _in_chinese(error: RecordsError) -> str:
    return {
        "task-taken": "这一条正在由别人审核，请换一条。",
        "task-closed": "这一条已经有结论了，请看下一条。",
        "verdict-refused": "没有记上：请选一个可选的值，并写明理由。",
    }.get(error.code, "没有记上，请刷新后再试。")
