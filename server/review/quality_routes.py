"""How well the review desk works: agreement of double reviews, and gold tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.failure import VerdictRefusedError
from models.gold import GoldTasks
from models.review_quality import Agreement, Quality, review_quality
from server.desk.door import needs
from server.desk.page import desk_page
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.review.routes import HOME
from server.service import Service

QUALITY = f"{HOME}/quality"
Reviewing = Annotated[Sitting, needs(Permission.REVIEW)]
Choosing = Annotated[Sitting, needs(Permission.QUALITY)]


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One row of a table of agreement, as it is shown."""

    name: str
    pairs: int
    disputed: int
    share: str
    kappa: str
    strength: str


@dataclass(frozen=True, slots=True)
class GoldLine:
    """One gold task as it is shown."""

    task_id: str
    title: str
    chosen_by: str
    chosen_at: datetime


def quality_routes(service: Service) -> APIRouter:
    """Return the routes of the quality page and of gold tasks."""
    router = APIRouter(prefix=HOME)
    gold = GoldTasks(service.database)

    @router.get("/quality", response_class=HTMLResponse)
    def show(
        request: Request, sitting: Reviewing, days: Annotated[int, Query(ge=1, le=366)] = 30
    ) -> Response:
        return _page(request, sitting, service, days)

    @router.post("/{task_id}/gold")
    def choose(request: Request, task_id: str, sitting: Choosing) -> Response:
        task = sitting.records.task(task_id)
        try:
            gold.choose(task.id, by=sitting.login, at=datetime.now(UTC))
        except VerdictRefusedError:
            notice = "这一条还没有定，或两个人看法不同过，不能用作标准题。"
            return _page(request, sitting, service, 30, notice=notice, code=409)
        return RedirectResponse(QUALITY, status_code=303)

    @router.post("/{task_id}/gold/retire")
    def retire(task_id: str, sitting: Choosing) -> Response:
        task = sitting.records.task(task_id)
        gold.retire(task.id, by=sitting.login, at=datetime.now(UTC))
        return RedirectResponse(QUALITY, status_code=303)

    return router


def _page(
    request: Request,
    sitting: Sitting,
    service: Service,
    days: int,
    *,
    notice: str = "",
    code: int = 200,
) -> Response:
    now = datetime.now(UTC)
    sees_all = sitting.may(Permission.QUALITY)
    quality = review_quality(sitting.records, now - timedelta(days=days))
    names = service.reviews.names(sitting.records, ())
    mine = None if sees_all else sitting.login
    return desk_page(
        request,
        sitting,
        "desk/review_quality.html",
        active="review",
        code=code,
        days=days,
        notice=notice,
        sees_all=sees_all,
        whole=_line(quality.whole, "全部"),
        work=[one for one in quality.work if mine in (None, one.login)],
        reviewers=[_line(one, one.name) for one in quality.by_reviewer if mine in (None, one.name)],
        items=[_line(one, names.of("item", one.name)) for one in quality.by_item],
        disputed=_disputed(quality) if sees_all else (),
        golds=_golds(sitting, service) if sees_all else (),
        names=names,
    )


def _golds(sitting: Sitting, service: Service) -> Sequence[GoldLine]:
    names = service.reviews.names(sitting.records, ())
    return [
        GoldLine(one.task_id, names.of("item", one.item), one.chosen_by, one.chosen_at)
        for one in GoldTasks(service.database).all(sitting.records)
    ]


def _disputed(quality: Quality) -> Sequence[tuple[str, str, datetime]]:
    return [(one.task_id, one.item, one.second.at) for one in quality.disputed]


def _line(one: Agreement, name: str) -> AgreementLine:
    share = "" if one.share is None else f"{one.share:.0%}"
    kappa = "算不出" if one.kappa is None else f"{one.kappa:.2f}"
    return AgreementLine(name, one.pairs, one.disputed, share, kappa, _strength(one.kappa))


def _strength(kappa: float | None) -> str:
    """How κ is commonly called (Landis and Koch 1977)."""
    bounds = (
        (0.81, "几乎一致"),
        (0.61, "相当一致"),
        (0.41, "中等"),
        (0.21, "一般"),
        (-1.0, "很差"),
    )
    return "" if kappa is None else next(words for least, words in bounds if kappa >= least)
