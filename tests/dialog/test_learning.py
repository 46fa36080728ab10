"""What is learned from phrases: the right meaning, the same bytes, and nobody's own words."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dialog.combiner import Combiner, read_combiner, write_combiner
from dialog.interpreters.learned import shipped
from dialog.learning.calibrating import Coded, fitted
from dialog.learning.classifier import Classifiers, LearnedError, write_classifiers
from dialog.learning.features import senses_of
from dialog.learning.folds import folds
from dialog.learning.rehearsed import rehearsed
from dialog.learning.training import Learned, learn
from dialog.normalisation import normalise
from dialog.policy import AskAgain, Confirm, Decision, Record
from dialog.question import Question
from dialog.spoken_corpus import INTENTS, READ_BACK, YES_NO, Phrase, SpokenCorpus, read_corpus
from dialog.understanding import Understanding, voters
from survey_engine.questionnaire import Questionnaire

Coder = Callable[..., Coded]

MARRIED = ("有老伴", "结了婚的", "跟媳妇一起过", "两口子过日子", "有堂客")
WIDOWED = ("老伴没了", "男人过世了", "守寡多年", "老头子走了好几年", "婆姨殁了")
YES, NO = ("是的", "对", "有的"), ("不是", "没有", "不对")
STOP, REPEAT = ("别打了", "不做了挂了"), ("再说一遍", "没听清")


def phrases(place: str, meaning: str, texts: tuple[str, ...], form: str = "") -> list[Phrase]:
    return [Phrase(form, place, meaning, text) for text in texts]


CORPUS = SpokenCorpus(
    tuple(
        phrases("A4", "20", MARRIED, "person")
        + phrases("A4", "30", WIDOWED, "person")
        + phrases(YES_NO, "yes", YES)
        + phrases(YES_NO, "no", NO)
        + phrases(READ_BACK, "yes", YES)
        + phrases(READ_BACK, "no", NO)
        + phrases(INTENTS, "stop", STOP)
        + phrases(INTENTS, "repeat", REPEAT)
    )
)


def written(folder: Path, learned: Learned) -> Path:
    file = folder / "person.zip"
    write_classifiers(file, learned.header, learned.tasks, learned.book)
    return file


def test_words_never_seen_are_read_by_sense_spelling_and_likeness(
    forms: dict[str, Questionnaire], tmp_path: Path
) -> None:
    held = Classifiers(written(tmp_path, learn(forms["person"], CORPUS)))
    reading = held.read("A4", "我男人没了，守寡三年")
    assert reading is not None
    for shares in (reading.sense, reading.spelling, reading.nearest):
        assert reading.labels[int(np.argmax(shares))] == "30"
    assert 0.5 < reading.likeness < 1.0
    assert held.read("A3", "农村的") is None


def test_the_same_corpus_gives_the_same_bytes(
    forms: dict[str, Questionnaire], tmp_path: Path
) -> None:
    first = written(tmp_path, learn(forms["person"], CORPUS)).read_bytes()
    again = learn(forms["person"], CORPUS, known=Classifiers(tmp_path / "person.zip").book)
    assert written(tmp_path, learn(forms["person"], CORPUS)).read_bytes() == first
    assert again.header == Classifiers(tmp_path / "person.zip").header


def test_verified_words_teach_but_leave_no_sentence_behind(
    forms: dict[str, Questionnaire], tmp_path: Path
) -> None:
    said = "屋里头那口子埋后山了"
    verified = SpokenCorpus(tuple(phrases("A4", "30", (said,), "person")))
    before = Classifiers(written(tmp_path, learn(forms["person"], CORPUS))).read("A4", said)
    held = Classifiers(written(tmp_path, learn(forms["person"], CORPUS, verified)))
    after = held.read("A4", said)
    assert before
    assert after
    widowed = after.labels.index("30")
    assert after.sense[widowed] > before.sense[widowed]
    assert held.book.place("老伴没了") is not None
    assert held.book.place(said) is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"{}"])
def test_a_damaged_file_says_how_to_make_it_anew(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "person.zip"
    file.write_bytes(content)
    with pytest.raises(LearnedError, match="tingwen learn"):
        _ = Classifiers(file).header


def test_without_anything_learned_the_lexicon_goes_on_alone(
    forms: dict[str, Questionnaire],
) -> None:
    understanding = Understanding(
        forms["person"], voters=voters(lambda form: None), combiner=lambda: None
    )
    understood = understanding.understand(Question.of_ask(forms["person"], "A4", {}), "离婚三年了")
    assert understood.value == "40"


@pytest.mark.parametrize(
    ("ask", "text", "decision"),
    [
        ("A4", "离婚三年了", Confirm("40", 0.8)),
        ("E4", "低保和临时救助都拿过", Confirm("1+4", 0.8)),
        ("E4/1", "没有", Confirm("no", 0.8)),
        ("A4", "离婚", Record("40", 0.98)),
        ("A3", "我妹妹是城里户口", AskAgain()),
    ],
)
def test_a_question_that_nothing_was_learned_of_is_read_back(
    forms: dict[str, Questionnaire], ask: str, text: str, decision: Decision
) -> None:
    understanding = Understanding(forms["person"], voters=voters(lambda form: None))
    question = Question.of_ask(forms["person"], ask, {})
    assert understanding.understand(question, text).decision == decision


@pytest.mark.parametrize("name", ["person", "community"])
def test_the_release_was_learned_from_its_own_corpus_and_form(
    forms: dict[str, Questionnaire], name: str
) -> None:
    held = shipped(name)
    assert held is not None
    assert held.header.corpus == read_corpus().version
    assert held.header.form_version == forms[name].version


def test_parts_keep_together_what_says_nearly_the_same() -> None:
    texts = [f"{word}{tail}" for word in (*MARRIED, *WIDOWED) for tail in ("", "了", "的", "啊")]
    parts = folds(senses_of(texts * 3), 3)
    same = parts.reshape(3, len(texts))
    assert (same == same[0]).all()
    assert len(set(parts.tolist())) > 1


def test_several_answers_in_one_breath_teach_each_of_them_and_none_of_the_others(
    forms: dict[str, Questionnaire], tmp_path: Path
) -> None:
    form, said = forms["person"], "低保拿着，住院民政又给补了一回"
    alone = [
        *phrases("E4/1", "yes", ("低保一直拿着", "吃低保的"), "person"),
        *phrases("E4/1", "no", ("低保没评上", "没吃低保"), "person"),
        *phrases("E4/3", "yes", ("住院民政给补了", "医疗救助报过一回"), "person"),
        *phrases("E4/3", "no", ("民政没给报过", "医疗救助没有"), "person"),
        *phrases("E4/2", "yes", ("我是五保", "特困供养的"), "person"),
        *phrases("E4/2", "no", ("不是五保", "特困够不上"), "person"),
    ]
    several = phrases("E4", "1+3", (said, "吃低保，看病民政还报了"), "person")
    others = tuple(one for one in CORPUS.phrases if one.form == "")
    corpus = SpokenCorpus((*alone, *several, *others))
    held = Classifiers(written(tmp_path, learn(form, corpus)))
    for place, label in (("E4/1", "yes"), ("E4/3", "yes"), ("E4/2", "unclear")):
        reading = held.read(place, said)
        assert reading is not None
        assert reading.labels[int(np.argmax(reading.sense))] == label
    whole = held.read("E4", said)
    assert whole is not None
    assert {whole.labels[place] for place in np.argsort(whole.sense)[-2:]} == {"1", "3"}
    answers = {(one.question.target, one.text, one.expect) for one in rehearsed(form, corpus)}
    assert ("E4", said, "1+3") in answers


def test_a_phrase_answers_the_question_it_was_written_for(
    forms: dict[str, Questionnaire],
) -> None:
    options = SpokenCorpus(
        (
            Phrase("person", "E4/1", "yes", "一直吃着低保呢"),
            Phrase("person", "E4/2", "yes", "我是五保户村里供养"),
        )
    )
    said = {
        (one.question.target, one.text, one.expect) for one in rehearsed(forms["person"], options)
    }
    assert ("E4/1", "一直吃着低保呢", "yes") in said
    assert ("E4", "一直吃着低保呢", "1") in said


@pytest.fixture(scope="module")
def coded(forms: dict[str, Questionnaire], tmp_path_factory: pytest.TempPathFactory) -> Coder:
    """Read words that answer A4, and tell what a careful person made of them."""
    form, folder = forms["person"], tmp_path_factory.mktemp("learned")
    held = Classifiers(written(folder, learn(form, CORPUS)))
    understanding = Understanding(form, voters=voters(lambda _: held))
    question = Question.of_ask(form, "A4", {})

    def code(words: str, expect: str, heard: float | None = None) -> Coded:
        return Coded(understanding.readings(question, normalise(words), heard), expect, "somebody")

    return code


def told(coded: Coder, widowed: str = "30") -> list[Coded]:
    """Return answers and wishes, the widows' read as ``widowed``."""
    rows = [coded(words, "20") for words in MARRIED] + [coded(words, widowed) for words in WIDOWED]
    wishes = {"stop": STOP, "repeat": REPEAT}
    return rows + [coded(one, f"intent:{name}") for name, said in wishes.items() for one in said]


def test_what_is_heard_badly_and_often_wrong_leaves_less_of_a_probability(coded: Coder) -> None:
    well = [coded("离婚了", "40", heard=0.9)] * 4
    badly = [coded("离婚了", expect, heard=0.1) for expect in ("40", "20")] * 2
    combiner = fitted([*told(coded), *well, *badly])
    typed, clear, blurred = (
        combiner.combine(one.readings).probability("40")
        for one in (coded("离婚了", "40"), well[0], badly[0])
    )
    assert typed == clear
    assert blurred == pytest.approx(clear / 2, abs=0.01)


def test_a_question_is_hard_whose_answers_are_often_read_wrong(coded: Coder) -> None:
    easy, hard = (fitted(told(coded, widowed) * 4).difficulty["A4"] for widowed in ("30", "10"))
    assert easy < 0.1 < 0.3 < hard


def test_the_combiner_is_kept_as_it_is(tmp_path: Path) -> None:
    combiner = Combiner({"bias": 1.0}, {"bias": -1.0}, {"": 0.1, "A4": 0.2}, ((0.1, 0.9),))
    write_combiner(tmp_path / "combiner.json", combiner)
    assert read_combiner(tmp_path / "combiner.json") == combiner
    assert read_combiner(tmp_path / "none.json") is None
