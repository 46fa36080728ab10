"""Hundreds of random forms, and a long one, compared with ODK's engine after every answer."""

from pathlib import Path

import pytest

from tests.odk.comparison import differences
from tests.odk.conftest import Oracle
from tests.odk.random_forms import RandomForm

CHUNK = 20
CHUNKS = 15


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_both_engines_agree_on_random_forms(oracle: Oracle, tmp_path: Path, chunk: int) -> None:
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        form = RandomForm(seed)
        found = differences(oracle, form.markdown, form.answers, tmp_path)
        assert found == [], f"seed {seed}: {found[:5]}"


def test_both_engines_agree_on_a_long_form(oracle: Oracle, tmp_path: Path) -> None:
    form = RandomForm(7, size=550, answers=300)
    assert differences(oracle, form.markdown, form.answers, tmp_path) == []
