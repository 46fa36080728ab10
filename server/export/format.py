"""The kinds of files that tables are written to."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

from server.export.csv_file import write_csv
from server.export.parquet_file import write_parquet
from server.export.table import Table
from server.export.xlsx_file import write_xlsx


class Format(StrEnum):
    """A kind of file; the value is its ending."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"

    def write(self, path: Path, table: Table) -> int:
        """Write ``table`` to ``path``; return how many rows."""
        return _WRITERS[self](path, table)


_WRITERS: Mapping[Format, Callable[[Path, Table], int]] = {
    Format.CSV: write_csv,
    Format.XLSX: write_xlsx,
    Format.PARQUET: write_parquet,
}
