"""The phrases that the classifiers learn from: what people say, and what it means.

The files are described in ``corpus/README.md``.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

from survey_engine.worded import WordedError

FOLDER = Path(__file__).parent / "corpus"
UNCLEAR = "unclear"
YES_NO, READ_BACK, INTENTS = "yes_no", "read_back", "intents"
_SECTION = re.compile(r"\[(?:(rural|urban) )?([\w-]+(?:\+[\w-]+)*)(?: (yes|no|unclear))?\]")


class Fault(Enum):
    """What can be wrong with a file of phrases."""

    CORPUS_SECTION = (
        "{file}:{line} `{text}` is no section; write a code, `rural 1`, `3 yes` or `unclear`"
    )
    CORPUS_HOMELESS = "{file}:{line} stands before the first section; move it below one"
    CORPUS_MISSING = "{file} cannot be read ({reason}); name the folder of the phrases"


class CorpusError(WordedError):
    """A file of phrases that cannot be read."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words and their meaning at one place.

    ``place`` is ``A4``, ``B1:rural``, an option ``E5/2``, ``yes_no``, ``read_back`` or
    ``intents``; ``meaning`` a code, ``yes``, ``no``, ``unclear`` or the name of an intent; several
    codes that are meant at once are joined: ``1+3``.
    """

    form: str
    place: str
    meaning: str
    text: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that are meant at once."""
        return tuple(self.meaning.split("+"))


@dataclass(frozen=True)
class SpokenCorpus:
    """All phrases of a folder."""

    phrases: tuple[Phrase, ...]

    @cached_property
    def version(self) -> str:
        """A fingerprint of everything in it, 16 hexadecimal digits."""
        text = "\n".join(f"{one.form} {one.place} {one.meaning} {one.text}" for one in self.phrases)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def at(self, form: str, place: str) -> tuple[Phrase, ...]:
        """Return the phrases of one place; those of no form belong to every one."""
        shared = self._by_place.get(("", place), ())
        return self._by_place.get((form, place), ()) + shared if form else shared

    def places(self, form: str) -> tuple[str, ...]:
        """Return the places that ``form`` has phrases for."""
        return tuple(place for named, place in self._by_place if named == form)

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], tuple[Phrase, ...]]:
        found: dict[tuple[str, str], list[Phrase]] = {}
        for one in self.phrases:
            found.setdefault((one.form, one.place), []).append(one)
        return {key: tuple(listed) for key, listed in found.items()}


#: A corpus without a phrase.
NOTHING = SpokenCorpus(())


def read_corpus(folder: Path = FOLDER) -> SpokenCorpus:
    """Return the corpus in ``folder``. Raises :class:`CorpusError` where it is damaged."""
    phrases = [*_read_intents(folder)]
    for name in (YES_NO, READ_BACK):
        phrases += _read_file(folder / f"{name}.txt", "", name)
    for form in ("person", "community"):
        for file in sorted((folder / form).glob("*.txt")):
            phrases += _read_file(file, form, file.stem)
    return SpokenCorpus(tuple(dict.fromkeys(phrases)))


def _read_intents(folder: Path) -> Iterator[Phrase]:
    for file in sorted((folder / INTENTS).glob("*.txt")):
        for _, line in _lines(file):
            yield Phrase("", INTENTS, file.stem, line)


def _read_file(file: Path, form: str, item: str) -> Iterator[Phrase]:
    place = meaning = ""
    for number, line in _lines(file):
        if line.startswith("["):
            place, meaning = _section(file, number, line, item)
        elif not meaning:
            raise CorpusError(Fault.CORPUS_HOMELESS, file=file.name, line=number)
        else:
            yield Phrase(form, place, meaning, line)


def _section(file: Path, number: int, line: str, item: str) -> tuple[str, str]:
    match = _SECTION.fullmatch(line)
    if match is None:
        raise CorpusError(Fault.CORPUS_SECTION, file=file.name, line=number, text=line)
    residence, code, polarity = match.groups()
    if polarity:
        return f"{item}/{code}", polarity
    return (f"{item}:{residence}" if residence else item), code


def _lines(file: Path) -> Iterable[tuple[int, str]]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(Fault.CORPUS_MISSING, file=file.name, reason=error) from error
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped
