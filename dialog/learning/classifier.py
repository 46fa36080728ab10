"""What was learned, as it is kept and used: linear layers over features, and the phrases."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dialog.learning.features import Floats, gist_of, sense_of, spelling_of
from dialog.learning.likeness import Likeness, SenseBook, unpacked
from survey_engine.worded import WordedError

FORMAT = 2
_HEADER = "header.json"
_BOOK = "senses.npz"
#: Weights are kept in steps of this share of the largest of their layer.
_STEPS = 127


class Fault(Enum):
    """What can be wrong with a file of learned weights."""

    LEARNED_MISSING = "{file} holds nothing that was learned ({reason}); make it with tingwen learn"
    LEARNED_FORMAT = "{file} has format {found}, not {known}; make it anew with tingwen learn"


class LearnedError(WordedError):
    """Learned weights that cannot be used."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Logistic weights: a row for each feature, a column for each label."""

    weights: Floats
    bias: Floats

    def of_sense(self, sense: Floats) -> Floats:
        """Return the probabilities of the labels from an embedding."""
        return _softmax(sense @ self.weights + self.bias)

    def of_spelling(self, spelling: Mapping[int, float]) -> Floats:
        """Return the probabilities of the labels from buckets and their weights."""
        places = np.fromiter(spelling, dtype=np.intp, count=len(spelling))
        amounts = np.fromiter(spelling.values(), dtype=np.float32, count=len(spelling))
        return _softmax(amounts @ self.weights[places] + self.bias)


@dataclass(frozen=True, slots=True)
class Task:
    """What was learned of one place: its labels, by sense, by spelling and by likeness.

    ``rows`` are the phrases of the sense book that likeness compares with, ``row_labels`` the
    places of their labels.
    """

    labels: tuple[str, ...]
    sense: Layer
    spelling: Layer
    rows: npt.NDArray[np.intp]
    row_labels: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Reading:
    """The probabilities of every label, not calibrated, and how like the nearest phrase is."""

    labels: tuple[str, ...]
    sense: Floats
    spelling: Floats
    nearest: Floats
    likeness: float


class Classifiers:
    """Everything learned for one form, read from its file when it is first asked for.

    Embeddings in ``known``, or of the phrases that were learned, are not made again.
    """

    def __init__(self, file: Path, known: SenseBook | None = None) -> None:
        self._file = file
        self._known = known
        self._content: bytes | None = None
        self._tasks: dict[str, Task | None] = {}

    @cached_property
    def header(self) -> "Header":
        """What the file says of itself. Raises :class:`LearnedError` where it is none."""
        try:
            found = Header(**json.loads(self._read(_HEADER)))
        except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
            raise LearnedError(Fault.LEARNED_MISSING, file=self._file.name, reason=error) from error
        if found.format != FORMAT:
            raise LearnedError(
                Fault.LEARNED_FORMAT, file=self._file.name, found=found.format, known=FORMAT
            )
        return found

    @cached_property
    def book(self) -> SenseBook:
        """The embeddings of the phrases."""
        held = np.load(io.BytesIO(self._read(_BOOK)))
        places = {int(key): at for at, key in enumerate(held["keys"].tolist())}
        return SenseBook(held["rows"], held["scale"].astype(np.float32), places)

    @lru_cache(maxsize=256)  # noqa: B019 - one per form and process, as long as the process
    def read(self, place: str, text: str) -> Reading | None:
        """Return what ``text`` means at ``place``, or None if nothing was learned of it."""
        task = self.task(place)
        if task is None:
            return None
        sense = self._sense(text)
        likeness = Likeness(task.rows, task.row_labels, len(task.labels))
        shares, nearest = likeness.of_cosines(self._cosines(text))
        return Reading(
            labels=task.labels,
            sense=task.sense.of_sense(sense),
            spelling=task.spelling.of_spelling(spelling_of(text)),
            nearest=shares,
            likeness=nearest,
        )

    def _sense(self, text: str) -> Floats:
        known = self._known or self.book
        at = known.place(text)
        return sense_of(gist_of(text)) if at is None else known.senses([at])[0]

    def task(self, place: str) -> Task | None:
        """Return what was learned of ``place``, or None if nothing was."""
        if place not in self._tasks:
            labels = self.header.tasks.get(place)
            self._tasks[place] = self._load(place, tuple(labels)) if labels else None
        return self._tasks[place]

    @cached_property
    def _senses(self) -> Floats:
        """Every phrase of the book once, ready to be multiplied; tasks share most of them."""
        return unpacked(self.book.rows, self.book.scale)

    @lru_cache(maxsize=4)  # noqa: B019 - as above; all places of one utterance share them
    def _cosines(self, text: str) -> Floats:
        cosines: Floats = self._senses @ self._sense(text)
        return cosines

    def _load(self, place: str, labels: tuple[str, ...]) -> Task:
        held = np.load(io.BytesIO(self._read(_entry(place))))
        return Task(
            labels,
            _unpacked(held, "sense"),
            _unpacked(held, "spelling"),
            held["rows"].astype(np.intp),
            held["row_labels"].astype(np.intp),
        )

    def _read(self, name: str) -> bytes:
        """Read from the file as it was at first, whatever has replaced it since."""
        if self._content is None:
            self._content = self._file.read_bytes()
        with zipfile.ZipFile(io.BytesIO(self._content)) as archive:
            return archive.read(name)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file of learned weights says of itself."""

    format: int
    form: str
    form_version: str
    corpus: str
    phrases: int
    tasks: Mapping[str, list[str]]


def write_classifiers(
    file: Path, header: Header, tasks: Mapping[str, Task], book: SenseBook
) -> None:
    """Write what was learned; the same content gives the same bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        content = {name: getattr(header, name) for name in Header.__slots__}
        _put(archive, _HEADER, json.dumps(content, ensure_ascii=False).encode())
        keys = np.array(list(book.places), dtype=np.int64)
        _put(archive, _BOOK, _arrays(rows=book.rows, scale=book.scale, keys=keys))
        for place, task in tasks.items():
            layers = {**_packed("sense", task.sense), **_packed("spelling", task.spelling)}
            rows, labels = task.rows.astype(np.int32), task.row_labels.astype(np.int16)
            _put(archive, _entry(place), _arrays(**layers, rows=rows, row_labels=labels))


def _arrays(**arrays: npt.NDArray[Any]) -> bytes:
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    return packed.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def _entry(place: str) -> str:
    return f"{place.replace('/', '_').replace(':', '-')}.npz"


def _packed(name: str, layer: Layer) -> dict[str, npt.NDArray[Any]]:
    scale = np.abs(layer.weights).max(axis=0) / _STEPS + 1e-12
    steps = np.rint(layer.weights / scale).astype(np.int8)
    return {
        f"{name}_steps": steps,
        f"{name}_scale": scale.astype(np.float32),
        f"{name}_bias": layer.bias.astype(np.float32),
    }


def _unpacked(held: Mapping[str, npt.NDArray[Any]], name: str) -> Layer:
    weights = held[f"{name}_steps"].astype(np.float32) * held[f"{name}_scale"].astype(np.float32)
    return Layer(weights, held[f"{name}_bias"].astype(np.float32))


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max())
    result: Floats = (powers / powers.sum()).astype(np.float32)
    return result
