"""Word lists and patterns from the files beside this one.

A pattern is a regular expression in which ``{name}`` stands for any word of the class ``name``
and ``~`` for up to six characters of the same clause.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from dialog.normalisation import normalise

_FOLDER = Path(__file__).parent
_CLASS = re.compile(r"\{([a-z_]+)\}")
_GAP = "[^，。？！；：]{0,6}?"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read_file(name: str) -> Mapping[str, object]:
    """Return what the data file ``name`` holds."""
    with (_FOLDER / name).open(encoding="utf-8") as file:
        content = yaml.load(file, Loader=_LOADER)  # noqa: S506 - both are safe loaders
    if not isinstance(content, dict):
        raise TypeError(f"{name} is no mapping; write one name a line.")
    return content


@cache
def places() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the lexicon of every item, by its place (``A4``, ``B1:rural``) and code.

    A line of the files is a place, a code or the name of a setting, and entries parted by blanks.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for file in sorted((_FOLDER / "items").glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            place, _, rest = line.partition("\t")
            key, _, entries = rest.partition("\t")
            if entries and not line.startswith("#"):
                held = found.setdefault(place, {})
                held[key] = (*held.get(key, ()), *entries.split())
    return found


def words(value: object) -> tuple[str, ...]:
    """Return a list of the files as texts."""
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return tuple(str(one) for one in listed)


@cache
def word_class(name: str) -> tuple[str, ...]:
    """Return the words of a class, longest first."""
    listed = words(read_file("words.yaml")[name])
    return tuple(sorted(listed, key=len, reverse=True))


def expanded(pattern: str) -> str:
    """Return ``pattern`` as a plain regular expression."""
    full = _CLASS.sub(lambda match: f"(?:{'|'.join(_members(match[1]))})", pattern)
    return full.replace("~", _GAP)


@cache
def _members(name: str) -> tuple[str, ...]:
    return tuple(expanded(word) for word in word_class(name))


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Return the compiled ``text``."""
    return re.compile(expanded(text))


@cache
def any_of(file: str, name: str) -> re.Pattern[str]:
    """Return one pattern for every entry of the list ``name`` in ``file``."""
    listed = sorted(words(read_file(file)[name]), key=len, reverse=True)
    return re.compile("|".join(f"(?:{expanded(one)})" for one in listed))


def plain(phrase: str) -> str:
    """Return a phrase in the spelling in which utterances are read."""
    return normalise(phrase).plain
