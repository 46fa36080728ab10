"""The roster at a desk: who is to be interviewed, one person, many names, and imports."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from models.campaign import Campaign
from models.case import Case
from models.failure import ApprovalNeededError, NotFoundError, TooManyNamesError
from models.roster_import import RosterImport, RosterImports
from models.roster_list import PAGE, RosterList, Wanted
from models.uncovering import MANY, MOST, ROSTER, Approval, Uncovering
from models.visit import Visits
from server.desk.door import needs
from server.desk.masking import masked_name, masked_number
from server.desk.page import desk_page
from server.desk.permission import Permission
from server.desk.progress_routes import HERE
from server.desk.sitting import Sitting
from server.desk.words import CHANNELS, STATUSES, VISITED
from server.export.formula import harmless
from server.service import Service

Listing = Annotated[Sitting, needs(Permission.ROSTER)]
Showing = Annotated[Sitting, needs(Permission.SHOW)]
Taking = Annotated[Sitting, needs(Permission.EXPORT)]
Agreeing = Annotated[Sitting, needs(Permission.APPROVE)]
Short = Annotated[str, Query(max_length=80)]
Reason = Annotated[str, Form(min_length=2, max_length=200)]
_LOST = timedelta(hours=1)
_MANY = f"一天里看 {MANY} 人以上，或一次取 {MANY} 人以上的姓名，要另一个人批准。"


def roster_routes(service: Service) -> APIRouter:
    """Return the routes below ``/desk/roster``."""
    router = APIRouter(prefix="/desk/roster")
    _list_routes(router, service)
    _taking_routes(router, service)
    _import_routes(router, service)
    _person_routes(router, service)
    return router


def _list_routes(router: APIRouter, service: Service) -> None:
    @router.get("", response_class=HTMLResponse)
    def listed(
        request: Request,
        sitting: Listing,
        campaign: Short = "",
        region: Short = "",
        status: Short = "",
        visited: Short = "",
        after: Short = "",
    ) -> Response:
        campaigns = sitting.records.campaigns()
        if not campaigns:
            return desk_page(request, sitting, "desk/roster_empty.html", active="roster")
        wanted = Wanted(
            campaign=_one_of(campaigns, campaign).id,
            region=region or sitting.viewer.region,
            status=status,
            visited=visited,
            after=after,
        )
        return _list_page(service, request, sitting, wanted)

    @router.post("/find", response_class=HTMLResponse)
    def find(
        request: Request,
        sitting: Listing,
        campaign: Annotated[str, Form(max_length=80)],
        who: Annotated[str, Form(max_length=80)] = "",
    ) -> Response:
        """Find by name or number, which must not stand in an address."""
        wanted = Wanted(
            campaign=sitting.records.campaign(campaign).id,
            region=sitting.viewer.region,
            who=who.strip(),
        )
        return _list_page(service, request, sitting, wanted)


def _list_page(service: Service, request: Request, sitting: Sitting, wanted: Wanted) -> Response:
    people = RosterList(service.database, sitting.records).page(wanted)
    return desk_page(
        request,
        sitting,
        "desk/roster.html",
        active="roster",
        region=wanted.region,
        place_address=f"/desk/roster?campaign={quote(wanted.campaign)}&region=",
        campaigns=sitting.records.campaigns(),
        wanted=wanted,
        people=people,
        more=people[-1].assignment_id if len(people) == PAGE else "",
        parts=sitting.records.below(wanted.region),
        names=sitting.records.names({one.region for one in people}),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "masked_name": masked_name,
        "masked_number": masked_number,
        "statuses": STATUSES,
        "visited_words": VISITED,
        "channels": CHANNELS,
    }


def _person_routes(router: APIRouter, service: Service) -> None:
    @router.get("/{assignment_id}", response_class=HTMLResponse)
    def person(request: Request, sitting: Listing, assignment_id: str) -> Response:
        return _person_page(service, request, sitting, assignment_id)

    @router.post("/{assignment_id}/visit", response_class=HTMLResponse)
    def visit(
        sitting: Listing,
        assignment_id: str,
        kind: Annotated[str, Form(pattern="^(home|met)$")],
        day: Annotated[date, Form()],
    ) -> Response:
        now = datetime.now(UTC)
        Visits(service.database, sitting.records).record(assignment_id, kind, day, at=now)
        return RedirectResponse(f"/desk/roster/{assignment_id}", status_code=303)

    @router.post("/{assignment_id}/uncover")
    def uncover(request: Request, sitting: Showing, assignment_id: str, reason: Reason) -> Response:
        uncovering = Uncovering(service.database, sitting.records)
        wants_page = "text/html" in request.headers.get("accept", "")
        try:
            case = uncovering.person(assignment_id, reason.strip(), at=datetime.now(UTC))
        except ApprovalNeededError:
            if wants_page:
                return _person_page(service, request, sitting, assignment_id, notice=_MANY)
            return JSONResponse({"code": "approval-needed", "message": _MANY}, 403)
        if wants_page:
            return _person_page(service, request, sitting, assignment_id, uncovered=case)
        return JSONResponse(uncovered_words(case))


def _person_page(
    service: Service,
    request: Request,
    sitting: Sitting,
    assignment_id: str,
    uncovered: Case | None = None,
    notice: str = "",
) -> Response:
    shown = sitting.records.shown(assignment_id)
    case = sitting.records.case(assignment_id)
    form = service.shelf.find(case.form, case.version)
    return desk_page(
        request,
        sitting,
        "desk/person.html",
        active="roster",
        region=case.region,
        place_address=f"/desk/roster?campaign={quote(case.campaign_id)}&region=",
        code=403 if notice else 200,
        case=case,
        shown=shown,
        outcome=form.outcome(shown.outcome),
        visits=Visits(service.database, sitting.records).of(assignment_id),
        uncovered=uncovered_words(uncovered) if uncovered else {},
        notice=notice,
        today=datetime.now(HERE).date(),
        here=HERE,
        **_words(),
    )


def uncovered_words(case: Case) -> dict[str, str]:
    """Return a person's name and numbers by what they are called on screens."""
    known = {
        "姓名": case.name,
        "残疾人证号": case.certificate,
        "联系电话": case.telephone,
        "监护人": case.particulars.get("guardian_name", ""),
        "监护人电话": case.particulars.get("guardian_telephone", ""),
        "备注": case.note,
    }
    return {label: value for label, value in known.items() if value}


def _taking_routes(router: APIRouter, service: Service) -> None:
    @router.get("/names", response_class=HTMLResponse)
    def approvals(request: Request, sitting: Taking) -> Response:
        return _approvals_page(service, request, sitting)

    @router.post("/names", response_class=HTMLResponse)
    def ask(
        request: Request,
        sitting: Taking,
        campaign: Annotated[str, Form(max_length=80)],
        region: Annotated[str, Form(max_length=12)],
        reason: Reason,
    ) -> Response:
        uncovering = Uncovering(service.database, sitting.records)
        try:
            uncovering.ask(campaign, region, reason.strip(), at=datetime.now(UTC))
        except TooManyNamesError:
            notice = f"一次最多取 {MOST} 人，请按县或乡镇分开申请。"
            return _approvals_page(service, request, sitting, notice, 422)
        return RedirectResponse("/desk/roster/names", status_code=303)

    @router.post("/names/{approval_id}/decide", response_class=HTMLResponse)
    def decide(
        request: Request,
        sitting: Agreeing,
        approval_id: str,
        granted: Annotated[bool, Form()],
    ) -> Response:
        uncovering = Uncovering(service.database, sitting.records)
        try:
            uncovering.decide(approval_id, granted=granted, at=datetime.now(UTC))
        except ApprovalNeededError:
            notice = "自己申请的要由另一个人来批准。"
            return _approvals_page(service, request, sitting, notice, 403)
        return RedirectResponse("/desk/roster/names", status_code=303)

    @router.post("/names/{approval_id}/take")
    def take(request: Request, sitting: Taking, approval_id: str) -> Response:
        uncovering = Uncovering(service.database, sitting.records)
        try:
            people = uncovering.take(approval_id, at=datetime.now(UTC))
        except ApprovalNeededError:
            notice = "还没有另一个人批准，或批准已经用过、过期，或人数比批准的多了。"
            return _approvals_page(service, request, sitting, notice, 403)
        head = ("姓名", "残疾人证号", "区划代码", "联系电话", "状态")
        rows = (
            (one.name, one.certificate, one.region, one.telephone, STATUSES[one.status])
            for one in people
        )
        return csv_answer("names.csv", head, rows)


def _approvals_page(
    service: Service, request: Request, sitting: Sitting, notice: str = "", code: int = 200
) -> Response:
    asked = Uncovering(service.database, sitting.records).approvals()
    now = datetime.now(UTC)

    def may_take(one: Approval) -> bool:
        small = one.rows < MANY and one.used_at is None and one.granted is not False
        mine = (one.asked_by, one.kind) == (sitting.login, ROSTER)
        return mine and (small or one.holds(now))

    return desk_page(
        request,
        sitting,
        "desk/names.html",
        active="roster",
        code=code,
        notice=notice,
        asked=asked,
        may_take=may_take,
        many=MANY,
        campaigns=sitting.records.campaigns(),
        region_names=sitting.records.names({one.region for one in asked}),
        here=HERE,
    )


def _import_routes(router: APIRouter, service: Service) -> None:
    @router.get("/import", response_class=HTMLResponse)
    def form(request: Request, sitting: Listing) -> Response:
        return _import_page(service, request, sitting)

    @router.post("/import", response_class=HTMLResponse)
    def begin(
        request: Request,
        sitting: Listing,
        campaign: Annotated[str, Form(max_length=80)],
        file: Annotated[UploadFile, File()],
    ) -> Response:
        chosen = sitting.records.campaign(campaign)
        content = file.file.read()
        if not content or not file.filename:
            return _import_page(service, request, sitting, "请先选一个 .xlsx 或 .csv 文件。", 422)
        if chosen.status == "closed" and chosen.opened_at:
            return _import_page(
                service, request, sitting, "这个调查年度已经关闭，不再收底册。", 422
            )
        found = service.imports.begin(sitting.records, chosen, file.filename[:200], content)
        return RedirectResponse(f"/desk/roster/import/{found}", status_code=303)

    @router.get("/import/{import_id}", response_class=HTMLResponse)
    def one(request: Request, sitting: Listing, import_id: str) -> Response:
        found = RosterImports(service.database, sitting.records).get(import_id)
        if "application/json" in request.headers.get("accept", ""):
            far = service.imports.far(import_id)
            state = "refused" if _is_lost(found, far) else found.state
            return JSONResponse({"state": state, "far": far})
        return desk_page(
            request,
            sitting,
            "desk/import.html",
            active="roster",
            one=found,
            lost=_is_lost(found, service.imports.far(import_id)),
            far=service.imports.far(import_id),
            here=HERE,
        )

    @router.get("/import/{import_id}/rejected.csv")
    def rejected(sitting: Listing, import_id: str) -> Response:
        found = RosterImports(service.database, sitting.records).get(import_id)
        lines = _rejected(found)
        rows = ((str(one["row"]), one["column"], one["code"], one["message"]) for one in lines)
        return csv_answer("rejected.csv", ("行", "列", "代码", "原因"), rows)


def _is_lost(found: RosterImport, far: float | None) -> bool:
    """Whether an import has been running for so long that its process must have ended."""
    return found.state == "running" and far is None and datetime.now(UTC) - found.begun_at > _LOST


def _rejected(found: RosterImport) -> Sequence[dict[str, str]]:
    listed: Sequence[dict[str, str]] = (found.report or {}).get("rejected", ())
    return listed


def _import_page(
    service: Service, request: Request, sitting: Sitting, notice: str = "", code: int = 200
) -> Response:
    return desk_page(
        request,
        sitting,
        "desk/imports.html",
        active="roster",
        code=code,
        notice=notice,
        campaigns=[one for one in sitting.records.campaigns() if one.status == "open" or
                   one.opened_at is None],
        imports=RosterImports(service.database, sitting.records).latest(),
        is_lost=lambda one: _is_lost(one, service.imports.far(one.id)),
        here=HERE,
    )  # fmt: skip


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """Return a CSV file in which no cell runs in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _one_of(campaigns: Sequence[Campaign], name: str) -> Campaign:
    if not name:
        return campaigns[-1]
    found = [one for one in campaigns if one.id == name]
    if not found:
        raise NotFoundError("There is no such campaign; choose one from the list.")
    return found[0]
