"""The sound of utterances, sealed, kept as evidence until it is no longer needed."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from models.database import Database
from models.failure import DuplicateError, NotFoundError
from models.tables import ClipRow


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as the recogniser heard it; times in seconds from the start of the clip."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What was said in one utterance; ``format`` like ``mulaw`` or ``pcm16``, ``rate`` in Hz.

    ``words`` are what the recogniser heard and when, so that a page can follow the sound.
    """

    utterance: str
    interview_id: str
    format: str
    rate: int
    sound: bytes
    recorded_at: datetime
    words: Sequence[HeardWord] = ()


_FIELDS = tuple(Clip.__dataclass_fields__)


class Clips:
    """All kept sound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, clip: Clip) -> None:
        """Keep a clip; the same utterance again changes nothing.

        It lasts as soon as any turn after it does, so that it costs calls no wait for the disk.
        """
        values = _values(clip)
        with suppress(DuplicateError), self._database.writing(lasting=False) as connection:
            connection.execute(insert(ClipRow).values(**values))

    def replace(self, clip: Clip) -> None:
        """Keep a clip in place of an earlier one of the same utterance."""
        values = _values(clip)
        with self._database.writing() as connection:
            connection.execute(delete(ClipRow).where(ClipRow.utterance == clip.utterance))
            connection.execute(insert(ClipRow).values(**values))

    def delete(self, utterance: str) -> None:
        """Delete the clip of an utterance, if there is one."""
        with self._database.writing() as connection:
            connection.execute(delete(ClipRow).where(ClipRow.utterance == utterance))

    def get(self, utterance: str) -> Clip:
        """Return a clip. Raises :class:`models.failure.NotFoundError`."""
        columns = [getattr(ClipRow, name) for name in _FIELDS]
        with self._database.reading() as connection:
            found = connection.execute(select(*columns).where(ClipRow.utterance == utterance))
            row = found.mappings().one_or_none()
        if row is None:
            raise NotFoundError(f"There is no sound of {utterance}; it may have been deleted.")
        return Clip(**{**row, "words": _words(row["words"])})

    def words(self, utterance: str) -> tuple[HeardWord, ...] | None:
        """Return the words of a clip without its sound, or None where no sound is kept."""
        wanted = select(ClipRow.utterance, ClipRow.words).where(ClipRow.utterance == utterance)
        with self._database.reading() as connection:
            found = connection.execute(wanted).one_or_none()
        return None if found is None else _words(found.words)

    def delete_before(self, moment: datetime) -> int:
        """Delete what was recorded before ``moment`` and return how many clips that were."""
        with self._database.writing() as connection:
            deleting = delete(ClipRow).where(ClipRow.recorded_at < moment)
            return connection.execute(deleting).rowcount


def _values(clip: Clip) -> dict[str, object]:
    values = {name: getattr(clip, name) for name in _FIELDS}
    return {**values, "words": [astuple(word) for word in clip.words]}


def _words(kept: Sequence[tuple[str, float, float, float]] | None) -> tuple[HeardWord, ...]:
    return tuple(HeardWord(*word) for word in kept or ())
