"""The header of a roster: which column holds what."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from server.roster.fault import FileFault, RosterError
from server.roster.remark import Notice, Remark
from server.roster.table import Line
from survey_engine.half_width import half_width
from survey_engine.item import Role
from survey_engine.questionnaire import Questionnaire


class Column(StrEnum):
    """A column of every roster; the value is its heading."""

    NAME = "姓名"
    CERTIFICATE = "残疾人证号"
    REGION = "区划代码"
    TELEPHONE = "联系电话"
    RESIDENCE = "户口性质"
    REASON = "未入户原因"
    GUARDIAN = "监护人姓名"
    GUARDIAN_TELEPHONE = "监护人电话"
    RELATION = "与本人关系"
    ADDRESS = "住址"
    HOUSEHOLD = "一户多残编码"
    NOTE = "备注"


COLUMNS = tuple(column.value for column in Column)
NEEDED = (Column.NAME, Column.CERTIFICATE, Column.REGION, Column.TELEPHONE)
_SILENT = (Column.RESIDENCE, Column.ADDRESS, Column.HOUSEHOLD, Column.NOTE)
_ASKED_ANEW = (Role.SPEAKER, Role.CERTIFICATE)


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column and each item of the form stands, and how many cells a row has."""

    columns: Mapping[Column, int]
    items: Mapping[str, int]
    length: int
    remarks: tuple[Remark, ...]

    @classmethod
    def read(cls, line: Line, form: Questionnaire) -> "Header":
        """Read the first line that is not blank. Raises :class:`RosterError`."""
        places = _places(line)
        columns = {Column(name): places[name] for name in COLUMNS if name in places}
        missing = [column for column in NEEDED if column not in columns]
        if missing:
            listed = "、".join(f"“{column}”" for column in missing)
            raise RosterError(FileFault.NO_HEADER, columns=listed)
        items = {name: place for name, place in places.items() if is_taken(form, name)}
        others = [name for name in places if name not in COLUMNS and name not in items]
        remarks = [_ignored(form, name) for name in others]
        absent = [one for one in Column if one not in columns and one not in _SILENT]
        remarks += [Remark.of(Notice.COLUMN_ABSENT, column=column) for column in absent]
        return cls(columns, items, len(line.cells), tuple(remarks))


def is_taken(form: Questionnaire, name: str) -> bool:
    """Whether last year's value of the item ``name`` is taken from a roster."""
    item = form.item(name)
    return item is not None and item.type.is_question and item.role not in _ASKED_ANEW


def _places(line: Line) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, cell in enumerate(line.cells):
        name = half_width(cell)
        if name in places:
            raise RosterError(FileFault.HEADER_TWICE, column=name[:20])
        if name:
            places[name] = place
    return places


def _ignored(form: Questionnaire, name: str) -> Remark:
    known = form.item(name) is not None
    notice = Notice.COLUMN_NOT_TAKEN if known else Notice.COLUMN_IGNORED
    return Remark.of(notice, column=name[:20])
