"""One entry of the audit log, and how it is chained to the one before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert

from models.chain import AUDIT, Head, extend_chain, hold_chain, link_after
from models.columns import json_bytes
from models.keys import KeyService
from models.tables import AuditRow
from models.times import stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One act: who (a login, or the name of a part of the program) did what to which record.

    ``action`` is like ``export.answers``; ``object`` is an id, never a person's name or number;
    ``detail`` is sealed and may say more.
    """

    at: datetime
    actor: str
    action: str
    object: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


def add_audit(connection: Connection, keys: KeyService, entry: AuditEntry) -> None:
    """Add an entry within the caller's transaction, so that no act is kept without it."""
    head = hold_chain(connection, AUDIT)
    link = audit_link(keys, head.link, head.length + 1, entry)
    connection.execute(
        insert(AuditRow).values(
            seq=head.length + 1,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            object=entry.object,
            detail=dict(entry.detail),
            link=link,
        )
    )
    extend_chain(connection, AUDIT, Head(head.length + 1, link))


def audit_link(keys: KeyService, previous: bytes, seq: int, entry: AuditEntry) -> bytes:
    """Return the link that the entry at place ``seq`` must have after ``previous``."""
    words = (str(seq), stamp(entry.at), entry.actor, entry.action, entry.object)
    detail = json_bytes(dict(entry.detail))
    return link_after(keys, previous, (*(word.encode() for word in words), detail))
