"""The unit of work of a turn: all that follows from one message, once, or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select

from models.audit_entry import AuditEntry, add_audit
from models.case import Case, find_cases
from models.database import Database
from models.failure import (
    ConflictError,
    DuplicateError,
    KeyReusedError,
    NotFoundError,
    NotStartedError,
)
from models.inbound import Inbound, Reply, StoredInbound, add_inbound, find_inbound
from models.interview_store import BY_ASSIGNMENT, BY_ID, Forms, Held, load_interview
from models.outbox import Outgoing, add_outgoing
from models.tables import AssignmentRow
from models.turn_record import NOTHING, Turn, keep_turn
from survey_engine.event import Event
from survey_engine.interview import Interview

#: How often a turn is run again because somebody else wrote first.
TRIES = 50
T = TypeVar("T")
Also = Callable[[Connection, Turn], None]


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What the engine made of one turn, the reply, and what is to be sent besides."""

    interview: Interview
    events: Sequence[Event]
    reply: str = ""
    outbox: Sequence[Outgoing] = ()


class TurnStore:
    """Runs turns so that each message counts once, whoever sends it, how often and when."""

    def __init__(self, database: Database, forms: Forms) -> None:
        self._database = database
        self._forms = forms

    def start(
        self,
        assignment_id: str,
        opening: Callable[[Case], TurnResult],
        inbound: Inbound | None = None,
    ) -> Reply:
        """Start the interview of an assignment; if it was started before, nothing happens.

        Then the reply has ``repeated`` set, with the stored body if ``inbound`` is the message
        that started it, and else an empty one.
        """
        return self._repeatedly(lambda: self._try_start(assignment_id, opening, inbound))

    def take(self, inbound: Inbound, answer: Callable[[Interview], TurnResult]) -> Reply:
        """Run one turn: ``answer`` puts the message into the interview, and all is kept at once.

        ``answer`` may run several times if others write first, so it must have no effects. The
        same message again gives the stored reply and runs nothing. Raises
        :class:`models.failure.KeyReusedError` for the same key with another body,
        :class:`models.failure.NotStartedError` without an interview, and
        :class:`models.failure.ConflictError` if others are always faster.
        """
        return self._repeatedly(lambda: self._try_take(inbound, answer))

    def change(
        self,
        interview_id: str,
        work: Callable[[Interview], TurnResult],
        also: Also | None = None,
    ) -> Interview:
        """Run a turn that no message caused, such as a verdict; ``also`` joins its transaction."""
        return self._repeatedly(lambda: self._try_change(interview_id, work, also))

    def interview(self, assignment_id: str) -> Interview:
        """Return the interview of an assignment as it stands.

        Raises :class:`models.failure.NotStartedError` if it has none.
        """
        with self._database.reading() as connection:
            return self._load(connection, BY_ASSIGNMENT, assignment_id).interview

    def _repeatedly(self, work: Callable[[], T]) -> T:
        for _ in range(TRIES - 1):
            try:
                return work()
            except ConflictError:
                continue
        return work()

    def _try_take(self, inbound: Inbound, answer: Callable[[Interview], TurnResult]) -> Reply:
        with self._database.reading() as connection:
            stored = find_inbound(connection, inbound)
            if stored is None:
                held = self._load(connection, BY_ASSIGNMENT, inbound.assignment_id)
        if stored is not None:
            return self._repeat(stored, inbound)
        result = answer(held.interview)
        turn = Turn.of(held, result.interview, result.events, inbound.received_at)
        return self._keep(turn, result, inbound)

    def _try_start(
        self, assignment_id: str, opening: Callable[[Case], TurnResult], inbound: Inbound | None
    ) -> Reply:
        with self._database.reading() as connection:
            stored = find_inbound(connection, inbound) if inbound else None
            held = load_interview(connection, self._forms, BY_ASSIGNMENT, assignment_id)
            case = _case(connection, assignment_id)
        if stored is not None and inbound is not None:
            return self._repeat(stored, inbound)
        if held is not None:
            return Reply("", held.id, held.head.length, repeated=True)
        result = opening(case)
        return self._keep(self._opening(case, result), result, inbound)

    def _opening(self, case: Case, result: TurnResult) -> Turn:
        held = Held(
            id=self._database.new_id(),
            assignment_id=case.assignment_id,
            campaign_id=case.campaign_id,
            region=case.region,
            lock_version=0,
            head=NOTHING,
            interview=result.interview,
        )
        return Turn.opening(held, result.events, result.interview.at)

    def _try_change(
        self, interview_id: str, work: Callable[[Interview], TurnResult], also: Also | None
    ) -> Interview:
        with self._database.reading() as connection:
            held = self._load(connection, BY_ID, interview_id)
        result = work(held.interview)
        turn = Turn.of(held, result.interview, result.events, result.interview.at)
        self._keep(turn, result, None, also)
        return turn.course.interview

    def _keep(
        self, turn: Turn, result: TurnResult, inbound: Inbound | None, also: Also | None = None
    ) -> Reply:
        held = turn.held
        reply = Reply(result.reply, held.id, turn.course.interview.length)
        try:
            with self._database.writing() as connection:
                keep_turn(connection, self._database, turn)
                if inbound is not None:
                    add_inbound(connection, inbound, reply)
                messages, new_id = result.outbox, self._database.new_id
                add_outgoing(connection, held.assignment_id, messages, turn.at, new_id)
                if also is not None:
                    also(connection, turn)
        except DuplicateError as error:
            raise ConflictError(
                f"Interview {held.id}: another writer was first; read again and repeat."
            ) from error
        return reply

    def _repeat(self, stored: StoredInbound, inbound: Inbound) -> Reply:
        if stored.is_same(inbound):
            return stored.reply
        entry = AuditEntry(
            at=inbound.received_at,
            actor="inbound",
            action="inbound.key-reused",
            object=f"{inbound.channel}/{inbound.external_id}",
        )
        with self._database.writing() as connection:
            add_audit(connection, self._database.keys, entry)
        raise KeyReusedError(
            f"Message {inbound.channel}/{inbound.external_id} came before with another body;"
            " the first one stands, so send the new one under its own id."
        )

    def _load(self, connection: Connection, wanted: Select[*tuple[Any, ...]], name: str) -> Held:
        held = load_interview(connection, self._forms, wanted, name)
        if held is None:
            raise NotStartedError("The assignment has no interview yet; start it first.")
        return held


def _case(connection: Connection, assignment_id: str) -> Case:
    found = find_cases(connection, AssignmentRow.id == assignment_id)
    if not found:
        raise NotFoundError(f"There is no assignment {assignment_id}; import the roster first.")
    return found[0]


__all__ = ["Inbound", "Outgoing", "Reply", "TurnResult", "TurnStore"]
