"""What a driver's error means: one place that turns foreign exceptions into ours.

The driver's own error is never the cause of ours, because it may quote the row.
"""

import sqlite3

import psycopg
from psycopg import errors as postgresql
from sqlalchemy.exc import DBAPIError

from models.failure import (
    ConflictError,
    ConstraintError,
    DuplicateError,
    RecordsError,
    StorageBusyError,
    StorageFullError,
    StorageUnavailableError,
)

_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_DUPLICATE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
_FULL = (postgresql.DiskFull, postgresql.OutOfMemory)
_AGAIN = (postgresql.SerializationFailure, postgresql.DeadlockDetected)
_HELD = (postgresql.LockNotAvailable, postgresql.TooManyConnections)


def translated(error: DBAPIError) -> RecordsError:
    """Return what to tell of a driver's error: names of constraints and codes, never data."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    if isinstance(cause, psycopg.Error):
        return _of_postgresql(cause)
    return _unavailable(type(cause).__name__)


def _of_sqlite(cause: sqlite3.Error) -> RecordsError:
    name: str = getattr(cause, "sqlite_errorname", "") or type(cause).__name__
    if name in _DUPLICATE:
        return _duplicate(str(cause))
    if name.startswith("SQLITE_CONSTRAINT"):
        return _constraint(str(cause))  # names of tables, columns and constraints only
    if name == "SQLITE_FULL":
        return _full()
    if name.startswith(_BUSY):
        return StorageBusyError(
            "Another program has held the database for too long; nothing was kept, try again."
        )
    return _unavailable(name)


def _of_postgresql(cause: psycopg.Error) -> RecordsError:
    if isinstance(cause, postgresql.UniqueViolation):
        return _duplicate(cause.diag.constraint_name or "a key")
    if isinstance(cause, psycopg.IntegrityError):
        return _constraint(cause.diag.constraint_name or cause.diag.message_primary or "")
    if isinstance(cause, _FULL):
        return _full()
    if isinstance(cause, _AGAIN):
        return ConflictError("Two writers met; nothing was kept, read again and repeat.")
    if isinstance(cause, _HELD):
        return StorageBusyError("The database is overloaded; nothing was kept, try again.")
    return _unavailable(cause.sqlstate or type(cause).__name__)


def _duplicate(what: str) -> RecordsError:
    return DuplicateError(f"A record with this key exists already ({what}); nothing was kept.")


def _constraint(what: str) -> RecordsError:
    return ConstraintError(
        f"The database refuses this row ({what}); nothing was kept, so correct it first."
    )


def _full() -> RecordsError:
    return StorageFullError(
        "The database has no room left; earlier records are intact and this one was not kept,"
        " so free disk space and try again."
    )


def _unavailable(name: str) -> RecordsError:
    return StorageUnavailableError(
        f"The database does not work ({name}); nothing was kept, check it and try again."
    )
