"""Telephone sound at twice its rate: the same sound, and none of it held back."""

import numpy as np
import pytest

from telephony.doubling import Doubler


def tone(hertz: float, rate: int, seconds: float = 0.1) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate).astype(np.float32)


@pytest.mark.parametrize("hertz", [300, 1_000, 2_500])
def test_a_tone_stays_the_tone_that_it_was_a_millisecond_later(hertz: int) -> None:
    doubled = Doubler().feed(tone(hertz, 8_000))
    expected = tone(hertz, 16_000)
    assert len(doubled) == len(expected)
    assert doubled[200:] == pytest.approx(expected[200 - 16 : -16], abs=0.03)


def test_the_sound_does_not_depend_on_how_it_arrives() -> None:
    sound = tone(700, 8_000)
    doubler = Doubler()
    sizes = np.split(sound, [1, 1, 8, 170, 171, 400])
    pieces = np.concatenate([doubler.feed(piece) for piece in sizes])
    assert pieces == pytest.approx(Doubler().feed(sound), abs=1e-6)
