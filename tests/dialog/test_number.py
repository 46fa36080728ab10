"""Chinese numerals, and the questions that ask for a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.interpreters.number import Number, numeral
from dialog.normalisation import normalise
from dialog.policy import AskAgain, Record
from dialog.question import Question
from dialog.understanding import Understanding
from survey_engine.item import ItemType
from survey_engine.questionnaire import Questionnaire


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("三百二", "320"),
        ("一千二", "1200"),
        ("一万五", "15000"),
        ("三百零二", "302"),
        ("十", "10"),
        ("二十一", "21"),
        ("两百", "200"),
        ("二〇二六", "2026"),
        ("两三", None),
        ("三四百", None),
    ],
)
def test_numerals(said: str, figures: str | None) -> None:
    assert numeral(said) == figures


_DIGITS = "零一二三四五六七八九"


@given(st.integers(min_value=1, max_value=9999))
def test_a_number_written_out_is_read_back(number: int) -> None:
    text, rest = "", f"{number:04d}"
    for digit, unit in zip(rest, ("千", "百", "十", ""), strict=True):
        if digit != "0":
            gap = "零" if text and text[-1] not in ("千百十零")[:3] + "零" else ""
            text += gap + _DIGITS[int(digit)] + unit
        elif text and not text.endswith("零"):
            text += "零"
    assert numeral(text.rstrip("零")) == str(number)


def test_a_count_is_recorded_and_a_rounded_one_is_not(forms: dict[str, Questionnaire]) -> None:
    form = forms["community"]
    item = next(item for item in form.items if item.type is ItemType.INTEGER)
    understanding = Understanding(form)
    question = Question.of_ask(form, item.name, {})
    exact = understanding.understand(question, "三百二十个")
    assert isinstance(exact.decision, Record)
    assert exact.value == "320"
    for rounded in ("两百来个", "大概三百", "两三个", "说不准"):
        assert not isinstance(understanding.understand(question, rounded).decision, Record)


@pytest.mark.parametrize(
    ("said", "value"),
    [("一个都没有", "0"), ("一个月一千二", "1200"), ("一个月", "1"), ("一个", "1")],
)
def test_what_a_number_is_counted_by_is_no_second_number(
    forms: dict[str, Questionnaire], said: str, value: str
) -> None:
    question = Question.of_ask(forms["community"], "V11", {})
    understood = Understanding(forms["community"]).understand(question, said)
    assert isinstance(understood.decision, Record)
    assert understood.value == value


@pytest.mark.parametrize(
    "said",
    ["助残日一回，重阳一回，中秋又搞了一回", "春上两次，秋后又是两次", "村东三个，村西也是三个"],
)
def test_counts_that_are_to_be_added_are_asked_for_again(
    forms: dict[str, Questionnaire], said: str
) -> None:
    question = Question.of_ask(forms["community"], "V9", {})
    understood = Understanding(forms["community"]).understand(question, said)
    assert isinstance(understood.decision, AskAgain)


@pytest.mark.parametrize("said", ["三个，就三个", "三次，对，三次"])
def test_a_count_that_is_said_twice_counts_once(forms: dict[str, Questionnaire], said: str) -> None:
    question = Question.of_ask(forms["community"], "V9", {})
    understood = Understanding(forms["community"]).understand(question, said)
    assert isinstance(understood.decision, Record)
    assert understood.value == "3"


def test_long_rows_of_digits_are_read_at_once(forms: dict[str, Questionnaire]) -> None:
    question = Question.of_ask(forms["community"], "V9", {})
    said = f"{'1' * 60}好像{'1' * 60}"
    reading = Number().read(question, normalise(said))
    assert reading.doubts == ("several",)
    assert not isinstance(
        Understanding(forms["community"]).understand(question, f"{'1' * 400}万").decision, Record
    )
