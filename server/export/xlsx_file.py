"""Tables as XLSX, every cell typed as text, so that no code loses a zero and nothing runs."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from server.export.table import Row, Table, as_text
from server.failure import CommandFailedError

MOST_ROWS, MOST_LETTERS = 1_048_575, 32_767
_WIDTH = 16
_OPTIONS = {
    "constant_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
Dress = Callable[[Worksheet, Table], None]


def _plain(sheet: Worksheet, table: Table) -> None:
    del table
    sheet.freeze_panes(1, 1)


def write_xlsx(path: Path, table: Table, dress: Dress = _plain) -> int:
    """Write ``table``, on further sheets where one is full; return how many rows.

    What the library puts aside meanwhile stays in a private folder beside ``path``. ``dress`` is
    called with each empty sheet. Raises :class:`CommandFailedError` for a text that no cell holds.
    """
    with TemporaryDirectory(dir=path.parent, prefix=".") as scratch:
        try:
            with Workbook(str(path), {**_OPTIONS, "tmpdir": scratch}) as book:
                return _Pen(book, table, dress).write()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error


class _Pen:
    """Writes one table into a workbook, sheet after sheet."""

    def __init__(self, book: Workbook, table: Table, dress: Dress) -> None:
        self._book = book
        self._table = table
        self._dress = dress
        self._text: Format = book.add_format({"num_format": "@"})
        self._bold: Format = book.add_format({"num_format": "@", "bold": True})

    def write(self) -> int:
        count = 0
        sheets = self._sheets()
        sheet = next(sheets)
        for row in self._table.rows:
            if count and count % MOST_ROWS == 0:
                sheet = next(sheets)
            self._write_row(sheet, count % MOST_ROWS + 1, row)
            count += 1
        return count

    def _sheets(self) -> Iterator[Worksheet]:
        number = 0
        while True:
            number += 1
            name = self._table.name if number == 1 else f"{self._table.name}-{number}"
            sheet = self._book.add_worksheet(name)
            sheet.set_column(0, len(self._table.columns) - 1, _WIDTH, self._text)
            self._dress(sheet, self._table)
            self._write(sheet, 0, self._table.header, self._bold)
            yield sheet

    def _write_row(self, sheet: Worksheet, place: int, row: Row) -> None:
        self._write(sheet, place, [as_text(cell) for cell in row], self._text)

    def _write(self, sheet: Worksheet, place: int, texts: Sequence[str], look: Format) -> None:
        for column, text in enumerate(texts):
            if len(text) > MOST_LETTERS:
                raise CommandFailedError(
                    f"{self._table.name}: row {place + 1} of {self._table.header[column]} has"
                    f" {len(text)} characters and a cell holds {MOST_LETTERS}; export as csv or"
                    " parquet."
                )
            if text:
                sheet.write_string(place, column, text, look)
