"""The commands understand and evaluate."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.campaign import Campaign, Campaigns
from server.failure import CommandFailedError
from server.forms.library import SHIPPED, load_form
from server.service import Service
from server.settings import Settings
from server.understanding.command import evaluate, understand
from server.understanding.learning import verified_words
from survey_engine.questionnaire import Questionnaire

CORPUS = Path(__file__).parents[1] / "corpus" / "understanding"


def load(name: str) -> Questionnaire:
    return load_form(SHIPPED / f"{name}.yaml")


def test_understand_prints_the_decision(forms: dict[str, Questionnaire]) -> None:
    result = understand(forms["person"], "D2", "自己开了个小卖部")
    assert list(result) == ["decision", "value", "intent", "confidence", "candidates"]
    assert (result["decision"], result["value"], result["intent"]) == ("record", "3", None)
    candidates = result["candidates"]
    assert isinstance(candidates, list)
    assert set(candidates[0]) == {"value", "confidence", "evidence"}


@pytest.mark.parametrize(
    ("ask", "context"),
    [("Z1", "{}"), ("E4/77", "{}"), ("A4", "{"), ("A4", "[]"), ("A4", '{"age": "x"}')],
)
def test_understand_refuses_what_the_form_lacks(
    forms: dict[str, Questionnaire], ask: str, context: str
) -> None:
    with pytest.raises(CommandFailedError):
        understand(forms["person"], ask, "有", context)


@pytest.mark.parametrize(
    ("file", "wrong", "coverage", "intents"),
    [
        ("dev.tsv", 0.005, 0.85, 0.9),
        ("own.tsv", 0.01, 0.85, 0.92),
        ("hard.tsv", 0.035, 0.55, 0.8),
        ("blind.tsv", 0.01, 0.78, 0.9),
        ("fresh.tsv", 0.015, 0.88, 0.85),
        ("last.tsv", 0.04, 0.65, 0.0),
        ("unseen1.tsv", 0.015, 0.7, 0.88),
        ("unseen2.tsv", 0.025, 0.66, 0.88),
        ("unseen3.tsv", 0.025, 0.6, 0.92),
    ],
)
def test_the_sets_stay_understood(file: str, wrong: float, coverage: float, intents: float) -> None:
    numbers = evaluate(CORPUS / file, load)
    assert float(str(numbers["wrong"])) <= wrong
    assert float(str(numbers["coverage"])) >= coverage
    assert float(str(numbers["intent_accuracy"])) >= intents


@pytest.mark.parametrize("heard", ['"gut"', "true", "1.2", "-0.1"])
def test_evaluate_refuses_a_sureness_that_is_none(tmp_path: Path, heard: str) -> None:
    head = "id\tform\task\tcontext\tutterance\tsource\texpect\twhy\n"
    row = '1\tperson\tA4\t{{"heard": {}}}\t离婚了\tspeech\t40\t\n'
    file = tmp_path / "set.tsv"
    file.write_text(head + row.format(heard), encoding="utf-8")
    with pytest.raises(CommandFailedError, match="row 1: heard"):
        evaluate(file, load)
    file.write_text(head + row.format("0.9"), encoding="utf-8")
    assert evaluate(file, load)["coverage"] == 1.0


def test_evaluate_refuses_what_is_no_set(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tsv"
    broken.write_text("id\task\n1\tA4\n", encoding="utf-8")
    with pytest.raises(CommandFailedError, match="lacks the columns"):
        evaluate(broken, load)
    with pytest.raises(CommandFailedError):
        evaluate(tmp_path / "none.tsv", load)


def test_words_of_two_provinces_are_learned_from_with_leave_only(
    forms: dict[str, Questionnaire], tmp_path: Path
) -> None:
    form, at = forms["person"], datetime(2026, 3, 2, tzinfo=UTC)
    service = Service.open(Settings(data_dir=tmp_path))
    for name, region in (("here", "990101"), ("near", "990202"), ("far", "980101")):
        held = Campaign(
            id=name,
            form=form.form,
            version=form.version,
            reference_day=at.date(),
            region=f"{region}000000",
        )
        Campaigns(service.database).create(held, by="t", at=at)
    assert list(verified_words(service, ("here", "near"), across_regions=False)) == []
    assert list(verified_words(service, ("here", "far"), across_regions=True)) == []
    with pytest.raises(CommandFailedError, match="across-regions"):
        list(verified_words(service, ("here", "far"), across_regions=False))
    service.close()
