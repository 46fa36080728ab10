"""The clerk's pages: finding the person, leading the interview, the photograph."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from dialog.utterance import Utterance
from models.case import Case
from models.failure import KeyReusedError
from models.window import Photo, Window
from server.desk.door import needs
from server.desk.masking import masked_name, masked_number
from server.desk.page import Key, desk_page
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service
from server.window.desk import WindowDesk, utterance_of
from server.window.evidence import SpokenEvidence
from server.window.fault import Fault, WindowError
from server.window.finding import find, scanned_number, served
from server.window.paper import Paper
from server.window.picture import MOST_BYTES, photograph
from survey_engine.interview import Status

HOME = "/desk/window"
PHOTO = f"{HOME}/photo"
#: What a form with a photograph takes, in bytes.
PHOTO_LIMIT = MOST_BYTES + 64 * 1024
KEYS = (
    Key("1–9", "选这一项"),
    Key("w", "到输入框"),
    Key("s", "说话，再按一次说完"),
    Key("r", "再说一遍"),
    Key("x", "什么意思"),
    Key("u n", "不知道、不想说"),
    Key("b", "改一下"),
    Key("Enter", "可以选几项时：选好了"),
)
Serving = Annotated[Sitting, needs(Permission.WINDOW)]
Assignment = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class Sought(BaseModel):
    """Whom the clerk looks for: what was scanned or typed, or name and last four places."""

    number: str = Field("", max_length=400)
    name: str = Field("", max_length=60)
    last4: str = Field("", max_length=4)


class Said(BaseModel):
    """What a page of the guided chat sends; ``turn`` and ``target`` say which page it was."""

    begin: str = ""
    turn: int = Field(0, ge=0, le=1_000_000)
    target: str = Field("", max_length=80)
    words: str = Field("", max_length=1_000)
    tapped: str = Field("", max_length=200)
    choice: list[str] = Field(default_factory=list, max_length=40)

    def utterance(self, assignment_id: str, at: datetime) -> Utterance:
        """Return it as the conversation takes it; a tap outweighs words left in the field."""
        tapped = self.tapped or " ".join(self.choice)
        return Utterance(
            id=utterance_of(assignment_id, self.turn),
            at=at,
            words="" if tapped else self.words.strip(),
            tapped=tapped,
            target=self.target,
        )


class SentPhoto(BaseModel):
    """A photograph with whose consent it is kept, or the wish to have it deleted."""

    assignment_id: str = Field(pattern="^[0-9a-f]{32}$")
    photo: UploadFile | None = None
    agreed: str = Field("", max_length=5)
    remove: str = Field("", max_length=1)


def window_desk(service: Service) -> WindowDesk:
    """Return the guided chat of ``service``."""
    return WindowDesk(
        service.store,
        service.chat.talk,
        service.shelf.find,
        service.conversation,
        service.contacts,
    )


def evidence_of(service: Service) -> SpokenEvidence:
    """Return what keeps the sound that is heard at the counter."""
    return SpokenEvidence(service.database, window_desk(service))


def window_routes(service: Service, *, hears: bool = False) -> APIRouter:
    """Return the clerk's routes below ``/desk/window``; ``hears`` offers to speak there."""
    router = APIRouter(prefix=HOME)
    pages = Pages(service, hears=hears)

    @router.get("", response_class=HTMLResponse)
    def start(request: Request, sitting: Serving) -> Response:
        return pages.start(request, sitting)

    @router.post("", response_class=HTMLResponse)
    def search(request: Request, sought: Annotated[Sought, Form()], sitting: Serving) -> Response:
        return pages.search(request, sitting, sought)

    @router.post("/done")
    def done(sitting: Serving) -> Response:
        pages.done(sitting)
        return RedirectResponse(HOME, status_code=303)

    @router.post("/photo", response_class=HTMLResponse)
    def keep_photo(
        request: Request, sitting: Serving, sent: Annotated[SentPhoto, Form()]
    ) -> Response:
        return pages.photo(request, sitting, sent)

    @router.get("/{assignment_id}", response_class=HTMLResponse)
    def person(request: Request, assignment_id: Assignment, sitting: Serving) -> Response:
        case = sitting.records.case(assignment_id)
        Window(service.database).seat(sitting.login, assignment_id, _now())
        return pages.person(request, sitting, case)

    @router.post("/{assignment_id}", response_class=HTMLResponse)
    def take(
        request: Request, assignment_id: Assignment, said: Annotated[Said, Form()], sitting: Serving
    ) -> Response:
        return pages.take(request, sitting, sitting.records.case(assignment_id), said)

    @router.get("/{assignment_id}/photo")
    def picture(assignment_id: Assignment, sitting: Serving) -> Response:
        sitting.records.case(assignment_id)
        return Response(Window(service.database).image(assignment_id), media_type="image/jpeg")

    return router


class Pages:
    """Makes the clerk's pages."""

    def __init__(self, service: Service, *, hears: bool = False) -> None:
        self._service, self._hears = service, hears
        self._desk = window_desk(service)
        self._window = Window(service.database)
        self._evidence = evidence_of(service)

    def done(self, sitting: Sitting) -> None:
        """The visit is over; what was said to a question that is still open is not kept."""
        served = self._window.served(sitting.login)
        if served is not None:
            self._evidence.forget_unanswered(served)
        self._window.free(sitting.login)

    def start(
        self,
        request: Request,
        sitting: Sitting,
        *,
        notice: str = "",
        found: tuple[Case, ...] = (),
        code: int = 200,
    ) -> Response:
        """The page on which somebody is looked for."""
        return desk_page(
            request,
            sitting,
            "desk/window.html",
            active="window",
            code=code,
            notice=notice,
            found=found,
            served=served(self._window, sitting.records),
            masked_name=masked_name,
            masked_number=masked_number,
            place_of=lambda case: sitting.records.path(case.region)[-1],
        )

    def search(self, request: Request, sitting: Sitting, sought: Sought) -> Response:
        """Look somebody up; one who is found alone is served at once."""
        number = scanned_number(sought.number)
        if not number and not (sought.name.strip() and sought.last4.strip()):
            fault = Fault.NOT_FOUND if sought.number.strip() else Fault.NUMBER_NEEDED
            return self._not_found(request, sitting, fault, 422)
        found = find(sitting.records, number=number, name=sought.name, last4=sought.last4.strip())
        if not found:
            return self._not_found(request, sitting, Fault.NOT_FOUND, 404)
        if len(found) == 1:
            return RedirectResponse(f"{HOME}/{found[0].assignment_id}", status_code=303)
        return self.start(request, sitting, found=found)

    def _not_found(self, request: Request, sitting: Sitting, fault: Fault, code: int) -> Response:
        return self.start(request, sitting, notice=str(WindowError(fault)), code=code)

    def person(
        self, request: Request, sitting: Sitting, case: Case, *, notice: str = "", code: int = 200
    ) -> Response:
        """The guided chat of one person."""
        view = self._desk.view(case.assignment_id)
        interview = self._desk.interview(case.assignment_id)
        signed = self._window.signed(case.assignment_id)
        return desk_page(
            request,
            sitting,
            "desk/window_person.html",
            active="window",
            region=case.region,
            keys=KEYS,
            code=code,
            notice=notice,
            case=case,
            name=masked_name(case.name),
            number=masked_number(case.certificate),
            facts=case.facts(),
            view=view,
            version=view.version(case.assignment_id),
            paper=Paper.of(case, interview) if interview else None,
            finished=view.status == Status.COMPLETED,
            signed=signed,
            photo=self._window.photo(case.assignment_id),
            hears=self._hears,
            sound=self._evidence.agreed(case.assignment_id),
        )

    def take(self, request: Request, sitting: Sitting, case: Case, said: Said) -> Response:
        """Take what the clerk typed or tapped and show the next question."""
        now, assignment_id = _now(), case.assignment_id
        try:
            if said.begin:
                self._desk.begin(assignment_id, said.turn, sitting.login, now)
            else:
                self._desk.take(assignment_id, said.turn, said.utterance(assignment_id, now))
        except KeyReusedError:
            return self.person(
                request, sitting, case, notice=str(WindowError(Fault.ALREADY)), code=409
            )
        return RedirectResponse(f"{HOME}/{assignment_id}#now", status_code=303)

    def photo(self, request: Request, sitting: Sitting, sent: SentPhoto) -> Response:
        """Keep or delete the photograph."""
        case, now = sitting.records.case(sent.assignment_id), _now()
        try:
            if sent.remove:
                self._window.delete_photo(case.assignment_id, by=sitting.login, at=now)
            else:
                raw = sent.photo.file.read() if sent.photo else b""
                self._keep_photo(case.assignment_id, sitting.login, raw, sent.agreed, now)
        except WindowError as error:
            code = 413 if error.fault is Fault.PHOTO_TOO_LARGE else 422
            return self.person(request, sitting, case, notice=str(error), code=code)
        return RedirectResponse(f"{HOME}/{case.assignment_id}#photo", status_code=303)

    def _keep_photo(
        self, assignment_id: str, login: str, raw: bytes, agreed: str, now: datetime
    ) -> None:
        if agreed not in ("self", "proxy"):
            raise WindowError(Fault.NO_CONSENT)
        photo = Photo(
            id=self._service.database.new_id(),
            assignment_id=assignment_id,
            agreed_by=agreed,
            taken_by=login,
            at=now,
        )
        self._window.keep_photo(photo, photograph(raw))


def _now() -> datetime:
    return datetime.now(UTC)
