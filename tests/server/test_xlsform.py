# Rows of a table of cases stay on one line.
# ruff: noqa: E501
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from server.forms.flat_mapping import flattened, nested
from server.forms.library import SHIPPED
from server.forms.plain_yaml import read_plain_yaml
from server.forms.run import AnswerError, run_form
from server.forms.sheet_fault import SheetError
from server.forms.workbook import read_workbook
from server.forms.xlsform_reader import read_sheet_form, read_xlsform
from server.forms.xlsform_writer import write_xlsform
from survey_engine.questionnaire import Questionnaire
from survey_engine.reading import read_questionnaire

NOW = datetime(2026, 9, 30, tzinfo=UTC)
YES_NO = """
| choices | | | |
| | list_name | name | label |
| | yn | y | 是 |
| | yn | n | 否 |
"""
FORM = (
    """
| survey | | | | | | | | |
| | type | name | label::中文 (zh) | label::English (en) | relevant | required | constraint | hint |
| | integer | age | 年龄 | Age | | yes | . >= 0 and . <= 120 | 周岁 |
| | begin group | work | 就业 | Work | ${age} >= 16 | | | |
| | select_one yn | job | 有工作吗 | Job? | | | | |
| | text | what | ${age} 岁做什么 {工作} | What | ${job} = 'y' | TRUE | | |
| | end group | | | | | | | |
| | note | thanks | 谢谢 | Thanks | | | | |
"""
    + YES_NO
    + """
| settings | | | |
| | form_title | form_id | default_language |
| | 调查 | survey-1 | 中文 (zh) |
"""
)


def written(folder: Path, markdown: str) -> Path:
    path = folder / "form.md"
    path.write_text(markdown, encoding="utf-8")
    return path


def read(folder: Path, markdown: str) -> Questionnaire:
    return read_questionnaire(read_xlsform(written(folder, markdown)))


def refused(folder: Path, markdown: str) -> list[tuple[str, str, int]]:
    with pytest.raises(SheetError) as caught:
        read_xlsform(written(folder, markdown))
    assert all(fault.message.endswith(".") for fault in caught.value.faults)
    return [(fault.code, fault.sheet, fault.row) for fault in caught.value.faults]


def survey(*rows: str) -> str:
    """A survey sheet of rows with type, name, label and what follows."""
    head = (
        "| survey | | | | | |\n| | type | name | label | relevant | calculation | choice_filter |\n"
    )
    return head + "".join(f"| | {row} |\n" for row in rows) + YES_NO


def workbook(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    data = BytesIO()
    with xlsxwriter.Workbook(data) as book:
        for name, rows in sheets.items():
            sheet: Any = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return data.getvalue()


def test_a_form_is_read_in_its_default_language(tmp_path: Path) -> None:
    form = read(tmp_path, FORM)
    assert (form.form, form.title) == ("survey-1", "调查")
    assert [section.name for section in form.sections] == ["part1", "work", "part2"]
    assert [item.name for item in form.items] == ["age", "job", "what", "thanks"]
    age, job, what, _ = form.items
    assert (age.label, age.wording.explain) == ("年龄", "周岁")
    assert [choice.label for choice in job.choices] == ["是", "否"]
    assert what.wording.ask == "… 岁做什么 ｛工作｝"


def test_a_workbook_reads_as_the_table_does(tmp_path: Path) -> None:
    rows = [line.strip().strip("|").split("|") for line in FORM.strip().splitlines()]
    sheets: dict[str, list[list[object]]] = {}
    for first, *cells in rows:
        if first.strip():
            name = first.strip()
            sheets[name] = []
        elif cells:
            sheets[name].append([cell.strip() or None for cell in cells])
    path = tmp_path / "form.xlsx"
    path.write_bytes(workbook(sheets))  # type: ignore[arg-type]
    assert read_xlsform(path) == read_xlsform(written(tmp_path, FORM))


def test_numbers_and_truths_in_cells_are_text() -> None:
    data = workbook({"survey": [["a", None, 1.0, 2.5, True, "中"]], "other": [[]]})
    assert read_workbook(data)["survey"] == [["a", "", "1", "2.5", "TRUE", "中"]]


def test_answers_run_through_the_form(tmp_path: Path) -> None:
    form = read(tmp_path, FORM)
    steps = list(run_form(form, [("age", 30), ("job", "y"), ("age", "12"), ("age", None)], NOW))
    assert steps[0].as_dict() == {
        "step": 1, "relevant": ["age", "job", "thanks"], "values": {"age": "30"},
        "invalid": [], "missing": [],
    }  # fmt: skip
    assert steps[1].missing == ("what",)
    assert steps[2].values == {"age": "12"}
    assert steps[3].invalid == ("age",)


@pytest.mark.parametrize("name", ["zz", "work"])
def test_a_name_that_is_no_question_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AnswerError) as caught:
        list(run_form(read(tmp_path, FORM), [("age", "1"), (name, "1")], NOW))
    assert (caught.value.code, caught.value.step) == ("unknown-name", 2)


def test_an_answer_to_a_note_changes_nothing_and_is_said(tmp_path: Path) -> None:
    first, second = run_form(read(tmp_path, FORM), [("age", "1"), ("thanks", "1")], NOW)
    assert (second.relevant, second.values) == (first.relevant, first.values)
    assert "thanks" in second.ignored


@pytest.mark.parametrize("answer", [("job", "maybe"), ("age", "abc"), ("age", "99999999999")])
def test_what_is_no_value_is_left_out_and_said(tmp_path: Path, answer: tuple[str, str]) -> None:
    first, second = run_form(read(tmp_path, FORM), [("age", "30"), answer], NOW)
    assert first.ignored == ""
    assert answer[0] in second.ignored
    assert answer[1] not in second.values.values()


def test_a_readonly_question_takes_no_answer(tmp_path: Path) -> None:
    markdown = (
        "| survey | | | | |\n| | type | name | label | read_only |\n| | text | a | A | yes |\n"
    )
    (step,) = run_form(read(tmp_path, markdown + "| | text | b | B | |\n"), [("a", "x")], NOW)
    assert step.values == {}
    assert "readonly" in step.ignored


def test_every_unsupported_row_is_listed(tmp_path: Path) -> None:
    assert refused(tmp_path, survey("nonsense | a | A | | |")) == [
        ("xlsform-unsupported", "survey", 2)
    ]
    rows = (
        "text | a | A | | |", "begin repeat | r | R | | |", "image | i | I | | |",
        "geopoint | g | G | | |", "end repeat | | | | |", "rank yn | k | K | | |",
        "select_one_from_file x.csv | f | F | | |",
    )  # fmt: skip
    found = refused(tmp_path, survey(*rows))
    assert found == [("xlsform-unsupported", "survey", row) for row in (3, 4, 5, 7, 8)]


def test_every_unreadable_expression_is_listed(tmp_path: Path) -> None:
    rows = ("text | a | A | ${a} = = 1 | |", "text | b | B | age > 3 | |",
            "calculate | c | | | iff(1) |", "select_one yn | s | S | | | name = |")  # fmt: skip
    assert refused(tmp_path, survey(*rows)) == [
        ("expression-syntax", "survey", 2),
        ("expression-bare-name", "survey", 3),
        ("expression-unknown-function", "survey", 4),
        ("expression-syntax", "survey", 5),
    ]


@pytest.mark.parametrize(
    ("markdown", "row"),
    [
        (survey("text | a | A | ${zz} = 1 | |"), 2),
        (survey("text | a | A | | |", "text | a | B | | |"), 3),
        (survey("select_one none | a | A | | |"), 2),
        (survey("begin group | g | G | | |", "text | a | A | | |"), 2),
    ],
)
def test_errors_of_pyxform_keep_their_row(tmp_path: Path, markdown: str, row: int) -> None:
    assert refused(tmp_path, markdown) in ([("xlsform-error", "survey", row)],
                                           [("xlsform-error", "survey", 0)])  # fmt: skip


def _refused_file(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    with pytest.raises(SheetError) as caught:
        read_xlsform(path)
    (found,) = caught.value.faults
    return found.code


def _altered(part: str, content: bytes) -> bytes:
    """A good workbook with one part replaced."""
    source = zipfile.ZipFile(BytesIO(workbook({"survey": [["type", "name", "label"]]})))
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, content if name == part else source.read(name))
    return data.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_CLOSE = b"</sheetData></worksheet>"
CELL = b"<c r='A1' t='str'><v>x</v></c>"
BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    + _OPEN + b"<row><c t='str'><v>&b;</v></c></row>" + _CLOSE
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xlsx", b"", "not-xlsx"),
        ("a.xlsx", b"PK\x03\x04 nonsense", "not-xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not-xlsx"),
        ("a.xlsx", b"x" * (11 * 1024 * 1024), "file-too-large"),
        ("a.xlsx", workbook({"other": [["a"]], "more": [["a"]]}), "no-survey"),
        ("a.xlsx", workbook({"survey": [["type", "name", "name"]]}), "duplicate-column"),
        ("a.xlsx", _altered(SHEET, b"<broken"), "not-xlsx"),
        ("a.xlsx", _altered(SHEET, BOMB), "unsafe-xml"),
        ("a.xlsx", _altered(SHEET, _OPEN + b" " * 45_000_000 + _CLOSE), "workbook-too-large"),
        ("a.xlsx", _altered(SHEET, _OPEN + b"<row r='1048576'>" + CELL + b"</row>" + _CLOSE), "workbook-too-large"),
        ("a.xlsx", _altered(SHEET, _OPEN + b"<row>" + CELL.replace(b"A", b"XFD") + b"</row>" + _CLOSE), "workbook-too-large"),
        ("a.xlsx", _altered(SHEET, _OPEN + b"<row><c r='B1'/><c r='A1'/></row>" + _CLOSE), "not-xlsx"),
        ("a.xlsx", _altered(SHEET, _OPEN + b"<row r='2'></row><row r='1'></row>" + _CLOSE), "not-xlsx"),
        ("a.xlsx", _altered(SHEET, _OPEN + b"<row r='x'></row>" + _CLOSE), "unsafe-xml"),
        ("a.md", b"no tables here", "not-an-xlsform"),
        ("a.md", b"\xff\xfe\x00", "not-an-xlsform"),
        ("a.md", b"| survey |\n" * 300_000, "file-too-large"),
        ("a.xls", b"", "not-an-xlsform"),
        ("a.docx", b"", "not-an-xlsform"),
    ],
)  # fmt: skip
def test_files_that_are_no_form_are_refused_quickly(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    assert _refused_file(tmp_path, name, data) == code


def test_many_small_elements_are_refused_quickly(tmp_path: Path) -> None:
    rows = (_OPEN + b"<row>" + b"<c/>" * 400 + b"</row>") + (
        b"<row>" + b"<c/>" * 400 + b"</row>"
    ) * 3_000
    assert _refused_file(tmp_path, "a.xlsx", _altered(SHEET, rows + _CLOSE)) in (
        "workbook-too-large", "not-xlsx",
    )  # fmt: skip


def test_a_large_sheet_that_is_no_part_of_the_form_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        survey, notes = book.add_worksheet("Survey "), book.add_worksheet("notes")
        for row, cells in enumerate((("type", "name", "label"), ("text", "a", "A"))):
            survey.write_row(row, 0, cells)
        for row in range(3_000):
            notes.write_row(row, 0, range(200))
    assert [item.name for item in read_questionnaire(read_xlsform(path)).items] == ["a"]


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SheetError) as caught:
        read_xlsform(tmp_path / "absent.xlsx")
    assert caught.value.faults[0].code == "file-unreadable"


SHIPPED_FORMS = ("person", "community")


def _mapping(name: str) -> dict[str, Any]:
    value = read_plain_yaml((SHIPPED / f"{name}.yaml").read_bytes()).value
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("name", SHIPPED_FORMS)
def test_a_shipped_form_survives_the_way_through_a_workbook(tmp_path: Path, name: str) -> None:
    path = tmp_path / "form.xlsx"
    write_xlsform(_mapping(name), path)
    assert convert(str(path)).warnings == []
    assert read_questionnaire(read_xlsform(path)) == read_questionnaire(_mapping(name))


def test_a_form_survives_the_way_through_markdown(tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    write_xlsform(_mapping("community"), path)
    assert convert(str(path)).warnings == []
    assert read_questionnaire(read_xlsform(path)) == read_questionnaire(_mapping("community"))


def test_a_form_of_another_survives_too(tmp_path: Path) -> None:
    foreign = read_xlsform(written(tmp_path, FORM))
    path = tmp_path / "again.xlsx"
    write_xlsform(foreign, path)
    assert read_questionnaire(read_xlsform(path)) == read_questionnaire(foreign)


def test_choices_with_conditions_survive(tmp_path: Path) -> None:
    form = _mapping("community")
    form["sections"][0]["items"].append({
        "name": "town", "label": "T", "type": "single", "wording": {"ask": "T"},
        "choices": [
            {"code": "1", "label": "A", "when": "${vx} = 'x' or ${vx} = 'z'", "says": ["a", "b"]},
            {"code": "1", "label": "B", "when": "${vx} = 'y'"},
            {"code": "2", "label": "C", "meaning": "c"},
        ],
    })  # fmt: skip
    form["sections"][0]["items"].insert(0, {
        "name": "vx", "label": "V", "type": "text", "wording": {"ask": "V"},
    })  # fmt: skip
    path = tmp_path / "form.xlsx"
    write_xlsform(form, path)
    convert(str(path))
    assert read_questionnaire(read_xlsform(path)) == read_questionnaire(form)


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    form = _mapping("community")
    form["title"] = "a|b"
    with pytest.raises(ValueError, match=r"\.xlsx"):
        write_xlsform(form, tmp_path / "form.md")
    with pytest.raises(ValueError, match="suffix"):
        write_xlsform(form, tmp_path / "form.ods")


@pytest.mark.parametrize("column", ["a[1]", "a[0].b[7]", "[0]", ".".join("a" * 20)])
def test_a_misplaced_field_is_named(tmp_path: Path, column: str) -> None:
    sheets = {
        "survey": [["type", "name", "label"], ["text", "a", "A"]],
        "_items": [["name", column], ["a", "x"]],
        "_choices": [["list_name"]],
        "_form": [["path", "value"]],
    }
    path = tmp_path / "form.xlsx"
    path.write_bytes(workbook(sheets))  # type: ignore[arg-type]
    with pytest.raises(SheetError) as caught:
        read_xlsform(path)
    assert [(fault.code, fault.sheet) for fault in caught.value.faults] == [
        ("field-misplaced", "_items")
    ]


@given(
    st.recursive(
        st.text(min_size=1, max_size=5),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(
                st.from_regex(r"[a-z0-9_-]{1,4}", fullmatch=True), inner, min_size=1, max_size=3
            )
        ),
        max_leaves=10,
    )
)
def test_a_mapping_survives_being_flat(value: object) -> None:
    flat = dict(flattened({"top": value}))
    assert nested(flat) == {"top": value}


def test_cells_that_carry_only_looks_are_no_trouble() -> None:
    rows = b"<row r='1'><c r='A1' t='str'><v>x</v></c><c r='XFD1' s='1'/></row>"
    rows += b"<row r='1048576'><c r='A1048576' s='1'/></row>"
    assert read_workbook(_altered(SHEET, _OPEN + rows + _CLOSE)) == {"survey": [["x"]]}


def test_a_lone_sheet_is_the_survey_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(workbook({"Tabelle1": [["type", "name", "label"], ["text", "a", "A"]]}))
    assert [item.name for item in read_questionnaire(read_xlsform(path)).items] == ["a"]


def test_the_row_of_every_path_is_known(tmp_path: Path) -> None:
    form = read_sheet_form(written(tmp_path, FORM))
    assert form.rows == {
        "sections[0].items[0]": 2, "sections[1]": 3, "sections[1].items[0]": 4,
        "sections[1].items[1]": 5, "sections[2].items[0]": 7,
    }  # fmt: skip
