"""One form and its answers, run by ODK's engine and by ours."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyxform.xls2xform import convert

from server.forms.run import run_form
from server.forms.xlsform_reader import read_xlsform
from survey_engine.reading import read_questionnaire
from tests.odk.conftest import Answers, Oracle

BROKEN_DATE = "Invalid Date"
"""What ODK's web engine records for a date that is none; here, as in ODK Collect, it is blank."""


def xform_of(markdown: str) -> str:
    return str(convert(markdown, file_type=".md").xform)


def ours(path: Path, answers: Answers) -> list[dict[str, Any]]:
    form = read_questionnaire(read_xlsform(path))
    return [step.as_dict() for step in run_form(form, answers, datetime.now(UTC))]


def differences(oracle: Oracle, markdown: str, answers: Answers, folder: Path) -> list[str]:
    """Return what differs, step by step; empty when both engines agree throughout."""
    path = folder / "form.md"
    path.write_text(markdown, encoding="utf-8")
    theirs = oracle.run(xform_of(markdown), answers)
    if "error" in theirs:
        return [f"ODK: {theirs['error']}"]
    found = []
    pairs = zip(answers, ours(path, answers), theirs["steps"][1:], strict=True)
    for number, (answer, own, other) in enumerate(pairs, start=1):
        found += [f"step {number} {answer}: {text}" for text in _step(own, other)]
    return found


def _step(own: dict[str, Any], other: dict[str, Any]) -> list[str]:
    if "error" in other:
        return [f"ODK: {other['error']}"]
    found = [
        f"{key}: ours {own[key]!r}, ODK {other[key]!r}"
        for key in ("relevant", "invalid", "missing")
        if own[key] != other[key]
    ]
    values = {name: text for name, text in other["values"].items() if text != BROKEN_DATE}
    names = sorted(own["values"].keys() | values.keys())
    pairs = ((name, own["values"].get(name), values.get(name)) for name in names)
    return found + [
        f"{name}: ours {mine!r}, ODK {its!r}" for name, mine, its in pairs if mine != its
    ]
