"""Measures the roster: 100,000 invented rows, .xlsx and .csv, without and with last year's answers.

Run ``python -m benchmarks.roster [ROWS]``; it prints a Markdown table. Every import runs in a
process of its own, so that its peak of memory is its own.
"""

import itertools
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from server.forms.library import SHIPPED, load_form
from server.roster.header import COLUMNS
from server.roster.intake import import_roster
from server.roster.invention import InventedCounty
from server.roster.reader import RosterTerms
from server.roster.row import RosterRow
from server.roster.writing import write_csv, write_xlsx

DAY = date(2026, 9, 30)
ANSWERED = 200


class Counter:
    """Takes every row and keeps none: what is measured is reading, not storing."""

    def store(self, rows: Iterator[RosterRow]) -> Mapping[int, bool]:
        for _row in rows:
            pass
        return {}


def main() -> None:
    """Print every figure, or, given a file, import that one and print its own."""
    given = sys.argv[1] if len(sys.argv) > 1 else "100000"
    if not given.isdigit():
        _import(Path(given))
        return
    print(f"Python {platform.python_version()}, {platform.machine()}, {given} rows\n")
    print("| file | MB | seconds | peak MB | rows a second | rejected |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for file in _written(Path(folder), int(given)):
            command = [sys.executable, "-m", "benchmarks.roster", str(file)]
            print(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
            )


def _written(folder: Path, count: int) -> Iterator[Path]:
    form = load_form(SHIPPED / "person.yaml")
    county = InventedCounty(form, DAY)
    narrow = [person.as_row() for person in county.strangers(count)]
    answers = [person.last_year for person in county.people(ANSWERED)]
    wide: list[Mapping[str, str]] = [
        {**row, **last} for row, last in zip(narrow, itertools.cycle(answers), strict=False)
    ]
    for name, rows, columns in (
        ("10 columns", narrow, COLUMNS),
        ("all items", wide, county.columns),
    ):
        yield from _files(folder, name, columns, rows)


def _files(
    folder: Path, name: str, columns: tuple[str, ...], rows: list[Mapping[str, str]]
) -> Iterator[Path]:
    for encoding in ("utf-8-sig", "gb18030"):
        file = folder / f"{name}, {encoding}.csv"
        write_csv(file, columns, rows, encoding)
        yield file
    file = folder / f"{name}.xlsx"
    write_xlsx(file, columns, rows)
    yield file


def _import(file: Path) -> None:
    form = load_form(SHIPPED / "person.yaml")
    begun = time.perf_counter()
    report = import_roster(file, RosterTerms(form, DAY), Counter())
    seconds = time.perf_counter() - begun
    peak = _peak()
    size = file.stat().st_size / 1e6
    rate = report.read / seconds
    figures = f"{size:.1f} | {seconds:.1f} | {peak:.0f} | {rate:.0f} | {len(report.rejected)}"
    print(f"| {file.name} | {figures} |")
    for rejection in report.rejected[:3]:
        print(rejection.message, file=sys.stderr)


def _peak() -> float:
    """Return the most memory this process held, in MB; getrusage would count its parent too."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    main()
