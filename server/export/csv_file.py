"""Tables as CSV: UTF-8 with a byte order mark, so that a spreadsheet reads Chinese aright."""

import csv
from pathlib import Path

from server.export.formula import harmless
from server.export.table import Table, as_text


def write_csv(path: Path, table: Table) -> int:
    """Write ``table`` with nothing in it that a spreadsheet would run; return how many rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(table.header)
        for row in table.rows:
            writer.writerow([harmless(as_text(cell)) for cell in row])
            count += 1
    return count
