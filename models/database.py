"""One database, SQLite or PostgreSQL, by its URL."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from models.columns import bind_keys
from models.failure import StorageBusyError, StorageUnavailableError
from models.keys import KeyService
from models.tries import USUAL, TryLimits, bind_tries
from models.trouble import translated
from models.wall_guard import refuse_unwalled

#: So many threads write to PostgreSQL at once; the others of this process queue. Each needs a
#: connection whose plans are ready, and more at once only wait for each other there.
WRITERS = 8
#: Seconds that a writer waits for another one before it gives up.
PATIENCE = 30.0
#: A connection that was not used for so many seconds is asked first whether it still lives.
QUIET = 1.0
OLDEST_POSTGRESQL = (15,)
_BY_ITSELF = {"isolation_level": "AUTOCOMMIT"}
_SCHEMA = Path(__file__).resolve().parent / "schema"
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # so that REPLACE meets the triggers that refuse DELETE
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
    f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}",
)


def new_id() -> str:
    """Return an id that nobody can guess."""
    return uuid4().hex


class Database:
    """The engine with the keys of its sealed columns, and the two ways into it."""

    def __init__(self, engine: Engine, keys: KeyService, ids: Callable[[], str]) -> None:
        self.engine = engine
        self.keys = keys
        self.new_id = ids
        self._reader = _reading_engine(engine)
        self._leaser = engine.execution_options(tingwen_lasting=False)
        self._single = engine if self.is_sqlite else engine.execution_options(**_BY_ITSELF)
        self._writers = threading.Semaphore(1 if self.is_sqlite else WRITERS)

    @classmethod
    def open(
        cls,
        url: str,
        keys: KeyService,
        *,
        ids: Callable[[], str] = new_id,
        tries: TryLimits = USUAL,
    ) -> "Database":
        """Open the database at ``url`` (``sqlite:///FILE`` or ``postgresql+psycopg://…``).

        Nothing is created but an SQLite file that only its owner may read; :meth:`migrate` makes
        the tables. Nobody is called more often than ``tries``. Raises
        :class:`models.failure.StorageUnavailableError` for another kind.
        """
        place = _place(url)
        engine = _sqlite(place) if place.get_backend_name() == "sqlite" else _postgresql(place)
        bind_keys(engine, keys)
        bind_tries(engine, tries)
        event.listen(engine, "before_execute", refuse_unwalled)
        return cls(engine, keys, ids)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables up to this version of the program; safe to call at every start.

        ``revision`` stops at an earlier one.
        """
        config = Config()
        config.set_main_option("script_location", str(_SCHEMA))
        with self.writing() as connection:
            self._hold_migration(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

    def _hold_migration(self, connection: Connection) -> None:
        if self.is_sqlite:
            return
        found = connection.dialect.server_version_info or ()
        if found < OLDEST_POSTGRESQL:
            raise StorageUnavailableError(
                f"The server is PostgreSQL {found[0]}; version {OLDEST_POSTGRESQL[0]} or newer"
                " is needed, so upgrade it or use SQLite."
            )
        connection.execute(text("SELECT pg_advisory_xact_lock(815206301)"))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give one unchanging view of the records; it holds nobody up."""
        with _told(self._reader) as connection:
            yield connection

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Connection]:
        """Give one transaction: all of it is kept, or nothing after any error.

        What is not ``lasting`` survives the process, but SQLite may forget it when the machine
        loses power, unless something lasting was kept after it. So nobody waits for the disk.
        Errors of the driver come out as :class:`models.failure.RecordsError`:
        ``DuplicateError`` for a key that exists, ``ConstraintError`` for a row that the database
        refuses, ``ConflictError``, and the ``Storage…Error`` for trouble with the storage.
        """
        with self._turn_of_writing(), _told(self.engine if lasting else self._leaser) as connection:
            yield connection

    @contextmanager
    def single(self, *, lasting: bool = True) -> Iterator[Connection]:
        """Give a connection for one writing statement, which is a transaction by itself.

        Like :meth:`writing`, but PostgreSQL is spoken to once instead of three times.
        """
        if self.is_sqlite:
            with self.writing(lasting=lasting) as connection:
                yield connection
            return
        with self._turn_of_writing(), _told(self._single) as connection:
            yield connection

    @contextmanager
    def _turn_of_writing(self) -> Iterator[None]:
        """SQLite has one writer, PostgreSQL a few; threads queue here instead of polling."""
        if not self._writers.acquire(timeout=PATIENCE):
            raise StorageBusyError(
                f"Another writer has held the database for {PATIENCE:.0f} s; try again later."
            )
        try:
            yield
        finally:
            self._writers.release()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def _told(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise translated(error) from None


def _place(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError:
        raise StorageUnavailableError(
            "The database URL cannot be read; give sqlite:///FILE or postgresql+psycopg://…."
        ) from None
    if place.drivername in ("postgresql", "postgres"):
        place = place.set(drivername="postgresql+psycopg")
    if place.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise StorageUnavailableError(
            f"{place.drivername} is no database of this program; give sqlite:///FILE or"
            " postgresql+psycopg://…."
        )
    return place


def _sqlite(place: URL) -> Engine:
    if place.database in (None, "", ":memory:"):
        raise StorageUnavailableError(
            "A database in memory is lost at the end; give a file: sqlite:///FILE."
        )
    _reserve(Path(str(place.database)))
    engine = create_engine(
        place,
        hide_parameters=True,
        pool_size=8,
        max_overflow=56,
        pool_timeout=PATIENCE,
        pool_use_lifo=True,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _reserve(file: Path) -> None:
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageUnavailableError(
            f"{file}: the database cannot be opened ({reason}); check the folder."
        ) from error


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin says so
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("tingwen_reading"):
        connection.exec_driver_sql("BEGIN")
        return
    synchronous = "FULL" if options.get("tingwen_lasting", True) else "NORMAL"
    connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql(place: URL) -> Engine:
    engine = create_engine(
        place,
        hide_parameters=True,
        pool_size=2 * WRITERS,
        max_overflow=24,
        pool_use_lifo=True,
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ask_whether_alive, engine))
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _ask_whether_alive(
    engine: Engine, connection: Any, record: ConnectionPoolEntry, _lent: object
) -> None:
    """The server may have been restarted since a connection was last used; then all are dead."""
    if time.monotonic() - record.info.get("used", 0.0) < QUIET:
        return
    try:
        engine.dialect.do_ping(connection)
    except psycopg.Error:
        raise InvalidatePoolError from None


def _reading_engine(engine: Engine) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(tingwen_reading=True)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
