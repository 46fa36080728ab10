"""The audit log, and the check that no event and no entry was changed, moved or lost."""

from sqlalchemy import select

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.tables import AuditRow
from models.verify import Break, verify


class AuditLog:
    """What was done, oldest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: AuditEntry) -> None:
        """Add an entry; if it cannot be kept, the act must not happen either."""
        with self._database.writing() as connection:
            add_audit(connection, self._database.keys, entry)

    def entries(self, *, after: int = 0, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return up to ``limit`` entries behind place ``after``."""
        columns = (AuditRow.at, AuditRow.actor, AuditRow.action, AuditRow.object, AuditRow.detail)
        wanted = select(*columns).where(AuditRow.seq > after).order_by(AuditRow.seq).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple(AuditEntry(**row) for row in rows)


__all__ = ["AuditEntry", "AuditLog", "Break", "add_audit", "verify"]
