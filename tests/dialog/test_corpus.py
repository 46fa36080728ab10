"""The spoken corpus: every choice and every intent has enough phrases, each in one place."""

from collections import Counter
from pathlib import Path

import pytest

from dialog.lexicon.word_list import plain
from dialog.question import Question
from dialog.spoken_corpus import (
    INTENTS,
    READ_BACK,
    UNCLEAR,
    YES_NO,
    CorpusError,
    Phrase,
    SpokenCorpus,
    read_corpus,
)
from survey_engine.item import Item, ItemType
from survey_engine.questionnaire import Questionnaire

ENOUGH, ENOUGH_UNCLEAR = 100, 25
INTENT_NAMES = {
    "repeat", "slower", "explain", "dont_know", "refuse_item", "stop", "call_later", "human",
    "wrong_person", "deceased", "moved", "not_here", "who_are_you", "fraud_suspicion",
    "correct_previous", "wait", "abuse", "distress",
}  # fmt: skip
HOMES = ("rural", "urban")
#: Somebody who says that the number is wrong gives no answer: that is an intent.
SAID_AS_INTENT = ("A1", "8")


@pytest.fixture(scope="module")
def corpus() -> SpokenCorpus:
    return read_corpus()


def counts(corpus: SpokenCorpus) -> Counter[tuple[str, str, str]]:
    return Counter((one.form, one.place, one.meaning) for one in corpus.phrases)


def wanted(form: Questionnaire, item: Item) -> list[tuple[str, str]]:
    if item.type is ItemType.MULTI:
        return [(f"{item.name}/{code}", "yes") for code in item.codes - item.exclusive_codes()]
    if item.type is not ItemType.SINGLE:
        return []
    if len(item.codes) == len(item.choices):
        return [(item.name, code) for code in item.codes]
    homes = {home: Question.of_ask(form, item.name, {"residence": home}) for home in HOMES}
    return [(f"{item.name}:{home}", one.code) for home, q in homes.items() for one in q.choices]


@pytest.mark.parametrize("name", ["person", "community"])
def test_every_choice_has_enough_phrases(
    forms: dict[str, Questionnaire], corpus: SpokenCorpus, name: str
) -> None:
    held, form = counts(corpus), forms[name]
    short = [
        (place, meaning, held[name, place, meaning])
        for item in form.items
        for place, meaning in wanted(form, item)
        if held[name, place, meaning] < ENOUGH and (place, meaning) != SAID_AS_INTENT
    ]
    assert short == []


def test_every_intent_has_enough_phrases(corpus: SpokenCorpus) -> None:
    held = counts(corpus)
    assert {m for _, place, m in held if place == INTENTS} == INTENT_NAMES
    assert [m for m in INTENT_NAMES if held["", INTENTS, m] < ENOUGH] == []


def test_every_item_has_words_that_nobody_codes(
    forms: dict[str, Questionnaire], corpus: SpokenCorpus
) -> None:
    held = counts(corpus)
    items = {
        one.place.partition(":")[0] for one in corpus.phrases if one.form and "/" not in one.place
    }
    assert items
    short = [name for name in items if sum(held[f, name, UNCLEAR] for f in forms) < ENOUGH_UNCLEAR]
    assert short == []


def test_every_section_is_one_of_its_form(
    forms: dict[str, Questionnaire], corpus: SpokenCorpus
) -> None:
    for one in corpus.phrases:
        if one.form:
            name, _, option = one.place.partition("/")
            item = forms[one.form].item(name.partition(":")[0])
            assert item is not None, one
            assert not option or (option in item.codes and one.meaning in ("yes", "no", UNCLEAR))
            assert option or means_some(item, one), one
        elif one.place in (YES_NO, READ_BACK):
            assert one.meaning in ("yes", "no", UNCLEAR)


def means_some(item: Item, phrase: Phrase) -> bool:
    if item.type is not ItemType.MULTI or len(phrase.codes) == 1:
        return phrase.meaning in {*item.codes, UNCLEAR}
    in_order = list(phrase.codes) == sorted(set(phrase.codes))
    return in_order and set(phrase.codes) <= item.codes - item.exclusive_codes()


def test_no_phrase_means_two_things_at_one_place(corpus: SpokenCorpus) -> None:
    meant: dict[tuple[str, str, str], set[str]] = {}
    for one in corpus.phrases:
        meant.setdefault((one.form, one.place, plain(one.text)), set()).add(one.meaning)
    assert [key for key, meanings in meant.items() if len(meanings) > 1] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[yes]\n是\n[so what]\n对\n", "A4.txt:3"),
        ("是\n[10]\n对\n", "A4.txt:1"),
        ("[1+]\n对\n", "A4.txt:1"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "person").mkdir()
    for name in (YES_NO, READ_BACK):
        (tmp_path / f"{name}.txt").write_text("[yes]\n对\n", encoding="utf-8")
    (tmp_path / "person" / "A4.txt").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=sentence):
        read_corpus(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=YES_NO):
        read_corpus(tmp_path)
