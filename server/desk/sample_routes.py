"""The evaluators' page: an anonymous sample that the same seed draws again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select

from models.audit import AuditEntry, AuditLog
from models.case import Case
from models.failure import NotFoundError
from models.region import Region, within
from models.tables import AssignmentRow
from server.desk.door import needs
from server.desk.page import desk_page, place_words
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.desk.words import CATEGORIES, STATUSES, VISITED
from server.service import Service

Evaluating = Annotated[Sitting, needs(Permission.SAMPLE)]
Short = Annotated[str, Query(max_length=80)]
LARGEST: Final = 50
_BANDS: Final = ((0, 15), (16, 34), (35, 59), (60, 79), (80, 200))


def sample_routes(service: Service) -> APIRouter:
    """Return the route of ``/desk/sample``."""
    router = APIRouter()

    @router.get("/desk/sample", response_class=HTMLResponse)
    def sample(
        request: Request,
        sitting: Evaluating,
        campaign: Short = "",
        region: Short = "",
        seed: Short = "",
        size: Annotated[int, Query(ge=1, le=LARGEST)] = 20,
    ) -> Response:
        campaigns = sitting.records.campaigns()
        here = region or sitting.viewer.region
        sitting.records.region(here)
        chosen = campaign or (campaigns[-1].id if campaigns else "")
        drawn: list[dict[str, str]] = []
        if seed and campaigns:
            if chosen not in {one.id for one in campaigns}:
                raise NotFoundError("There is no such campaign; choose one from the list.")
            drawn = _drawn(service, sitting, chosen, here, seed, size)
        return desk_page(
            request,
            sitting,
            "desk/sample.html",
            active="sample",
            region=here,
            campaigns=campaigns,
            campaign=chosen,
            seed=seed,
            size=size,
            largest=LARGEST,
            drawn=drawn,
        )

    return router


def _drawn(
    service: Service, sitting: Sitting, campaign: str, region: str, seed: str, size: int
) -> list[dict[str, str]]:
    row, mine = AssignmentRow, sitting.viewer.wall(AssignmentRow.region)
    here = (row.campaign_id == campaign, row.person_id.is_not(None), within(row.region, region))
    with sitting.records.reading() as connection:
        ids = list(connection.scalars(select(row.id).where(mine, *here).order_by(row.id)))
        random = Random(f"{campaign}:{region}:{seed}")  # noqa: S311 - anybody may draw it again
        chosen = random.sample(ids, min(size, len(ids)))
        found = select(row.id, row.visited, row.status, row.outcome).where(mine, row.id.in_(chosen))
        states = {one.id: one for one in connection.execute(found)}
    AuditLog(service.database).add(
        AuditEntry(
            at=datetime.now(UTC),
            actor=sitting.login,
            action="sample.draw",
            object=f"{campaign}/{region}",
            detail={"seed": seed, "size": str(len(chosen))},
        )
    )
    cases = {case.assignment_id: case for case in sitting.records.cases(row.id.in_(chosen))}
    townships = sitting.records.names({_township(case) for case in cases.values()})
    return [
        _anonymous(cases[one], townships, states[one].status, states[one].visited,
                   states[one].outcome)
        for one in chosen
    ]  # fmt: skip


def _anonymous(
    case: Case, townships: Mapping[str, str], status: str, visited: str, outcome: str
) -> dict[str, str]:
    """Return what is told of one person: nothing by which they can be found."""
    facts, code = case.facts(), _township(case)
    category = facts.get("category", "")
    return {
        "乡镇（街道）": townships.get(code) or place_words(Region(code)),
        "年龄段": _band(facts.get("age", "")),
        "类别": CATEGORIES.get(category, "").removesuffix("残疾"),
        "等级": {"1": "一、二级", "2": "一、二级"}.get(facts.get("grade", ""), "三、四级"),
        "状态": STATUSES.get(status, status),
        "见面": VISITED.get(visited, ""),
        "结果": outcome,
    }


def _township(case: Case) -> str:
    return f"{case.region[:9]}000"


def _band(age: str) -> str:
    if not age:
        return ""
    low, high = next(band for band in _BANDS if int(age) <= band[1])
    return f"{low} 岁以上" if high > 100 else f"{low}–{high} 岁"
