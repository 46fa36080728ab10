"""One turn of the talk: taps, words that are what is on offer, and taps that come too late."""

from datetime import UTC, datetime

import pytest

from dialog.conversation import Conversation, Turn
from dialog.tapped import shown_words
from dialog.utterance import Utterance
from dialog.wording import Office
from server.reader import FormReader
from survey_engine.channel import Channel
from survey_engine.interview import Consent, Interview
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import start
from survey_engine.wait import WaitKind

AT = datetime(2026, 10, 12, 10, tzinfo=UTC)
FACTS = {
    "name": "张试用", "age": "45", "birth": "1981-03-02", "sex": "male", "category": "4",
    "grade": "2", "last4": "1042", "reference_day": "2026-09-30",
}  # fmt: skip
TALK = Conversation(FormReader(), Office())


@pytest.fixture
def asked(forms: dict[str, Questionnaire]) -> Interview:
    """A chat that waits for who is speaking."""
    return start(forms["person"], FACTS, {}, at=AT, channel=Channel.CHAT)[0]


def said(words: str = "", tapped: str = "", target: str = "") -> Utterance:
    return Utterance(id="1", at=AT, words=words, tapped=tapped, target=target)


def waits_for(turn: Turn) -> str:
    return turn.interview.wait.target if turn.interview.wait else ""


def test_a_tap_answers_the_question_that_it_was_offered_with(asked: Interview) -> None:
    assert waits_for(TALK.take(asked, said(tapped="1", target="A1"))) == "A2"


def test_a_tap_of_another_question_answers_nothing(asked: Interview) -> None:
    late = TALK.take(asked, said(tapped="1", target="A3"))
    assert waits_for(late) == "A1"
    assert late.interview.answers == {}
    assert late.interview.wait is not None
    assert late.interview.wait.tries == 0


def test_a_code_that_is_not_on_offer_answers_nothing(asked: Interview) -> None:
    assert TALK.take(asked, said(tapped="7", target="A1")).interview.answers == {}


def test_words_that_are_a_label_are_taken_as_the_tap(asked: Interview) -> None:
    turn = TALK.take(asked, said("家属/监护人代答"))
    answer = turn.interview.answer("A1")
    assert answer is not None
    assert answer.value == "2"


def test_a_bare_code_is_a_tap_in_the_terminal_only(forms: dict[str, Questionnaire]) -> None:
    terminal = start(forms["person"], FACTS, {}, at=AT, channel=Channel.TERMINAL)[0]
    assert waits_for(TALK.take(terminal, said("1"))) == "A2"


def test_a_bare_code_says_nothing_in_a_chat(asked: Interview) -> None:
    assert TALK.take(asked, said("1")).interview.answers == {}


@pytest.mark.parametrize(("tapped", "shown"), [("explain", "什么意思"), ("1", "本人")])
def test_a_tap_is_shown_in_the_words_of_its_button(
    asked: Interview, tapped: str, shown: str
) -> None:
    assert shown_words(asked, said(tapped=tapped)) == shown


def test_spoken_words_go_on_as_they_were_said(asked: Interview) -> None:
    turn = TALK.take(asked, said("我就是，你说"))
    answer = turn.interview.answer("A1")
    assert answer is not None
    assert (answer.value, answer.heard.words) == ("1", "我就是，你说")


def test_spoken_words_that_are_a_label_are_doubted_as_they_were_heard(asked: Interview) -> None:
    heard = Utterance(id="1", at=AT, words="本人", confidence=0.3)
    turn = TALK.take(asked, heard)
    assert turn.interview.answers == {}
    assert turn.interview.wait is not None
    assert turn.interview.wait.kind is WaitKind.CONFIRM


def asked_for_consent(form: Questionnaire) -> Interview:
    interview = start(form, FACTS, {}, at=AT, channel=Channel.CHAT)[0]
    for words in ("我就是", "1042"):
        interview = TALK.take(interview, said(words)).interview
    assert interview.wait is not None
    assert interview.wait.target == "consent"
    return interview


@pytest.mark.parametrize(
    "words",
    ["同意", "我同意，你问吧", "行，问吧", "好的", "可以的", "中", "是的", "你只管问", "没问题"],
)
def test_consent_is_given_by_its_own_words(forms: dict[str, Questionnaire], words: str) -> None:
    interview = TALK.take(asked_for_consent(forms["person"]), said(words)).interview
    assert interview.consent is Consent.GIVEN


@pytest.mark.parametrize(
    "words",
    ["没变，还是那样", "有", "有的", "没有", "农村户口", "嗯", "对面就是", "我要问你哪里的"],
)
def test_what_answers_something_else_is_no_consent(
    forms: dict[str, Questionnaire], words: str
) -> None:
    interview = TALK.take(asked_for_consent(forms["person"]), said(words)).interview
    assert interview.consent is Consent.UNASKED


@pytest.mark.parametrize("words", ["不同意", "我不愿意", "不行", "算了，不答了", "不想说"])
def test_consent_is_refused_in_many_words(forms: dict[str, Questionnaire], words: str) -> None:
    interview = TALK.take(asked_for_consent(forms["person"]), said(words)).interview
    assert interview.consent is not Consent.GIVEN
