"""What begins a turn."""

import pytest

from telephony.activity import Frame
from telephony.turn import Began, SpeechWatch
from telephony.turn_rules import turn_rules

_FRAME = 0.032


def begun(frames: list[tuple[float, float]]) -> float | None:
    """Return how much sound there was when a turn began in frames of (speech, level)."""
    watch = SpeechWatch(turn_rules().speech)
    for number, (speech, level) in enumerate(frames, 1):
        happened = watch.hear(Frame(number * _FRAME, speech, level))
        if isinstance(happened, Began):
            return happened.known
    return None


def test_two_frames_that_may_be_speech_begin_a_turn() -> None:
    assert begun([(0.1, -70), (0.45, -30), (0.5, -30)]) == pytest.approx(3 * _FRAME)


def test_one_frame_by_itself_is_a_knock() -> None:
    assert begun([(0.1, -70), (0.9, -20), *[(0.1, -60)] * 6, (0.9, -20)]) is None


def test_what_is_too_soft_for_a_telephone_begins_nothing() -> None:
    assert begun([(0.9, -60)] * 20) is None
    assert begun([(0.9, -50)] * 20) == pytest.approx(2 * _FRAME)
