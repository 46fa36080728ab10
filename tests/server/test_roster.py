"""Rosters from real files into a campaign: what is accepted, what is refused, what is left alone.

R1 ways of writing; R2 rejected rows; R3 the same person twice; R4 whole or not at all;
R5 hostile files; R6 last year's answers; R7 size.
"""

import csv
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from server.roster.fault import RosterError
from server.roster.header import COLUMNS
from server.roster.intake import Progress, import_roster
from server.roster.invention import InventedCounty
from server.roster.reader import RosterTerms
from server.roster.report import RosterReport
from server.roster.row import RosterRow, search_key
from server.roster.writing import write_csv, write_xlsx
from survey_engine.certificate import check_digit
from survey_engine.questionnaire import Questionnaire
from survey_engine.region_code import RegionCode

DAY = date(2026, 9, 30)
PERSON = {
    "姓名": "张试用",
    "残疾人证号": "99000019600229001042",
    "区划代码": "990000100201",
    "联系电话": "14000123456",
}
OTHER = {**PERSON, "姓名": "李试用", "残疾人证号": "99000019881103024221"}
CHILD = {**PERSON, "姓名": "王小试", "残疾人证号": "99000020120715005854"}
Row = Mapping[str, str]


class Campaign:
    """A campaign in memory: stores all rows or none, and knows who was there."""

    def __init__(self) -> None:
        self.people: dict[str, RosterRow] = {}

    def store(self, rows: Iterator[RosterRow]) -> Mapping[int, bool]:
        people, already = dict(self.people), {}
        for row in rows:
            known = people.setdefault(row.certificate.identity, row)
            if known is not row:
                already[row.row] = replace(known, row=row.row) == row
        self.people = people
        return already


class Desk:
    """A campaign with a folder for files: imports rows through a real file."""

    def __init__(self, folder: Path, form: Questionnaire) -> None:
        self.folder = folder
        self.campaign = Campaign()
        self.terms = RosterTerms(form, DAY)

    def take(self, path: Path) -> RosterReport:
        return import_roster(path, self.terms, self.campaign)

    def rows(self, *rows: Row) -> RosterReport:
        return self.take(self.csv(*rows))

    def csv(self, *rows: Row, encoding: str = "utf-8-sig") -> Path:
        path = self.folder / "roster.csv"
        columns = list(dict.fromkeys(column for row in rows for column in row))
        write_csv(path, columns, rows, encoding)
        return path

    def xlsx(self, *rows: Row) -> Path:
        path = self.folder / "roster.xlsx"
        write_xlsx(path, list(dict.fromkeys(column for row in rows for column in row)), rows)
        return path

    def book(self, build: Callable[[Workbook], None]) -> Path:
        path = self.folder / "built.xlsx"
        with Workbook(str(path)) as workbook:
            build(workbook)
        return path

    def content(self, content: bytes, name: str = "roster.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path


@pytest.fixture
def desk(tmp_path: Path, forms: dict[str, Questionnaire]) -> Desk:
    return Desk(tmp_path, forms["person"])


def refusal(desk: Desk, path: Path) -> str:
    """Import a file that must be refused, leaving nothing behind; return the code."""
    before = dict(desk.campaign.people)
    with pytest.raises(RosterError) as refused:
        desk.take(path)
    assert desk.campaign.people == before
    assert str(refused.value).endswith("。")
    return refused.value.code


def numbered(birth: str) -> str:
    """Return the identity number of somebody invented who was born on ``birth``."""
    beginning = f"990000{birth}001"
    return beginning + check_digit(beginning)


# R1 ways of writing


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_r1_encoding_ok(desk: Desk, encoding: str) -> None:
    report = desk.take(desk.csv(PERSON, OTHER, encoding=encoding))
    assert (report.read, report.accepted, report.rejected) == (2, 2, ())
    assert {row.name for row in desk.campaign.people.values()} == {"张试用", "李试用"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "big5"])
def test_r1_encoding_refused(desk: Desk, encoding: str) -> None:
    text = "姓名,殘疾人證號\n張三,1\n" if encoding == "big5" else "姓名,残疾人证号\n张三,1\n"
    assert refusal(desk, desk.content(text.encode(encoding))) in ("encoding", "no-header")


def test_r1_mixed_encoding_refused(desk: Desk) -> None:
    text = ",".join(PERSON) + "\n"
    content = text.encode() + ",".join(PERSON.values()).encode("gb18030") + b"\n"
    assert refusal(desk, desk.content(content)) == "bad-bytes"


@pytest.mark.parametrize(
    "name",
    [
        "𬱖龘",
        "王䶮",
        "𠮷田",
        "阿依古丽·买买提",
        "古丽巴哈尔•阿不都热合曼",
        "བཀྲ་ཤིས",
        "Askar Abdulla",
    ],
)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_r1_name_ok(desk: Desk, name: str, ending: str) -> None:
    row = {**PERSON, "姓名": f" {name}\u3000"}
    path = desk.xlsx(row) if ending == "xlsx" else desk.csv(row, encoding="gb18030")
    assert desk.take(path).accepted == 1
    assert next(iter(desk.campaign.people.values())).name == name


@pytest.mark.parametrize(
    ("one", "other"), [("买买提·艾力", "买买提•艾力"), ("⼀丁", "一丁"), ("Ａskar A", "askara")]
)
def test_r1_names_are_found_however_written(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)


def test_r1_private_character_is_accepted_and_remarked(desk: Desk) -> None:
    report = desk.rows({**PERSON, "姓名": "王\ue000"})
    assert report.accepted == 1
    assert "name-private" in {remark.code for remark in report.remarks}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_r1_full_width_ok(desk: Desk, ending: str) -> None:
    row = {
        **PERSON,
        "残疾人证号": "９９００００１９６００２２９００１０４２Ｂ１",
        "区划代码": "９９００００１００２０１",
        "联系电话": "＋８６ 0990—2123456",
    }
    assert desk.take(desk.xlsx(row) if ending == "xlsx" else desk.csv(row)).rejected == ()
    stored = desk.campaign.people["990000196002290010"]
    assert stored.telephone is not None
    assert stored.telephone.digits == "09902123456"
    assert stored.certificate.suffix == "B1"


def test_r1_columns_in_any_order_ok(desk: Desk) -> None:
    row = {
        "备注": "晚上打",
        "未入户原因": "外出务工",
        "家庭住址": "不导入",
        **PERSON,
        "户口性质": "农业",
    }
    report = desk.rows(dict(reversed(row.items())))
    assert report.accepted == 1
    assert any("家庭住址" in remark.message for remark in report.remarks)
    stored = next(iter(desk.campaign.people.values()))
    assert (stored.note, stored.reason, stored.residence) == ("晚上打", "外出务工", "rural")


@pytest.mark.parametrize("missing", ["姓名", "残疾人证号", "区划代码", "联系电话"])
def test_r1_missing_column_refused(desk: Desk, missing: str) -> None:
    row = {column: cell for column, cell in PERSON.items() if column != missing}
    assert refusal(desk, desk.csv(row)) == "no-header"


def test_r1_column_twice_refused(desk: Desk) -> None:
    columns, cells = [*PERSON, "联系电话"], [*PERSON.values(), "14000123457"]
    content = f"{','.join(columns)}\n{','.join(cells)}\n"
    assert refusal(desk, desk.content(content.encode())) == "header-twice"


@pytest.mark.parametrize("sign", ["\t", ";", "，"])
def test_r1_other_separator_refused(desk: Desk, sign: str) -> None:
    content = f"{sign.join(PERSON)}\n{sign.join(PERSON.values())}\n"
    assert refusal(desk, desk.content(content.encode())) == "separator"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_r1_line_ends_ok(desk: Desk, end: str) -> None:
    content = f"{','.join(PERSON)}{end}{','.join(PERSON.values())}{end}{end}"
    assert desk.take(desk.content(content.encode())).accepted == 1


def test_r1_numbers_that_lost_nothing_ok(desk: Desk) -> None:
    def build(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(PERSON))
        sheet.write_row(1, 0, [PERSON["姓名"], PERSON["残疾人证号"]])
        sheet.write_number(1, 2, 990000100201)
        sheet.write_number(1, 3, 14000123456)

    assert desk.take(desk.book(build)).rejected == ()


# R2 rejected rows


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("姓名", "", "name-empty"),
        ("姓名", "长" * 51, "name-length"),
        ("姓名", "<script>", "name-characters"),
        ("姓名", "张\u202e三", "name-characters"),
        ("姓名", "张三2", "name-characters"),
        ("残疾人证号", "1.23E+17", "certificate-spreadsheet-number"),
        ("残疾人证号", "99000019600229002042", "certificate-check-digit"),
        ("残疾人证号", "99000019600229001082", "certificate-category"),
        ("残疾人证号", "99000019600229001045", "certificate-grade"),
        ("残疾人证号", "990000196002290010", "grade-missing"),
        ("残疾人证号", f"{numbered('20261001')}11", "born-after"),
        ("残疾人证号", '="99000019600229001042"', "formula-cell"),
        ("残疾人证号", "#N/A", "error-cell"),
        ("区划代码", "990000100000", "region-not-a-village"),
        ("区划代码", "9.90E+11", "region-spreadsheet-number"),
        ("联系电话", "1400012345", "telephone-mobile-length"),
        ("联系电话", "0990-2123456-801", "telephone-extension"),
        ("监护人电话", "2123456", "telephone-no-area-code"),
        ("户口性质", "居民", "residence-unknown"),
        ("备注", "响\u0000", "text-characters"),
        ("备注", "长" * 501, "text-length"),
        ("A4", "5", "last-year-code"),
        ("E4", "1 6", "last-year-codes"),
        ("E4", "1 77", "last-year-codes"),
        ("A6", "12345", "last-year-value"),
    ],
)
def test_r2_cell_refused(desk: Desk, column: str, cell: str, code: str) -> None:
    report = desk.rows(OTHER, {**PERSON, column: cell})
    assert (report.read, report.accepted, len(report.rejected)) == (2, 1, 1)
    rejection = report.rejected[0]
    assert (rejection.row, rejection.column, rejection.code) == (3, column, code)
    assert f"第 3 行“{column}”" in rejection.message
    assert rejection.message.endswith("。")
    assert list(desk.campaign.people) == ["990000198811030242"]


def test_r2_all_columns_of_a_bad_row_are_named(desk: Desk) -> None:
    report = desk.rows({**PERSON, "姓名": "", "联系电话": "1", "区划代码": "2"})
    message = report.rejected[0].message
    assert all(column in message for column in ("姓名", "区划代码", "联系电话"))


def test_r2_child_of_18_places_ok(desk: Desk) -> None:
    assert desk.rows({**CHILD, "残疾人证号": "990000201207150058"}).accepted == 1
    assert next(iter(desk.campaign.people.values())).facts(DAY)["grade"] == "9"


@pytest.mark.parametrize(("birth", "accepted"), [("20260930", 1), ("19050101", 0)])
def test_r2_age_on_the_reference_day(desk: Desk, birth: str, accepted: int) -> None:
    assert desk.rows({**PERSON, "残疾人证号": f"{numbered(birth)}11"}).accepted == accepted


def test_r2_region_of_the_campaign(desk: Desk) -> None:
    desk.terms = replace(desk.terms, region=RegionCode.read("990000101000"))
    report = desk.rows(PERSON, {**OTHER, "区划代码": "990000101200"})
    assert [rejection.code for rejection in report.rejected] == ["region-outside"]
    assert report.accepted == 1


def test_r2_shifted_cells_refused(desk: Desk) -> None:
    content = f"{','.join(PERSON)},备注\n{','.join(PERSON.values())},晚上打,别早上打\n"
    report = desk.take(desk.content(content.encode()))
    assert [rejection.code for rejection in report.rejected] == ["cells-too-many"]


def test_r2_number_of_a_spreadsheet_refused(desk: Desk) -> None:
    def build(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(PERSON))
        sheet.write_row(1, 0, [PERSON["姓名"], 99000019600229001042, *list(PERSON.values())[2:]])

    report = desk.take(desk.book(build))
    assert [rejection.code for rejection in report.rejected] == ["certificate-spreadsheet-number"]


def test_r2_no_name_and_no_whole_number_is_told(desk: Desk) -> None:
    wrong = {**PERSON, "残疾人证号": "99000019600229002042", "联系电话": "140001234567"}
    report = desk.rows(wrong, PERSON, PERSON)
    told = json.dumps(report.as_dict(), ensure_ascii=False)
    for secret in ("张试用", "19600229", "1400012", "990000196"):
        assert secret not in told
    assert "尾号 2042" in told
    assert "张试用" not in repr(next(iter(desk.campaign.people.values())))


# R3 the same person twice


def test_r3_twice_in_the_file(desk: Desk) -> None:
    report = desk.rows(PERSON, OTHER, {**PERSON, "联系电话": "14000999999"})
    assert [(one.row, one.code) for one in report.rejected] == [(4, "twice-in-file")]
    assert "第 2 行" in report.rejected[0].message


def test_r3_a_rejected_row_does_not_bar_a_good_one(desk: Desk) -> None:
    report = desk.rows({**PERSON, "联系电话": "1"}, PERSON)
    assert (report.accepted, [one.row for one in report.rejected]) == (1, [2])


def test_r3_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.rows(PERSON, OTHER)
    before = dict(desk.campaign.people)
    report = desk.rows(PERSON, OTHER)
    assert (report.read, report.accepted, report.unchanged, report.rejected) == (2, 2, 2, ())
    assert desk.campaign.people == before


def test_r3_other_words_of_somebody_in_the_campaign_refused(desk: Desk) -> None:
    desk.rows(PERSON)
    before = dict(desk.campaign.people)
    regraded = {**PERSON, "残疾人证号": "99000019600229001041"}
    report = desk.rows(OTHER, regraded)
    assert [(one.row, one.code) for one in report.rejected] == [(3, "already-in-campaign")]
    assert desk.campaign.people["990000196002290010"] == before["990000196002290010"]


# R4 whole or not at all


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_r4_a_csv_cut_before_its_last_cell_refused(desk: Desk, encoding: str) -> None:
    rows = [{**PERSON, "备注": "说话慢"}, {**OTHER, "备注": "家里说方言"}]
    content = desk.csv(*rows, encoding=encoding).read_bytes()
    last_line = content.rstrip().rindex(b"\n") + 1
    for place in range(last_line + 1, content.rindex(b",") + 1):
        assert refusal(desk, desk.content(content[:place])) in ("last-row", "bad-bytes")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_r4_a_csv_cut_within_quotes_refused(desk: Desk, encoding: str) -> None:
    content = desk.csv({**PERSON, "备注": '说"慢"点,\n大声'}, encoding=encoding).read_bytes()
    for place in range(content.index(b'"') + 1, content.index(b"\n", content.index(b'"')) + 1):
        if content[:place].count(b'"') % 2 == 0:
            continue
        assert refusal(desk, desk.content(content[:place])) in ("quotes", "bad-bytes")


def test_r4_a_csv_whose_last_line_has_no_end_accepted(desk: Desk) -> None:
    content = desk.csv(PERSON, OTHER).read_bytes().rstrip()
    assert desk.take(desk.content(content)).accepted == 2


def test_r4_an_xlsx_cut_anywhere_refused(desk: Desk) -> None:
    content = desk.xlsx(PERSON, OTHER).read_bytes()
    for place in range(0, len(content) - 1, 7):
        assert refusal(desk, desk.content(content[:place], "cut.xlsx")) == "cut"


def test_r4_a_fault_at_the_end_undoes_the_beginning(desk: Desk) -> None:
    content = desk.csv(PERSON, OTHER).read_bytes()
    assert refusal(desk, desk.content(content + b"\xff\xff,\n")) == "bad-bytes"


@pytest.mark.parametrize("content", [b"", ",".join(PERSON).encode() + b"\n", b"\n\n"])
def test_r4_nobody_refused(desk: Desk, content: bytes) -> None:
    assert refusal(desk, desk.content(content)) in ("cut", "no-rows")


# R5 hostile files


def rebuilt(path: Path, changes: Mapping[str, bytes | None], also: Sequence[str] = ()) -> Path:
    """Write a workbook again with some parts changed, dropped (None) or added."""
    source = zipfile.ZipFile(path)
    parts = {name: source.read(name) for name in source.namelist()}
    parts |= {name: content for name, content in changes.items() if content is not None}
    with zipfile.ZipFile(path.with_name("hostile.xlsx"), "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            if name not in changes or changes[name] is not None:
                target.writestr(name, content)
        for name in also:
            target.writestr(name, b"x")
    return path.with_name("hostile.xlsx")


SHEET = "xl/worksheets/sheet1.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet_xml(data: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    inside = b"<sheetData>" + data + b"</sheetData>" + after
    return (
        b'<?xml version="1.0"?>' + before + b"<worksheet " + MAIN + b">" + inside + b"</worksheet>"
    )


#: Keeps the ratio of a part low, so that it is not refused by that alone.
NOISE = b"<!--" + random.Random(1).randbytes(300_000).hex().encode() + b"-->"
CELL = b'<row r="1"><c r="A1" t="inlineStr"><is><t>1</t></is></c></row>'


@pytest.mark.parametrize(
    ("part", "content", "code"),
    [
        (SHEET, b"<a>" * 30_000_000, "packed-too-tight"),
        ("xl/sharedStrings.xml", b"\0" * 100_000_000, "packed-too-tight"),
        (SHEET, sheet_xml(b'<row r="1"><c r="XFD1"><v>1</v></c></row>'), "too-many-columns"),
        (SHEET, sheet_xml(b'<row r="1">' + b"<c/>" * 1000 + b"</row>"), "too-many-columns"),
        (SHEET, sheet_xml(b'<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'), "formula"),
        (SHEET, sheet_xml(b'<row r="2"/><row r="1"/>'), "damaged"),
        (SHEET, sheet_xml(b'<row r="1"><c r="A1" t="s"><v>99999</v></c></row>'), "damaged"),
        (SHEET, sheet_xml(b'<row r="1"><c r="A1"><v>NaN</v></c></row>'), "damaged"),
        (SHEET, sheet_xml(CELL) + b"<", "no-header"),
        (SHEET, sheet_xml(b"<a/>" * 4_000_000 + NOISE), "packed-too-tight"),
        (SHEET, sheet_xml(b"<row/>" * 300_000 + NOISE), "too-many-rows"),
        (
            SHEET,
            sheet_xml(CELL, b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'),
            "unsafe-xml",
        ),
        (SHEET, sheet_xml(CELL, b'<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "unsafe-xml"),
        (SHEET, b"<" + b"a" * 900_000, "damaged"),
        ("xl/vbaProject.bin", b"x", "macros"),
        ("xl/externalLinks/externalLink1.xml", b"<x/>", "external"),
        ("xl/embeddings/oleObject1.bin", b"x", "external"),
        ("xl/connections.xml", b"<x/>", "external"),
        ("../evil.xml", b"<x/>", "damaged"),
        ("/etc/passwd", b"<x/>", "damaged"),
        ("XL/WORKSHEETS/SHEET1.XML", b"<x/>", "damaged"),
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            b'<Relationships><Relationship Id="a" Type="x/externalLinkPath" TargetMode="External"'
            b' Target="http://example.invalid/"/></Relationships>',
            "external",
        ),
        ("xl/workbook.xml", None, "damaged"),
        ("[Content_Types].xml", b'<T><O ContentType="x.macroEnabled.main+xml"/></T>', "macros"),
    ],
)
def test_r5_hostile_part_refused(desk: Desk, part: str, content: bytes | None, code: str) -> None:
    assert refusal(desk, rebuilt(desk.xlsx(PERSON), {part: content})) == code


def test_r5_prefixed_names_are_no_way_around(desk: Desk) -> None:
    sheet = (
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<x:sheetData><x:row r="1"><x:c r="A1"><x:f>1</x:f></x:c></x:row></x:sheetData>'
        b"</x:worksheet>"
    )
    assert refusal(desk, rebuilt(desk.xlsx(PERSON), {SHEET: sheet})) == "formula"


def test_r5_formula_of_a_real_program_refused(desk: Desk) -> None:
    def build(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(PERSON))
        sheet.write_row(1, 0, list(PERSON.values())[:3])
        sheet.write_formula(1, 3, '="14000123456"', None, "14000123456")

    assert refusal(desk, desk.book(build)) == "formula"


def test_r5_merged_cells_refused(desk: Desk) -> None:
    def build(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(PERSON))
        sheet.write_row(1, 0, list(PERSON.values()))
        sheet.merge_range("C2:C3", PERSON["区划代码"])

    assert refusal(desk, desk.book(build)) == "merged"


def test_r5_two_sheets_refused_a_blank_and_a_hidden_one_ok(desk: Desk) -> None:
    def build(book: Workbook, second: str) -> None:
        book.add_worksheet().write_row(0, 0, list(PERSON))
        book.worksheets()[0].write_row(1, 0, list(PERSON.values()))
        book.add_worksheet()
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "别的内容")
        if second == "hidden":
            sheet.hide()

    assert refusal(desk, desk.book(lambda book: build(book, "seen"))) == "several-sheets"
    report = desk.take(desk.book(lambda book: build(book, "hidden")))
    assert report.accepted == 1
    assert report.remarks[0].code == "sheet-ignored"


def test_r5_hidden_rows_are_remarked(desk: Desk) -> None:
    def build(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(PERSON))
        sheet.write_row(1, 0, list(PERSON.values()))
        sheet.set_row(1, None, None, {"hidden": True})

    report = desk.take(desk.book(build))
    assert "rows-hidden" in {remark.code for remark in report.remarks}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("roster.xls", b"\xd0\xcf\x11\xe0" + b"x" * 600, "ending"),
        ("roster.xlsm", b"PK\x03\x04", "ending"),
        ("roster.exe", b"MZ", "ending"),
        ("roster", b"x", "ending"),
        ("roster.xlsx", b"\xd0\xcf\x11\xe0" + b"x" * 600, "old-workbook"),
        ("roster.csv", b"PK\x03\x04rest", "misnamed"),
        ("roster.xlsx", ",".join(PERSON).encode(), "misnamed"),
        ("roster.csv", b"\x7fELF\x00\xff\xfe", "encoding"),
        ("roster.csv", b"a," * 500_000 + b"\n", "cell-too-long"),
        ("roster.csv", b"a," * 1_000 + b"\n", "too-many-columns"),
        ("roster.csv", b'"' + b"a\n" * 500_000, "quotes"),
        ("roster.csv", b"\n" * 4_000_000, "too-many-rows"),
        ("roster.csv", b"a" * (33 * 1024 * 1024), "too-large"),
    ],
)
def test_r5_file_refused(desk: Desk, name: str, content: bytes, code: str) -> None:
    assert refusal(desk, desk.content(content, name)) == code


def test_r5_no_file_and_a_folder_refused(desk: Desk) -> None:
    assert refusal(desk, desk.folder / "none.csv") == "unreadable"
    (desk.folder / "folder.csv").mkdir()
    assert refusal(desk, desk.folder / "folder.csv") == "unreadable"


def test_r5_directory_of_a_million_entries_refused(desk: Desk) -> None:
    entry = b"PK\x01\x02" + b"\0" * 42
    directory = entry * 400_000
    end = b"PK\x05\x06" + b"\0" * 4 + b"\xff\xff" * 2 + len(directory).to_bytes(4, "little")
    content = b"PK\x03\x04" + directory + end + b"\x04\0\0\0\0\0"
    assert refusal(desk, desk.content(content, "many.xlsx")) == "packed-too-tight"


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(places=st.lists(st.tuples(st.integers(0, 6_000), st.integers(0, 255)), max_size=6))
def test_r5_damaged_workbook_is_read_or_refused(desk: Desk, places: list[tuple[int, int]]) -> None:
    content = bytearray(desk.xlsx(PERSON, OTHER).read_bytes())
    for place, value in places:
        content[place % len(content)] = value
    desk.campaign = Campaign()
    try:
        report = desk.take(desk.content(bytes(content), "damaged.xlsx"))
    except RosterError:
        assert desk.campaign.people == {}
    else:
        assert report.accepted == len(desk.campaign.people)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode()))
def test_r5_any_csv_is_read_or_refused(desk: Desk, content: bytes) -> None:
    desk.campaign = Campaign()
    header = ",".join(PERSON).encode() + b"\n"
    try:
        report = desk.take(desk.content(header + content))
    except RosterError:
        assert desk.campaign.people == {}
    else:
        assert report.read == report.accepted + len(report.rejected)


# R6 last year's answers


def test_r6_values_ok(desk: Desk) -> None:
    row = {
        **PERSON,
        "A4": "10",
        "E4": "3；1",
        "B2a": "",
        "A6": "14000123456",
        "A2": "1042",
        "E7": "2.0",
    }
    report = desk.rows(row)
    assert report.rejected == ()
    stored = next(iter(desk.campaign.people.values()))
    assert stored.last_year == {"A4": "10", "E4": "1 3", "A6": "14000123456", "E7": "2"}
    assert "column-not-taken" in {remark.code for remark in report.remarks}


# R7 size and the invented county


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_r7_invented_county_is_accepted_whole(desk: Desk, ending: str) -> None:
    county = InventedCounty(desk.terms.form, DAY, seed=7)
    people = [person.as_row() for person in county.people(80)]
    path = desk.folder / f"county.{ending}"
    (write_xlsx if ending == "xlsx" else write_csv)(path, county.columns, people)
    seen: list[Progress] = []
    report = import_roster(path, desk.terms, desk.campaign, seen.append)
    assert (report.read, report.rejected) == (80, ())
    assert (seen[-1].rows, seen[-1].done) == (80, seen[-1].total)
    stored = list(desk.campaign.people.values())
    assert {row.certificate.category for row in stored} >= set("1234567")
    assert len({row.region for row in stored}) == 6
    assert sum(bool(row.last_year) for row in stored) > 50


def test_r7_same_seed_same_county(desk: Desk) -> None:
    first, second = (InventedCounty(desk.terms.form, DAY, seed=3) for _ in range(2))
    assert [one.as_row() for one in first.people(5)] == [one.as_row() for one in second.people(5)]


def test_r7_too_many_rows_refused(desk: Desk) -> None:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows(["x"] for _ in range(100_001))
    with pytest.raises(RosterError) as refused:
        desk.take(desk.content(file.getvalue().encode()))
    assert refused.value.code == "too-many-rows"
