"""Campaigns at the supervisor's desk: created, opened, held to something, closed."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from models.campaign import Campaign, Campaigns
from models.demand import REACHED, VERIFIED, Demands, Stage
from models.failure import TakenNameError
from server.commands.campaign import kept_form
from server.desk.door import needs
from server.desk.page import desk_page
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.forms.library import find_form
from server.service import Service

Leading = Annotated[Sitting, needs(Permission.CAMPAIGN)]
FORMS = {"person": "残疾人登记表", "community": "村（社区）登记表"}
_HOURS = re.compile(r"(\d\d:\d\d-\d\d:\d\d)(,\d\d:\d\d-\d\d:\d\d)*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_STAGES = 4


class Drafted(BaseModel):
    """The form of a campaign and of what it is held to."""

    name: str = Field("", max_length=40)
    form: str = Field("person", max_length=20)
    region: str = Field("", max_length=12)
    reference_day: date | None = None
    opens_on: date | str = ""
    closes_on: date | str = ""
    call_hours: str = Field("09:00-12:00,14:00-20:00", max_length=80)
    home_rate: str = Field("", max_length=3)
    met_counts: bool = False
    stage: list[str] = Field(default_factory=list, max_length=_STAGES)
    until: list[str] = Field(default_factory=list, max_length=_STAGES)
    about: list[str] = Field(default_factory=list, max_length=_STAGES)

    def demands(self) -> Demands:
        """Return what is demanded. Raises ``ValueError`` with a sentence."""
        rows = zip(self.stage, self.until, self.about, strict=False)
        stages = tuple(_stage(*row) for row in rows if row[0].strip() or row[1])
        return Demands(
            home_rate=_percent(self.home_rate), met_counts=self.met_counts, stages=stages
        )


def campaign_routes(service: Service) -> APIRouter:
    """Return the routes below ``/desk/campaigns``."""
    router = APIRouter(prefix="/desk/campaigns")

    @router.get("", response_class=HTMLResponse)
    def listed(request: Request, sitting: Leading) -> Response:
        return _page(request, sitting)

    @router.post("", response_class=HTMLResponse)
    def create(request: Request, sitting: Leading, sent: Annotated[Drafted, Form()]) -> Response:
        region = sitting.records.region(sent.region).code
        try:
            campaign = _drafted(service, sent, region)
            now = datetime.now(UTC)
            Campaigns(service.database).create(campaign, by=sitting.login, at=now)
        except (ValueError, TakenNameError) as error:
            taken = isinstance(error, TakenNameError)
            sentence = "这个代号已经用过了，请换一个。" if taken else str(error)
            return _page(request, sitting, sentence, sent, 422)
        return RedirectResponse(f"/desk/campaigns/{campaign.id}", status_code=303)

    @router.get("/{name}", response_class=HTMLResponse)
    def one(request: Request, sitting: Leading, name: str) -> Response:
        return _one_page(request, sitting, name)

    @router.post("/{name}/demands", response_class=HTMLResponse)
    def demand(
        request: Request, sitting: Leading, name: str, sent: Annotated[Drafted, Form()]
    ) -> Response:
        mine = _led(sitting, name)
        try:
            demands = sent.demands()
        except ValueError as error:
            return _one_page(request, sitting, name, str(error), 422)
        now = datetime.now(UTC)
        Campaigns(service.database).demand(mine.id, demands, by=sitting.login, at=now)
        return RedirectResponse(f"/desk/campaigns/{mine.id}", status_code=303)

    @router.post("/{name}/{act}", response_class=HTMLResponse)
    def act(
        sitting: Leading, name: str, act: Annotated[str, Path(pattern="^(open|close)$")]
    ) -> Response:
        mine, now = _led(sitting, name), datetime.now(UTC)
        campaigns = Campaigns(service.database)
        doing = campaigns.open if act == "open" else campaigns.close
        doing(mine.id, by=sitting.login, at=now)
        return RedirectResponse(f"/desk/campaigns/{mine.id}", status_code=303)

    return router


def _led(sitting: Sitting, name: str) -> Campaign:
    """Return a campaign that this person leads: all of its region is theirs."""
    campaign = sitting.records.campaign(name)
    sitting.records.region(campaign.region)
    return campaign


def _drafted(service: Service, sent: Drafted, region: str) -> Campaign:
    if not _NAME.fullmatch(sent.name):
        raise ValueError("代号只用字母、数字、点和短横，最多 40 个，比如 990000-2026。")
    if sent.form not in FORMS or sent.reference_day is None:
        raise ValueError("请选一张表，并填调查时点。")
    if not _HOURS.fullmatch(sent.call_hours):
        raise ValueError("通话时间写成 09:00-12:00,14:00-20:00 这样。")
    opens, closes = _day(sent.opens_on), _day(sent.closes_on)
    if opens and closes and closes < opens:
        raise ValueError("结束日期在开始日期之前，请改过来。")
    form = kept_form(service, find_form(sent.form))
    service.shelf.keep(form)
    fielded = form.official.may_be_fielded(datetime.now(UTC).date())
    return Campaign(
        id=sent.name,
        form=form.form,
        version=form.version,
        reference_day=sent.reference_day,
        region=region,
        opens_on=opens,
        closes_on=closes,
        call_hours=sent.call_hours,
        legal_basis="consent" if fielded else "trial",
        status="closed",
        demands=sent.demands(),
    )


def _stage(name: str, until: str, about: str) -> Stage:
    day = _day(until)
    if not name.strip() or day is None or about not in (REACHED, VERIFIED):
        raise ValueError("每个阶段都要有名称和最后一天。")
    return Stage(name=name.strip()[:20], until=day, about=about)


def _percent(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > 100:
        raise ValueError("入户率填 0 到 100 的整数。")
    return int(text)


def _day(written: date | str) -> date | None:
    if isinstance(written, date) or not written:
        return written or None
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise ValueError("日期写成 2026-09-30 这样。") from error


def _page(
    request: Request,
    sitting: Sitting,
    sentence: str = "",
    sent: Drafted | None = None,
    code: int = 200,
) -> Response:
    return desk_page(
        request,
        sitting,
        "desk/campaigns.html",
        active="progress",
        code=code,
        sentence=sentence,
        sent=sent or Drafted.model_validate({"region": sitting.viewer.region}),
        campaigns=sitting.records.campaigns(),
        region_names=sitting.records.names({one.region for one in sitting.records.campaigns()}),
        forms=FORMS,
    )


def _one_page(
    request: Request, sitting: Sitting, name: str, sentence: str = "", code: int = 200
) -> Response:
    campaign = sitting.records.campaign(name)
    leads = sitting.viewer.sees(campaign.region)
    spare = max(0, _STAGES - len(campaign.demands.stages))
    return desk_page(
        request,
        sitting,
        "desk/campaign.html",
        active="progress",
        code=code,
        sentence=sentence,
        campaign=campaign,
        leads=leads,
        spare=spare,
        forms=FORMS,
    )
