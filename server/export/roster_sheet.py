"""The roster to be signed, laid out for paper."""

from functools import partial
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from models.campaign import Campaign
from server.export.table import Table
from server.export.xlsx_file import MOST_ROWS, write_xlsx

_A4, _ROW_HEIGHT, _PRINT_THEM = 9, 30, 0


def write_roster(path: Path, table: Table, campaign: Campaign) -> int:
    """Write the roster of ``campaign``; return how many rows."""
    return write_xlsx(path, table, partial(_lay_out, campaign))


def _lay_out(campaign: Campaign, sheet: Worksheet, table: Table) -> None:
    """Fit all columns but the last on A4 across, with the header on each page, lines, and room."""
    title = f"底册 {campaign.id}（时点 {campaign.reference_day}）".replace("&", "&&")
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_header(f"&C{title}")
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.set_default_row(_ROW_HEIGHT)
    sheet.hide_gridlines(_PRINT_THEM)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, MOST_ROWS, len(table.columns) - 2)
    sheet.freeze_panes(1, 2)
