"""Spoken words are acted upon as far as they were heard."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dialog.hearings import heard_as
from dialog.policy import PLAIN, AskAgain, Confirm, Record
from dialog.question import Question
from dialog.reader import UnderstandingReader
from dialog.understanding import Understanding, Understood, spoken
from dialog.utterance import Utterance
from survey_engine import input as given
from survey_engine.channel import Channel
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import start, step
from survey_engine.wait import WaitKind

AT = datetime(2026, 10, 12, 10, tzinfo=UTC)


def understood(form: Questionnaire, ask: str, words: str, heard: float | None) -> Understood:
    question = Question.of_ask(form, ask, {})
    return Understanding(form).understand(question, words, spoken(PLAIN, question, heard))


@pytest.mark.parametrize(
    ("heard", "decision"),
    [
        (None, Record),
        (0.9, Record),
        (0.45, Record),
        (0.44, Confirm),
        (0.02, Confirm),
        (0.01, AskAgain),
    ],
)
def test_the_worse_it_was_heard_the_less_is_done(
    forms: dict[str, Questionnaire], heard: float | None, decision: type
) -> None:
    assert isinstance(understood(forms["person"], "A4", "离婚了", heard).decision, decision)


def test_digits_are_read_back_however_well_they_were_heard(
    forms: dict[str, Questionnaire],
) -> None:
    telephone = "一三八零零一三八零零零"
    assert isinstance(understood(forms["person"], "A6", telephone, 1.0).decision, Confirm)
    assert isinstance(understood(forms["person"], "A6", telephone, None).decision, Record)


@pytest.mark.parametrize(("heard", "intent"), [(0.9, "stop"), (0.3, ""), (None, "stop")])
def test_nobody_is_given_up_on_words_that_were_hardly_heard(
    forms: dict[str, Questionnaire], heard: float | None, intent: str
) -> None:
    assert understood(forms["person"], "B1", "别打了", heard).intent == intent


@pytest.mark.parametrize(("words", "intent"), [("再说一遍", "repeat"), ("不想活了", "distress")])
def test_what_harms_nobody_is_done_all_the_same(
    forms: dict[str, Questionnaire], words: str, intent: str
) -> None:
    assert understood(forms["person"], "B1", words, 0.1).intent == intent


def test_a_yes_to_what_was_read_back_may_be_heard_less_well(
    forms: dict[str, Questionnaire],
) -> None:
    form = forms["person"]
    question = Question.of_ask(form, "A4", {"confirming": "40"})
    understanding = Understanding(form)
    near, far = (
        understanding.understand(question, "对", spoken(PLAIN, question, heard)).decision
        for heard in (0.25, 0.15)
    )
    assert (type(near), type(far)) == (Record, Confirm)


def asked(form: Questionnaire, name: str) -> Interview:
    """An interview that waits for ``name``, whatever comes before it being answered."""
    facts = {"name": "测试", "age": "44", "category": "4", "grade": "2", "last4": "1042"}
    interview, _ = start(form, facts, {}, at=AT, channel=Channel.VOICE)
    answers = {"A1": "1", "A2": "1042", "A3": "1"}
    for _ in range(60):
        wait = interview.wait
        assert wait is not None
        if wait.target == name and wait.kind is WaitKind.ASK:
            return interview
        interview, _ = step(interview, _reply(interview, answers))
    raise AssertionError(name)


def _reply(interview: Interview, answers: dict[str, str]) -> given.Input:
    wait = interview.wait
    assert wait is not None
    if wait.target in answers and wait.kind is WaitKind.ASK:
        return given.Record(at=AT, target=wait.target, value=answers[wait.target])
    if wait.kind is WaitKind.ASK:
        return given.Decline(at=AT)
    return given.Affirm(at=AT)


@pytest.mark.parametrize(
    ("words", "heard", "meant"),
    [
        ("没有参加", 0.7, given.Confirm),
        ("没有参加", 0.95, given.Record),
        ("没有参加", None, given.Record),
        ("参加了", 0.7, given.Record),
    ],
)
def test_a_no_that_ends_a_branch_is_read_back(
    forms: dict[str, Questionnaire], words: str, heard: float | None, meant: type
) -> None:
    interview = asked(forms["person"], "E2")
    utterance = Utterance(id="1", at=AT, words=words, confidence=heard)
    reader = UnderstandingReader(Understanding(forms["person"]))
    assert isinstance(reader.read(interview, utterance), meant)


def test_the_reader_leaves_the_question_as_it_was(forms: dict[str, Questionnaire]) -> None:
    interview = asked(forms["person"], "E2")
    reader = UnderstandingReader(Understanding(forms["person"]))
    utterance = Utterance(id="1", at=AT, words="", confidence=0.0)
    assert isinstance(reader.read(interview, utterance), given.AskAgain)
    assert reader.read(replace(interview, wait=None), utterance) == given.AskAgain(
        at=AT, heard=replace(given.AskAgain(at=AT).heard, utterance="1")
    )


@pytest.mark.parametrize(
    ("hearings", "meant"),
    [
        ((), given.AskAgain),
        ((("餐家乐", 0.4), ("三两个", 0.1), ("参加了", 0.05)), given.Confirm),
        ((("参加了", 0.05), ("没参加", 0.02)), given.Confirm),
        ((("参加了", 0.05), ("没参加", 0.04)), given.AskAgain),
        ((("参加了", 0.005),), given.AskAgain),
        ((("参加了吧", 0.2),), given.Confirm),
        ((("别打了", 0.9),), given.AskAgain),
        ((("不想说", 0.3),), given.Decline),
        ((("记不清了", 0.1), ("记不得了", 0.15)), given.Unknown),
        ((("记不清了", 0.1),), given.AskAgain),
    ],
)
def test_what_most_hearings_mean_is_read_back(
    forms: dict[str, Questionnaire], hearings: tuple[tuple[str, float], ...], meant: type
) -> None:
    interview = asked(forms["person"], "E2")
    utterance = Utterance(id="1", at=AT, words="餐家乐", confidence=0.4, hearings=hearings)
    reader = UnderstandingReader(Understanding(forms["person"]))
    assert isinstance(reader.read(interview, utterance), meant)


@pytest.mark.parametrize(
    ("words", "heard", "hearings", "meant"),
    [
        ("参加了", 0.7, (("参加了", 0.5), ("没参加", 0.2)), given.Record),
        ("参加了", 0.7, (("参加了", 0.3), ("没参加", 0.25)), given.Confirm),
        ("参加了", 0.95, (("参加了", 0.3), ("没参加", 0.25)), given.Record),
        ("不清楚", 0.5, (("不清楚", 0.3), ("听不清楚", 0.05)), given.Unknown),
        ("不清楚", 0.5, (("不清楚", 0.1), ("大点声", 0.1)), given.AskAgain),
        ("不想活了", 0.5, (("不想活了", 0.1), ("参加了", 0.1)), given.Report),
    ],
)
def test_words_are_doubted_if_they_may_as_well_mean_something_else(
    forms: dict[str, Questionnaire],
    words: str,
    heard: float,
    hearings: tuple[tuple[str, float], ...],
    meant: type,
) -> None:
    interview = asked(forms["person"], "E2")
    utterance = Utterance(id="1", at=AT, words=words, confidence=heard, hearings=hearings)
    reader = UnderstandingReader(Understanding(forms["person"]))
    assert isinstance(reader.read(interview, utterance), meant)


@pytest.mark.parametrize(
    ("hearings", "decision", "value"),
    [
        ((("是吧", 0.3), ("行吧", 0.1), ("不是吧", 0.02)), Record, "yes"),
        ((("没", 0.15), ("不是", 0.1)), Record, "no"),
        ((("对", 0.2), ("不", 0.1)), Confirm, "yes"),
        ((("对", 0.05),), Confirm, "yes"),
        ((("没错", 0.3), ("没得", 0.2)), Confirm, "yes"),
        ((), Confirm, "yes"),
    ],
)
def test_a_yes_to_what_was_read_back_counts_if_it_is_far_ahead(
    forms: dict[str, Questionnaire],
    hearings: tuple[tuple[str, float], ...],
    decision: type,
    value: str,
) -> None:
    form = forms["person"]
    question = Question.of_ask(form, "A4", {"confirming": "40"})
    about = spoken(PLAIN, question, 0.1)
    understood = heard_as(Understanding(form), question, "对", about, hearings)
    assert (type(understood.decision), understood.value) == (decision, value)
