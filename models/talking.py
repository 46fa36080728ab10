"""How people talk on the telephone, so that nobody has to teach the machine twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from models.database import Database
from models.tables import AssignmentRow, TalkingRow


@dataclass(frozen=True, slots=True)
class Talking:
    """``pause``: seconds that the person pauses within an answer; ``rate``: how fast to speak."""

    pause: float
    rate: float


class TalkingBook:
    """What was learned of everybody's way of talking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, assignment_id: str) -> Talking | None:
        """Return what is known of the person of an assignment, or None."""
        wanted = (
            select(TalkingRow.pause, TalkingRow.rate)
            .join(AssignmentRow, AssignmentRow.person_id == TalkingRow.person_id)
            .where(AssignmentRow.id == assignment_id)
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).one_or_none()
        return Talking(found.pause, found.rate) if found else None

    def keep(self, assignment_id: str, talking: Talking, at: datetime) -> None:
        """Keep what a call has shown; an assignment without a person has nothing to keep."""
        whose = select(AssignmentRow.person_id).where(AssignmentRow.id == assignment_id)
        with self._database.writing() as connection:
            person = connection.scalar(whose)
            if person is None:
                return
            connection.execute(delete(TalkingRow).where(TalkingRow.person_id == person))
            connection.execute(
                insert(TalkingRow).values(
                    person_id=person, pause=talking.pause, rate=talking.rate, updated_at=at
                )
            )
