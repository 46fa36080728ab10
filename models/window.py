"""What a service window keeps of one visit: the seat, photographs, and signed forms.

The assignments that these methods are given were found behind the wall of whoever asks.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.failure import DuplicateError, NotFoundError
from models.tables import InterviewRow, PhotoRow, SignedFormRow, WindowSeatRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photograph: who agreed to it (``self`` or ``proxy``), who took it, and when."""

    id: str
    assignment_id: str
    agreed_by: str
    taken_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedForm:
    """A form as it was signed; ``signatures`` say how each of the two signed."""

    id: str
    assignment_id: str
    signer: str
    signed_with: str
    signatures: Mapping[str, str]
    content: bytes
    print: bytes
    sm3: bytes
    sha256: bytes
    at: datetime


_PHOTO = tuple(Photo.__dataclass_fields__)
_FORM = tuple(SignedForm.__dataclass_fields__)


class Window:
    """Keeps it; what changes or shows something of a person is in the audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seat(self, login: str, assignment_id: str, at: datetime) -> None:
        """Note whom a clerk is serving."""
        values = {"assignment_id": assignment_id, "at": at}
        sitting = update(WindowSeatRow).where(WindowSeatRow.login == login).values(**values)
        with suppress(DuplicateError), self._database.writing() as connection:
            if not connection.execute(sitting).rowcount:
                connection.execute(insert(WindowSeatRow).values(login=login, **values))

    def free(self, login: str) -> None:
        """Note that a clerk is serving nobody."""
        with self._database.writing() as connection:
            connection.execute(delete(WindowSeatRow).where(WindowSeatRow.login == login))

    def served(self, login: str) -> str | None:
        """Return the assignment that a clerk is serving, or None."""
        wanted = select(WindowSeatRow.assignment_id).where(WindowSeatRow.login == login)
        with self._database.reading() as connection:
            return connection.scalar(wanted)

    def glimpse(self, login: str) -> tuple[str, str, int] | None:
        """Return whom a clerk is serving, and status and length of the interview, if there is one.

        It costs one look, by which a screen knows whether there is anything new to show.
        """
        seat, held = WindowSeatRow, InterviewRow
        wanted = (
            select(seat.assignment_id, held.status, held.length)
            .outerjoin(held, held.assignment_id == seat.assignment_id)
            .where(seat.login == login)
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).first()
        if found is None:
            return None
        return found.assignment_id, found.status or "", found.length or 0

    def keep_photo(self, photo: Photo, image: bytes) -> None:
        """Keep a photograph in place of an earlier one."""
        values = {name: getattr(photo, name) for name in _PHOTO}
        with self._database.writing() as connection:
            self._delete_photos(connection, photo.assignment_id)
            connection.execute(insert(PhotoRow).values(**values, image=image))
            self._note(connection, photo.at, photo.taken_by, "photo.keep", photo.id)

    def delete_photo(self, assignment_id: str, *, by: str, at: datetime) -> None:
        """Delete the photograph, as whoever agreed may want at any time."""
        with self._database.writing() as connection:
            if self._delete_photos(connection, assignment_id):
                self._note(connection, at, by, "photo.delete", assignment_id)

    @staticmethod
    def _delete_photos(connection: Connection, assignment_id: str) -> int:
        mine = PhotoRow.assignment_id == assignment_id
        return connection.execute(delete(PhotoRow).where(mine)).rowcount

    def photo(self, assignment_id: str) -> Photo | None:
        """Return what is known of the photograph of an assignment, or None."""
        columns = [getattr(PhotoRow, name) for name in _PHOTO]
        wanted = select(*columns).where(PhotoRow.assignment_id == assignment_id)
        with self._database.reading() as connection:
            found = connection.execute(wanted.limit(1)).mappings().one_or_none()
        return None if found is None else Photo(**found)

    def image(self, assignment_id: str) -> bytes:
        """Return the photograph itself. Raises :class:`models.failure.NotFoundError`."""
        wanted = select(PhotoRow.image).where(PhotoRow.assignment_id == assignment_id).limit(1)
        with self._database.reading() as connection:
            found = connection.scalar(wanted)
        if found is None:
            raise NotFoundError("There is no photograph; take one first.")
        return found

    def sign(self, form: SignedForm) -> None:
        """Keep a signed form; the digest of its print goes into the audit log's chain as well."""
        values = {name: getattr(form, name) for name in _FORM}
        detail = {"sm3": form.sm3.hex(), "content": form.content.hex()}
        with self._database.writing() as connection:
            connection.execute(insert(SignedFormRow).values(**values))
            self._note(connection, form.at, form.signed_with, "form.sign", form.id, detail)

    def signed(self, assignment_id: str) -> SignedForm | None:
        """Return the form of an assignment that was signed last, or None."""
        columns = [getattr(SignedFormRow, name) for name in _FORM]
        wanted = (
            select(*columns)
            .where(SignedFormRow.assignment_id == assignment_id)
            .order_by(SignedFormRow.at.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).mappings().one_or_none()
        return None if found is None else SignedForm(**found)

    def read_out(self, assignment_id: str, *, by: str, at: datetime) -> None:
        """Note that a whole form was opened to be read out and signed."""
        with self._database.writing() as connection:
            self._note(connection, at, by, "form.read", assignment_id)

    def printed(self, form: SignedForm, *, by: str, at: datetime) -> None:
        """Note that the print, which names the person, was taken."""
        with self._database.writing() as connection:
            self._note(connection, at, by, "form.print", form.id)

    def _note(
        self,
        connection: Connection,
        at: datetime,
        by: str,
        action: str,
        about: str,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        entry = AuditEntry(at=at, actor=by, action=action, object=about, detail=detail or {})
        add_audit(connection, self._database.keys, entry)
