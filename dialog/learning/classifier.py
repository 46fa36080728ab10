"""What was learned, as it is kept and used: linear layers over an utterance's features."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dialog.learning.features import Floats, sense_of, spelling_of
from survey_engine.worded import WordedError

FORMAT = 1
_HEADER = "header.json"
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
    """What was learned of one place: its labels, by sense and by spelling."""

    labels: tuple[str, ...]
    sense: Layer
    spelling: Layer

    def read(self, text: str) -> "Reading":
        """Return what ``text`` means at this place."""
        return Reading(
            self.labels,
            self.sense.of_sense(sense_of(text)),
            self.spelling.of_spelling(spelling_of(text)),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """The probabilities of every label, by sense and by spelling, not calibrated."""

    labels: tuple[str, ...]
    sense: Floats
    spelling: Floats

    def probability(self, label: str) -> float:
        """Return the mean of both; 0 for a label that was never learned."""
        if label not in self.labels:
            return 0.0
        place = self.labels.index(label)
        return float(self.sense[place] + self.spelling[place]) / 2

    @property
    def ranked(self) -> list[tuple[str, float]]:
        """The labels with their probabilities, the most probable first."""
        mean = (self.sense + self.spelling) / 2
        return [(self.labels[place], float(mean[place])) for place in np.argsort(-mean)]


class Classifiers:
    """Everything learned for one form, read from its file when it is first asked for."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tasks: dict[str, Task | None] = {}

    @cached_property
    def header(self) -> "Header":
        """What the file says of itself. Raises :class:`LearnedError` where it is none."""
        try:
            with zipfile.ZipFile(self._file) as archive:
                found = Header(**json.loads(archive.read(_HEADER)))
        except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
            raise LearnedError(Fault.LEARNED_MISSING, file=self._file.name, reason=error) from error
        if found.format != FORMAT:
            raise LearnedError(
                Fault.LEARNED_FORMAT, file=self._file.name, found=found.format, known=FORMAT
            )
        return found

    def task(self, place: str) -> Task | None:
        """Return what was learned of ``place``, or None if nothing was."""
        if place not in self._tasks:
            labels = self.header.tasks.get(place)
            self._tasks[place] = self._load(place, tuple(labels)) if labels else None
        return self._tasks[place]

    def _load(self, place: str, labels: tuple[str, ...]) -> Task:
        with zipfile.ZipFile(self._file) as archive:
            held = np.load(io.BytesIO(archive.read(_entry(place))))
            return Task(labels, _unpacked(held, "sense"), _unpacked(held, "spelling"))


@dataclass(frozen=True, slots=True)
class Header:
    """What a file of learned weights says of itself."""

    format: int
    form: str
    form_version: str
    corpus: str
    phrases: int
    tasks: Mapping[str, list[str]]


def write_classifiers(file: Path, header: Header, tasks: Mapping[str, Task]) -> None:
    """Write what was learned; the same content gives the same bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        content = {name: getattr(header, name) for name in Header.__slots__}
        _put(archive, _HEADER, json.dumps(content, ensure_ascii=False).encode())
        for place, task in tasks.items():
            packed = io.BytesIO()
            layers = {**_packed("sense", task.sense), **_packed("spelling", task.spelling)}
            np.savez(packed, allow_pickle=False, **layers)
            _put(archive, _entry(place), packed.getvalue())


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
