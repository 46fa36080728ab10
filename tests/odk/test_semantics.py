"""Every rule of the expression language and the form, compared with ODK's engine."""

from pathlib import Path

import pytest

from tests.odk.comparison import differences
from tests.odk.conftest import Answers, Oracle
from tests.odk.semantic_forms import FORMS


@pytest.mark.parametrize("name", FORMS)
def test_both_engines_agree_after_every_answer(oracle: Oracle, tmp_path: Path, name: str) -> None:
    markdown, answers = FORMS[name]
    assert differences(oracle, markdown, answers, tmp_path) == []


def test_the_forms_are_many_enough() -> None:
    count: int = sum(len(answers) for _, answers in FORMS.values())
    steps: Answers = [answer for _, answers in FORMS.values() for answer in answers]
    assert count == len(steps) >= 100
