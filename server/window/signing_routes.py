"""Reading back and signing: both sign what is on the page; the print is kept with its digest."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from models.case import Case
from models.window import SignedForm, Window
from server.desk.door import needs
from server.desk.masking import masked_name
from server.desk.page import desk_page
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service
from server.window.fault import Fault, WindowError
from server.window.paper import Paper, sha256, sm3
from server.window.picture import drawn
from server.window.printed import CHINA, Printer, Signature, font_file
from server.window.routes import HOME, window_desk
from survey_engine.answer import SpeakerKind
from survey_engine.interview import Interview, Status

Serving = Annotated[Sitting, needs(Permission.WINDOW)]
Assignment = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class Signed(BaseModel):
    """What the page of signatures sends: what was read, and how each of the two signs."""

    content: str = Field(max_length=64)
    signer: str = Field(default="self", pattern="^(self|proxy)$")
    name: str = Field(default="", max_length=40)
    relation: str = Field(default="", max_length=20)
    way: str = Field(default="drawn", pattern="^(drawn|typed)$")
    drawing: str = Field(default="", max_length=28_000)
    clerk_way: str = Field(default="drawn", pattern="^(drawn|typed)$")
    clerk_drawing: str = Field(default="", max_length=28_000)

    def respondent(self, holder: str) -> Signature:
        """Return the signature of ``holder``, or of the proxy. Raises :class:`WindowError`.

        Who holds the certificate and draws need not type; typed, the name has to be theirs.
        """
        name, relation = self.name.strip(), self.relation.strip()
        if self.signer == "self" and self.way == "drawn":
            return Signature(holder, drawn(self.drawing))
        if not name:
            raise WindowError(Fault.NO_NAME)
        if self.signer == "self" and _same(name) != _same(holder):
            raise WindowError(Fault.OTHER_NAME)
        if self.signer == "proxy" and not relation:
            raise WindowError(Fault.NO_RELATION)
        image = drawn(self.drawing) if self.way == "drawn" else b""
        return Signature(name, image, relation if self.signer == "proxy" else "")

    def clerk(self, name: str) -> Signature:
        """Return the clerk's signature. Raises :class:`WindowError`."""
        return Signature(name, drawn(self.clerk_drawing) if self.clerk_way == "drawn" else b"")

    def ways(self) -> Mapping[str, str]:
        """Return what is kept of how they signed."""
        proxy = {}
        if self.signer == "proxy":
            proxy = {"name": self.name.strip(), "relation": self.relation.strip()}
        return {"way": self.way, "clerk_way": self.clerk_way, **proxy}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a signed form still stands: its print is as it was, and no answer has changed."""

    intact: bool
    current: bool


def signing_routes(service: Service) -> APIRouter:
    """Return the routes of signing and of the print."""
    router = APIRouter(prefix=HOME)
    pages = _Pages(service)

    @router.get("/{assignment_id}/sign", response_class=HTMLResponse)
    def show(request: Request, assignment_id: Assignment, sitting: Serving) -> Response:
        return pages.show(request, sitting, sitting.records.case(assignment_id))

    @router.post("/{assignment_id}/sign", response_class=HTMLResponse)
    def sign(
        request: Request,
        assignment_id: Assignment,
        signed: Annotated[Signed, Form()],
        sitting: Serving,
    ) -> Response:
        return pages.sign(request, sitting, sitting.records.case(assignment_id), signed)

    @router.get("/{assignment_id}/form.pdf")
    def printed(assignment_id: Assignment, sitting: Serving) -> Response:
        return pages.printed(sitting, sitting.records.case(assignment_id))

    return router


class _Pages:
    """Makes the pages of signing."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._desk = window_desk(service)
        self._window = Window(service.database)

    def show(
        self,
        request: Request,
        sitting: Sitting,
        case: Case,
        *,
        sent: Signed | None = None,
        notice: str = "",
        code: int = 200,
    ) -> Response:
        """What is to be signed, or what was."""
        interview = self._desk.interview(case.assignment_id)
        if interview is None or interview.status is not Status.COMPLETED:
            notice = notice or str(WindowError(Fault.NOT_FINISHED))
            code = 409
        paper = Paper.of(case, interview) if interview else None
        signed = self._window.signed(case.assignment_id)
        if paper is not None:
            self._window.read_out(case.assignment_id, by=sitting.login, at=datetime.now(UTC))
        return desk_page(
            request,
            sitting,
            "desk/window_sign.html",
            active="window",
            region=case.region,
            code=code,
            notice=notice,
            case=case,
            holder=masked_name(case.name),
            paper=paper,
            finished=bool(interview and interview.status is Status.COMPLETED),
            sent=sent or _first(interview),
            signed=signed,
            signed_at=f"{signed.at.astimezone(CHINA):%Y-%m-%d %H:%M}" if signed else "",
            standing=_standing(signed, paper) if signed and paper else None,
        )

    def sign(self, request: Request, sitting: Sitting, case: Case, signed: Signed) -> Response:
        """Take both signatures; nothing is kept unless all of it is right."""
        try:
            self._window.sign(self._form(sitting, case, signed))
        except WindowError as error:
            return self.show(request, sitting, case, sent=signed, notice=str(error), code=422)
        return RedirectResponse(f"{HOME}/{case.assignment_id}/sign#signed", status_code=303)

    def _form(self, sitting: Sitting, case: Case, signed: Signed) -> SignedForm:
        interview = self._desk.interview(case.assignment_id)
        if interview is None or interview.status is not Status.COMPLETED:
            raise WindowError(Fault.NOT_FINISHED)
        paper, at = Paper.of(case, interview), datetime.now(UTC)
        if signed.content != paper.content.hex():
            raise WindowError(Fault.STALE)
        settings = self._service.settings
        printer = Printer(font_file(settings.print_font), settings.organisation)
        clerk = signed.clerk(sitting.viewer.name)
        print_ = printer.print(
            paper, signed.respondent(case.name), clerk, at.replace(microsecond=0)
        )
        return SignedForm(
            id=self._service.database.new_id(),
            assignment_id=case.assignment_id,
            signer=signed.signer,
            signed_with=sitting.login,
            signatures=signed.ways(),
            content=paper.content,
            print=print_,
            sm3=sm3(print_),
            sha256=sha256(print_),
            at=at,
        )

    def printed(self, sitting: Sitting, case: Case) -> Response:
        """The print as it was signed."""
        form = self._window.signed(case.assignment_id)
        if form is None:
            return RedirectResponse(f"{HOME}/{case.assignment_id}/sign", status_code=303)
        self._window.printed(form, by=sitting.login, at=datetime.now(UTC))
        headers = {
            "content-disposition": f'inline; filename="form-{form.id[:8]}.pdf"',
            "x-content-sm3": form.sm3.hex(),
        }
        return Response(form.print, media_type="application/pdf", headers=headers)


def _first(interview: Interview | None) -> Signed:
    """The page as it opens: whoever answered last is taken for who signs."""
    speaker = interview.speaker if interview else None
    if speaker is not None and speaker.kind is SpeakerKind.PROXY:
        return Signed(content="", signer="proxy", relation=speaker.relation[:20])
    return Signed(content="")


def _same(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def _standing(signed: SignedForm, paper: Paper) -> Standing:
    same = sm3(signed.print) == signed.sm3 and sha256(signed.print) == signed.sha256
    return Standing(intact=same, current=signed.content == paper.content)
