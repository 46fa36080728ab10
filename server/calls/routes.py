"""The callers' routes: the next case, the call, the interview item by item, the outcome."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from models.call_places import CallPlaces
from server.calls.between import HOME, BetweenCalls
from server.calls.bridge_desk import BridgeDesk
from server.calls.case_pages import CasePages
from server.calls.desk import CallsDesk
from server.calls.hand_desk import HandDesk
from server.calls.live_routes import add_live_routes
from server.calls.sent import Act, Booked, Ended, Entered, Linked, Readiness
from server.desk.door import needs
from server.desk.note import Written
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.inviting import Inviter
from server.service import Service
from server.telephone.exchange import Exchange
from server.telephone.ready import carrier_of

Calling = Annotated[Sitting, needs(Permission.CALL)]
Idly = Annotated[Sitting, needs(Permission.CALL, idle=True)]
Assignment = Annotated[str, Path(max_length=200)]


def calls_desk(service: Service) -> CallsDesk:
    """Return the desk of ``service``."""
    reviews = service.reviews
    return CallsDesk(
        service.database,
        service.store,
        service.shelf.find,
        service.conversation,
        service.contacts,
        reviews.reader,
        reviews.office,
        Inviter.of(service, carrier_of(service.settings)),
        CallPlaces(service.database),
    )


def calls_routes(service: Service, exchange: Exchange) -> APIRouter:
    """Return the routes below ``/desk/calls``."""
    router = APIRouter(prefix=HOME)
    desk = calls_desk(service)
    bridge = BridgeDesk(desk, exchange.bridging)
    hands = HandDesk(bridge, exchange)
    between = BetweenCalls(desk, bridge, hands)
    pages = CasePages(service, desk, bridge, hands, between)

    @router.get("", response_class=HTMLResponse)
    def start(
        request: Request, sitting: Calling, done: Annotated[str, Query(max_length=40)] = ""
    ) -> Response:
        return between.start(request, sitting, done)

    @router.post("/next")
    def following(request: Request, sitting: Calling) -> Response:
        return between.following(request, sitting)

    _telephone_routes(router, between)
    add_live_routes(router, pages)

    @router.get("/{assignment_id}", response_class=HTMLResponse)
    def show(
        request: Request,
        assignment_id: Assignment,
        sitting: Calling,
        item: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        return pages.show(request, sitting, assignment_id, item=item)

    @router.post("/{assignment_id}", response_class=HTMLResponse)
    def act(
        request: Request, assignment_id: Assignment, sent: Annotated[Act, Form()], sitting: Calling
    ) -> Response:
        return pages.act(request, sitting, assignment_id, sent.act)

    _interview_routes(router, pages)
    return router


def _telephone_routes(router: APIRouter, between: BetweenCalls) -> None:
    @router.get("/telephone", response_class=HTMLResponse)
    def telephone(
        request: Request, sitting: Calling, done: Annotated[str, Query(max_length=3)] = ""
    ) -> Response:
        return between.telephone(request, sitting, done=bool(done))

    @router.post("/telephone", response_class=HTMLResponse)
    def keep_telephone(
        request: Request, sitting: Calling, telephone: Annotated[str, Form(max_length=260)] = ""
    ) -> Response:
        return between.keep_telephone(request, sitting, telephone)

    @router.post("/ready")
    def ready(request: Request, sent: Annotated[Readiness, Form()], sitting: Calling) -> Response:
        return between.ready(request, sitting, ready=sent.ready == "yes")

    @router.get("/offered")
    def offered(sitting: Idly) -> Response:
        return between.offered(sitting)

    @router.post("/hang-up")
    def hang_up(sitting: Calling) -> Response:
        return between.hang_up(sitting)


def _interview_routes(router: APIRouter, pages: CasePages) -> None:
    @router.post("/{assignment_id}/suggest", response_class=HTMLResponse)
    def suggest(
        request: Request,
        assignment_id: Assignment,
        sent: Annotated[Entered, Form()],
        sitting: Calling,
    ) -> Response:
        return pages.show(request, sitting, assignment_id, item=sent.item, words=sent.words)

    @router.post("/{assignment_id}/answer", response_class=HTMLResponse)
    def answer(
        request: Request,
        assignment_id: Assignment,
        sent: Annotated[Entered, Form()],
        sitting: Calling,
    ) -> Response:
        return pages.answer(request, sitting, assignment_id, sent)

    @router.post("/{assignment_id}/outcome", response_class=HTMLResponse)
    def outcome(
        request: Request,
        assignment_id: Assignment,
        sent: Annotated[Ended, Form()],
        sitting: Calling,
    ) -> Response:
        return pages.outcome(request, sitting, assignment_id, sent)

    @router.post("/{assignment_id}/appointment", response_class=HTMLResponse)
    def appointment(
        request: Request,
        assignment_id: Assignment,
        sent: Annotated[Booked, Form()],
        sitting: Calling,
    ) -> Response:
        return pages.appointment(request, sitting, assignment_id, sent)

    @router.post("/{assignment_id}/note", response_class=HTMLResponse)
    def note(
        assignment_id: Assignment,
        sent: Annotated[Written, Form()],
        sitting: Calling,
    ) -> Response:
        return pages.note(sitting, assignment_id, sent)

    @router.post("/{assignment_id}/link", response_class=HTMLResponse)
    def link(
        request: Request,
        assignment_id: Assignment,
        sitting: Calling,
        sent: Annotated[Linked, Form()],
    ) -> Response:
        return pages.link(request, sitting, assignment_id, sent)
