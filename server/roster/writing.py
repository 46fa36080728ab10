"""Rosters written to files."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from xlsxwriter import Workbook


def write_csv(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    encoding: str = "utf-8-sig",
) -> None:
    """Write ``rows`` under ``columns``, as a spreadsheet saves them."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write ``rows`` under ``columns`` to one sheet, every cell as text."""
    with Workbook(path, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("名册")
        text = workbook.add_format({"num_format": "@"})
        sheet.set_column(0, len(columns) - 1, 16, text)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                if value := row.get(column, ""):
                    sheet.write_string(number, place, value, text)
