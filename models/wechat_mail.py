"""Messages from WeChat: each taken in once, each answered once, none lost on the way."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from models.database import Database
from models.failure import DuplicateError
from models.keys import KeyService
from models.outbox import LEASE, Outgoing, add_outgoing
from models.tables import WechatContactRow, WechatMessageRow, WechatNonceRow
from models.wechat_contact import contact_key

#: How long used nonces and answered messages are remembered.
NONCES_KEPT, MESSAGES_KEPT = timedelta(minutes=30), timedelta(days=3)
#: How often a message is worked on before it is given up.
TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message: ``name`` is its own for ever, ``once`` is what its request may use once.

    ``later`` leaves it to the service, not to the request.
    """

    open_id: str
    name: str
    content: str
    once: str
    received_at: datetime
    later: bool = False


class Admission(StrEnum):
    """What became of a letter at the door."""

    NEW = "new"
    KNOWN = "known"  #: it came before; what it was answered with is given again
    REPLAYED = "replayed"  #: its nonce was used for another message
    CHANGED = "changed"  #: another message had its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A letter that nobody answers any more, claimed to be answered by the service itself."""

    key: bytes
    contact: bytes
    open_id: str
    content: str
    received_at: datetime
    tries: int


class WechatMail:
    """Keeps the letters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def keys(self) -> KeyService:
        """The keys by which people and letters are known."""
        return self._database.keys

    def key_of(self, letter: Letter) -> bytes:
        """Return what the letter is known by."""
        return self._database.keys.index(f"wechat-message:{letter.name}")

    def admit(self, letters: Sequence[Letter]) -> tuple[Admission, ...]:
        """Take letters in, all in one transaction, each judged after those before it."""
        while True:
            with suppress(DuplicateError), self._database.writing() as connection:
                return tuple(self._admit(connection, letter) for letter in letters)
            # another process was first with one of them; now it is known

    def _admit(self, connection: Connection, letter: Letter) -> Admission:
        keys, row = self._database.keys, WechatMessageRow
        key, fingerprint = self.key_of(letter), _fingerprint(keys, letter)
        known = connection.scalar(select(row.fingerprint).where(row.key == key))
        if not _may_use(connection, keys.index(f"wechat-nonce:{letter.once}"), key, letter):
            return Admission.REPLAYED
        if known is not None:
            return Admission.KNOWN if known == fingerprint else Admission.CHANGED
        contact = contact_key(keys, letter.open_id)
        _heard(connection, contact, letter)
        lease = timedelta() if letter.later else LEASE
        connection.execute(
            insert(row).values(
                key=key,
                contact=contact,
                fingerprint=fingerprint,
                content=letter.content,
                tries=1,
                taken_until=letter.received_at + lease,
                received_at=letter.received_at,
            )
        )
        return Admission.NEW

    def reply_to(self, key: bytes) -> str | None:
        """Return what a letter was answered with, None as long as it was not."""
        wanted = select(WechatMessageRow.reply).where(WechatMessageRow.key == key)
        with self._database.reading() as connection:
            return connection.scalar(wanted)

    def answer(
        self,
        key: bytes,
        reply: str,
        assignment_id: str | None,
        outgoing: Sequence[Outgoing],
        at: datetime,
    ) -> bool:
        """Keep the reply to a letter, and what has to be sent of it; False if it has one already.

        ``outgoing`` goes into the outbox if it is about an assignment.
        """
        row = WechatMessageRow
        open_one = update(row).where(row.key == key, row.reply.is_(None))
        with self._database.writing() as connection:
            if not connection.execute(open_one.values(reply=reply)).rowcount:
                return False
            if assignment_id is not None:
                add_outgoing(connection, assignment_id, outgoing, at, self._database.new_id)
        return True

    def claim(self, now: datetime, limit: int = 8) -> tuple[Waiting, ...]:
        """Claim letters whose time is up without a reply, each for one claimant."""
        row = WechatMessageRow
        due = (row.reply.is_(None), row.taken_until <= now)
        wanted = select(row.key).where(*due).order_by(row.taken_until).limit(limit)
        with self._database.writing() as connection:
            keys = list(connection.scalars(wanted.with_for_update(skip_locked=True)))
            if not keys:
                return ()
            taking = update(row).where(row.key.in_(keys))
            connection.execute(taking.values(taken_until=now + LEASE, tries=row.tries + 1))
            return _waiting(connection, keys)

    def forget(self, now: datetime) -> None:
        """Delete nonces and answered letters that cannot come again."""
        old = (WechatMessageRow.received_at < now - MESSAGES_KEPT,)
        answered = (*old, WechatMessageRow.reply.is_not(None))
        with self._database.writing() as connection:
            connection.execute(delete(WechatNonceRow).where(WechatNonceRow.at < now - NONCES_KEPT))
            connection.execute(delete(WechatMessageRow).where(*answered))


def _fingerprint(keys: KeyService, letter: Letter) -> bytes:
    return keys.index(f"wechat-content:{letter.open_id}:{letter.content}")


def _may_use(connection: Connection, nonce: bytes, message: bytes, letter: Letter) -> bool:
    row = WechatNonceRow
    used = connection.scalar(select(row.message).where(row.key == nonce))
    if used is None:
        values = {"key": nonce, "message": message, "at": letter.received_at}
        connection.execute(insert(row).values(**values))
    return used is None or used == message


def _heard(connection: Connection, key: bytes, letter: Letter) -> None:
    row = WechatContactRow
    heard = update(row).where(row.key == key).values(follows=True, heard_at=letter.received_at)
    if not connection.execute(heard).rowcount:
        connection.execute(
            insert(row).values(
                key=key,
                open_id=letter.open_id,
                bound_by="",
                asked="",
                follows=True,
                heard_at=letter.received_at,
            )
        )


def _waiting(connection: Connection, keys: Sequence[bytes]) -> tuple[Waiting, ...]:
    row, contact = WechatMessageRow, WechatContactRow
    columns = (
        row.key, row.contact, contact.open_id, row.content, row.received_at, row.tries,
    )  # fmt: skip
    wanted = select(*columns).join(contact, contact.key == row.contact).where(row.key.in_(keys))
    found = connection.execute(wanted.order_by(row.received_at)).mappings()
    return tuple(Waiting(**one) for one in found)
