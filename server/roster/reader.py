"""Lines of a table read as persons."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

from server.roster import words
from server.roster.fault import RowFault
from server.roster.header import Column, Header
from server.roster.last_year import LastYear
from server.roster.rejection import CellError, Rejection
from server.roster.row import RosterRow
from server.roster.table import Line
from survey_engine.certificate import Certificate, CertificateError
from survey_engine.half_width import half_width
from survey_engine.period import age_on
from survey_engine.questionnaire import Questionnaire
from survey_engine.region_code import RegionCode, RegionError
from survey_engine.telephone import Telephone, TelephoneError

T = TypeVar("T")
GROWN_UP = 18
OLDEST = 120
WHOLE_ROW = "整行"
_RESIDENCES = {
    "": "",
    "农业": "rural",
    "农业户口": "rural",
    "非农业": "urban",
    "非农业户口": "urban",
}
_PREFIXES = {CertificateError: "certificate", RegionError: "region", TelephoneError: "telephone"}
_NUMBERS = (Column.CERTIFICATE, Column.TELEPHONE, Column.GUARDIAN_TELEPHONE)
_MASKABLE = 8


@dataclass(frozen=True, slots=True)
class RosterTerms:
    """What a campaign demands of a roster; every region will do if ``region`` is None."""

    form: Questionnaire
    reference_day: date
    region: RegionCode | None = None


class RowReader:
    """Reads lines by a header, on a campaign's terms."""

    def __init__(self, header: Header, terms: RosterTerms, *, may_shift: bool) -> None:
        self._header = header
        self._terms = terms
        self._may_shift = may_shift
        self._last_year = LastYear(terms.form, terms.reference_day)

    def read(self, line: Line) -> RosterRow | Rejection:
        """Return the person of ``line``, or the first reason against it, naming other columns."""
        extra = len(line.cells) - self._header.length
        if self._may_shift and extra > 0 and any(line.cells[-extra:]):
            return _shifted(line, extra)
        draft = _Draft(line, self._header)
        row = self._row(draft)
        return row if row is not None and not draft.problems else draft.rejection()

    def _row(self, draft: "_Draft") -> RosterRow | None:
        name = draft.take(Column.NAME, _name)
        certificate = draft.take(Column.CERTIFICATE, self._certificate)
        region = draft.take(Column.REGION, self._region)
        telephone = draft.take(Column.TELEPHONE, _telephone)
        texts = {
            column: draft.take(column, words.free_text) or ""
            for column in (Column.REASON, Column.RELATION, Column.ADDRESS, Column.NOTE)
        }
        household = draft.take(Column.HOUSEHOLD, words.code)
        guardian = draft.take(Column.GUARDIAN, words.name)
        guardian_telephone = draft.take(Column.GUARDIAN_TELEPHONE, _telephone)
        residence = draft.take(Column.RESIDENCE, _residence)
        last_year = self._values(draft)
        if name is None or certificate is None or region is None:
            return None
        return RosterRow(
            row=draft.number,
            name=name,
            certificate=certificate,
            region=region,
            telephone=telephone,
            residence=residence or "",
            reason=texts[Column.REASON],
            guardian=guardian or "",
            guardian_telephone=guardian_telephone,
            relation=texts[Column.RELATION],
            address=texts[Column.ADDRESS],
            household=household or "",
            note=texts[Column.NOTE],
            last_year=last_year,
        )

    def _certificate(self, cell: str) -> Certificate:
        certificate = Certificate.read(words.plain(cell))
        day = self._terms.reference_day
        if certificate.birth > day:
            raise CellError(RowFault.BORN_AFTER, day=day)
        age = age_on(certificate.birth, day)
        if age > OLDEST:
            raise CellError(RowFault.AGE_IMPLAUSIBLE, age=age)
        if certificate.grade is None and age >= GROWN_UP:
            raise CellError(RowFault.GRADE_MISSING)
        return certificate

    def _region(self, cell: str) -> RegionCode:
        region = RegionCode.village(words.plain(cell))
        whole = self._terms.region
        if whole is not None and not whole.contains(region):
            raise CellError(RowFault.REGION_OUTSIDE, region=whole)
        return region

    def _values(self, draft: "_Draft") -> dict[str, str]:
        values: dict[str, str] = {}
        for name, place in self._header.items.items():
            cell = draft.cell(place)
            if not cell:
                continue
            value = self._last_year.seen(name, cell)
            if value is None:
                value = draft.take_at(place, name, partial(self._last_year.read, name))
            if value:
                values[name] = value
        return values


class _Draft:
    """A line under reading, with what was found wrong in it."""

    def __init__(self, line: Line, header: Header) -> None:
        self.number = line.number
        self.problems: list[Rejection] = []
        self._cells = line.cells
        self._columns = header.columns

    def cell(self, place: int) -> str:
        """Return the cell at ``place``, empty beyond the end of the line."""
        return self._cells[place] if place < len(self._cells) else ""

    def take(self, column: Column, read: Callable[[str], T]) -> T | None:
        """Return what ``read`` makes of the cell, or None where that fails."""
        return self.take_at(self._columns.get(column, len(self._cells)), column, read)

    def take_at(self, place: int, column: str, read: Callable[[str], T]) -> T | None:
        """Return what ``read`` makes of the cell at ``place``, or None where that fails."""
        cell = self.cell(place)
        try:
            return read(cell)
        except CellError as error:
            self._note(column, error.code, str(error), cell)
        except (CertificateError, RegionError, TelephoneError) as error:
            self._note(column, f"{_PREFIXES[type(error)]}-{error.code}", str(error), cell)
        return None

    def rejection(self) -> Rejection:
        """Return the first problem; other columns with problems are named at its end."""
        first, *others = self.problems
        named = dict.fromkeys(problem.column for problem in others)
        if not named:
            return first
        more = f"{first.message.removesuffix('。')}（同一行还要改：{'、'.join(named)}）。"
        return Rejection(first.row, first.column, first.code, more)

    def _note(self, column: str, code: str, sentence: str, cell: str) -> None:
        number = half_width(cell)
        shown = column in _NUMBERS and len(number) >= _MASKABLE and number[-4:].isascii()
        masked = number if shown and number[-4:].isalnum() else ""
        self.problems.append(Rejection.of(self.number, column, code, sentence, masked))


def _shifted(line: Line, extra: int) -> Rejection:
    error = CellError(RowFault.CELLS_TOO_MANY, count=extra)
    return Rejection.of(line.number, WHOLE_ROW, error.code, str(error))


def _name(cell: str) -> str:
    name = words.name(cell)
    if not name:
        raise CellError(RowFault.NAME_EMPTY)
    return name


def _telephone(cell: str) -> Telephone | None:
    text = words.plain(cell)
    return Telephone.read(text) if text else None


def _residence(cell: str) -> str:
    residence = _RESIDENCES.get(words.plain(cell))
    if residence is None:
        raise CellError(RowFault.RESIDENCE_UNKNOWN)
    return residence
