"""Sheets written as Markdown tables, the plain-text twin of a workbook."""

from collections.abc import Iterable, Mapping, Sequence

Rows = list[list[str]]


def read_tables(text: str) -> Mapping[str, Rows]:
    """Return each sheet's rows; a row with a text in its first cell begins the sheet so named."""
    sheets: dict[str, Rows] = {}
    current: Rows = []
    for line in text.splitlines():
        row = line.strip()
        if not row.startswith("|"):
            continue
        name, *cells = [cell.strip() for cell in row[1:].removesuffix("|").split("|")]
        if name:
            current = sheets.setdefault(name, [])
        elif not _is_rule(cells):
            while cells and not cells[-1]:
                cells.pop()
            current.append(cells)
    return sheets


def _is_rule(cells: Sequence[str]) -> bool:
    """Whether a row is the line of dashes that Markdown puts under a header."""
    return bool(cells) and all(cell and set(cell) <= {"-", ":"} for cell in cells)


def write_tables(sheets: Mapping[str, Iterable[Sequence[str]]]) -> str:
    """Return the sheets as Markdown; ValueError for a cell that no table can hold."""
    lines = []
    for name, rows in sheets.items():
        lines.append(f"| {name} |")
        for row in rows:
            if any("|" in cell or "\n" in cell for cell in row):
                message = f"Sheet {name} has a cell with `|` or a line break; write it as .xlsx."
                raise ValueError(message)
            lines.append(f"| | {' | '.join(row)} |")
        lines.append("")
    return "\n".join(lines)
