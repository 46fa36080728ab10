"""The pages on which a caseworker decides flagged answers, one at a time and by keys."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from models.failure import NotFoundError, RecordsError
from models.review import Ruling
from models.ruling import GRACE, Given
from server.desk.door import needs
from server.desk.note import Written
from server.desk.page import Key, desk_page
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.review.filter import Wanted
from server.review.reasons import DONE, WHY
from server.service import Service
from server.templates import page

HOME = "/desk/review"
PART = "x-part"
KEYS = (
    Key("1–9", "取这个值，下一条"),
    Key("Enter", "认可建议的值"),
    Key("e", "另填一个值"),
    Key("a", "再问一次（只问没定的几项）"),
    Key("v", "请人上门核实"),
    Key("x", "无法确定"),
    Key("z", "撤回刚才的结论（十秒内）"),
    Key("空格 s l", "放录音、慢一点、响一点"),
    Key("n", "写备注"),
)
_SENTENCES = {
    "task-taken": "这一条正在由别人审核，或您打开得太久了，请重新打开。",
    "task-closed": "这一条已经有结论了，请看下一条。",
    "own-entry": "这是您自己录入或审过的，要由另一个人审。",
    "verdict-refused": "没有记上：这一项不能填这个值，请另选一个。",
    "ruling-over": "已经过了十秒，结论已生效，撤不回了。",
    "inbound-key-reused": "这一次提交用过了，请重新打开这一条。",
    "not-found": "没有找到这一条，请从列表里重新打开。",
}


class Filter(BaseModel):
    """The restrictions that an address carries."""

    item: str = Field("", max_length=40)
    reason: str = Field("", max_length=60)
    village: str = Field("", max_length=12, pattern=r"^(\d{12})?$")
    campaign: str = Field("", max_length=80)
    channel: str = Field("", max_length=20)
    age: str = Field("", max_length=4)
    words: str = Field("", max_length=200)
    after: str = Field("", max_length=160)

    def wanted(self) -> Wanted:
        """Return it as the desk takes it."""
        return Wanted(**{name: getattr(self, name) for name in Wanted.__dataclass_fields__})


class Decided(BaseModel):
    """What the form of a task sends: a row taken, or an act with what was typed or ticked."""

    key: str = Field(min_length=8, max_length=64, pattern=r"^[0-9a-zA-Z-]+$")
    act: str = Field("", max_length=20)
    take: str = Field("", max_length=1_000)
    value: str = Field("", max_length=1_000)
    choice: list[str] = Field(default_factory=list, max_length=60)
    reason: str = Field("", max_length=500)

    def ruling(self, by: str, at: datetime) -> Ruling:
        """Return it as the records take it."""
        decision = self.act if self.act in DONE and self.act != "confirm" else "change"
        value = self.take or " ".join(self.choice) or self.value.strip()
        return Ruling(
            decision=decision,
            by=by,
            reason=self.reason.strip() or WHY[decision],
            at=at,
            value=value if decision == "change" else "",
        )


class Undone(BaseModel):
    """Which ruling is to be undone."""

    key: str = Field(max_length=64)


Reviewing = Annotated[Sitting, needs(Permission.REVIEW)]
Filtered = Annotated[Filter, Query()]


def review_routes(service: Service) -> APIRouter:
    """Return the routes below ``/desk/review``."""
    router = APIRouter(prefix=HOME)
    pages = _Pages(service)

    @router.get("", response_class=HTMLResponse)
    def queue(request: Request, sitting: Reviewing, filtered: Filtered) -> Response:
        return pages.queue(request, sitting, filtered)

    @router.post("/undo", response_class=HTMLResponse)
    def undo(
        request: Request, undone: Annotated[Undone, Form()], sitting: Reviewing, filtered: Filtered
    ) -> Response:
        return pages.undo(request, sitting, filtered, undone.key)

    @router.get("/{task_id}", response_class=HTMLResponse)
    def task(request: Request, task_id: str, sitting: Reviewing, filtered: Filtered) -> Response:
        return pages.task(request, sitting, filtered, task_id)

    @router.post("/{task_id}", response_class=HTMLResponse)
    def decide(
        request: Request,
        task_id: str,
        decided: Annotated[Decided, Form()],
        sitting: Reviewing,
        filtered: Filtered,
    ) -> Response:
        return pages.decide(request, sitting, filtered, task_id, decided)

    @router.post("/{task_id}/note", response_class=HTMLResponse)
    def note(
        request: Request,
        task_id: str,
        written: Annotated[Written, Form()],
        sitting: Reviewing,
        filtered: Filtered,
    ) -> Response:
        return pages.note(request, sitting, filtered, task_id, written)

    return router


class _Pages:
    """Makes the answers to requests: a whole page, or the part of it that a script asked for."""

    def __init__(self, service: Service) -> None:
        self._desk = service.reviews

    def queue(self, request: Request, sitting: Sitting, filtered: Filter) -> Response:
        """The queue with the task that helps most."""
        now, wanted, unknown = _now(), filtered.wanted(), ""
        if filtered.words.strip():
            wanted, unknown = self._desk.narrowed(sitting.records, wanted, filtered.words, now)
            if not unknown:
                return RedirectResponse(f"{HOME}{wanted.query()}", status_code=303)
        notice = f"没看懂“{unknown}”，请换个词，或在下面选。" if unknown else ""
        task_id = self._desk.next(sitting.records, wanted, now)
        return self._page(request, sitting, filtered, wanted, task_id, notice=notice)

    def task(
        self,
        request: Request,
        sitting: Sitting,
        filtered: Filter,
        task_id: str,
        *,
        notice: str = "",
        code: int = 200,
    ) -> Response:
        """One task, in the page or by itself."""
        wanted = filtered.wanted()
        return self._page(request, sitting, filtered, wanted, task_id, notice=notice, code=code)

    def decide(
        self,
        request: Request,
        sitting: Sitting,
        filtered: Filter,
        task_id: str,
        decided: Decided,
    ) -> Response:
        """Rule, and show the next task."""
        now, wanted = _now(), filtered.wanted()
        try:
            given = self._desk.rule(
                sitting.records, task_id, decided.key, decided.ruling(sitting.login, now)
            )
        except NotFoundError:
            raise
        except RecordsError as error:
            return self.task(
                request, sitting, filtered, task_id, notice=_in_chinese(error), code=409
            )
        following = self._desk.next(sitting.records, wanted, now, task_id)
        if request.headers.get(PART) == "answer":
            return self._page(request, sitting, filtered, wanted, following, given=given)
        query = wanted.query(done=given.id)
        return RedirectResponse(
            f"{HOME}/{following}{query}" if following else f"{HOME}{query}", 303
        )

    def undo(self, request: Request, sitting: Sitting, filtered: Filter, key: str) -> Response:
        """Undo, and show the task again."""
        try:
            given = self._desk.undo(sitting.records, key, _now())
        except RecordsError as error:
            task_id = self._desk.task_of(sitting.records, key)
            return self.task(
                request, sitting, filtered, task_id, notice=_in_chinese(error), code=409
            )
        if request.headers.get(PART) == "answer":
            return self.task(request, sitting, filtered, given.task_id, notice="已撤回，请重新定。")
        return RedirectResponse(f"{HOME}/{given.task_id}{filtered.wanted().query()}", 303)

    def note(
        self, request: Request, sitting: Sitting, filtered: Filter, task_id: str, written: Written
    ) -> Response:
        """Keep a note and show the task with it."""
        words = written.words.strip()
        if words:
            self._desk.note(sitting.records, task_id, written.key, words, _now())
        if request.headers.get(PART) == "answer":
            return self.task(request, sitting, filtered, task_id)
        return RedirectResponse(f"{HOME}/{task_id}{filtered.wanted().query()}#notes", 303)

    def _page(
        self,
        request: Request,
        sitting: Sitting,
        filtered: Filter,
        wanted: Wanted,
        task_id: str,
        *,
        notice: str = "",
        code: int = 200,
        given: Given | None = None,
    ) -> Response:
        now = _now()
        given = given or self._just_given(request, sitting, now)
        view = self._desk.view(sitting.records, task_id, now) if task_id else None
        values = {
            "view": view,
            "line": self._desk.line(sitting.records, task_id, now) if task_id else None,
            "query": wanted.query(),
            "key": secrets.token_hex(16),
            "notice": notice or (view.notice if view else ""),
            "given": given,
            "given_words": self._desk.given_in_words(sitting.records, given) if given else "",
            "left": max(0, int((given.settles_at - now).total_seconds())) if given else 0,
            "grace": int(GRACE.total_seconds()),
        }
        if request.headers.get(PART) == "answer":
            csrf = sitting.csrf
            may_choose = sitting.may(Permission.QUALITY)
            return page(
                "desk/review_answer.html", code=code, csrf=csrf, may_choose=may_choose, **values
            )
        return desk_page(
            request,
            sitting,
            "desk/review.html",
            active="review",
            region=view.region if view else "",
            place_address="",
            keys=KEYS,
            code=code,
            queue=self._desk.queue(sitting.records, wanted, now, filtered.after),
            may_choose=sitting.may(Permission.QUALITY),
            typed=filtered.words,
            **values,
        )

    def _just_given(self, request: Request, sitting: Sitting, now: datetime) -> Given | None:
        """Without a script the ruling just given comes back in the address."""
        given = self._desk.rulings.get(request.query_params.get("done", "")[:64])
        mine = given is not None and given.given_by == sitting.login and not given.ending
        return given if given and mine and given.settles_at > now else None


def _now() -> datetime:
    return datetime.now(UTC)


def _in_chinese(error: RecordsError) -> str:
    return _SENTENCES.get(error.code, "没有记上，请刷新后再试。")
