"""The socket by which is spoken instead of typed, and who agreed that the sound is kept."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, WebSocket
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from dialog.question import Question
from models.failure import NotFoundError
from models.sound_consent import SoundConsent
from server.desk.door import needs
from server.desk.permission import Permission
from server.desk.sitting import Sitting
from server.service import Service
from server.telephone.socket import SocketTransport
from server.window.dictation import Dictation
from server.window.evidence import SpokenEvidence
from server.window.routes import HOME, Assignment, evidence_of
from survey_engine.interview import Interview
from telephony.audio import AudioChunk
from telephony.hints import hints_of
from telephony.recogniser import Hints, Recogniser, Transcript
from telephony.recognisers.absent import AbsentRecogniser

Serving = Annotated[Sitting, needs(Permission.WINDOW)]


class Consent(BaseModel):
    """Who agrees that sound is kept, or the wish to keep no more."""

    agreed: Literal["self", "proxy", "withdraw"]


def is_there(recogniser: Recogniser) -> bool:
    """Whether somebody hears."""
    return not isinstance(recogniser, AbsentRecogniser)


def speaking_routes(service: Service, recogniser: Recogniser) -> APIRouter:
    """Return the socket, at which ``recogniser`` hears, and the consent to keep the sound."""
    router = APIRouter(prefix=HOME)
    evidence = evidence_of(service)

    @router.post("/{assignment_id}/sound")
    def consent(
        assignment_id: Assignment, given: Annotated[Consent, Form()], sitting: Serving
    ) -> Response:
        found, now = sitting.records.case(assignment_id).assignment_id, datetime.now(UTC)
        if given.agreed == "withdraw":
            evidence.withdraw(found, by=sitting.login, at=now)
        else:
            who = SoundConsent(
                assignment_id=found, agreed_by=given.agreed, asked_by=sitting.login, at=now
            )
            evidence.agree(who)
        return RedirectResponse(f"{HOME}/{found}#sound", status_code=303)

    @router.websocket("/{assignment_id}/ear")
    async def ear(socket: WebSocket, assignment_id: Assignment, sitting: Serving) -> None:
        transport = SocketTransport(socket)
        try:
            interview = await run_in_threadpool(_interview, evidence, sitting, assignment_id)
        except NotFoundError:
            await transport.refuse()
            return
        await socket.accept()

        async def keep(sound: AudioChunk, heard: Transcript) -> None:
            if interview is not None:
                taken = (assignment_id, interview.length, sound, heard, datetime.now(UTC))
                await run_in_threadpool(evidence.keep, *taken)

        await Dictation(recogniser, _hints(interview), keep).hear(transport)
        await transport.close()

    return router


def _interview(evidence: SpokenEvidence, sitting: Sitting, assignment_id: str) -> Interview | None:
    """Return the interview of somebody within the wall, if it has begun."""
    return evidence.desk.interview(sitting.records.case(assignment_id).assignment_id)


def _hints(interview: Interview | None) -> Hints:
    """Return what may be said to the question that waits."""
    return hints_of(Question.of_interview(interview) if interview else None)
