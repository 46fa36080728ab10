"""What is said on a bridged call, line by line, and what of it becomes an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from models.clip import HeardWord
from models.database import Database
from models.failure import DuplicateError
from models.tables import BridgeLineRow, BridgeRow

_TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLine:
    """One thing that was said, without its sound; see :class:`models.tables.BridgeLineRow`."""

    number: int
    side: str
    words: str
    final: bool
    by_machine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundLine:
    """The sound of one line as it is kept, with the words and their times in it."""

    final: bool
    sound: bytes | None
    words: Sequence[HeardWord]


class BridgeLines:
    """What is said on all bridged calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, bridge_id: str, side: str, at: datetime) -> int:
        """Somebody begins to speak; return the number of their line."""
        return self._add(bridge_id, {"side": side, "said_at": at, "words": "", "final": False})

    def said(self, bridge_id: str, words: str, at: datetime, *, by_machine: bool) -> int:
        """Keep what was said while the machine leads: by itself, or by the person; no sound."""
        side = "caller" if by_machine else "person"
        row = {"side": side, "by_machine": by_machine, "said_at": at, "words": words}
        return self._add(bridge_id, {**row, "final": True})

    def pass_over(self, bridge_id: str) -> None:
        """Let nothing that was said so far count for the present question."""
        last = select(func.coalesce(func.max(BridgeLineRow.number), 0))
        mine = last.where(BridgeLineRow.bridge_id == bridge_id).scalar_subquery()
        with self._database.writing() as connection:
            moving = update(BridgeRow).where(BridgeRow.id == bridge_id)
            connection.execute(moving.values(asked_from=mine))

    def _add(self, bridge_id: str, row: Mapping[str, object]) -> int:
        for _ in range(_TRIES - 1):
            try:
                return self._try_add(bridge_id, row)
            except DuplicateError:
                continue
        return self._try_add(bridge_id, row)

    def _try_add(self, bridge_id: str, row: Mapping[str, object]) -> int:
        last = select(func.coalesce(func.max(BridgeLineRow.number), 0))
        with self._database.writing() as connection:
            mine = BridgeLineRow.bridge_id == bridge_id
            number = 1 + int(connection.scalar(last.where(mine)) or 0)
            adding = insert(BridgeLineRow).values(bridge_id=bridge_id, number=number, **row)
            connection.execute(adding)
        return number

    def hear(self, bridge_id: str, number: int, words: str) -> None:
        """Keep what has been recognised so far of a line that goes on."""
        going_on = (*_line(bridge_id, number), BridgeLineRow.final.is_(False))
        with self._database.writing() as connection:
            connection.execute(update(BridgeLineRow).where(*going_on).values(words=words))

    def finish(
        self, bridge_id: str, number: int, words: str, sound: bytes, heard: Sequence[HeardWord]
    ) -> str | None:
        """End a line; return the utterance that it has become part of already, if it has.

        Where the call is over and the line is part of no answer, its sound is not kept.
        """
        mine = _line(bridge_id, number)
        wanted = (
            select(BridgeLineRow.utterance, BridgeRow.ended_at)
            .join(BridgeRow, BridgeRow.id == BridgeLineRow.bridge_id)
            .where(*mine)
        )
        with self._database.writing() as connection:
            found = connection.execute(wanted).one()
            wanted_still = found.utterance is not None or found.ended_at is None
            values: dict[str, object] = {"words": words, "final": True}
            if wanted_still and sound:
                values |= {"sound": sound, "heard": [astuple(one) for one in heard]}
            connection.execute(update(BridgeLineRow).where(*mine).values(**values))
        utterance: str | None = found.utterance
        return utterance

    def after(self, bridge_id: str, number: int = 0) -> tuple[SaidLine, ...]:
        """Return the lines with a higher number, in their order."""
        row = BridgeLineRow
        wanted = (
            select(row.number, row.side, row.words, row.final, row.by_machine)
            .where(row.bridge_id == bridge_id, row.number > number)
            .order_by(row.number)
        )
        with self._database.reading() as connection:
            return tuple(SaidLine(**one) for one in connection.execute(wanted).mappings())

    def take(self, bridge_id: str, utterance: str) -> int:
        """Let what the person has said to the present question belong to ``utterance``.

        The next question begins after it. Returns how many lines that are.
        """
        row = BridgeLineRow
        begun = select(BridgeRow.asked_from).where(BridgeRow.id == bridge_id).scalar_subquery()
        mine = (
            row.bridge_id == bridge_id,
            row.side == "person",
            row.number > begun,
            row.utterance.is_(None),
        )
        last = select(func.coalesce(func.max(row.number), 0)).where(row.bridge_id == bridge_id)
        with self._database.writing() as connection:
            taken = connection.execute(update(row).where(*mine).values(utterance=utterance))
            moving = update(BridgeRow).where(BridgeRow.id == bridge_id)
            connection.execute(moving.values(asked_from=last.scalar_subquery()))
        return taken.rowcount

    def sounds(self, bridge_id: str, utterance: str) -> tuple[SoundLine, ...]:
        """Return the lines of an utterance with their sound, in their order."""
        row = BridgeLineRow
        wanted = (
            select(row.final, row.sound, row.heard)
            .where(row.bridge_id == bridge_id, row.utterance == utterance)
            .order_by(row.number)
        )
        with self._database.reading() as connection:
            return tuple(_sound(one) for one in connection.execute(wanted))


def erase_sounds(connection: Connection, bridge_id: str) -> None:
    """Erase the sound of a call that became no answer, within the caller's transaction."""
    mine = BridgeLineRow.bridge_id == bridge_id
    unused = (mine, BridgeLineRow.utterance.is_(None))
    connection.execute(update(BridgeLineRow).where(*unused).values(sound=None))


def _line(bridge_id: str, number: int) -> tuple[Any, ...]:
    return BridgeLineRow.bridge_id == bridge_id, BridgeLineRow.number == number


def _sound(row: Any) -> SoundLine:
    words = [HeardWord(*one) for one in row.heard or ()]
    return SoundLine(final=row.final, sound=row.sound, words=words)
