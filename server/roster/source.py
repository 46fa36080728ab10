"""A roster file opened by what it is, not only by what it is called."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from server.roster.delimited import Delimited
from server.roster.fault import FileFault, RosterError
from server.roster.limits import MAX_FILE
from server.roster.table import Table
from server.roster.workbook import Workbook

_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0"
_ENDINGS = (".xlsx", ".csv")


@contextmanager
def open_table(path: Path, known: tuple[str, ...]) -> Iterator[Table]:
    """Open the roster ``path``; ``known`` are the column names of which its header shows some.

    Raises :class:`RosterError` for what is no roster file, at once or while it is read.
    """
    ending = _checked(path)
    source = Workbook(path) if ending == ".xlsx" else Delimited(path, known)
    with closing(source):
        yield source


def _checked(path: Path) -> str:
    """Return the ending of a file whose size and first bytes fit it."""
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        raise RosterError(FileFault.ENDING, ending=path.suffix[:10] or "（无）")
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            found, limit = size // 2**20, MAX_FILE // 2**20
            raise RosterError(FileFault.TOO_LARGE, found=found, limit=limit)
        with path.open("rb") as file:
            first = file.read(len(_ZIP))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RosterError(FileFault.UNREADABLE, reason=reason) from error
    _compare(ending, first)
    return ending


def _compare(ending: str, first: bytes) -> None:
    if not first:
        raise RosterError(FileFault.CUT)
    if first == _OLD:
        raise RosterError(FileFault.OLD_WORKBOOK)
    if (first == _ZIP) != (ending == ".xlsx"):
        raise RosterError(FileFault.MISNAMED, ending=ending)
