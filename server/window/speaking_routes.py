"""The socket by which the clerk speaks instead of typing."""

from typing import Annotated

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool

from dialog.question import Question
from models.failure import NotFoundError
from server.desk.door import needs
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service
from server.telephone.socket import SocketTransport
from server.window.desk import WindowDesk
from server.window.dictation import Dictation
from server.window.routes import HOME, Assignment, window_desk
from telephony.hints import hints_of
from telephony.recogniser import Hints, Recogniser
from telephony.recognisers.absent import AbsentRecogniser

Serving = Annotated[Sitting, needs(Permission.WINDOW)]


def is_there(recogniser: Recogniser) -> bool:
    """Whether somebody hears."""
    return not isinstance(recogniser, AbsentRecogniser)


def speaking_routes(service: Service, recogniser: Recogniser) -> APIRouter:
    """Return the socket, at which ``recogniser`` hears."""
    router = APIRouter(prefix=HOME)
    desk = window_desk(service)

    @router.websocket("/{assignment_id}/ear")
    async def ear(socket: WebSocket, assignment_id: Assignment, sitting: Serving) -> None:
        transport = SocketTransport(socket)
        try:
            hints = await run_in_threadpool(_hints, desk, sitting, assignment_id)
        except NotFoundError:
            await transport.refuse()
            return
        await socket.accept()
        await Dictation(recogniser, hints).hear(transport)
        await transport.close()

    return router


def _hints(desk: WindowDesk, sitting: Sitting, assignment_id: str) -> Hints:
    """Return what may be said to the question that waits for somebody within the wall."""
    interview = desk.interview(sitting.records.case(assignment_id).assignment_id)
    return hints_of(Question.of_interview(interview) if interview else None)
