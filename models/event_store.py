"""Events in their two chains: one of the interview, one of the campaign."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from models.chain import Head, campaign_chain, extend_chain, hold_chain, link_after
from models.columns import json_bytes
from models.keys import KeyService
from models.projection import item_of
from models.tables import EventRow
from models.times import stamp
from survey_engine.event import Asked, Event
from survey_engine.history import load, store

_ADD = insert(EventRow)


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """An event as it is kept, with its place and link in the interview's chain."""

    interview_id: str
    seq: int
    type: str
    item: str
    at: datetime
    payload: bytes
    link: bytes


def chained(
    keys: KeyService, interview_id: str, head: Head, events: Sequence[Event]
) -> tuple[ChainedEvent, ...]:
    """Return ``events`` as they follow on ``head`` of the interview's chain."""
    found: list[ChainedEvent] = []
    link = head.link
    for seq, event in enumerate(events, head.length + 1):
        row = ChainedEvent(
            interview_id=interview_id,
            seq=seq,
            type=type(event).__name__,
            item=item_of(event),
            at=event.at,
            payload=json_bytes(store(event)),
            link=b"",
        )
        link = event_link(keys, link, row)
        found.append(_linked(row, link))
    return tuple(found)


def _linked(row: ChainedEvent, link: bytes) -> ChainedEvent:
    return ChainedEvent(row.interview_id, row.seq, row.type, row.item, row.at, row.payload, link)


def event_link(keys: KeyService, previous: bytes, row: ChainedEvent) -> bytes:
    """Return the link that an event must have after ``previous`` in its interview."""
    words = (row.interview_id, str(row.seq), row.type, row.item, stamp(row.at))
    return link_after(keys, previous, (*(word.encode() for word in words), row.payload))


def campaign_link(
    keys: KeyService, previous: bytes, campaign_id: str, seq: int, link: bytes
) -> bytes:
    """Return the link that an event with ``link`` must have in its campaign."""
    return link_after(keys, previous, (campaign_id.encode(), str(seq).encode(), link))


def append_events(
    connection: Connection, keys: KeyService, campaign_id: str, events: Sequence[ChainedEvent]
) -> None:
    """Add events to the campaign's chain, which is held until the transaction ends.

    It is the last thing that a transaction does, so that others wait as little as can be.
    """
    if not events:
        return
    name = campaign_chain(campaign_id)
    head = hold_chain(connection, name)
    link = head.link
    rows = []
    for place, event in enumerate(events, head.length + 1):
        link = campaign_link(keys, link, campaign_id, place, event.link)
        rows.append(_row(event, campaign_id, place, link))
    connection.execute(_ADD, rows)
    extend_chain(connection, name, Head(head.length + len(rows), link))


def _row(event: ChainedEvent, campaign_id: str, place: int, link: bytes) -> dict[str, object]:
    return {
        "interview_id": event.interview_id,
        "seq": event.seq,
        "campaign_id": campaign_id,
        "campaign_seq": place,
        "type": event.type,
        "item": event.item,
        "at": event.at,
        "payload": event.payload,
        "link": event.link,
        "campaign_link": link,
    }


def read_events(connection: Connection, interview_id: str) -> Iterator[Event]:
    """Yield the events of an interview in their order."""
    wanted = (
        select(EventRow.payload).where(EventRow.interview_id == interview_id).order_by(EventRow.seq)
    )
    for payload in connection.scalars(wanted):
        yield load(json.loads(payload))


def read_asked(connection: Connection, interview_id: str, item: str, before: int) -> Asked | None:
    """Return how ``item`` was asked last before place ``before``, or None if it never was."""
    wanted = (
        select(EventRow.payload)
        .where(
            EventRow.interview_id == interview_id,
            EventRow.type == Asked.__name__,
            EventRow.item == item,
            EventRow.seq < before,
        )
        .order_by(EventRow.seq.desc())
        .limit(1)
    )
    payload = connection.scalar(wanted)
    asked = load(json.loads(payload)) if payload else None
    return asked if isinstance(asked, Asked) else None
