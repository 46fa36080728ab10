"""Compares a form run with ODK's own engine, answer by answer and in time, in one run.

``python -m benchmarks.odk [FORM.xlsx|FORM.md]``; without a form it makes one of 550 rows. It needs
Node.js with npm. The answers are drawn from a fixed seed; the engines must agree after each.
"""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from pyxform.xls2xform import convert

from server.forms.library import load_form
from server.forms.run import run_form
from survey_engine.item import Item, ItemType
from survey_engine.questionnaire import Questionnaire
from tests.odk.conftest import Answers, Oracle, _installed
from tests.odk.random_forms import RandomForm

ANSWERS = 300
_SAMPLES = {
    ItemType.INTEGER: ("0", "1", "2", "5", "17", "65", "120", "-1"),
    ItemType.DECIMAL: ("0", "1.5", "36.6", "-2"),
    ItemType.DATE: ("1950-01-01", "2001-02-28", "2024-02-29", "2026-09-30"),
    ItemType.TEXT: ("a", "王", "1", "x y"),
    ItemType.ACKNOWLEDGE: ("OK",),
}


def main() -> None:
    """Run both engines over the same answers and print times, ratio and differences."""
    script = _installed()
    if script is None:
        raise SystemExit("ODK's engine could not be installed; npm and its registry are needed.")
    with TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else _invented(Path(folder))
        form = load_form(path)
        answers = _answers(form)
        _report(form, path, answers, script)


def _invented(folder: Path) -> Path:
    path = folder / "invented.md"
    path.write_text(RandomForm(1, size=550, answers=1).markdown, encoding="utf-8")
    return path


def _answers(form: Questionnaire) -> Answers:
    random = Random(1)
    questions = [item for item in form.items if item.type.is_question and item.readonly is None]
    return [(item.name, _value(random, item)) for item in random.choices(questions, k=ANSWERS)]


def _value(random: Random, item: Item) -> str:
    if item.type.has_choices:
        codes = list(dict.fromkeys(choice.code for choice in item.choices))
        count = 1 if item.type is ItemType.SINGLE else random.randint(1, len(codes))
        return " ".join(sorted(random.sample(codes, count)))
    return random.choice(_SAMPLES.get(item.type, ("",)))


def _report(form: Questionnaire, path: Path, answers: Answers, script: Path) -> None:
    whole = time.perf_counter()
    loaded = load_form(path)
    begun = time.perf_counter()
    ours = [step.as_dict() for step in run_form(loaded, answers, datetime.now(UTC))]
    done = time.perf_counter()
    theirs = _odk(str(convert(str(path)).xform), answers, script)
    steps = theirs["steps"][1:]
    different = sum(
        one[key] != other[key] for one, other in zip(ours, steps, strict=True)
        for key in ("relevant", "invalid", "values")
    )  # fmt: skip
    print(f"{len(form.items)} items, {len(answers)} answers, differing sets: {different}")
    print("| | load, ms | answers, ms |\n| --- | --- | --- |")
    print(f"| Tingwen | {1e3 * (begun - whole):.0f} | {1e3 * (done - begun):.0f} |")
    print(f"| ODK web engine | {theirs['load']:.0f} | {theirs['answers']:.0f} |")
    print(f"\nODK / Tingwen over the answers: {theirs['answers'] / (1e3 * (done - begun)):.1f}")


def _odk(xform: str, answers: Answers, script: Path) -> dict[str, object]:
    process = subprocess.Popen(
        ["node", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "TZ": "UTC"},
    )
    result = Oracle(process).run(xform, answers, timed=True)
    process.stdin.close()
    process.wait(30)
    if "error" in result:
        raise SystemExit(json.dumps(result, ensure_ascii=False)[:500])
    return result


if __name__ == "__main__":
    main()
