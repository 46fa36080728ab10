"""The spoken answers of the corpus."""

import csv
from dataclasses import dataclass
from pathlib import Path

import soundfile

from telephony.audio import AudioChunk, AudioFormat, Encoding, from_samples

FOLDER = Path(__file__).parents[1] / "corpus" / "speech"


@dataclass(frozen=True, slots=True)
class SpokenAnswer:
    """One clip: what was said in it and under which condition."""

    path: Path
    transcript: str
    category: str
    meaning: str
    condition: str

    @property
    def chunk(self) -> AudioChunk:
        """Its sound as 16-bit PCM at its own rate."""
        samples, rate = soundfile.read(self.path, dtype="int16")
        return from_samples(samples, AudioFormat(Encoding.PCM, rate))


def spoken_answers(condition: str, folder: Path = FOLDER) -> list[SpokenAnswer]:
    """Return the clips of one condition."""
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return [
        SpokenAnswer(
            folder / row["file"], row["transcript"], row["category"], row["meaning"], condition
        )
        for row in rows
        if row["condition"] == condition
    ]
