"""What an overlay changes, adds and drops, and that it leaves the rest alone."""

from copy import deepcopy

import pytest

from survey_engine.fault import FormError
from survey_engine.overlay import Overlay, lay_over
from survey_engine.questionnaire import Questionnaire
from survey_engine.reading import read_questionnaire
from tests.survey_engine.small_forms import (
    SCRIPT,
    Entry,
    check,
    choice,
    form,
    outcome,
    overlay,
    rule_elsewhere,
    section,
    single,
)

BASE = form(
    single("P"),
    single("Q", choice("1", says=["有"]), choice("2", says=["没有"])),
    checks=[check("L1"), check("L2")],
    checks_elsewhere=[rule_elsewhere("L3")],
    outcomes=[outcome("N1")],
    script=SCRIPT,
)


def laid(base: Entry = BASE, **changes: object) -> Questionnaire:
    result, _about = lay_over(base, overlay(**changes))
    return read_questionnaire(result)


def names(questionnaire: Questionnaire) -> list[str]:
    return [item.name for item in questionnaire.items]


def test_overlay_says_what_it_is_for() -> None:
    changes = overlay(wave="2016", region="620000000000", reference_day="06-30")
    _result, about = lay_over(BASE, changes)
    assert about == Overlay("county", "small", "2016", "620000000000", "06-30")


def test_an_empty_overlay_changes_nothing_and_the_base_stays_as_it_is() -> None:
    before = deepcopy(BASE)
    assert laid() == read_questionnaire(BASE)
    laid(set={"version": "2"}, items={"drop": ["P"]}, checks={"drop": ["L1"]})
    assert before == BASE


def test_set_changes_parts_of_the_head() -> None:
    changed = laid(set={"version": "2", "procedure": {"refusals": "3"}})
    assert (changed.version, changed.title) == ("2", "小表")
    assert changed.procedure.refusals == 3


def test_changed_item_keeps_what_is_not_named() -> None:
    item = laid(items={"change": [{"name": "Q", "wording": {"reask": "呢？"}}]}).item("Q")
    assert item is not None
    assert (item.wording.ask, item.wording.reask) == ("请问Q怎么样？", "呢？")
    assert len(item.choices) == 2


def test_choices_are_changed_and_added_by_code() -> None:
    new = [{"code": "2", "label": "无"}, choice("3")]
    item = laid(items={"change": [{"name": "Q", "choices": new}]}).item("Q")
    assert item is not None
    assert [one.code for one in item.choices] == ["1", "2", "3"]
    assert [one.label for one in item.choices] == ["选项1", "无", "选项3"]
    assert item.choices[1].says == ("没有",)


@pytest.mark.parametrize(
    ("after", "order"), [("P", ["P", "R", "Q"]), ("Q", ["P", "Q", "R"]), ("", ["P", "Q", "R"])]
)
def test_added_item_stands_where_it_is_put(after: str, order: list[str]) -> None:
    added = {"section": "S", "after": after, "item": single("R")}
    assert names(laid(items={"add": [added]})) == order


def test_item_is_added_to_a_nested_section_and_after_another_added_one() -> None:
    base = form(sections=[section("S", section("T", single("P")), single("Q"))])
    added = [
        {"section": "T", "after": "P", "item": single("R")},
        {"section": "T", "after": "R", "item": single("U")},
    ]
    assert names(laid(base, items={"add": added})) == ["P", "R", "U", "Q"]


def test_dropped_items_rules_and_outcomes_are_gone() -> None:
    changed = laid(
        items={"drop": ["P"]},
        checks={"drop": ["L2"]},
        checks_elsewhere={"drop": ["L3"]},
        outcomes={"drop": ["N1"]},
    )
    assert names(changed) == ["Q"]
    assert [one.id for one in changed.checks] == ["L1"]
    assert changed.elsewhere == ()
    assert changed.outcomes == ()


def test_dropped_item_that_is_still_named_is_a_fault() -> None:
    with pytest.raises(FormError, match="Q"):
        laid(items={"drop": ["Q"]})


def test_rules_and_outcomes_are_changed_and_added() -> None:
    changed = laid(
        checks={"change": [{"id": "L1", "severity": "H"}], "add": [check("L9")]},
        outcomes={"change": [{"code": "N1", "label": "搬走"}], "add": [outcome("N2")]},
    )
    assert [(one.id, one.severity.value) for one in changed.checks] == [
        ("L1", "H"),
        ("L2", "Q"),
        ("L9", "Q"),
    ]
    assert [(one.code, one.label) for one in changed.outcomes] == [("N1", "搬走"), ("N2", "不在")]


def test_sentences_are_changed_one_by_one() -> None:
    script = laid(script={"opening": {"text": "您好。"}}).script
    assert script["opening"].text == "您好。"
    assert script["consent"].text == "consent。"


def test_every_fault_of_an_overlay_is_named_at_once() -> None:
    with pytest.raises(FormError) as error:
        laid(items={"drop": ["X"]}, checks={"drop": ["L8"]}, colour="red")
    assert [fault.path for fault in error.value.faults] == ["items.drop", "checks.drop", ""]


@pytest.mark.parametrize("changes", [{"items": []}, {"items": {"drop": "P"}}, {"set": "x"}])
def test_misshapen_overlay_is_refused(changes: Entry) -> None:
    with pytest.raises(FormError):
        laid(**changes)
