"""Measures what the echo of our own voice does, and whether people are heard in it.

``python -m benchmarks.echo [--clips FOLDER]`` plays half a minute of our voice at a time, to a
simulated speaker phone: a narrow loudspeaker that distorts, a room, an echo 10 to 30 dB below what
we play and 60 to 600 ms late, a line with noise at -60 dB, and on every second one the codec of
mobile telephones (GSM, both ways). It tells how often the echo alone would have interrupted us, and
how long after the sound of a voice begins we would have fallen silent; ``--clips`` is a folder like
``tests/corpus/speech``, of which every second voice is ours and the others are the people's.

A voice is 26 dB below full scale and begins where 10 ms of it first exceed -38 dB.
"""

import argparse
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from telephony.activity import Frame, SileroActivity
from telephony.audio import NARROW, TELEPHONE, AudioChunk, from_samples
from telephony.farewell import FAREWELLS
from telephony.own_voice import OwnVoice
from telephony.played import Played
from telephony.tape import Tape
from telephony.turn import Began, SpeechWatch
from telephony.turn_rules import turn_rules
from tests.telephony.clips import FOLDER, spoken_answers
from tests.telephony.speaker_phone import room

RATE, TICK, SECONDS = NARROW.rate, 160, 30
_OURS, _THEIRS, _BEGINS, _NOISE = -20.0, -26.0, -38.0, -60.0
#: How much softer than our voice its echo is (dB), and how many lines have one.
_SOFTER, _LINES = (10, 20, 30), 12
#: Somebody speaks so often, and has been heard if we fall silent within so many seconds.
_EACH, _PATIENCE = 5.0, 1.5
Wave = npt.NDArray[np.float64]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", default=str(FOLDER))
    clips = [_voice(one.chunk) for one in spoken_answers("tel8k", Path(parser.parse_args().clips))]
    print("| echo softer by, dB | interruptions an hour by it, before | now |", end="")
    print(
        " voices | silent after a voice begins p50 / p95 / worst, ms: without echo, before", end=""
    )
    print(" | now | in echo, now |\n| --- | --- | --- | --- | --- | --- | --- |")
    for softer in _SOFTER:
        figures = Figures()
        for seed in range(_LINES):
            _measure(Line.made(softer, seed, clips), figures)
        figures.show(softer)


@dataclass
class Figures:
    """What came of all lines with one echo; ``nan`` is a voice that was not noticed."""

    before: int = 0
    now: int = 0
    plain: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    within: list[float] = field(default_factory=list)

    def show(self, softer: int) -> None:
        """Print one row of the table."""
        before, now = (one * 3600 / SECONDS / _LINES for one in (self.before, self.now))
        delays = " | ".join(_delays(one) for one in (self.plain, self.alone, self.within))
        print(f"| {softer} | {before:.0f} | {now:.0f} | {len(self.alone)} | {delays} |", flush=True)


def _delays(found: Sequence[float]) -> str:
    heard = [one for one in found if not np.isnan(one)]
    shown = " / ".join(f"{np.quantile(heard, share) * 1e3:.0f}" for share in (0.5, 0.95, 1.0))
    late = sum(one > 0.2 for one in heard)
    return f"{shown}, {late} over 200, {len(found) - len(heard)} missed"


@dataclass(frozen=True, slots=True)
class Line:
    """Our voice, its echo, the people's voices and when each begins, as waves; and the codec."""

    ours: Wave
    echo: Wave
    theirs: Wave
    begins: tuple[float, ...]
    mobile: bool
    noise: Wave

    @classmethod
    def made(cls, softer: float, seed: int, clips: Sequence[Wave]) -> "Line":
        """Return half a minute of a line."""
        random, mobile = np.random.default_rng(seed), bool(seed % 2)
        said = [_voice(one.sound) for one in FAREWELLS] + list(clips[1::2])
        ours = _told(random, said)
        delay, echo = round(random.uniform(0.06, 0.6) * RATE), _gsm(ours) if mobile else ours
        echo = np.convolve(np.tanh(3 * echo) / 3, room(random.uniform(0.15, 0.5), seed))
        echo = np.concatenate((np.zeros(delay), echo))[: len(ours)]
        theirs, begins = _spoken(random, clips[0::2])
        noise = random.normal(0, 10 ** (_NOISE / 20), len(ours))
        return cls(ours, echo * 10 ** (-softer / 20), theirs, begins, mobile, noise)

    def heard(self, *parts: Wave) -> bytes:
        """Return how ``parts`` come to us together, as μ-law."""
        whole = sum(parts, self.noise)
        return _line(_gsm(whole) if self.mobile else whole)


def _told(random: np.random.Generator, said: Sequence[Wave]) -> Wave:
    """Return our sentences, one after another with hardly a pause."""
    parts: list[Wave] = []
    while sum(map(len, parts)) < SECONDS * RATE:
        sentence = said[random.integers(len(said))] * 10 ** (_OURS / 20)
        parts += [sentence, np.zeros(round(random.uniform(0.05, 0.5) * RATE))]
    return np.concatenate(parts)[: SECONDS * RATE]


def _spoken(random: np.random.Generator, clips: Sequence[Wave]) -> tuple[Wave, tuple[float, ...]]:
    """Return what people say, and when each voice begins."""
    theirs, begins = np.zeros(SECONDS * RATE), []
    for start in np.arange(_EACH, SECONDS - _EACH, _EACH) + random.uniform(0, 1, 4):
        voice = clips[random.integers(len(clips))] * 10 ** (_THEIRS / 20)
        at = round(start * RATE)
        theirs[at : at + len(voice)] = voice
        loud = np.mean(voice[: len(voice) // 80 * 80].reshape(-1, 80) ** 2, axis=1)
        begins.append(start + float(np.flatnonzero(loud > 10 ** (_BEGINS / 10))[0]) / 100)
    return theirs, tuple(begins)


def _voice(chunk: AudioChunk) -> Wave:
    """Return a voice without the silence around it, as loud as full scale where it sounds."""
    wave = chunk.to(NARROW).samples() / 32_768
    power = np.mean(wave[: len(wave) // 80 * 80].reshape(-1, 80) ** 2, axis=1)
    sounding = np.flatnonzero(power > power.max() * 10**-2.5)
    voice: Wave = wave[max(0, sounding[0] - 2) * 80 : (sounding[-1] + 3) * 80]
    return voice / float(np.sqrt(power[sounding].mean()))


def _line(wave: Wave) -> bytes:
    return from_samples(np.clip(wave * 32_768, -32_768, 32_767).astype(np.int16), TELEPHONE).data


def _gsm(wave: Wave) -> Wave:
    """Return what the codec of a mobile telephone makes of a wave."""
    coded = io.BytesIO()
    soundfile.write(coded, np.clip(wave, -1, 1), RATE, format="WAV", subtype="GSM610")
    coded.seek(0)
    heard, _rate = soundfile.read(coded)
    return np.pad(heard[: len(wave)], (0, max(0, len(wave) - len(heard))))


def _measure(line: Line, figures: Figures) -> None:
    echo, voices = line.heard(line.echo), line.heard(line.theirs)
    figures.before += sum(1 for _ in beginnings(echo))
    figures.now += sum(1 for _ in beginnings(echo, line.ours))
    plain, alone = list(beginnings(voices)), list(beginnings(voices, line.ours))
    within = list(beginnings(line.heard(line.echo, line.theirs), line.ours))
    figures.plain += [_first_after(begins, plain) for begins in line.begins]
    figures.alone += [_first_after(begins, alone) for begins in line.begins]
    figures.within += [_first_after(begins, within) for begins in line.begins]


def _first_after(begins: float, found: Sequence[float]) -> float:
    delays = (one - begins for one in found)
    return next((one for one in delays if -0.1 <= one <= _PATIENCE), float("nan"))


def beginnings(heard: bytes, ours: Wave | None = None) -> Iterator[float]:
    """Yield when we would have been interrupted; an echo of ``ours`` counts where none is given.

    A turn is over after the time for a yes or no.
    """
    levels, activity = turn_rules().speech, SileroActivity()
    watch, tape, played = SpeechWatch(levels), Tape(TELEPHONE), Played(TELEPHONE)
    own = OwnVoice(played, tape, levels)
    for at in range(0, len(heard), TICK):
        piece, now = AudioChunk(TELEPHONE, heard[at : at + TICK]), (at + TICK) / RATE
        tape.add(piece)
        own.arrived(now, now)
        if ours is not None:
            played.add(now - TICK / RATE, _line(ours[at : at + TICK]))
        for frame in activity.feed(piece):
            happened = watch.hear(_judged(own, frame, watch))
            if isinstance(happened, Began):
                yield now


def _judged(own: OwnVoice, frame: Frame, watch: SpeechWatch) -> Frame:
    """Return a frame as the call takes it; what follows a beginning is not counted again."""
    return replace(frame, speech=0.0) if watch.is_speaking else own.taken_out(frame)


if __name__ == "__main__":
    main()
