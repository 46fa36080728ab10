"""Revisions and current answers as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from models.projection import CurrentAnswer, Revision
from models.tables import AnswerRow, RevisionRow

Answers = Mapping[str, CurrentAnswer]
_FIELDS = tuple(field.name for field in fields(CurrentAnswer))
_REVISION = tuple(field.name for field in fields(Revision))
_ADD = insert(RevisionRow)


def add_revisions(connection: Connection, interview_id: str, revisions: Sequence[Revision]) -> None:
    """Add revisions; they are never changed."""
    if revisions:
        connection.execute(
            _ADD,
            [
                {"interview_id": interview_id, **{name: getattr(one, name) for name in _REVISION}}
                for one in revisions
            ],
        )


def read_revisions(connection: Connection, interview_id: str) -> tuple[Revision, ...]:
    """Return the revisions of an interview in their order."""
    wanted = (
        select(*(getattr(RevisionRow, name) for name in _REVISION))
        .where(RevisionRow.interview_id == interview_id)
        .order_by(RevisionRow.event_seq, RevisionRow.item)
    )
    return tuple(Revision(**row) for row in connection.execute(wanted).mappings())


def keep_answers(connection: Connection, interview_id: str, before: Answers, after: Answers) -> int:
    """Write what differs between two states of the answers; return how many rows that are."""
    gone = [name for name in before if name not in after]
    changed = [answer for name, answer in after.items() if before.get(name) != answer]
    if gone:
        connection.execute(
            delete(AnswerRow).where(
                AnswerRow.interview_id == interview_id, AnswerRow.item.in_(gone)
            )
        )
    if changed:
        connection.execute(
            _UPSERT[connection.dialect.name], [_row(interview_id, one) for one in changed]
        )
    return len(gone) + len(changed)


def read_answers(connection: Connection, interview_id: str) -> dict[str, CurrentAnswer]:
    """Return the current answers of an interview by item."""
    wanted = select(*(getattr(AnswerRow, name) for name in _FIELDS)).where(
        AnswerRow.interview_id == interview_id
    )
    rows = connection.execute(wanted).mappings()
    return {row["item"]: CurrentAnswer(**row) for row in rows}


def _row(interview_id: str, answer: CurrentAnswer) -> dict[str, Any]:
    return {"interview_id": interview_id, **{name: getattr(answer, name) for name in _FIELDS}}


def _upsert(dialect: str) -> Any:
    adding = (insert_sqlite if dialect == "sqlite" else insert_postgresql)(AnswerRow)
    fresh = {name: adding.excluded[name] for name in _FIELDS if name != "item"}
    return adding.on_conflict_do_update(index_elements=["interview_id", "item"], set_=fresh)


_UPSERT = {dialect: _upsert(dialect) for dialect in ("sqlite", "postgresql")}
