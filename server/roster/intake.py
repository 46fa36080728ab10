"""A roster file taken into a campaign, whole or not at all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.roster.fault import FileFault, RosterError, RowFault
from server.roster.header import COLUMNS, Column, Header
from server.roster.limits import MAX_LINES, MAX_ROWS
from server.roster.reader import RosterTerms, RowReader
from server.roster.rejection import CellError, Rejection
from server.roster.remark import Notice, Remark
from server.roster.report import RosterReport
from server.roster.row import RosterRow
from server.roster.source import open_table
from server.roster.table import Line, Table
from server.roster.target import RosterTarget
from server.roster.words import has_private_character

_PROGRESS_ROWS = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: rows read, and bytes read of all bytes."""

    rows: int
    done: int
    total: int


def import_roster(
    path: Path,
    terms: RosterTerms,
    target: RosterTarget,
    progress: Callable[[Progress], None] | None = None,
) -> RosterReport:
    """Import the file ``path`` and return what became of every row.

    Raises :class:`RosterError` if the file is refused as a whole; then nothing of it is in
    ``target``. ``progress`` is called every few hundred rows and once at the end.
    """
    with open_table(path, COLUMNS) as table:
        intake = _Intake(table, terms, progress)
        already = target.store(intake.rows())
        return intake.report(already)


class _Intake:
    """One import on its way."""

    def __init__(
        self, table: Table, terms: RosterTerms, progress: Callable[[Progress], None] | None
    ) -> None:
        self._table = table
        self._terms = terms
        self._progress = progress
        self._read = 0
        self._finished = False
        self._rows_by_person: dict[str, int] = {}
        self._rejected: list[Rejection] = []
        self._remarks: list[Remark] = list(table.remarks)
        self._noticed: dict[Notice, list[int]] = {}

    def rows(self) -> Iterator[RosterRow]:
        """Yield the accepted rows. Raises :class:`RosterError`, perhaps only at the end."""
        lines = self._lines()
        header = next(lines, None)
        if header is None:
            raise RosterError(FileFault.NO_ROWS)
        reader = self._reader(header)
        for line in lines:
            self._count(line)
            found = self._first_of_person(reader.read(line))
            if isinstance(found, Rejection):
                self._rejected.append(found)
            else:
                self._look_at(found)
                yield found
        if not self._read:
            raise RosterError(FileFault.NO_ROWS)
        self._tell()
        self._finished = True

    def _lines(self) -> Iterator[Line]:
        for count, line in enumerate(self._table.lines(), start=1):
            if count > MAX_LINES:
                raise RosterError(FileFault.TOO_MANY_ROWS, limit=MAX_ROWS)
            if not line.is_blank:
                yield line

    def report(self, already: Mapping[int, bool]) -> RosterReport:
        """Return the report, given who was in the campaign before."""
        if not self._finished:
            message = "The target left rows unread; it must take all of them or raise."
            raise RuntimeError(message)
        different = [row for row, same in already.items() if not same]
        self._rejected += [_rejection(row, RowFault.ALREADY_IN_CAMPAIGN) for row in different]
        self._rejected.sort(key=lambda rejection: rejection.row)
        about = [Remark.about_rows(notice, rows) for notice, rows in self._noticed.items()]
        return RosterReport(
            read=self._read,
            accepted=self._read - len(self._rejected),
            unchanged=len(already) - len(different),
            rejected=tuple(self._rejected),
            remarks=(*self._remarks, *about),
        )

    def _reader(self, line: Line) -> RowReader:
        header = Header.read(line, self._terms.form)
        self._remarks += header.remarks
        return RowReader(header, self._terms, may_shift=self._table.may_shift)

    def _count(self, line: Line) -> None:
        self._read += 1
        if self._read > MAX_ROWS:
            raise RosterError(FileFault.TOO_MANY_ROWS, limit=MAX_ROWS)
        if line.hidden:
            self._notice(Notice.ROWS_HIDDEN, line.number)
        if self._read % _PROGRESS_ROWS == 0:
            self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(Progress(self._read, self._table.done, self._table.total))

    def _first_of_person(self, found: RosterRow | Rejection) -> RosterRow | Rejection:
        if isinstance(found, Rejection):
            return found
        other = self._rows_by_person.setdefault(found.certificate.identity, found.row)
        if other == found.row:
            return found
        return _rejection(found.row, RowFault.TWICE_IN_FILE, other=other)

    def _look_at(self, row: RosterRow) -> None:
        if has_private_character(row.name):
            self._notice(Notice.NAME_PRIVATE, row.row)
        if row.telephone is None and row.guardian_telephone is None:
            self._notice(Notice.NO_TELEPHONE, row.row)

    def _notice(self, notice: Notice, row: int) -> None:
        self._noticed.setdefault(notice, []).append(row)


def _rejection(row: int, fault: RowFault, **slots: object) -> Rejection:
    error = CellError(fault, **slots)
    return Rejection.of(row, Column.CERTIFICATE, error.code, str(error))
