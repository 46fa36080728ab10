"""How sentences are read out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.fixed_prompts import fixed_prompts
from dialog.interpreters.number import numeral
from dialog.wording import Office
from survey_engine.questionnaire import Questionnaire
from telephony.voices.reading import chinese, read_out


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("您的号码是13800138000吗？", "您的号码是幺三八，零零幺三，八零零零吗？"),
        ("证号末四位是1042，对吗？", "证号末四位是幺零四二，对吗？"),
        ("末四位是104X", "末四位是幺零四爱克斯"),
        ("您说的是“1023”，我记得对不对？", "您说的是幺零二三，我记得对不对？"),
        ("是“104x”，对不对？", "是幺零四爱克斯，对不对？"),
        ("您说的是“7X12”", "您说的是七爱克斯幺二"),
        ("证号后四位：0423", "证号后四位：零四二三"),
        ("2026年9月30日", "二零二六年九月三十日"),
        ("每月补贴120元", "每月补贴一百二十元"),
        ("收入是12000元", "收入是一万二千元"),
        ("请拨120或110", "请拨幺二零或幺幺零"),
        ("打12385", "打幺二三八五"),
        ("9:30到14:00", "九点三十分到十四点"),
        ("3.5%", "百分之三点五"),
        ("一共10人、15户", "一共十人、十五户"),
        ("010-12345678", "零幺零，幺二三四五六七八"),
        ("村（社区）专职委员", "村社区专职委员"),
        ("助学贷款还款了吗", "助学贷款环款了吗"),
        ("重度残疾人护理补贴", "众度残疾人护理补贴"),
        ("", ""),
    ],
)
def test_numbers_and_two_readings_are_written_out(written: str, said: str) -> None:
    assert read_out(written) == said


@given(st.integers(min_value=0, max_value=9_999))
def test_a_number_is_said_as_it_is_understood(number: int) -> None:
    assert numeral(chinese(number)) in (str(number), None)


@given(st.text(max_size=60))
def test_any_text_can_be_read_out(text: str) -> None:
    assert not re.search(r"[0-9]", read_out(re.sub(r"\d", "7", text)))


def test_every_fixed_prompt_is_read_out_in_chinese(forms: dict[str, Questionnaire]) -> None:
    for form in forms.values():
        for prompt in fixed_prompts(form, Office()):
            assert not re.search(r"[0-9A-Za-z/{}]", read_out(prompt.text)), prompt


def test_fixed_prompts_have_names_of_their_own(forms: dict[str, Questionnaire]) -> None:
    prompts = list(fixed_prompts(forms["person"], Office()))
    assert len({one.key for one in prompts}) == len(prompts) == len({one.text for one in prompts})
    assert all(re.fullmatch(r"[\w.\-]+", one.key) for one in prompts)
    keys = {one.key for one in fixed_prompts(forms["person"], Office(), proxies=False)}
    assert {"script.opening", "A6.ask"} <= keys
    assert "A6.proxy.she" not in keys
