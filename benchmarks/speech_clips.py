"""Answers for ``benchmarks.speech``, spoken by Kokoro and sent through a bad telephone.

Run: ``python -m benchmarks.speech_clips --voices DIR --to DIR [--asks FILE]``; ``--voices`` is the
folder of the Kokoro model. Each answer of the table is spoken by the next of its voices, once as a
telephone carries it (``tel8k``: 300 to 3,400 Hz, μ-law, levels that differ by 12 dB) and once with
pink noise 10 dB below it and packets lost in bursts (``pink10loss2``).
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from telephony.audio import TELEPHONE, AudioFormat, Encoding, from_samples
from telephony.voices.kokoro import KokoroVoice

FRESH = Path(__file__).with_name("speech_asks_fresh.tsv")
CONDITIONS = ("tel8k", "pink10loss2")
Wave = npt.NDArray[np.float64]

_RATE = 8_000
_PCM = AudioFormat(Encoding.PCM, _RATE)
_PACKET, _LOSS, _BURST = 160, 0.01, 4
_LEVEL, _SOFTEST, _LOUDEST = 0.08, -8.0, 4.0
_NOISE = 10.0


def telephone_band(wave: Wave) -> Wave:
    """Return ``wave`` without what a telephone does not carry."""
    pitch = np.fft.rfftfreq(len(wave), 1 / _RATE)
    passes = 1 / (1 + np.exp((300 - pitch) / 25)) / (1 + np.exp((pitch - 3_400) / 40))
    kept: Wave = np.fft.irfft(np.fft.rfft(wave) * passes, len(wave))
    return kept


def strength(wave: Wave) -> float:
    """Return the level of what is loud in ``wave``."""
    loud = wave[np.abs(wave) > 0.1 * np.abs(wave).max()]
    return float(np.sqrt((loud**2).mean()))


def noisy(wave: Wave, chance: np.random.Generator) -> Wave:
    """Return ``wave`` with pink noise."""
    white = np.fft.rfft(chance.standard_normal(len(wave)))
    pink = np.fft.irfft(white / np.sqrt(np.maximum(np.arange(len(white)), 1)), len(wave))
    louder: Wave = wave + pink / pink.std() * strength(wave) * 10 ** (-_NOISE / 20)
    return louder


def lossy(wave: Wave, chance: np.random.Generator) -> Wave:
    """Return ``wave`` with packets lost in bursts."""
    heard, at = wave.copy(), 0
    while at < len(heard):
        lost = _PACKET * int(chance.integers(1, _BURST)) if chance.random() < _LOSS else 0
        heard[at : at + lost] = 0
        at += lost + _PACKET
    return heard


def conditions(
    wave: Wave, chance: np.random.Generator
) -> Iterator[tuple[str, npt.NDArray[np.int16]]]:
    """Yield what is heard of ``wave`` under each condition."""
    for name, heard in zip(CONDITIONS, (wave, lossy(noisy(wave, chance), chance)), strict=True):
        samples = np.clip(heard * 32_767, -32_768, 32_767).astype(np.int16)
        yield name, from_samples(samples, _PCM).to(TELEPHONE).samples()


def main() -> None:
    """Speak what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--asks", type=Path, default=FRESH)
    given = parser.parse_args()
    names = sorted(file.stem for file in given.voices.glob("z*.bin"))
    voices = [KokoroVoice(given.voices, name) for name in names]
    chance = np.random.default_rng(3)
    with given.asks.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    written = [("file", "transcript", "category", "meaning", "condition", "rate", "duration_s")]
    for number, row in enumerate(rows):
        said = voices[number % len(voices)].speak(row["transcript"]).to(_PCM)
        quiet = np.zeros(_RATE // 2)
        wave = telephone_band(np.concatenate((quiet, said.samples() / 32_768, quiet)))
        wave *= _LEVEL / strength(wave) * 10 ** (chance.uniform(_SOFTEST, _LOUDEST) / 20)
        for name, samples in conditions(wave, chance):
            file = f"{name}/f{number:03}.flac"
            (given.to / name).mkdir(parents=True, exist_ok=True)
            soundfile.write(given.to / file, samples, _RATE, subtype="PCM_16")
            seconds = f"{len(samples) / _RATE:.2f}"
            meant = (row["transcript"], row["ask"], row["meaning"])
            written.append((file, *meant, name, str(_RATE), seconds))
    with (given.to / "manifest.tsv").open("w", encoding="utf-8", newline="") as lines_out:
        csv.writer(lines_out, delimiter="\t", lineterminator="\n").writerows(written)


if __name__ == "__main__":
    main()
