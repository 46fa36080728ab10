"""Who called us and could not get through: it is told, and they are called back first."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, select, update

from models.attempt import Attempt, add_attempt
from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.failure import DuplicateError
from models.tables import AttemptRow, CallingRow
from models.tries import CALLS
from survey_engine.channel import Channel

#: A call that the line failed, by local and AAPOR code.
OUTCOME, AAPOR = "N15", "3.16"
_DAY = timedelta(days=1)


def is_missed(attempt: Attempt) -> bool:
    """Whether this is somebody's call that did not get through."""
    return attempt.incoming and (attempt.outcome, attempt.aapor) == (OUTCOME, AAPOR)


class MissedCalls:
    """Calls that met no free line or no voice, of people whom their number told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, assignment_id: str, external_id: str, at: datetime) -> bool:
        """Keep that somebody did not get through, once for each call of the carrier.

        The attempt is told in their history, and an appointment for now lets any caller call them
        back before everybody else; one that was promised stays, and a day has one at most, since
        anybody can show their number. False if nothing was kept: it had been told before, or
        somebody is speaking with them.
        """
        missed = Attempt(
            id=self._database.new_id(),
            assignment_id=assignment_id,
            number=1,
            channel=Channel.VOICE,
            started_at=at,
            external_id=external_id,
            ended_at=at,
            outcome=OUTCOME,
            aapor=AAPOR,
            incoming=True,
        )
        try:
            with self._database.writing() as connection:
                return self._noted(connection, missed)
        except DuplicateError:
            return False

    def _noted(self, connection: Connection, missed: Attempt) -> bool:
        mine = AttemptRow.assignment_id == missed.assignment_id
        speaking = (mine, AttemptRow.ended_at.is_(None), AttemptRow.channel.in_(CALLS))
        told = AttemptRow.external_id == missed.external_id
        if connection.scalar(select(exists().where(*speaking) | exists().where(mine, told))):
            return False
        lately = (
            mine,
            AttemptRow.incoming,
            AttemptRow.aapor == AAPOR,
            AttemptRow.started_at > missed.started_at - _DAY,
        )
        is_first = not connection.scalar(select(exists().where(*lately)))
        add_attempt(connection, missed)
        if is_first:
            _call_back(connection, missed)
        entry = AuditEntry(
            at=missed.started_at,
            actor="telephone",
            action="call.missed",
            object=missed.assignment_id,
        )
        add_audit(connection, self._database.keys, entry)
        return True

    def reached(self, assignment_id: str, at: datetime) -> None:
        """They got through by themselves: nobody in particular owes them a call any more."""
        owed = (
            CallingRow.assignment_id == assignment_id,
            CallingRow.appointment_at <= at,
            CallingRow.appointment_for == "",
        )
        nothing = {"appointment_at": None, "remind_at": None}
        with self._database.writing() as connection:
            connection.execute(update(CallingRow).where(*owed).values(**nothing))


def _call_back(connection: Connection, missed: Attempt) -> None:
    row = CallingRow
    free = update(row).where(
        row.assignment_id == missed.assignment_id, row.appointment_at.is_(None)
    )
    connection.execute(free.values(appointment_at=missed.started_at))
