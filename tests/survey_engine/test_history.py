"""Stored events: what is written is read, also what the first schema wrote."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from survey_engine.answer import AnswerState, Speaker, SpeakerKind
from survey_engine.channel import Channel
from survey_engine.event import SCHEMA, Event, InterviewStarted, Paused
from survey_engine.history import load, store
from survey_engine.interview import Status
from survey_engine.plain import PlainError
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import HistoryError, replay
from tests.survey_engine.small_forms import choice, multi, read, single, speaker

AT = datetime(2026, 10, 12, 10, tzinfo=UTC)
STARTED = InterviewStarted(
    at=AT, form="small", version="1", facts={}, last_year={}, channel=Channel.VOICE
)
PAUSED = Paused(at=AT, reason="later")
SCHEMA_1 = Path(__file__).parents[1] / "corpus" / "histories" / "schema-1.json"


def small_form(**parts: Any) -> Questionnaire:
    """The form that the stored history is of."""
    return read(speaker(), multi("Q", "1", "2", "3"), single("R", choice("1"), "2"), **parts)


def test_an_event_is_stored_with_its_type_and_schema() -> None:
    stored = store(PAUSED)
    assert stored == {
        "schema": SCHEMA,
        "type": "Paused",
        "at": "2026-10-12T10:00:00+00:00",
        "reason": "later",
    }
    assert load(json.loads(json.dumps(stored))) == PAUSED


@pytest.mark.parametrize("kind", Event.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_event_says_what_happened(kind: type[Event]) -> None:
    assert kind.__doc__


def test_a_history_of_the_first_schema_still_replays() -> None:
    stored = json.loads(SCHEMA_1.read_text(encoding="utf-8"))
    assert {one["schema"] for one in stored} == {1}
    interview = replay(small_form(), (load(one) for one in stored))
    assert interview.status is Status.COMPLETED
    assert interview.length == len(stored)
    chosen, missing = interview.answers["Q"], interview.answers["R"]
    assert (chosen.value, chosen.state) == ("1 3", AnswerState.RECORDED)
    assert chosen.speaker == Speaker(SpeakerKind.PROXY, "母亲")
    assert (missing.value, missing.state) == ("", AnswerState.DECLINED)
    assert missing.speaker == chosen.speaker


@pytest.mark.parametrize("schema", [0, SCHEMA + 1, -1, "2", 1.0, None])
def test_unknown_schema_is_refused(schema: object) -> None:
    with pytest.raises(PlainError, match=f"reads 1 to {SCHEMA}"):
        load({**store(PAUSED), "schema": schema})


@pytest.mark.parametrize("kind", ["Forgotten", "Event", "", None])
def test_unknown_type_is_refused(kind: object) -> None:
    with pytest.raises(PlainError, match="no type of event"):
        load({**store(PAUSED), "type": kind})


@pytest.mark.parametrize(
    "change", [{"reason": 1}, {"colour": "red"}, {"at": "yesterday"}, {"at": None}], ids=repr
)
def test_malformed_event_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(PlainError):
        load({**store(PAUSED), **change})


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([], "does not begin"),
        ([PAUSED], "does not begin"),
        ([PAUSED, STARTED], "does not begin"),
    ],
)
def test_a_history_without_its_beginning_is_refused(events: list[Event], why: str) -> None:
    with pytest.raises(HistoryError, match=why):
        replay(small_form(), events)


@pytest.mark.parametrize("parts", [{"form": "other"}, {"version": "2"}], ids=repr)
def test_a_history_of_another_form_or_version_is_refused(parts: dict[str, str]) -> None:
    replay(small_form(), [STARTED])
    with pytest.raises(HistoryError, match="own version"):
        replay(small_form(**parts), [STARTED])
