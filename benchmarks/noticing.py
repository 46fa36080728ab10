"""Measures how soon speech is noticed on a telephone line, and what else is taken for speech.

``python -m benchmarks.noticing [--clips FOLDER]`` plays spoken answers, 20 ms at a time, to the
model and the rule that let us be silent, and tells how long after the sound of each begins that
rule speaks up; ``--clips`` is a folder like ``tests/corpus/speech``. Then it plays ten minutes of
each of some sounds that are no answer, all made here or of the clips, and tells how often they
would have interrupted us. ``--starts 0.5 --onset 0.03 ...`` try other limits.

A voice begins where 10 ms of it first exceed -38 dB below full scale.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from telephony.activity import SileroActivity
from telephony.audio import NARROW, TELEPHONE, AudioChunk, Samples, from_samples
from telephony.turn import Began, SpeechWatch
from telephony.turn_rules import SpeechLevels, turn_rules
from tests.telephony.clips import FOLDER, SpokenAnswer, spoken_answers

RATE, TICK = NARROW.rate, 160
_BEGINS = -38.0
#: Which clips are played, and how many dB softer.
_CONDITIONS = (("tel8k", 0), ("tel8k", 10), ("pink10loss2", 0))
#: How loud the quiet of a line is, and what is played of it around a clip (seconds).
_QUIET, _LEAD, _TAIL = 8.0, (0.5, 1.0), 1.0
_MINUTES = 10
Wave = npt.NDArray[np.float64]


def main() -> None:
    """Print both tables."""
    asked = _arguments()
    given = {name: value for name, value in vars(asked).items() if name != "clips"}
    changed = {name: value for name, value in given.items() if value is not None}
    levels = turn_rules().speech.model_copy(update=changed)
    print("| condition | clips | missed | noticed after p50 / p95 / worst, ms |")
    print("| --- | --- | --- | --- |")
    for condition, softer in _CONDITIONS:
        _print_delays(condition, softer, Path(asked.clips), levels)
    print("\n| sound that is no answer | interruptions an hour |\n| --- | --- |")
    for name, sound in _sounds(Path(asked.clips)).items():
        began = sum(1 for _ in beginnings(sound, levels))
        print(f"| {name} | {began * 60 / _MINUTES:.0f} |", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", default=str(FOLDER))
    for name in SpeechLevels.model_fields:
        parser.add_argument(f"--{name}", type=float)
    return parser.parse_args()


def beginnings(samples: Samples, levels: SpeechLevels) -> Iterator[tuple[float, Began]]:
    """Yield what begins in ``samples``, with the seconds of sound that had come by then."""
    line = from_samples(samples, TELEPHONE).data
    activity, watch = SileroActivity(), SpeechWatch(levels)
    for at in range(0, len(line), TICK):
        for frame in activity.feed(AudioChunk(TELEPHONE, line[at : at + TICK])):
            happened = watch.hear(frame)
            if isinstance(happened, Began):
                yield (at + TICK) / RATE, happened


def _print_delays(condition: str, softer: int, clips: Path, levels: SpeechLevels) -> None:
    random = np.random.default_rng(3)
    clear = {clip.path.name: clip for clip in spoken_answers("tel8k", clips)}
    answers, delays = spoken_answers(condition, clips), []
    for clip in answers:
        voice = _samples(clip) * 10 ** (-softer / 20)
        lead = _quiet(random, random.uniform(*_LEAD))
        played = np.concatenate((lead, voice.astype(np.int16), _quiet(random, _TAIL)))
        first = next(beginnings(played, levels), None)
        if first is not None:
            delays.append(first[0] - len(lead) / RATE - _onset(_samples(clear[clip.path.name])))
    shown = " / ".join(f"{np.quantile(delays, share) * 1e3:.0f}" for share in (0.5, 0.95, 1.0))
    name = f"{condition}, {softer} dB softer" if softer else condition
    print(f"| {name} | {len(answers)} | {len(answers) - len(delays)} | {shown} |", flush=True)


def _samples(clip: SpokenAnswer) -> Samples:
    return clip.chunk.to(NARROW).samples()


def _onset(samples: Samples) -> float:
    piece = RATE // 100
    whole = samples[: len(samples) // piece * piece].reshape(-1, piece) / 32_768
    levels = 10 * np.log10(np.mean(whole**2, axis=1) + 1e-12)
    return float(np.flatnonzero(levels > _BEGINS)[0]) * piece / RATE


def _quiet(random: np.random.Generator, seconds: float) -> Samples:
    return random.normal(0, _QUIET, round(seconds * RATE)).astype(np.int16)


# Sounds that are no answer.


def _sounds(clips: Path) -> dict[str, Samples]:
    """Return ten minutes of each."""
    made: dict[str, Callable[[np.random.Generator], Wave]] = {
        "a line's own noise (pink, -45 dB)": lambda random: _at(_pink(random), -45),
        "wind": _wind,
        "breathing into the microphone": _breathing,
        "knocks and things put down": partial(_events, each=1.5, one=_knock),
        "a keyboard": partial(_events, each=0.25, one=_click),
        "coughs": partial(_events, each=6.0, one=_cough),
        "music": _music,
        "our own voice as echo, 30 dB below": lambda random: _voices(random, clips, 1, -50),
        "television, three voices, 25 dB below": lambda random: _voices(random, clips, 3, -45),
    }
    quiet = 2.0
    random = np.random.default_rng(7)
    return {
        name: np.clip(make(random) * 32_768 + random.normal(0, quiet, _LENGTH), -32_768, 32_767)
        .round().astype(np.int16)
        for name, make in made.items()
    }  # fmt: skip


_LENGTH = _MINUTES * 60 * RATE


def _at(wave: Wave, level: float) -> Wave:
    """Return ``wave`` with a level of so many dB below full scale."""
    return wave * 10 ** (level / 20) / float(np.sqrt(np.mean(wave**2)) + 1e-9)


def _shaped(random: np.random.Generator, gain: Callable[[Wave], Wave], length: int) -> Wave:
    """Return noise whose spectrum is ``gain`` of the frequency."""
    spectrum = np.fft.rfft(random.normal(0, 1, length))
    return np.fft.irfft(spectrum * gain(np.fft.rfftfreq(length, 1 / RATE)), length)


def _band(low: float, high: float) -> Callable[[Wave], Wave]:
    return lambda hertz: 1 / (1 + (low / (hertz + 1)) ** 4) / (1 + (hertz / high) ** 4)


def _pink(random: np.random.Generator) -> Wave:
    return _shaped(random, lambda hertz: (hertz > 200) / np.sqrt(hertz + 1), _LENGTH)


def _slow(random: np.random.Generator, hertz: float) -> Wave:
    """Return a loudness that wanders from 0 to 1."""
    points = random.uniform(0, 1, round(_LENGTH / RATE * hertz) + 2)
    return np.interp(np.arange(_LENGTH) * hertz / RATE, np.arange(len(points)), points)


def _wind(random: np.random.Generator) -> Wave:
    return _at(_shaped(random, _band(50, 300), _LENGTH) * _slow(random, 2.0) ** 2, -30)


def _breathing(random: np.random.Generator) -> Wave:
    cycle = np.clip(np.sin(2 * np.pi * 0.3 * np.arange(_LENGTH) / RATE), 0, 1) ** 2
    return _at(_shaped(random, _band(400, 2_500), _LENGTH) * cycle * _slow(random, 0.3), -38)


def _events(
    random: np.random.Generator, *, each: float, one: Callable[[np.random.Generator], Wave]
) -> Wave:
    wave, at = np.zeros(_LENGTH), 0
    while (at := at + round(random.exponential(each) * RATE)) < _LENGTH - RATE:
        sound = one(random) * 10 ** (random.uniform(-15, 0) / 20)
        wave[at : at + len(sound)] += sound
    return wave


def _knock(random: np.random.Generator) -> Wave:
    seconds = np.arange(RATE // 4) / RATE
    tones = sum(np.sin(2 * np.pi * random.uniform(120, 1_200) * seconds) for _ in range(4))
    raps = int(random.integers(1, 4))
    once = 0.15 * tones * np.exp(-seconds / random.uniform(0.01, 0.04))
    return np.concatenate([once] * raps)


def _click(random: np.random.Generator) -> Wave:
    seconds = np.arange(RATE // 50) / RATE
    noise: Wave = random.normal(0, 0.1, len(seconds)) * np.exp(-seconds / 0.003)
    return noise


def _cough(random: np.random.Generator) -> Wave:
    length = round(random.uniform(0.2, 0.4) * RATE)
    fall = np.exp(-np.arange(length) / RATE / 0.12)
    return _at(_shaped(random, _band(300, 1_800), length) * fall, -22)


def _music(random: np.random.Generator) -> Wave:
    seconds, wave = np.arange(RATE // 2) / RATE, np.zeros(_LENGTH)
    for at in range(0, _LENGTH - len(seconds), len(seconds)):
        for _ in range(3):
            hertz = 220 * 2 ** (random.integers(0, 25) / 12)
            tone = sum(np.sin(2 * np.pi * hertz * n * seconds) / n for n in (1, 2, 3))
            wave[at : at + len(seconds)] += tone * np.exp(-seconds / 0.3)
    return _at(wave, -35)


def _voices(random: np.random.Generator, clips: Path, several: int, level: float) -> Wave:
    """Return the clips one after another, several at once, through a narrow loudspeaker."""
    spoken = [_samples(one) / 32_768 for one in spoken_answers("tel8k", clips)]
    wave = np.zeros(_LENGTH)
    for _ in range(several):
        order = random.integers(0, len(spoken), _LENGTH // RATE)
        wave += np.concatenate([spoken[one] for one in order])[:_LENGTH]
    hertz = np.fft.rfftfreq(_LENGTH, 1 / RATE)
    muffled = np.fft.irfft(np.fft.rfft(wave) * _band(300, 2_000)(hertz), _LENGTH)
    return _at(muffled, level)


if __name__ == "__main__":
    main()
