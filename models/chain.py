"""Hash chains: each row proves itself and the one before, by a key outside the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from models.base import LINK_BYTES
from models.keys import KeyService
from models.tables import ChainHeadRow

GENESIS = bytes(LINK_BYTES)
AUDIT = "audit"


_HOLD = (
    select(ChainHeadRow.length, ChainHeadRow.link)
    .where(ChainHeadRow.name == bindparam("name"))
    .with_for_update()
)
_EXTEND = update(ChainHeadRow).where(ChainHeadRow.name == bindparam("chain"))


@dataclass(frozen=True, slots=True)
class Head:
    """How long a chain is and its last link."""

    length: int
    link: bytes


def campaign_chain(campaign_id: str) -> str:
    """Return the name of a campaign's chain of events."""
    return f"campaign:{campaign_id}"


def link_after(keys: KeyService, previous: bytes, parts: Sequence[bytes]) -> bytes:
    """Return the link of a row with these parts after ``previous``."""
    framed = (len(part).to_bytes(8, "big") + part for part in parts)
    return keys.seal(previous + b"".join(framed))


def begin_chain(connection: Connection, name: str) -> None:
    """Begin an empty chain."""
    connection.execute(insert(ChainHeadRow).values(name=name, length=0, link=GENESIS))


def hold_chain(connection: Connection, name: str) -> Head:
    """Return the chain's head, held against other writers until the transaction ends."""
    found = connection.execute(_HOLD, {"name": name}).one()
    return Head(found.length, found.link)


def extend_chain(connection: Connection, name: str, head: Head) -> None:
    """Keep the new head of a chain that was held."""
    connection.execute(_EXTEND, {"chain": name, "length": head.length, "link": head.link})
