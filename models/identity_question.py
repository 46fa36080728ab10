"""The questions by which somebody shows who they are: name, and end of the certificate number.

Whoever writes in WeChat or calls from a number that is nobody's is asked them. ``source`` is the
blind index of the account or the number that the answers come from.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select

from models.case import certificate_text, name_index
from models.database import Database
from models.tables import AssignmentRow, CampaignRow, IdentityMissRow, PersonRow

#: Wrong answers within a day after which a source, or everybody about one name, has to wait.
MISSES_OF_SOURCE, MISSES_OF_NAME = 5, 10
REMEMBERED = timedelta(hours=24)
#: So many names are looked for by one statement.
_AT_ONCE = 1_000


class IdentityQuestions:
    """Judges the answers, and counts the wrong ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_spent(self, source: bytes, now: datetime) -> bool:
        """Whether this source has guessed wrong too often."""
        row = IdentityMissRow
        many = select(func.count()).select_from(row)
        theirs = many.where(row.source == source, row.at > now - REMEMBERED)
        with self._database.reading() as connection:
            return (connection.scalar(theirs) or 0) >= MISSES_OF_SOURCE

    def is_locked(self, source: bytes, name: str, now: datetime) -> bool:
        """Whether this source, or everybody about this name, has guessed wrong too often."""
        row = IdentityMissRow
        index = name_index(self._database.keys, name)
        many = select(func.count()).select_from(row)
        about = many.where(row.name_index == index, row.at > now - REMEMBERED)
        with self._database.reading() as connection:
            is_tried = (connection.scalar(about) or 0) >= MISSES_OF_NAME
        return is_tried or self.is_spent(source, now)

    def miss(self, source: bytes, name: str, now: datetime) -> None:
        """Count a wrong answer, and forget those that count no longer."""
        index = name_index(self._database.keys, name)
        values = {"id": self._database.new_id(), "source": source, "name_index": index, "at": now}
        with self._database.writing() as connection:
            connection.execute(
                delete(IdentityMissRow).where(IdentityMissRow.at <= now - REMEMBERED)
            )
            connection.execute(insert(IdentityMissRow).values(**values))

    def persons(self, names: Iterable[str], last4: str) -> tuple[str, ...]:
        """Return the persons of open campaigns with one of these names and these last places.

        The places are compared in constant time.
        """
        given = certificate_text(last4).encode()
        indexes = sorted({name_index(self._database.keys, name) for name in names})
        found = set[str]()
        with self._database.reading() as connection:
            for start in range(0, len(indexes), _AT_ONCE):
                some = PersonRow.name_index.in_(indexes[start : start + _AT_ONCE])
                for row in connection.execute(_NAMED.where(some)):
                    ending = row.certificate[:20][-4:].encode()
                    found |= {row.id} if hmac.compare_digest(ending, given) else set()
        return tuple(sorted(found))


_NAMED = (
    select(PersonRow.id, PersonRow.certificate)
    .join(AssignmentRow, AssignmentRow.person_id == PersonRow.id)
    .join(CampaignRow, CampaignRow.id == AssignmentRow.campaign_id)
    .where(CampaignRow.status == "open")
    .distinct()
)
