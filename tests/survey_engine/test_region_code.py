"""Region codes: levels, what lies in what, and codes that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.region_code import Level, RegionCode, RegionError

codes = st.integers(10**11, 10**12 - 1).map(str)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("520000000000", Level.PROVINCE),
        ("520100000000", Level.PREFECTURE),
        ("520102000000", Level.COUNTY),
        ("520102001000", Level.TOWNSHIP),
        ("520102010000", Level.TOWNSHIP),
        ("520102001200", Level.VILLAGE),
        ("990000100201", Level.VILLAGE),
    ],
)
def test_level_ok(text: str, level: Level) -> None:
    assert RegionCode.read(text).level is level


@pytest.mark.parametrize(
    "text",
    [
        "990000100201",
        " 990000100201 ",
        "９９００００１００２０１",
        "'990000100201",
        "990000100201.0",
    ],
)
def test_village_ok(text: str) -> None:
    assert RegionCode.village(text).digits == "990000100201"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("9.90000100201E+11", "spreadsheet-number"),
        ("990000", "length"),
        ("99000010020111122", "length"),
        ("99000010020l", "not-a-digit"),
        ("090000100201", "beginning"),
        ("990000100000", "not-a-village"),
        ("990000000000", "not-a-village"),
    ],
)
def test_village_refused(text: str, code: str) -> None:
    with pytest.raises(RegionError) as refusal:
        RegionCode.village(text)
    assert refusal.value.code == code
    assert str(refusal.value).endswith("。")


@pytest.mark.parametrize(
    ("text", "parents"),
    [
        ("520102001200", ["520102001000", "520102000000", "520100000000", "520000000000"]),
        ("469001100201", ["469001100000", "469001000000", "469000000000", "460000000000"]),
        ("990000100201", ["990000100000", "990000000000"]),
    ],
)
def test_parents_ok(text: str, parents: list[str]) -> None:
    found, region = [], RegionCode.read(text).parent
    while region is not None:
        found.append(region.digits)
        region = region.parent
    assert found == parents


@given(codes)
def test_every_parent_contains_and_is_wider(text: str) -> None:
    region = RegionCode.read(text)
    assert region.contains(region)
    parent = region.parent
    if parent is not None:
        assert parent.contains(region)
        assert not region.contains(parent)
        assert parent.level < region.level


@given(codes, codes)
def test_containing_is_one_way(one: str, other: str) -> None:
    first, second = RegionCode.read(one), RegionCode.read(other)
    if first.contains(second) and second.contains(first):
        assert first == second


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        region = RegionCode.read(text)
    except RegionError:
        return
    assert len(region.digits) == 12
    assert region.digits.isascii()
