"""People in WeChat: who is bound to whom, what they are asked, whether they may be written to.

An open id is bound to at most one person; a person may have several, as where a daughter and the
holder both follow the account.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from models.audit_entry import AuditEntry, add_audit
from models.database import Database
from models.failure import DuplicateError
from models.keys import KeyService
from models.tables import (
    AssignmentRow,
    CampaignRow,
    WechatContactRow,
    WechatTicketRow,
)

#: How long somebody may be written to after they wrote (客服消息).
WINDOW = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class WechatContact:
    """One account that follows ours."""

    key: bytes
    open_id: str
    person_id: str | None
    asked: str
    name: str | None
    follows: bool
    heard_at: datetime

    def may_be_written_to(self, now: datetime) -> bool:
        """Whether the 48-hour window is open and they have not left."""
        return self.follows and now - self.heard_at < WINDOW


_FIELDS = tuple(WechatContact.__dataclass_fields__)


class WechatContacts:
    """Finds and changes people in WeChat."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: bytes) -> WechatContact | None:
        """Return one contact, or None."""
        columns = [getattr(WechatContactRow, name) for name in _FIELDS]
        wanted = select(*columns).where(WechatContactRow.key == key)
        with self._database.reading() as connection:
            found = connection.execute(wanted).mappings().one_or_none()
        return None if found is None else WechatContact(**found)

    def to_write_to(self, assignment_id: str, now: datetime) -> WechatContact | None:
        """Return who may be written to about an assignment: of the person's, who wrote last."""
        row = WechatContactRow
        columns = [getattr(row, name) for name in _FIELDS]
        wanted = (
            select(*columns)
            .join(AssignmentRow, AssignmentRow.person_id == row.person_id)
            .where(AssignmentRow.id == assignment_id, row.follows)
            .order_by(row.heard_at.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).mappings().one_or_none()
        contact = None if found is None else WechatContact(**found)
        return contact if contact and contact.may_be_written_to(now) else None

    def ask(self, key: bytes, asked: str, name: str | None = None) -> None:
        """Note what a contact is being asked, and the name they gave."""
        self._change(key, asked=asked, name=name)

    def left(self, key: bytes) -> None:
        """Note that a contact no longer follows the account or wants nothing from it."""
        self._change(key, follows=False)

    def _change(self, key: bytes, **values: object) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(WechatContactRow).where(WechatContactRow.key == key).values(**values)
            )

    def assignment_of(self, person_id: str) -> str | None:
        """Return the person's assignment in the newest open campaign, or None."""
        wanted = (
            select(AssignmentRow.id)
            .join(CampaignRow, CampaignRow.id == AssignmentRow.campaign_id)
            .where(AssignmentRow.person_id == person_id, CampaignRow.status == "open")
            .order_by(CampaignRow.created_at.desc(), CampaignRow.id)
            .limit(1)
        )
        with self._database.reading() as connection:
            return connection.scalar(wanted)

    def bind(self, key: bytes, person_id: str, *, at: datetime) -> None:
        """Bind a contact to a person, as the answers to the questions allow."""
        self._bind(key, person_id, "questions", at)

    def bind_by_ticket(self, key: bytes, assignment_id: str, nonce: str, at: datetime) -> bool:
        """Bind a contact by a ticket; False if another account used it or nobody is behind it."""
        person = select(AssignmentRow.person_id).where(AssignmentRow.id == assignment_id)
        used = select(WechatTicketRow.contact).where(WechatTicketRow.nonce == nonce)
        with self._database.reading() as connection:
            person_id, user = connection.scalar(person), connection.scalar(used)
        if person_id is None or user not in (None, key):
            return False
        with suppress(DuplicateError):
            self._bind(key, person_id, "ticket", at, nonce if user is None else "")
            return True
        return self.bind_by_ticket(key, assignment_id, nonce, at)

    def _bind(self, key: bytes, person_id: str, how: str, at: datetime, nonce: str = "") -> None:
        row = WechatContactRow
        with self._database.writing() as connection:
            if nonce:
                connection.execute(insert(WechatTicketRow).values(nonce=nonce, contact=key, at=at))
            binding = update(row).where(row.key == key)
            connection.execute(
                binding.values(person_id=person_id, bound_by=how, asked="", name=None)
            )
            entry = AuditEntry(
                at=at, actor="wechat", action="wechat.bind", object=person_id, detail={"by": how}
            )
            add_audit(connection, self._database.keys, entry)

    def unbind(self, key: bytes, at: datetime) -> bool:
        """Undo a contact's binding; False if there was none."""
        row = WechatContactRow
        with self._database.writing() as connection:
            person_id = connection.scalar(select(row.person_id).where(row.key == key))
            if person_id is None:
                return False
            undoing = update(row).where(row.key == key)
            connection.execute(undoing.values(person_id=None, bound_by="", asked="", name=None))
            entry = AuditEntry(at=at, actor="wechat", action="wechat.unbind", object=person_id)
            add_audit(connection, self._database.keys, entry)
        return True


def contact_key(keys: KeyService, open_id: str) -> bytes:
    """Return what somebody in WeChat is known by."""
    return keys.index(f"wechat-open-id:{open_id}")
