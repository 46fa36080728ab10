"""The table of results at the supervisor's desk: seen by every supervisor, changed by few."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.campaign import Campaigns
from models.disposition import COMPLETED, Disposition
from models.disposition_book import CHANGEABLE, DispositionBook, DispositionChange
from models.failure import ConflictError, NotFoundError
from models.region import Region
from server.calls.result_table import (
    Codes,
    ResultError,
    ResultFault,
    SentResult,
    delay_parts,
    delay_words,
)
from server.desk.door import needs
from server.desk.page import desk_page
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service

HOME = "/desk/results"
Leading = Annotated[Sitting, needs(Permission.CAMPAIGN)]
Name = Annotated[str, Path(pattern="^[a-z_]{1,40}$")]
#: The smallest region whose supervisor may change what all callers go by: a county.
_LEVEL = 4
#: More changes than a table of two dozen rows ever sees.
_EVERY = 10_000
_FIELDS = {
    "label": "名称", "code": "结果代码", "aapor": "AAPOR", "delay": "间隔", "most": "次数",
    "final": "不再打",
}  # fmt: skip


def result_routes(service: Service) -> APIRouter:
    """Return the routes below ``/desk/results``."""
    router = APIRouter(prefix=HOME)
    pages = _Pages(service)

    @router.get("", response_class=HTMLResponse)
    def listed(request: Request, sitting: Leading) -> Response:
        return pages.listed(request, sitting)

    @router.get("/{name}", response_class=HTMLResponse)
    def one(request: Request, sitting: Leading, name: Name) -> Response:
        return pages.one(request, sitting, name)

    @router.post("/{name}", response_class=HTMLResponse)
    def change(
        request: Request, sitting: Leading, name: Name, sent: Annotated[SentResult, Form()]
    ) -> Response:
        return pages.change(request, sitting, name, sent)

    @router.post("/{name}/undo", response_class=HTMLResponse)
    def undo(
        request: Request, sitting: Leading, name: Name, number: Annotated[int, Form(ge=1)]
    ) -> Response:
        return pages.undo(request, sitting, name, number)

    return router


class _Pages:
    """Makes the pages."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._book = DispositionBook(service.database)

    def listed(self, request: Request, sitting: Sitting, notice: str = "") -> Response:
        """The whole table, and what was changed."""
        return desk_page(
            request,
            sitting,
            "desk/results.html",
            active="progress",
            code=409 if notice else 200,
            notice=notice,
            results=self._book.all(),
            completed=COMPLETED,
            delay_words=delay_words,
            history=[(one, _changed(one)) for one in self._book.history()],
            latest=_latest(self._book.history()),
            may_change=self._may_change(sitting),
        )

    def one(
        self,
        request: Request,
        sitting: Sitting,
        name: str,
        *,
        notice: str = "",
        sent: SentResult | None = None,
    ) -> Response:
        """One result and its form; ``sent`` is kept where it could not be taken."""
        found = self._found(name)
        shown = sent or _as_sent(found, self._seen(name))
        return desk_page(
            request,
            sitting,
            "desk/result.html",
            active="progress",
            code=422 if notice else 200,
            notice=notice,
            result=found,
            sent=shown,
            codes=self._codes(),
            may_change=self._may_change(sitting) and found.code != COMPLETED,
        )

    def change(self, request: Request, sitting: Sitting, name: str, sent: SentResult) -> Response:
        """Change a result; what is wrong is said, and what was entered stays."""
        try:
            now = self._allowed(sitting, name, sent.seen, ResultFault.CHANGED)
            self._keep(sitting, now, sent.wanted(now, self._codes()))
        except ResultError as error:
            kept = None if error.fault is ResultFault.CHANGED else sent
            return self.one(request, sitting, name, notice=str(error), sent=kept)
        return RedirectResponse(f"{HOME}#{name}", status_code=303)

    def undo(self, request: Request, sitting: Sitting, name: str, number: int) -> Response:
        """Take the last change of a result back."""
        try:
            now = self._allowed(sitting, name, number, ResultFault.NO_UNDO)
            last = next(one for one in self._book.history() if one.number == number)
            before = replace(now, **last.before)  # type: ignore[arg-type]
            self._keep(sitting, now, self._codes().checked(before))
        except ResultError as error:
            return self.listed(request, sitting, str(error))
        return RedirectResponse(f"{HOME}#history", status_code=303)

    def _keep(self, sitting: Sitting, now: Disposition, wanted: Disposition) -> None:
        try:
            self._book.change(now, wanted, by=sitting.login, at=datetime.now(UTC))
        except ConflictError as error:
            raise ResultError(ResultFault.CHANGED) from error

    def _allowed(
        self, sitting: Sitting, name: str, seen: int, otherwise: ResultFault
    ) -> Disposition:
        """Return a result whose last change is ``seen``, for somebody who may change it."""
        found = self._found(name)
        if not self._may_change(sitting):
            raise ResultError(ResultFault.NOT_YOURS)
        if seen != self._seen(name):
            raise ResultError(otherwise)
        return found

    def _found(self, name: str) -> Disposition:
        found = next((one for one in self._book.all() if one.name == name), None)
        if found is None:
            raise NotFoundError("There is no such result; look at the table anew.")
        return found

    def _seen(self, name: str) -> int:
        """Return the number of the last change of a result, 0 before the first."""
        return _latest(self._book.history(limit=_EVERY)).get(name, 0)

    def _may_change(self, sitting: Sitting) -> bool:
        """Whether the whole of what these results decide is this supervisor's."""
        viewer = sitting.viewer
        regions = {one.region for one in Campaigns(self._service.database).all()}
        return Region(viewer.region).level <= _LEVEL and all(map(viewer.sees, regions))

    def _codes(self) -> Codes:
        used = [one.aapor for one in self._book.all()]
        used += [str(one.before["aapor"]) for one in self._book.history(limit=_EVERY)]
        return Codes.of(self._service.shelf.every(), used)


def _latest(history: Sequence[DispositionChange]) -> dict[str, int]:
    """Return the number of the last change of each result."""
    return {one.name: one.number for one in reversed(history)}


def _as_sent(found: Disposition, seen: int) -> SentResult:
    amount, unit = delay_parts(found.delay)
    return SentResult(
        label=found.label,
        code=found.code,
        aapor=found.aapor,
        delay=str(amount),
        unit=unit,
        most=str(found.most),
        final=found.final,
        seen=seen,
    )


def _changed(one: DispositionChange) -> Sequence[tuple[str, str, str]]:
    """Return what a change changed: the field, before, and after, in words."""
    return [
        (_FIELDS[name], _words(name, one.before[name]), _words(name, one.after[name]))
        for name in CHANGEABLE
        if one.before[name] != one.after[name]
    ]


def _words(name: str, value: str | int | bool) -> str:
    if name == "delay":
        return delay_words(int(value))
    return {True: "是", False: "否"}[bool(value)] if name == "final" else str(value)
