"""What every command owes whoever mistypes it: one sentence on stderr and a code that is not 0."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli import main
from tests.commands import ROOT

DAY = ("--reference-day", "2026-09-30")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGWEN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("TINGWEN_DATABASE_URL", raising=False)


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["tingwen", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    return code if isinstance(code, int) else int(code is not None)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nosuch",), 2, "No such command 'nosuch'; see `tingwen --help`."),
        (("campaign", "create", "c"), 2, "Missing option '--reference-day'; see"),
        (("campaign", "create", "c", "--reference-day", "2026-13-30"), 2, "'2026-13-30'"),
        (("campaign", "create", "c", *DAY, "--zz"), 2, "No such option: --zz; see"),
        (("export", "--campaign", "c", "--format", "pdf", "--out", "o"), 2, "'pdf'"),
        (("campaign", "create", "a b", *DAY), 1, "no campaign id"),
        (("campaign", "create", "../c", *DAY), 1, "no campaign id"),
        (("campaign", "create", "c", *DAY, "--call-hours", "25:00-26:00"), 1, "no hours in order"),
        (("campaign", "create", "c", *DAY, "--call-hours", "12:00-09:00"), 1, "no hours in order"),
        (("campaign", "create", "c", *DAY, "--call-hours", "9-12"), 1, "no hours in order"),
        (("campaign", "create", "c", *DAY, "--region", "99"), 1, "12 digits"),
        (("campaign", "create", "c", *DAY, "--form", "nosuch"), 1, "cannot be read"),
        (("roster", "import", "r.csv", "--campaign", "c"), 1, "There is no campaign c"),
        (("show", "--campaign", "c", "--person", "1"), 1, "There is no campaign c"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, tuple) else "",
)
def test_a_mistake_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert run(monkeypatch, *words) == code
    told = capsys.readouterr()
    assert told.out == ""
    (sentence,) = told.err.splitlines()
    assert said in sentence


def test_a_campaign_is_opened_for_machines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "campaign", "create", "c-26", *DAY, "--json") == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert (found["campaign"], found["form"], told.err) == ("c-26", "person", "")
    assert run(monkeypatch, "campaign", "create", "c-26", *DAY) == 1
    assert "exists already" in capsys.readouterr().err


def test_the_service_starts_without_the_dictionaries_of_words() -> None:
    heavy = {"jieba", "pypinyin", "sklearn", "vosk", "faster_whisper", "pyarrow"}
    listed = "import sys, server.service; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", listed], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not heavy & set(done.stdout.split())
