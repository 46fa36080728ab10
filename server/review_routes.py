"""The pages on which a caseworker decides flagged answers."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from models.failure import RecordsError
from models.review import Ruling
from server.desk.door import needs
from server.desk.page import desk_page
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.review_desk import TaskView
from server.service import Service


class Decided(BaseModel):
    """What the form of a task sends."""

    csrf: str = ""
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


Reviewing = Annotated[Sitting, needs(Permission.REVIEW)]


def review_routes(service: Service) -> APIRouter:
    """Return the routes below ``/desk/review``."""
    router = APIRouter(prefix="/desk")

    @router.get("/review", response_class=HTMLResponse)
    def queue(request: Request, sitting: Reviewing) -> Response:
        tasks = service.reviews.queue(sitting.records)
        if tasks:
            return RedirectResponse(f"/desk/review/{tasks[0].id}", status_code=303)
        return _page(request, sitting, service, None)

    @router.get("/review/{task_id}", response_class=HTMLResponse)
    def task(request: Request, task_id: str, sitting: Reviewing) -> Response:
        return _task_page(request, sitting, service, task_id)

    @router.post("/review/{task_id}", response_class=HTMLResponse)
    def decide(
        request: Request, task_id: str, decided: Annotated[Decided, Form()], sitting: Reviewing
    ) -> Response:
        task_id = sitting.records.task(task_id).id
        try:
            service.reviews.decide(task_id, decided.ruling(sitting.login))
        except RecordsError as error:
            return _task_page(
                request, sitting, service, task_id, notice=_in_chinese(error), code=409
            )
        return RedirectResponse("/desk/review", status_code=303)

    return router


def _task_page(
    request: Request,
    sitting: Sitting,
    service: Service,
    task_id: str,
    notice: str = "",
    code: int = 200,
) -> Response:
    view = service.reviews.view(sitting.records.task(task_id).id)
    return _page(request, sitting, service, view, notice, code)


def _page(
    request: Request,
    sitting: Sitting,
    service: Service,
    view: TaskView | None,
    notice: str = "",
    code: int = 200,
) -> Response:
    return desk_page(
        request,
        sitting,
        "review.html",
        active="review",
        code=code,
        lines=service.reviews.queue(sitting.records),
        view=view,
        notice=notice,
    )


def _in_chinese(error: RecordsError) -> str:
    return {
        "task-taken": "这一条正在由别人审核，请换一条。",
        "task-closed": "这一条已经有结论了，请看下一条。",
        "verdict-refused": "没有记上：请选一个可选的值，并写明理由。",
    }.get(error.code, "没有记上，请刷新后再试。")
