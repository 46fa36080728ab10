"""Snapshots of waiting interviews: small, whole, and refused where they do not fit."""

import json
from datetime import UTC, datetime

import pytest

from survey_engine.channel import Channel
from survey_engine.input import Record
from survey_engine.interview import Interview
from survey_engine.plain import PlainError
from survey_engine.snapshot import restore, take_snapshot
from survey_engine.stepping import start, step
from tests.survey_engine.random_interviews import LAST4, Move, inputs_of, person_form
from tests.survey_engine.small_forms import Entry, read, single

AT = datetime(2026, 10, 12, 10, tzinfo=UTC)
FACTS = {"age": "45", "sex": "male", "category": "4", "grade": "2", "last4": LAST4}


def at_the_middle() -> Interview:
    """The person form with half of its items answered in many words, and a series under way."""
    interview, _events = start(person_form(), FACTS, {}, at=AT, channel=Channel.VOICE)
    at, words = AT, "我慢慢跟您说" * 3
    for _ in range(300):
        answered = len(interview.answers) * 2 >= len(person_form().items)
        if answered and interview.wait and interview.wait.option:
            break
        at, put = inputs_of(Move("fit", 1, words), interview, at)
        interview, _events = step(interview, put)
    return interview


def small() -> Interview:
    interview, _events = start(read(single("Q"), single("R")), {}, {}, at=AT)
    return step(interview, Record(at=AT, target="Q", value="1"))[0]


def test_a_waiting_interview_of_the_person_form_takes_at_most_64_kib() -> None:
    interview = at_the_middle()
    assert len(interview.answers) >= 20
    text = json.dumps(take_snapshot(interview), ensure_ascii=False)
    assert len(text.encode()) <= 64 * 1024


def test_what_is_restored_waits_for_the_same() -> None:
    interview = at_the_middle()
    restored = restore(person_form(), json.loads(json.dumps(take_snapshot(interview))))
    assert restored.wait == interview.wait
    assert restored.answers == interview.answers
    assert restored.instance.values() == interview.instance.values()
    assert take_snapshot(restored) == take_snapshot(interview)


def test_a_snapshot_names_its_form_and_is_refused_on_another() -> None:
    snapshot = take_snapshot(small())
    restore(read(single("Q"), single("R")), snapshot)
    for parts in ({"form": "other"}, {"version": "2"}):
        with pytest.raises(PlainError, match="the snapshot is of small 1"):
            restore(read(single("Q"), single("R"), **parts), snapshot)


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"instance": {}},
        {"questionnaire": {}},
        {"stored": []},
        {"stored": {"X": "1"}},
        {"stored": {"Q": 1}},
        {"status": "asleep"},
        {"wait": {"kind": "ask"}},
        {"at": "yesterday"},
        {"at": "2026-10-12T10:00:00"},
        {"answers": {"Q": "1"}},
    ],
    ids=repr,
)
def test_malformed_snapshot_is_refused(change: Entry) -> None:
    with pytest.raises(PlainError):
        restore(small().questionnaire, {**take_snapshot(small()), **change})


@pytest.mark.parametrize("lacking", ["form", "version", "at", "channel", "facts"])
def test_snapshot_that_lacks_a_part_is_refused(lacking: str) -> None:
    snapshot = take_snapshot(small())
    del snapshot[lacking]
    with pytest.raises(PlainError):
        restore(small().questionnaire, snapshot)
