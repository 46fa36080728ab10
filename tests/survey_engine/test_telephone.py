"""Telephone numbers: every way of writing them, and what cannot be dialled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.telephone import Telephone, TelephoneError, TelephoneKind

mobiles = st.integers(13_000_000_000, 19_999_999_999).map(str)


@pytest.mark.parametrize(
    "text",
    [
        "14000123456",
        " 140 0012 3456 ",
        "140-0012-3456",
        "+86 140 0012 3456",
        "+8614000123456",
        "0086-14000123456",
        "(+86)14000123456",
        "8614000123456",
        "014000123456",
        "１４０００１２３４５６",
        "＋８６１４０００１２３４５６",
        "14000123456.0",
        "'14000123456",
        "140\u00a00012\u20113456",
    ],
)
def test_mobile_ok(text: str) -> None:
    telephone = Telephone.read(text)
    assert (telephone.digits, telephone.kind) == ("14000123456", TelephoneKind.MOBILE)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0990-2123456", "09902123456"),
        ("(0731) 8888 1234", "073188881234"),
        ("（０７３１）８８８８１２３４", "073188881234"),
        ("0731—88881234", "073188881234"),
        ("+86 731 8888 1234", "073188881234"),
        ("+86(0)731-88881234", "073188881234"),
        ("+86 10 66668888", "01066668888"),
        ("008602066668888", "02066668888"),
        ("010-6666-8888", "01066668888"),
    ],
)
def test_landline_ok(text: str, digits: str) -> None:
    telephone = Telephone.read(text)
    assert (telephone.digits, telephone.kind) == (digits, TelephoneKind.LANDLINE)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("1.4000123456E+10", "spreadsheet-number"),
        ("14000123456/0731-88881234", "several"),
        ("14000123456、14000123457", "several"),
        ("0731-88881234-801", "extension"),
        ("0731-88881234转801", "extension"),
        ("0731-88881234#801", "extension"),
        ("010-8888123-4", "extension"),
        ("1400012345O", "characters"),
        ("无", "characters"),
        ("+1 212 555 1234", "foreign"),
        ("+852 2123 4567", "foreign"),
        ("88881234", "no-area-code"),
        ("1400012345", "mobile-length"),
        ("140001234567", "mobile-length"),
        ("110", "not-a-number"),
        ("4008001234", "not-a-number"),
        ("0731-08881234", "not-a-number"),
        ("12000123456", "not-a-number"),
    ],
)
def test_number_refused(text: str, code: str) -> None:
    with pytest.raises(TelephoneError) as refusal:
        Telephone.read(text)
    assert refusal.value.code == code
    assert str(refusal.value).endswith("。")


@given(mobiles, st.sampled_from(["", "+86", "+86 ", "0086", "86", "0"]), st.sampled_from(" -."))
def test_every_mobile_reads_back(digits: str, prefix: str, separator: str) -> None:
    written = prefix + separator.join((digits[:3], digits[3:7], digits[7:]))
    assert Telephone.read(written).digits == digits


@given(st.text(alphabet="0123456789+-() 转.Ee/０１", max_size=24) | st.text(max_size=24))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        telephone = Telephone.read(text)
    except TelephoneError:
        return
    assert Telephone.read(telephone.digits) == telephone


@given(mobiles)
def test_only_the_last_four_digits_are_shown(digits: str) -> None:
    assert digits[:7] not in repr(Telephone.read(digits))
