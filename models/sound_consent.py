"""Who agreed that the sound of what is said at the service window is kept.

The assignments that these methods are given were found behind the wall of whoever asks.
"""

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.failure import DuplicateError
from models.tables import ClipRow, SoundConsentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundConsent:
    """Who agreed (``self`` or ``proxy``), the login that asked them, and when."""

    assignment_id: str
    agreed_by: str
    asked_by: str
    at: datetime


class SoundConsents:
    """Keeps them; giving and withdrawing is in the audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, assignment_id: str) -> SoundConsent | None:
        """Return who agreed, or None as long as nobody has."""
        columns = [getattr(SoundConsentRow, name) for name in SoundConsent.__dataclass_fields__]
        wanted = select(*columns).where(SoundConsentRow.assignment_id == assignment_id)
        with self._database.reading() as connection:
            found = connection.execute(wanted).mappings().one_or_none()
        return None if found is None else SoundConsent(**found)

    def give(self, consent: SoundConsent) -> None:
        """Note that somebody agreed; the one who agreed first counts."""
        entry = AuditEntry(
            at=consent.at,
            actor=consent.asked_by,
            action="sound.agree",
            object=consent.assignment_id,
            detail={"by": consent.agreed_by},
        )
        with suppress(DuplicateError), self._database.writing() as connection:
            connection.execute(insert(SoundConsentRow).values(**asdict(consent)))
            add_audit(connection, self._database.keys, entry)

    def withdraw(self, assignment_id: str, utterances: str, *, by: str, at: datetime) -> None:
        """Delete the consent and the clips whose utterance begins with ``utterances``."""
        entry = AuditEntry(at=at, actor=by, action="sound.withdraw", object=assignment_id)
        mine = SoundConsentRow.assignment_id == assignment_id
        clips = ClipRow.utterance.startswith(utterances, autoescape=True)
        with self._database.writing() as connection:
            if connection.execute(delete(SoundConsentRow).where(mine)).rowcount:
                connection.execute(delete(ClipRow).where(clips))
                add_audit(connection, self._database.keys, entry)
