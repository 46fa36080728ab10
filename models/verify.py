"""The check that no event and no audit entry was changed, moved or lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from models.audit_entry import AuditEntry, audit_link
from models.chain import AUDIT, GENESIS, Head, campaign_chain
from models.database import Database
from models.event_store import ChainedEvent, campaign_link, event_link
from models.failure import SealError
from models.keys import KeyService
from models.sealing import Sealing
from models.tables import AuditRow, CampaignRow, ChainHeadRow, EventRow, InterviewRow

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain does not hold.

    ``table`` is ``event`` or ``audit``; ``chain`` is ``interview:ID``, ``campaign:ID`` or
    ``audit``; ``position`` counts from 1 within the chain; ``row`` is the key of the row, or
    empty where a row is missing.
    """

    table: str
    chain: str
    position: int
    row: str
    reason: str

    def sentence(self) -> str:
        """Return where, what and what next."""
        row = f" (row {self.row})" if self.row else ""
        return (
            f"{self.table}: chain {self.chain} is broken at place {self.position}{row}:"
            f" {self.reason}; compare with a copy from before."
        )


def verify(database: Database) -> list[Break]:
    """Walk every chain and return the first broken place of each; an empty list is good news."""
    with database.reading() as connection:
        found = list(_campaigns(connection, database.keys))
        return found + list(_audit(connection, database.keys))


def _campaigns(connection: Connection, keys: KeyService) -> Iterator[Break]:
    for campaign_id in connection.scalars(select(CampaignRow.id).order_by(CampaignRow.id)):
        yield from _CampaignWalk(connection, keys, campaign_id).breaks()


@dataclass(slots=True)
class _CampaignWalk:
    """Walks the events of one campaign in its order, which passes every interview's own."""

    connection: Connection
    keys: KeyService
    campaign_id: str
    found: dict[str, Break] = field(default_factory=dict)
    heads: dict[str, Head] = field(default_factory=dict)

    def breaks(self) -> list[Break]:
        head = Head(0, GENESIS)
        for row in self._rows():
            self._check_interview(row)
            head = self._check_campaign(row, head)
        self._check_head(head)
        self._check_lengths()
        return list(self.found.values())

    def _rows(self) -> Iterator[Row[*tuple[Any, ...]]]:
        plain = Sealing.plain(EventRow)
        wanted = (
            select(plain)
            .where(plain.c.campaign_id == self.campaign_id)
            .order_by(plain.c.campaign_seq)
        )
        yield from self.connection.execution_options(yield_per=_AT_ONCE).execute(wanted)

    def _check_interview(self, row: Row[*tuple[Any, ...]]) -> None:
        chain = f"interview:{row.interview_id}"
        head = self.heads.get(row.interview_id, Head(0, GENESIS))
        self.heads[row.interview_id] = Head(row.seq, row.link)
        if row.seq != head.length + 1:
            self._report(chain, head.length + 1, row, "a row is missing or out of order")
            return
        try:
            payload = self.keys.decrypt(row.payload, "event.payload")
        except SealError:
            self._report(chain, row.seq, row, "the content was changed")
            return
        event = ChainedEvent(
            row.interview_id, row.seq, row.type, row.item, row.at, payload, row.link
        )
        if event_link(self.keys, head.link, event) != row.link:
            self._report(chain, row.seq, row, "the row or its place was changed")

    def _check_campaign(self, row: Row[*tuple[Any, ...]], head: Head) -> Head:
        place = row.campaign_seq
        chain = campaign_chain(self.campaign_id)
        if place != head.length + 1:
            self._report(chain, head.length + 1, row, "a row is missing or out of order")
        elif row.campaign_link != campaign_link(
            self.keys, head.link, self.campaign_id, place, row.link
        ):
            self._report(chain, place, row, "the row or its place was changed")
        return Head(place, row.campaign_link)

    def _check_head(self, head: Head) -> None:
        chain = campaign_chain(self.campaign_id)
        if _head(self.connection, chain) != head:
            self._report(chain, head.length + 1, None, "the last rows are missing")

    def _check_lengths(self) -> None:
        wanted = select(InterviewRow.id, InterviewRow.length, InterviewRow.link).where(
            InterviewRow.campaign_id == self.campaign_id
        )
        known = {row.id: Head(row.length, row.link) for row in self.connection.execute(wanted)}
        for interview_id in known.keys() | self.heads.keys():
            last = self.heads.get(interview_id, Head(0, GENESIS))
            if known.get(interview_id) != last:
                chain = f"interview:{interview_id}"
                self._report(chain, last.length + 1, None, "the last rows are missing")

    def _report(
        self, chain: str, position: int, row: Row[*tuple[Any, ...]] | None, reason: str
    ) -> None:
        key = f"{row.interview_id}/{row.seq}" if row is not None else ""
        self.found.setdefault(chain, Break("event", chain, position, key, reason))


def _head(connection: Connection, chain: str) -> Head | None:
    wanted = select(ChainHeadRow.length, ChainHeadRow.link).where(ChainHeadRow.name == chain)
    found = connection.execute(wanted).one_or_none()
    return None if found is None else Head(found.length, found.link)


def _audit(connection: Connection, keys: KeyService) -> Iterator[Break]:
    head = Head(0, GENESIS)
    fields = tuple(AuditEntry.__dataclass_fields__)
    columns = [getattr(AuditRow, name) for name in ("seq", "link", *fields)]
    seqs = connection.scalars(select(AuditRow.seq).order_by(AuditRow.seq)).all()
    for seq in seqs:
        if seq != head.length + 1:
            yield _audit_break(head.length + 1, seq, "a row is missing or out of order")
            return
        try:
            row = connection.execute(select(*columns).where(AuditRow.seq == seq)).mappings().one()
        except SealError:
            yield _audit_break(seq, seq, "the content was changed")
            return
        entry = AuditEntry(**{name: row[name] for name in fields})
        if audit_link(keys, head.link, seq, entry) != row["link"]:
            yield _audit_break(seq, seq, "the row or its place was changed")
            return
        head = Head(seq, row["link"])
    if _head(connection, AUDIT) != head:
        yield Break("audit", AUDIT, head.length + 1, "", "the last rows are missing")


def _audit_break(position: int, seq: int, reason: str) -> Break:
    return Break("audit", AUDIT, position, str(seq), reason)
