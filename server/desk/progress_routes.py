"""The supervisors' pages: progress down to the village, and who did how much."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from models.campaign import Campaign
from models.failure import NotFoundError
from models.work import Work
from server.desk.door import needs
from server.desk.page import desk_page
from server.desk.permission import Permission
from server.desk.progress_view import progress_view
from server.desk.sitting import Sitting
from server.service import Service

Watching = Annotated[Sitting, needs(Permission.PROGRESS)]
Idly = Annotated[Sitting, needs(Permission.PROGRESS, idle=True)]
Supervising = Annotated[Sitting, needs(Permission.APPROVE)]
Words = Annotated[str, Field(max_length=80)]
Short = Annotated[str, Query(max_length=80)]
#: Days are days of the place where the survey is.
HERE = ZoneInfo("Asia/Shanghai")
_WORK_DAYS = 7


class Asked(BaseModel):
    """Which numbers are wanted, and in which order."""

    campaign: Words = ""
    region: Words = ""
    sort: Words = ""
    words: Words = ""


Asking = Annotated[Asked, Query()]


def progress_routes(service: Service) -> APIRouter:
    """Return the routes below ``/desk/progress``."""
    router = APIRouter(prefix="/desk/progress")

    @router.get("", response_class=HTMLResponse)
    def progress(request: Request, sitting: Watching, asked: Asking) -> Response:
        return _page(service, request, sitting, asked)

    @router.get("/now", response_class=HTMLResponse)
    def now(request: Request, sitting: Idly, asked: Asking) -> Response:
        """The same page as a page asks for it that stands open, to show the numbers of now."""
        return _page(service, request, sitting, asked)

    @router.get("/work", response_class=HTMLResponse)
    def work(request: Request, sitting: Supervising, words: Short = "") -> Response:
        since = datetime.now(UTC) - timedelta(days=_WORK_DAYS)
        work = Work(service.database, sitting.viewer)
        return desk_page(
            request,
            sitting,
            "desk/work.html",
            active="progress",
            days=_WORK_DAYS,
            callers=[one for one in work.callers(since) if words in one.name],
            reviewers=[one for one in work.reviewers(since) if words in one.name],
            words=words,
        )

    return router


def _page(service: Service, request: Request, sitting: Sitting, asked: Asked) -> Response:
    campaigns = sitting.records.campaigns()
    if not campaigns:
        return desk_page(request, sitting, "desk/progress_empty.html", active="progress")
    chosen = _chosen(campaigns, asked.campaign)
    here = asked.region or sitting.viewer.region
    view = progress_view(
        sitting.records,
        chosen,
        service.shelf.find(chosen.form, chosen.version),
        here,
        today=datetime.now(HERE).date(),
        sort=asked.sort,
        words=asked.words.strip(),
    )
    return desk_page(
        request,
        sitting,
        "desk/progress.html",
        active="progress",
        region=here,
        place_address=f"/desk/progress?campaign={quote(chosen.id)}&region=",
        campaigns=campaigns,
        campaign=chosen,
        view=view,
        sort=asked.sort,
        words=asked.words,
        at=datetime.now(HERE),
    )


def _chosen(campaigns: tuple[Campaign, ...], name: str) -> Campaign:
    """Return the campaign asked for; without one the newest that is open."""
    if name:
        found = [one for one in campaigns if one.id == name]
        if not found:
            raise NotFoundError("There is no such campaign; choose one from the list.")
        return found[0]
    open_ones = [one for one in campaigns if one.status == "open"]
    return (open_ones or list(campaigns))[-1]
