"""The roster (底册) of a campaign with columns to be signed on paper."""

from collections.abc import Iterable, Iterator, Mapping

from models.case import Case
from server.export.disclosure import Disclosure
from server.export.order import Order
from server.export.table import Column, Kind, Row, Table
from server.roster.header import COLUMNS
from server.roster.header import Column as Heading

SIGNATURES = ("本人/代签", "调查员", "日期", "手印")
_RESIDENCE: Mapping[str, str] = {"rural": "农业", "urban": "非农业"}
#: The columns of a roster but for its note, which stands last so that there is room to write.
_GIVEN = tuple(name for name in COLUMNS if name != Heading.NOTE)


def signed_roster(order: Order, cases: Iterable[Case]) -> Table:
    """Return a row a person, by village, in the columns of a roster; it can be imported again."""
    people = sorted(
        (case for case in cases if case.certificate),
        key=lambda case: (case.region, case.assignment_id),
    )
    names = (*_GIVEN, *SIGNATURES, Heading.NOTE.value, "编号")
    columns = (Column("序号", Kind.NUMBER), *(Column(name) for name in names))
    return Table("roster", columns, _rows(people, order.disclosure))


def _rows(people: Iterable[Case], disclosure: Disclosure) -> Iterator[Row]:
    for number, case in enumerate(people, start=1):
        given = _given(case, disclosure)
        signatures = (None,) * len(SIGNATURES)
        note = disclosure.words(case.note)
        yield (number, *(given[name] for name in _GIVEN), *signatures, note, case.assignment_id)


def _given(case: Case, disclosure: Disclosure) -> Mapping[str, str]:
    known = case.particulars
    return {
        Heading.NAME: disclosure.words(case.name),
        Heading.CERTIFICATE: disclosure.words(case.certificate),
        Heading.REGION: case.region,
        Heading.TELEPHONE: disclosure.words(case.telephone),
        Heading.RESIDENCE: _RESIDENCE.get(known.get("residence", ""), ""),
        Heading.REASON: disclosure.words(case.reason),
        Heading.GUARDIAN: disclosure.words(known.get("guardian_name", "")),
        Heading.GUARDIAN_TELEPHONE: disclosure.words(known.get("guardian_telephone", "")),
        Heading.RELATION: disclosure.words(known.get("relation", "")),
        Heading.ADDRESS: disclosure.words(known.get("address", "")),
        Heading.HOUSEHOLD: disclosure.words(known.get("household", "")),
    }
