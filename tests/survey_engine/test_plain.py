"""Records as plain data and back: what was written is read, and nothing else is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from survey_engine.answer import Candidate, Speaker, SpeakerKind
from survey_engine.plain import PlainError, from_plain, to_plain
from survey_engine.wait import Accepts, Wait, WaitKind


@dataclass(frozen=True)
class Record:
    """One field of every kind that records have."""

    name: str
    day: date = date(2026, 1, 1)
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    flag: bool = False
    count: int = 0
    share: float = 0.0
    kind: SpeakerKind = SpeakerKind.NOBODY
    speaker: Speaker = Speaker()
    pair: tuple[int, int] | None = None
    codes: tuple[str, ...] = ()
    chosen: frozenset[str] = frozenset()
    facts: Mapping[str, str] | None = None


FULL = Record(
    name="王小明",
    day=date(2024, 2, 29),
    at=datetime(2026, 10, 12, 10, 30, 0, 5, tzinfo=UTC),
    flag=True,
    count=3,
    share=0.5,
    kind=SpeakerKind.PROXY,
    speaker=Speaker(SpeakerKind.PROXY, "母亲"),
    pair=(4, 6),
    codes=("1", "2"),
    chosen=frozenset({"b", "a"}),
    facts={"age": "45"},
)


@pytest.mark.parametrize("record", [FULL, Record("a")], ids=["full", "defaults"])
def test_what_was_written_is_read(record: Record) -> None:
    assert from_plain(Record, json.loads(json.dumps(to_plain(record)))) == record


def test_defaults_are_left_out() -> None:
    assert to_plain(Record("a")) == {"name": "a"}


def test_sets_are_written_in_order() -> None:
    written = to_plain(FULL)
    assert isinstance(written, dict)
    assert written["chosen"] == ["a", "b"]


@pytest.mark.parametrize(
    "wait",
    [
        Wait(WaitKind.ASK, "A4", Accepts.CHOICE, codes=("10", "20"), tries=1),
        Wait(WaitKind.ASK, "A2", Accepts.DIGITS, digits=(4, 4), keypad=True),
        Wait(WaitKind.CHECK, "E5/2", Accepts.YES_NO, rule="L34a"),
    ],
    ids=lambda wait: wait.target,
)
def test_waits_survive(wait: Wait) -> None:
    assert from_plain(Wait, to_plain(wait)) == wait


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": 1},
        {"name": "a", "colour": "red"},
        {"name": "a", "count": True},
        {"name": "a", "count": "1"},
        {"name": "a", "flag": 1},
        {"name": "a", "kind": "stranger"},
        {"name": "a", "day": "2026-02-29"},
        {"name": "a", "pair": [1]},
        {"name": "a", "pair": [1, 2, 3]},
        {"name": "a", "codes": 5},
        {"name": "a", "facts": ["age"]},
        {"name": "a", "speaker": "proxy"},
        [],
        None,
        "a",
    ],
    ids=repr,
)
def test_what_is_no_such_record_is_refused(data: object) -> None:
    with pytest.raises(PlainError, match="can be read from this data"):
        from_plain(Record, data)


def test_a_whole_number_is_a_share_too() -> None:
    assert from_plain(Candidate, {"value": "1", "confidence": 1}) == Candidate("1", 1.0)
    with pytest.raises(PlainError):
        from_plain(Candidate, {"value": "1", "confidence": "1"})
