"""Certificate numbers: what is read, what is refused and why, what a check digit catches."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.certificate import (
    Category,
    Certificate,
    CertificateError,
    Grade,
    Sex,
    check_digit,
)

WHOLE = "99000019600229001042"

beginnings = st.builds(
    lambda place, birth, sequence: f"{place:06d}{birth:%Y%m%d}{sequence:03d}",
    st.integers(100_000, 999_999),
    st.dates(date(1900, 1, 1), date(2026, 9, 30)),
    st.integers(0, 999),
)
identities = beginnings.map(lambda text: text + check_digit(text))
numbers = st.builds(
    lambda identity, category, grade: f"{identity}{category}{grade}",
    identities,
    st.sampled_from(Category),
    st.sampled_from(Grade),
)


@pytest.mark.parametrize(
    ("text", "sex", "category", "grade"),
    [
        (WHOLE, Sex.MALE, Category.LIMBS, Grade.SECOND),
        ("99000019881103024221", Sex.FEMALE, Category.HEARING, Grade.FIRST),
        ("99000020120715005854", Sex.MALE, Category.INTELLECT, Grade.FOURTH),
        ("99000019750930013961", Sex.MALE, Category.MIND, Grade.FIRST),
        ("99000019700101003471", Sex.MALE, Category.MULTIPLE, Grade.FIRST),
        ("99000019650315018X13", Sex.FEMALE, Category.SIGHT, Grade.THIRD),
        ("990000201207150058", Sex.MALE, None, None),
    ],
)
def test_number_ok(text: str, sex: Sex, category: Category | None, grade: Grade | None) -> None:
    certificate = Certificate.read(text)
    assert (certificate.sex, certificate.category, certificate.grade) == (sex, category, grade)
    assert certificate.number == text
    assert certificate.last4 == text[-4:]
    assert f"{certificate.birth:%Y%m%d}" == text[6:14]


@pytest.mark.parametrize(
    "text",
    [
        "９９００００１９６００２２９００１０４２",
        "990000 19600229 0010 42",
        "990000-19600229-0010-42",
        "'99000019600229001042",
        "\ufeff99000019600229001042\u200b\t",
    ],
)
def test_way_of_writing_ok(text: str) -> None:
    assert Certificate.read(text).number == WHOLE


@pytest.mark.parametrize("letter", ["X", "x", "Ｘ", "ｘ"])
def test_letter_x_ok(letter: str) -> None:
    assert Certificate.read(f"99000019650315018{letter}13").number == "99000019650315018X13"


@pytest.mark.parametrize("suffix", ["B1", "b2", "B12", "Ｂ１"])
def test_reissue_ok(suffix: str) -> None:
    certificate = Certificate.read(WHOLE + suffix)
    assert certificate.number == WHOLE
    assert certificate.suffix in ("B1", "B2", "B12")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \u3000", "empty"),
        ("9.9000019600229E+19", "spreadsheet-number"),
        ("1.23E+17", "spreadsheet-number"),
        ("99000019600229000000", "spreadsheet-number"),
        ("990000196002290010.0", "spreadsheet-number"),
        ("9900001960022900104", "length"),
        ("990000196002290010421", "length"),
        ("99000O19600229001042", "not-a-digit"),
        ("990000196〇0229001042", "not-a-digit"),
        ("9900001960022900Х042", "not-a-digit"),
        ("99000019650315018Х13", "not-a-check-digit"),
        ("09000019600229001042", "beginning"),
        ("99000019600230001042", "birth"),
        ("99000017600229001042", "birth"),
        ("99000019600229002042", "check-digit"),
        ("99000019600229001082", "category"),
        ("99000019600229001045", "grade"),
        ("99000019600229001042B", "suffix"),
        ("99000019600229001042B0", "suffix"),
        ("990000201207150058B1", "suffix"),
    ],
)
def test_number_refused(text: str, code: str) -> None:
    with pytest.raises(CertificateError) as refusal:
        Certificate.read(text)
    assert refusal.value.code == code
    assert str(refusal.value).endswith("。")


@given(numbers)
def test_every_number_reads_back(text: str) -> None:
    certificate = Certificate.read(text)
    assert certificate.number == text
    assert certificate.identity == text[:18]
    assert Certificate.read(text.lower() + "b3").identity == certificate.identity


@given(identities, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_never_accepted(identity: str, place: int, shift: int) -> None:
    wrong = str(shift) if identity[place] == "X" else str((int(identity[place]) + shift) % 10)
    with pytest.raises(CertificateError):
        Certificate.read(identity[:place] + wrong + identity[place + 1 :])


@given(identities, st.integers(0, 15))
def test_two_exchanged_digits_are_never_accepted(identity: str, place: int) -> None:
    first, second = identity[place], identity[place + 1]
    exchanged = identity[:place] + second + first + identity[place + 2 :]
    if first == second:
        assert Certificate.read(exchanged).identity == identity
        return
    with pytest.raises(CertificateError):
        Certificate.read(exchanged)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        certificate = Certificate.read(text)
    except CertificateError:
        return
    assert len(certificate.number) in (18, 20)


@given(numbers)
def test_only_the_last_four_places_are_shown(text: str) -> None:
    certificate = Certificate.read(text)
    assert text[:16] not in f"{certificate!r}{certificate}"
    assert text[6:14] not in f"{certificate!r}{certificate}"
