"""The shipped questionnaires, written as XLSForm, behave in ODK's engine as they do here."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from pyxform.xls2xform import convert

from server.forms.library import SHIPPED
from server.forms.plain_yaml import read_plain_yaml
from server.forms.run import run_form
from server.forms.xlsform_writer import write_xlsform
from survey_engine.item import Item, ItemType
from survey_engine.reading import read_questionnaire
from tests.odk.conftest import Answers, Oracle

_VALUES = {
    ItemType.INTEGER: ("", "0", "3", "17", "2000"),
    ItemType.DECIMAL: ("", "0.5", "12"),
    ItemType.DATE: ("", "2026-01-02"),
    ItemType.ACKNOWLEDGE: ("", "OK"),
}


def _answer(random: Random, item: Item) -> tuple[str, str]:
    if item.type is ItemType.SINGLE:
        return item.name, random.choice(["", *sorted(item.codes)])
    if item.type is ItemType.MULTI:
        return item.name, " ".join(random.sample(sorted(item.codes), random.randrange(3)))
    return item.name, random.choice(_VALUES.get(item.type, ("", "1234", "张三")))


@pytest.mark.parametrize("name", ["person", "community"])
def test_a_shipped_form_behaves_alike_in_odk(oracle: Oracle, tmp_path: Path, name: str) -> None:
    mapping = read_plain_yaml((SHIPPED / f"{name}.yaml").read_bytes()).value
    assert isinstance(mapping, dict)
    path = tmp_path / "form.xlsx"
    write_xlsform(mapping, path)
    form = read_questionnaire(mapping)
    random = Random(name)
    questions = [item for item in form.items if item.type.is_question and item.readonly is None]
    answers: Answers = [_answer(random, random.choice(questions)) for _ in range(300)]
    theirs = oracle.run(str(convert(str(path)).xform), answers)
    names = {item.name for item in form.items}
    for step, other in zip(
        run_form(form, answers, datetime.now(UTC)), theirs["steps"][1:], strict=True
    ):
        own = step.as_dict()
        assert own["values"] == other["values"], (step.step, answers[step.step - 1])
        for key in ("relevant", "invalid", "missing"):
            assert own[key] == [one for one in other[key] if one in names], (step.step, key)
