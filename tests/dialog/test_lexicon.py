"""The word lists: every place and code is one of the form, every pattern compiles."""

import pytest

from dialog.lexicon.word_list import pattern, places
from survey_engine.item import Item
from survey_engine.questionnaire import Questionnaire

SETTINGS = {
    "tense", "affirm", "deny", "verbs", "other", "pending", "complement", "enduring", "drop",
    "telling", "sole",
}  # fmt: skip


def item_of(forms: dict[str, Questionnaire], place: str) -> Item:
    form, _, name = place.rpartition("/")
    item = forms[form or "person"].item(name.partition(":")[0])
    assert item is not None, f"{place} is no item"
    return item


@pytest.mark.parametrize("place", sorted(places()))
def test_a_place_holds_codes_of_its_item(forms: dict[str, Questionnaire], place: str) -> None:
    item = item_of(forms, place)
    said = {phrase for choice in item.choices for phrase in choice.says}
    said |= {phrase for unclear in item.unclear for phrase in unclear.says}
    for key, entries in places()[place].items():
        if key == "drop":
            assert set(entries) <= said, "only phrases that the form lists can be dropped"
        elif key not in SETTINGS:
            code = key.rstrip("?")
            assert code == "unclear" or set(code.split("+")) <= item.codes
            assert all(pattern(entry) for entry in entries)
