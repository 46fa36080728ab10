"""Review tasks as rows: made from requests, ended by verdicts and by new answers."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from models.interview_store import Held
from models.projection import Ending, Request, share
from models.tables import ReviewTaskRow, VerdictRow
from models.task_place import Places


def add_tasks(
    connection: Connection, held: Held, requests: Sequence[Request], new_id: Callable[[], str]
) -> None:
    """Make a task of each request, with its place in the queue and who entered the answer."""
    if not requests:
        return
    places = Places(connection, held)
    connection.execute(
        insert(ReviewTaskRow),
        [{**_task(held, request, new_id()), **places.of(request)} for request in requests],
    )


def _task(held: Held, request: Request, task_id: str) -> dict[str, object]:
    return {
        "id": task_id,
        "interview_id": held.id,
        "event_seq": request.event_seq,
        "assignment_id": held.assignment_id,
        "campaign_id": held.campaign_id,
        "region": held.region,
        "item": request.item,
        "reason": request.reason,
        "value": request.value,
        "words": request.heard.words,
        "utterance": request.heard.utterance,
        "confidence": share(request.heard.confidence),
        "candidates": request.candidates,
        "status": "open",
        "created_at": request.at,
    }


def end_tasks(connection: Connection, interview_id: str, endings: Sequence[Ending]) -> None:
    """End the open tasks that each ending is about, with a verdict if somebody gave one."""
    for ending in endings:
        found = connection.execute(
            select(ReviewTaskRow.id, ReviewTaskRow.value).where(
                ReviewTaskRow.interview_id == interview_id,
                ReviewTaskRow.item == ending.item,
                ReviewTaskRow.status == "open",
                ReviewTaskRow.event_seq < ending.event_seq,
                *([ReviewTaskRow.reason == ending.why] if ending.why else []),
            )
        ).all()
        for task in found:
            _end(connection, task.id, task.value, ending)


def _end(connection: Connection, task_id: str, asked: str, ending: Ending) -> None:
    close_task(connection, task_id, "decided" if ending.given_by else "superseded", ending.at)
    if ending.given_by:
        connection.execute(
            insert(VerdictRow).values(
                task_id=task_id,
                given_by=ending.given_by,
                decision=_decision(asked, ending),
                value=ending.value,
                reason=ending.reason,
                event_seq=ending.event_seq,
                at=ending.at,
            )
        )


def _decision(asked: str, ending: Ending) -> str:
    confirmed = ending.value and ending.value in (asked, ending.value_before)
    return "confirmed" if confirmed and ending.decision == "changed" else ending.decision


def close_task(connection: Connection, task_id: str, status: str, at: datetime) -> bool:
    """Close one task, which goes on naming who held it; return whether it was open."""
    closed = connection.execute(
        update(ReviewTaskRow)
        .where(ReviewTaskRow.id == task_id, ReviewTaskRow.status == "open")
        .values(status=status, closed_at=at)
    )
    return closed.rowcount == 1
