"""Notes: what staff write down about an assignment; kept for ever, sealed."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.failure import DuplicateError
from models.tables import NoteRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note; ``id`` names the act of writing it, so that sending it twice keeps it once."""

    id: str
    assignment_id: str
    written_by: str
    words: str
    at: datetime


_FIELDS = tuple(Note.__dataclass_fields__)


class Notes:
    """The notes of all assignments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, note: Note) -> None:
        """Keep a note; the same one again changes nothing."""
        values = {name: getattr(note, name) for name in _FIELDS}
        entry = AuditEntry(
            at=note.at, actor=note.written_by, action="note.add", object=note.assignment_id
        )
        with suppress(DuplicateError), self._database.writing() as connection:
            if connection.scalar(select(NoteRow.id).where(NoteRow.id == note.id)) is None:
                connection.execute(insert(NoteRow).values(**values))
                add_audit(connection, self._database.keys, entry)

    def of(self, assignment_id: str) -> tuple[Note, ...]:
        """Return the notes about one assignment, newest first."""
        columns = [getattr(NoteRow, name) for name in _FIELDS]
        wanted = select(*columns).where(NoteRow.assignment_id == assignment_id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(NoteRow.at.desc())).mappings().all()
        return tuple(Note(**row) for row in rows)
