"""Which of the learned phrases an utterance is most like."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dialog.learning.features import Floats

#: How many phrases are compared, and by how much of a cosine one counts half of another.
_NEAREST = 12
_SHARPNESS = 40.0
#: Embeddings are kept in steps of one part in 127 of their largest number.
STEPS = 127

Rows = npt.NDArray[np.int8]


def packed(senses: Floats) -> tuple[Rows, Floats]:
    """Return embeddings as whole steps and the size of each row's step."""
    scale = (np.abs(senses).max(axis=1) / STEPS + 1e-12).astype(np.float32)
    return np.rint(senses / scale[:, None]).astype(np.int8), scale


def unpacked(rows: Rows, scale: Floats) -> Floats:
    """Return the embeddings that :func:`packed` was given, as nearly as they were kept."""
    senses: Floats = rows.astype(np.float32) * scale[:, None]
    return senses


@dataclass(frozen=True, slots=True)
class Likeness:
    """The phrases of one task as rows of the book, and which label each has."""

    rows: npt.NDArray[np.intp]
    labels: npt.NDArray[np.intp]
    count: int

    def of_cosines(self, cosines: Floats) -> tuple[Floats, float]:
        """Return the labels' shares of the nearest phrases, and the nearest one's cosine.

        ``cosines`` has one for each row of the book.
        """
        if not self.labels.size:
            return np.zeros(self.count, dtype=np.float32), 0.0
        near = cosines[self.rows]
        kept = np.argpartition(-near, min(_NEAREST, near.size - 1))[:_NEAREST]
        nearest = float(near[kept].max())
        weights = np.exp(_SHARPNESS * (near[kept] - nearest))
        shares = np.bincount(self.labels[kept], weights, minlength=self.count)
        return (shares / shares.sum()).astype(np.float32), nearest


@dataclass(frozen=True, slots=True)
class SenseBook:
    """The embeddings of many texts, found by the texts' fingerprints."""

    rows: Rows
    scale: Floats
    places: dict[int, int]

    @classmethod
    def of(cls, texts: Sequence[str], senses: Floats) -> "SenseBook":
        """Return the book of ``texts``, a row of ``senses`` each."""
        rows, scale = packed(senses)
        return cls(rows, scale, {fingerprint(text): at for at, text in enumerate(texts)})

    def senses(self, at: Sequence[int] | npt.NDArray[np.intp]) -> Floats:
        """Return the embeddings in the rows ``at``."""
        return unpacked(self.rows[at], self.scale[at])

    def place(self, text: str) -> int | None:
        """Return the row of ``text``, or None if the book does not have it."""
        return self.places.get(fingerprint(text))


def fingerprint(text: str) -> int:
    """Return 63 bits that stand for ``text``."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
