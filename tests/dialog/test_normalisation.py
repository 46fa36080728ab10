"""One plain spelling, with the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.normalisation import READ_LIMIT, normalise


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("離婚了", "离婚了"),
        ("嗯……是的", "是的"),
        ("没有没有", "没有"),
        ("１０４２", "1042"),
        ("有😀的", "有 的"),
        ("\u202e我\u200b就是", "我就是"),
        ("嗯", "嗯"),
    ],
)
def test_spelling(raw: str, plain: str) -> None:
    assert normalise(raw).plain == plain


@pytest.mark.parametrize(("raw", "digits"), [("两两四四", "两两四四"), ("幺幺幺零", "幺幺幺零")])
def test_repeated_digits_are_kept(raw: str, digits: str) -> None:
    assert normalise(raw).digits == digits


@given(st.text(max_size=300))
def test_every_character_has_its_origin(raw: str) -> None:
    text = normalise(raw)
    assert len(text.plain) == len(text.origins)
    assert list(text.origins) == sorted(text.origins)
    assert all(origin < len(raw) for origin in text.origins)
    assert text.words(0, len(text.plain)) in raw


def test_what_is_too_long_is_marked() -> None:
    assert normalise("有" * (READ_LIMIT + 1)).cut
    assert not normalise("有").cut
