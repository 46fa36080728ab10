"""The line to a browser: what it says is believed only as far as it fits."""

import json

import pytest

from telephony.audio import WIDE, AudioChunk, silence
from telephony.carriers.browser import BrowserLine
from telephony.failure import LineError
from telephony.line import Ended, Key, Marked, Sound, Started

START = json.dumps({"event": "start", "call": "c", "token": "t", "rate": 16_000})


@pytest.fixture
def line() -> BrowserLine:
    line = BrowserLine()
    line.receive(START)
    return line


def test_a_start_brings_call_token_and_format() -> None:
    (started,) = BrowserLine().receive(START)
    assert started == Started("c", "c", WIDE, {"token": "t"})


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (b"\1\2", Sound(AudioChunk(WIDE, b"\1\2"))),
        ('{"event": "key", "digit": "#"}', Key("#")),
        ('{"event": "mark", "name": "ask:A4:1"}', Marked("ask:A4:1")),
        ('{"event": "stop"}', Ended()),
    ],
)
def test_what_fits_is_an_event(line: BrowserLine, message: str | bytes, event: object) -> None:
    assert line.receive(message) == (event,)
    assert not line.counted


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\1",
        bytes(96_002),
        "",
        "[]",
        "null",
        "{",
        "[" * 3_000,
        "x" * 5_000,
        START,
        '{"event": 1}',
        '{"event": "key", "digit": 5}',
        '{"event": "key", "digit": "55"}',
        '{"event": "mark"}',
        '{"event": ["start"]}',
    ],
)
def test_what_does_not_fit_is_counted(line: BrowserLine, message: str | bytes) -> None:
    assert line.receive(message) == ()
    assert sum(line.counted.values()) == 1


def test_nothing_counts_before_the_start_or_after_the_stop() -> None:
    line = BrowserLine()
    for message in (b"\1\2", '{"event": "key", "digit": "1"}'):
        assert line.receive(message) == ()
    assert line.sound(silence(0.1, WIDE)) == line.mark("m") == line.clear() == ()
    line.receive(START)
    assert line.sound(silence(0.1, WIDE))
    line.receive('{"event": "stop"}')
    assert line.receive(START) == ()
    assert line.mark("m") == ()


@pytest.mark.parametrize("rate", [0, -1, 1, 1e9, "16000", None, True, [16_000]])
def test_a_rate_that_no_browser_has_closes_the_line(rate: object) -> None:
    with pytest.raises(LineError):
        BrowserLine().receive(json.dumps({"event": "start", "rate": rate}))


def test_sound_goes_out_as_samples_and_everything_else_as_text(line: BrowserLine) -> None:
    assert line.sound(silence(0.1, WIDE)) == (bytes(3_200),)
    shown = (*line.caption("您好", ours=True), *line.caption("没有", ours=False))
    assert [json.loads(str(one)) for one in (*line.mark("m"), *line.clear(), *shown)] == [
        {"event": "mark", "name": "m"},
        {"event": "clear"},
        {"event": "said", "text": "您好"},
        {"event": "heard", "text": "没有"},
    ]
