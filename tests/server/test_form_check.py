"""``tingwen form check`` on real files: sound, broken and hostile ones."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from server.forms.library import SHIPPED
from tests.commands import Contained, Outcome, contained

HANG = 60  # seconds after which a check counts as hanging
MEMORY = 1_500_000_000
SOUND = """\
form: village
version: 1
title: 小表
sections:
  - name: S
    label: 一
    items:
      - name: Q
        label: 有没有
        type: single
        wording: {ask: 有没有？}
        choices:
          - {code: 1, label: 有}
          - {code: 2, label: 没有}
      - name: R
        label: 多少
        type: integer
        relevant: ${Q} = '1'
        wording: {ask: 有多少？}
"""


@pytest.fixture(scope="module", autouse=True)
def _process() -> Iterator[None]:
    """One process for all checks, which may not take more memory than ``MEMORY``."""
    global RUNNING
    with contained(MEMORY) as RUNNING:
        yield


RUNNING: Contained


def check(*arguments: object) -> Outcome:
    """Run ``tingwen form check`` within limits of time and memory."""
    return RUNNING.run("form", "check", *map(str, arguments), patience=HANG)


def written(folder: Path, text: str | bytes, name: str = "village.yaml") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def changed(old: str, new: str) -> str:
    """The sound form with one place changed."""
    assert SOUND.count(old) == 1
    return SOUND.replace(old, new)


def assert_refused_in_one_sentence(outcome: Outcome, file: Path, why: str) -> None:
    assert outcome.code == 1
    assert "Traceback" not in outcome.out + outcome.err
    assert len(outcome.lines) == 1
    assert outcome.lines[0].startswith(file.name)
    assert why in outcome.lines[0]
    assert outcome.err.splitlines() == outcome.lines


# Sound forms


def test_sound_form_is_accepted(tmp_path: Path) -> None:
    outcome = check(written(tmp_path, SOUND))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.lines[0] == "village.yaml: 小表 1 没有错误，2 项，0 条核对规则。"
    assert "official 缺少 number、authority、approval、valid_until" in outcome.lines[1]


def test_sound_form_is_summed_up_for_machines(tmp_path: Path) -> None:
    outcome = check(written(tmp_path, SOUND), "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == {
        "form": "village",
        "version": "1",
        "items": 2,
        "checks": 0,
        "faults": [],
        "fieldable": False,
        "missing": ["number", "authority", "approval", "valid_until"],
    }


def test_form_with_number_and_valid_date_may_be_fielded(tmp_path: Path) -> None:
    official = "official: {number: 1, authority: 残联, approval: 2, valid_until: 2999-12-31}\n"
    outcome = check(written(tmp_path, official + SOUND), "--json")
    assert json.loads(outcome.out)["fieldable"] is True
    assert len(check(written(tmp_path, official + SOUND)).lines) == 1


@pytest.mark.parametrize("name", ["person", "community"])
def test_shipped_form_is_found_by_name(name: str) -> None:
    outcome = check(name)
    assert outcome.code == 0
    assert outcome.lines[0].startswith(f"{name}.yaml: ")


@pytest.mark.parametrize(
    "overlay", sorted((SHIPPED / "overlays").glob("*.yaml")), ids=lambda file: file.stem
)
def test_shipped_overlay_fits_the_person_form(overlay: Path) -> None:
    assert check("person", "--overlay", overlay).code == 0


def test_long_chain_of_one_operator_is_not_deep(tmp_path: Path) -> None:
    chain = "relevant: " + "1 + " * 5_000 + "1"
    assert check(written(tmp_path, changed("relevant: ${Q} = '1'", chain))).code == 0


def test_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode()
    assert check(written(tmp_path, text)).code == 0


# Broken forms


def test_every_fault_is_listed_with_file_and_line(tmp_path: Path) -> None:
    broken = SOUND.replace("title: 小表\n", "").replace("type: integer", "type: colour")
    broken = broken.replace("${Q} = '1'", "${X} = '1'").replace("ask: 有没有", "ask: 没有，是吧")
    outcome = check(written(tmp_path, broken))
    assert outcome.code == 1
    found = {line.split(": ")[0] for line in outcome.lines}
    assert found == {"village.yaml:1", "village.yaml:10", "village.yaml:16", "village.yaml:14"}
    assert outcome.err == f"{outcome.lines[0]} ({len(outcome.lines) - 1} more)\n"


def test_faults_are_listed_for_machines(tmp_path: Path) -> None:
    file = written(tmp_path, changed("${Q} = '1'", "Q = '1'"))
    outcome = check(file, "--json")
    assert outcome.code == 1
    listed = json.loads(outcome.out)
    assert listed["file"] == str(file)
    [fault] = listed["faults"]
    assert (fault["code"], fault["line"]) == ("bad-expression", 18)
    assert fault["path"] == "sections[0].items[1].relevant"
    assert "${Q}" in fault["message"]


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("form: village", "form: 1village", 1, "starts with a letter"),
        ("name: R", "name: Q", 15, "a second time"),
        ("code: 2", "code: 98", 14, "never official codes"),
        ("code: 2", "code: 1", 14, "share a code only if"),
        ("relevant: ${Q} = '1'", "relevant: ${R} = '1'", 15, "break the circle"),
        ("relevant: ${Q} = '1'", "relevant: " + "(" * 10_000 + "1" + ")" * 10_000, 18, "deep"),
        ("relevant: ${Q} = '1'", "relevant: " + "not(" * 9_000, 18, "characters"),
        ("relevant: ${Q} = '1'", "relevant: " + "-" * 10_000 + "1", 18, "deep"),
        ("relevant: ${Q} = '1'", "relevant: " + "1-" * 10_000 + "1", 18, "deep"),
        ("relevant: ${Q} = '1'", "constraint: regex(., '(a+)+(')", 18, "pattern"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_fault_is_named_in_one_sentence(
    tmp_path: Path, old: str, new: str, line: int, why: str
) -> None:
    file = written(tmp_path, changed(old, new))
    outcome = check(file)
    assert_refused_in_one_sentence(outcome, file, why)
    assert outcome.lines[0].startswith(f"village.yaml:{line}: ")


def test_faulty_overlay_is_named_and_not_the_form(tmp_path: Path) -> None:
    form = written(tmp_path, SOUND)
    overlay = "overlay: county\nextends: village\nitems:\n  drop: [X]\n"
    file = written(tmp_path, overlay, "county.yaml")
    outcome = check(form, "--overlay", file)
    assert_refused_in_one_sentence(outcome, file, "correct the name")
    assert outcome.lines[0].startswith("county.yaml:4: ")


# Files that are no forms


@pytest.mark.parametrize(
    ("name", "make", "why"),
    [
        ("absent.yaml", lambda _file: None, "cannot be read (No such file"),
        ("folder.yaml", Path.mkdir, "cannot be read (Is a directory)"),
        ("form.pdf", lambda file: file.write_text(SOUND), "no form by its ending"),
        ("form", lambda file: file.write_text(SOUND), "no form by its ending"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_path_is_refused(
    tmp_path: Path, name: str, make: Callable[[Path], object], why: str
) -> None:
    file = tmp_path / name
    make(file)
    assert_refused_in_one_sentence(check(file), file, why)


def test_file_of_100_mb_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(100_000_000)
    assert_refused_in_one_sentence(check(file), file, "has 100 MB")


def laughs() -> str:
    """The billion laughs: nine lists, each of nine of the one before."""
    lists = ['a0: &a0 ["ha"]']
    lists += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(lists)


def many_items() -> str:
    rows = "".join(f"      - {{name: N{n}, type: note}}\n" for n in range(100_000))
    return SOUND + rows


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds 0 YAML documents"),
        ("# nothing\n", "holds 0 YAML documents"),
        ("a: b\n---\na: b\n", "holds 2 YAML documents"),
        ("- a\n- b\n", "is not a mapping at its top"),
        ("only words", "is not a mapping at its top"),
        (bytes(range(256)) * 10, "not UTF-8"),
        (b"form: a\0b\n", "binary"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8"),
        (SOUND.encode("utf-16"), "not UTF-8"),
        (SOUND.encode("gb18030"), "not UTF-8"),
        (SOUND + "form: village\n", "writes the key `form` a second time"),
        (changed("code: 1,", "code: 1, code: 1,"), "writes the key `code` a second time"),
        (changed("title: 小表", "title: &t 小表"), "line 3 uses an anchor or alias"),
        (changed("title: 小表", "title: *t"), "uses an anchor or alias"),
        (laughs(), "line 1 uses an anchor or alias"),
        ("a: &a [*a]\n", "line 1 uses an anchor or alias"),
        ("form: !!python/object/apply:os.system [id]\n", "line 1 uses a tag"),
        ("form: !!str village\n", "line 1 uses a tag"),
        ("a: " + "[" * 10_000 + "]" * 10_000, "deep"),
        ("\n".join(" " * n + f"a{n}:" for n in range(10_000))[:1_000_000], "deep"),
        ("? [a, b]\n: c\n", "a key that is no text"),
        ("a: [1, 2\n", "line 2"),
        ("a: 'b\n", "line 2"),
        ("a: b: c\n", "line 1"),
        ("\ta: b\n", "line 1"),
        ("a: " + "b" * 5_000_000, "split it into a form and overlays"),
        (many_items(), "the limit is 5000"),
        (changed("title: 小表", "title: " + "表" * 1_000_000), "shorten it to 20000"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_text_that_is_no_form_is_refused(tmp_path: Path, text: str | bytes, why: str) -> None:
    file = written(tmp_path, text)
    assert_refused_in_one_sentence(check(file), file, why)


# Workbooks


ROWS = (
    ("type", "name", "label", "relevant"),
    ("select_one yn", "q", "有没有", ""),
    ("integer", "r", "有多少", "${q} = '1'"),
)
CHOICES = (("list_name", "name", "label"), ("yn", "1", "有"), ("yn", "2", "没有"))
SHEET = "xl/worksheets/sheet1.xml"


def workbook(file: Path, rows: tuple[tuple[str, ...], ...] = ROWS) -> Path:
    with xlsxwriter.Workbook(str(file)) as book:
        for name, lines in (("survey", rows), ("choices", CHOICES)):
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    return file


def with_entry(file: Path, name: str, content: bytes) -> Path:
    """The workbook with one entry replaced."""
    whole = workbook(file.with_suffix(".base"))
    with ZipFile(whole) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, content if entry == name else old.read(entry))
    return file


def entity_bomb() -> bytes:
    entities = '<!ENTITY e0 "ha">' + "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 9}">' for n in range(1, 12)
    )
    return (
        f'<?xml version="1.0"?><!DOCTYPE worksheet [{entities}]>'
        "<worksheet><sheetData><row><c><v>&e11;</v></c></row></sheetData></worksheet>"
    ).encode()


def outside_entity() -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        b"<worksheet><sheetData><row><c><v>&e;</v></c></row></sheetData></worksheet>"
    )


def test_sound_workbook_is_accepted(tmp_path: Path) -> None:
    outcome = check(workbook(tmp_path / "village.xlsx"), "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out)["items"] == 2


def test_fault_in_a_workbook_is_named_by_sheet_and_row(tmp_path: Path) -> None:
    rows = (*ROWS, ("begin repeat", "s", "每个", ""), ("end repeat", "", "", ""))
    outcome = check(workbook(tmp_path / "village.xlsx", rows))
    assert outcome.code == 1
    assert "Traceback" not in outcome.err
    assert any("survey" in line and "4" in line for line in outcome.lines)


@pytest.mark.parametrize(
    ("name", "make", "why"),
    [
        ("a.xlsx", lambda file: file.write_bytes(b""), "no readable .xlsx"),
        ("a.xlsx", lambda file: file.write_text(SOUND), "no readable .xlsx"),
        ("a.xlsx", lambda file: file.write_bytes(b"PK\3\4" + b"\0" * 500), "no readable .xlsx"),
        ("a.xlsx", lambda file: file.write_bytes(b"\xd0\xcf\x11\xe0" * 999), ".xls workbook"),
        ("a.xls", lambda file: file.write_bytes(b"\xd0\xcf\x11\xe0" * 999), ".xls"),
        ("a.xlsx", lambda file: with_entry(file, SHEET, b"0" * 300_000_000), "far larger"),
        ("a.xlsx", lambda file: with_entry(file, SHEET, entity_bomb()), "entities"),
        ("a.xlsx", lambda file: with_entry(file, SHEET, outside_entity()), "entities"),
        ("a.xlsx", lambda file: with_entry(file, SHEET, b"<worksheet>"), "no readable .xlsx"),
        ("a.xlsx", lambda file: with_entry(file, "xl/workbook.xml", b"<a/>"), "survey"),
        ("a.md", lambda file: file.write_text("# words\n"), "no XLSForm tables"),
        ("a.md", lambda file: file.write_bytes(b"\xff\xfe|"), "UTF-8"),
    ],
    ids=[
        "empty", "text", "broken zip", "xls renamed", "xls", "zip bomb", "entity bomb",
        "outside entity", "broken xml", "no sheets", "markdown without tables", "utf-16 markdown",
    ],
)  # fmt: skip
def test_hostile_workbook_is_refused(
    tmp_path: Path, name: str, make: Callable[[Path], object], why: str
) -> None:
    file = tmp_path / name
    make(file)
    assert_refused_in_one_sentence(check(file), file, why)


def test_workbook_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    bomb = with_entry(tmp_path / "a.xlsx", SHEET, b"0" * 300_000_000)
    data = bytearray(bomb.read_bytes())
    real, small = (300_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    file = written(tmp_path, bytes(data.replace(real, small)), "b.xlsx")
    outcome = check(file)
    assert outcome.code == 1
    assert "Traceback" not in outcome.err
    assert len(outcome.lines) == 1
