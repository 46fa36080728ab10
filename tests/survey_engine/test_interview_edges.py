"""What an interview does at its edges: each case a few inputs on a small form."""

from datetime import UTC, datetime
from typing import Any

import pytest

from survey_engine.answer import AnswerState, SpeakerKind
from survey_engine.channel import Channel
from survey_engine.event import InputRefused
from survey_engine.input import (
    Affirm,
    ChangeSpeaker,
    Deny,
    GoBack,
    Input,
    Pause,
    Record,
    Reopen,
    Resume,
    Verify,
)
from survey_engine.interview import SPEAKERS_TRIED, Identity, Interview, Status
from survey_engine.questionnaire import Questionnaire
from survey_engine.snapshot import restore, take_snapshot
from survey_engine.stepping import FactError, start, step
from survey_engine.wait import WaitKind
from tests.survey_engine.small_forms import (
    certificate,
    check,
    choice,
    multi,
    question,
    read,
    single,
    speaker,
)

AT = datetime(2026, 10, 12, 10, tzinfo=UTC)


def begun(form: Questionnaire, channel: Channel = Channel.CHAT, **last_year: str) -> Interview:
    facts = {"age": "45", "last4": "123X"}
    return start(form, facts, last_year, at=AT, channel=channel)[0]


def after(interview: Interview, *inputs: Input) -> Interview:
    for put in inputs:
        interview, _events = step(interview, put)
    return interview


def says(target: str, value: str) -> Record:
    return Record(at=AT, target=target, value=value)


def refusal(interview: Interview, put: Input) -> str:
    """The code of the refusal of ``put``, or an empty text."""
    _interview, events = step(interview, put)
    return events[0].code if isinstance(events[0], InputRefused) else ""


def asked(interview: Interview) -> str:
    """What is waited for, or an empty text."""
    return interview.wait.target if interview.wait else ""


YES, NO = Affirm(at=AT), Deny(at=AT)


@pytest.mark.parametrize(
    ("kind", "fitting", "not_fitting"),
    [
        ("integer", "2147483647", "2147483648"),
        ("integer", "+7", "7.5"),
        ("decimal", "7.5", "7,5"),
        ("date", "2024-02-29", "2026-02-29"),
        ("date", "20240229", "2024-2-29"),
        ("time", "10:30", "25:00"),
        ("dateTime", "2026-10-12T10:30", "2026-10-12T10:61"),
        ("text", "好", " "),
        ("acknowledge", "ok", "no"),
    ],
)
def test_value_of_its_type_is_recorded_and_another_is_refused(
    kind: str, fitting: str, not_fitting: str
) -> None:
    interview = begun(read(question("Q", kind)))
    assert refusal(interview, says("Q", not_fitting)) == "bad-value"
    end = after(interview, says("Q", fitting))
    assert end.status is Status.COMPLETED
    assert end.instance.value("Q")


def test_time_without_zone_is_refused_and_leaves_the_interview_usable() -> None:
    interview = begun(read(single("Q")))
    naive = Affirm(at=AT.replace(tzinfo=None))
    assert refusal(interview, naive) == "naive-time"
    assert take_snapshot(restore(interview.questionnaire, take_snapshot(after(interview, naive))))


def stable(**more: Any) -> Questionnaire:
    last = {"last": "上次是{last}，还是吗？"}
    return read(question("Q", "integer", stable="true", wording=last, **more), single("R"))


@pytest.mark.parametrize(("value", "kind"), [("5", WaitKind.LAST), ("50", WaitKind.ASK)])
def test_last_year_is_confirmed_only_if_it_could_be_given_today(value: str, kind: WaitKind) -> None:
    wait = begun(stable(constraint=". < 10"), Q=value).wait
    assert getattr(wait, "kind", None) is kind


def test_last_year_that_a_verdict_has_made_impossible_is_asked_anew() -> None:
    last = {"last": "上次是{last}，还是吗？"}
    limit = ". < 10 or ${R} = '1'"
    form = read(
        single("R"), question("Q", "integer", stable="true", wording=last, constraint=limit)
    )
    interview = after(begun(form, Q="50"), says("R", "1"))
    assert after(interview, YES).answers["Q"].value == "50"
    verdict = Verify(at=AT, item="R", value="2", by="审核员", reason="听录音")
    changed = after(interview, verdict, YES)
    assert "Q" not in changed.answers
    assert asked(changed) == "Q"


@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.CHAT])
def test_verdict_that_makes_the_waiting_question_irrelevant_ends_the_wait(
    channel: Channel,
) -> None:
    form = read(single("Q"), single("R", relevant="${Q} = '1'"), single("T"))
    interview = after(begun(form, channel), says("Q", "1"))
    assert asked(interview) == "R"
    verdict = Verify(at=AT, item="Q", value="2", by="审核员", reason="听录音")
    moved = after(interview, verdict)
    assert asked(moved) == "T"
    kept = after(interview, Pause(at=AT, reason="dropped"), verdict)
    resumed = after(kept, Resume(at=AT, channel=Channel.VOICE))
    assert asked(resumed) == "T"


def test_only_questions_are_opened_again() -> None:
    note, total = question("N", "note"), {"name": "C", "type": "calculate", "calculation": "1"}
    interview = after(begun(read(single("Q"), note, total)), says("Q", "1"))
    for name in ("N", "C", "X"):
        assert refusal(interview, Reopen(at=AT, items=(name,), by="审核员")) == "unknown-item"
    assert refusal(interview, Reopen(at=AT, items=("Q",), by="审核员")) == ""


def three(**more: Any) -> Questionnaire:
    return read(multi("Q", "1", "2", choice("9", exclusive="true"), **more), single("R"))


@pytest.mark.parametrize(
    ("answers", "value"),
    [(("yes", "no"), "1"), (("yes", "yes"), "1 2"), (("no", "no"), "9"), (("no", "yes"), "2")],
)
def test_series_adds_up_to_what_was_said(answers: tuple[str, ...], value: str) -> None:
    given = [YES if answer == "yes" else NO for answer in answers]
    answer = after(begun(three(), Channel.VOICE), *given).answers["Q"]
    assert (answer.value, answer.state) == (value, AnswerState.RECORDED)


def test_none_beside_another_choice_goes_to_a_person() -> None:
    interview = after(begun(three(), Channel.VOICE), says("Q/9", "yes"), YES, NO)
    answer = interview.answers["Q"]
    assert (answer.value, answer.state) == ("", AnswerState.TO_VERIFY)


def test_series_that_violates_the_constraint_goes_to_a_person() -> None:
    form = three(constraint="count-selected(.) <= 1")
    answer = after(begun(form, Channel.VOICE), YES, YES).answers["Q"]
    assert (answer.value, answer.state, answer.source) == ("", AnswerState.TO_VERIFY, "constraint")


@pytest.mark.parametrize(
    ("option", "word", "value"),
    [("Q/2", "yes", "1 2"), ("Q/9", "yes", "9"), ("Q/1", "no", "9"), ("Q/2", "no", "1")],
)
def test_option_named_later_changes_the_answer(option: str, word: str, value: str) -> None:
    interview = after(begun(three()), says("Q", "1"), says(option, word))
    assert interview.answers["Q"].value == value


def test_denied_last_option_without_a_none_goes_to_a_person() -> None:
    form = read(multi("Q", "1", "2"), single("R"))
    interview = after(begun(form), says("Q", "1"), says("Q/1", "no"))
    answer = interview.answers["Q"]
    assert (answer.value, answer.state) == ("", AnswerState.TO_VERIFY)


KNOWN = {"identity": "certificate", "consent": "true", "identity_tries": "2"}


def guarded(**more: Any) -> Questionnaire:
    items = (speaker(), certificate(), single("Q", sensitivity="H"), single("R"))
    return read(*items, procedure=KNOWN, **more)


def test_number_is_not_tried_again_once_identity_has_failed() -> None:
    interview = after(begun(guarded()), says("A1", "1"), says("A2", "0000"))
    assert after(interview, says("A2", "123x")).identity is Identity.VERIFIED
    failed = after(interview, says("A2", "1111"))
    assert failed.identity is Identity.FAILED
    assert refusal(failed, says("A2", "123X")) == "identity-failed"


@pytest.mark.parametrize("consent", [YES, NO])
def test_sensitive_question_is_asked_again_only_with_consent(consent: Input) -> None:
    checks = [check(fails_when="${R} = '1'", severity="E")]
    interview = after(begun(guarded(checks=checks)), says("A1", "1"), says("A2", "123X"), consent)
    if consent is YES:
        interview = after(interview, says("Q", "2"))
    interview = after(interview, GoBack(at=AT, item="Q"))
    assert (asked(interview) == "Q") is (consent is YES)


@pytest.mark.parametrize(
    ("name", "value"),
    [("birth", "1960-02-30"), ("birth", "20260101"), ("reference_day", "soon"), ("age", "²")],
)
def test_a_fact_that_cannot_be_counted_with_is_refused(
    forms: dict[str, Questionnaire], name: str, value: str
) -> None:
    with pytest.raises(FactError, match=name):
        start(forms["person"], {"age": "40", name: value}, {}, at=AT)


def test_claiming_to_be_somebody_else_does_not_give_tries_for_ever(
    forms: dict[str, Questionnaire],
) -> None:
    interview, _ = start(forms["person"], {"age": "40", "last4": "1042"}, {}, at=AT)
    for _ in range(20):
        interview, _ = step(interview, ChangeSpeaker(at=AT, kind=SpeakerKind.SELF))
        interview, _ = step(interview, Record(at=AT, target="A2", value="0000"))
    assert interview.identity_misses == SPEAKERS_TRIED * 2
    assert interview.identity is Identity.FAILED
