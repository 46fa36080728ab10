"""A place in the plain mapping of a form, read with its faults collected."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import TypeVar

from survey_engine.expression import Expression, ExpressionError, parse
from survey_engine.fault import Fault, FaultKind, fault

MAX_TEXT = 20_000
MAX_ENTRIES = 5_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,63}")
_TRUE, _FALSE = frozenset({"true", "yes", "是"}), frozenset({"false", "no", "否", ""})

Word = TypeVar("Word", bound=StrEnum)


def _kind_of(value: object) -> str:
    if value is None or value == "":
        return "empty"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, Sequence) else f"a {type(value).__name__}"


class Node:
    """A mapping at a path of the form. Every read returns something usable and notes faults.

    All nodes of one form share the list ``faults``; a caller that finds it empty at the end has
    read a form without fault.
    """

    def __init__(self, value: object, path: str, faults: list[Fault]) -> None:
        self.path = path
        self.faults = faults
        self._seen: set[str] = set()
        if value is not None and not isinstance(value, Mapping):
            self.note(FaultKind.NOT_A_MAPPING, found=_kind_of(value))
        self.values: Mapping[str, object] = value if isinstance(value, Mapping) else {}

    def note(self, kind: FaultKind, key: str = "", /, **slots: object) -> None:
        """Add a fault at this node, or at ``key`` below it."""
        self.faults.append(fault(kind, self.place(key), **slots))

    def place(self, key: str) -> str:
        """Return the path of ``key`` below this node."""
        return ".".join(part for part in (self.path, key) if part)

    def has(self, key: str) -> bool:
        """Whether ``key`` is written here with a value."""
        return self.values.get(key) not in (None, "")

    def written(self) -> tuple[str, ...]:
        """Return every key written here, as text."""
        return tuple(str(key) for key in self.values)

    def _get(self, key: str) -> object:
        self._seen.add(key)
        return self.values.get(key)

    def text(self, key: str, *, required: bool = False, limit: int = MAX_TEXT) -> str:
        """Return the text at ``key``, or an empty one."""
        value = self._get(key)
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, (int, float)):
            value = str(value)
        if value is None or value == "":
            if required:
                self.note(FaultKind.MISSING_KEY, key=key)
            return ""
        if not isinstance(value, str):
            self.note(FaultKind.NOT_A_TEXT, key, found=_kind_of(value))
            return ""
        return self._bounded(key, value.strip(), limit)

    def _bounded(self, key: str, text: str, limit: int) -> str:
        if not text:
            self.note(FaultKind.EMPTY_TEXT, key)
        if len(text) > limit:
            self.note(FaultKind.TEXT_TOO_LONG, key, length=len(text), limit=limit)
        return text[:limit]

    def name(self, key: str) -> str:
        """Return the required name at ``key``."""
        text = self.text(key, required=True)
        if text and not _NAME.fullmatch(text):
            self.note(FaultKind.BAD_NAME, key, found=text)
        return text

    def flag(self, key: str) -> bool:
        """Return the truth value at ``key``; absent is false."""
        text = self.text(key).lower()
        if text not in _TRUE | _FALSE:
            self.note(FaultKind.BAD_FLAG, key, found=text)
        return text in _TRUE

    def integer(self, key: str, default: int, low: int, high: int) -> int:
        """Return the whole number at ``key`` between ``low`` and ``high``."""
        text = self.text(key)
        if not text:
            return default
        if re.fullmatch(r"\d{1,9}", text) and low <= int(text) <= high:
            return int(text)
        self.note(FaultKind.BAD_INTEGER, key, found=text, low=low, high=high)
        return default

    def date(self, key: str) -> date | None:
        """Return the ISO date at ``key``, or None where it is absent."""
        text = self.text(key)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.note(FaultKind.BAD_DATE, key, found=text)
            return None

    def word(self, key: str, words: type[Word], default: Word | None = None) -> Word:
        """Return the member of ``words`` at ``key``; without ``default`` it is required."""
        text = self.text(key, required=default is None)
        fallback = default if default is not None else next(iter(words))
        if not text or text in {str(word) for word in words}:
            return words(text) if text else fallback
        self.note(FaultKind.UNKNOWN_WORD, key, found=text, known=", ".join(words))
        return fallback

    def one_of(self, key: str, words: Sequence[str], default: str) -> str:
        """Return the text at ``key`` if it is one of ``words``."""
        text = self.text(key) or default
        if text in words:
            return text
        self.note(FaultKind.UNKNOWN_WORD, key, found=text, known=", ".join(words))
        return default

    def expression(self, key: str, *, required: bool = False) -> Expression | None:
        """Return the parsed expression at ``key``; ``true`` and ``false`` are the constants."""
        text = self.text(key, required=required, limit=40_000)
        if not text:
            return None
        text = {"true": "true()", "false": "false()"}.get(text.lower(), text)
        try:
            return parse(text)
        except ExpressionError as error:
            self.note(FaultKind.BAD_EXPRESSION, key, reason=str(error))
            return None

    def entries(self, key: str, *, required: bool = False) -> tuple[object, ...]:
        """Return the list at ``key``, whatever its entries are."""
        value = self._get(key)
        if value is None or value == "":
            if required:
                self.note(FaultKind.MISSING_KEY, key=key)
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            self.note(FaultKind.NOT_A_LIST, key, found=_kind_of(value))
            return ()
        if len(value) > MAX_ENTRIES:
            self.note(FaultKind.TOO_MANY, key, count=len(value), limit=MAX_ENTRIES)
        return tuple(value[:MAX_ENTRIES])

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts at ``key``."""
        found = []
        for index, value in enumerate(self.entries(key)):
            if isinstance(value, (str, int)) and str(value).strip():
                found.append(str(value).strip())
            else:
                self.note(FaultKind.NOT_A_TEXT, f"{key}[{index}]", found=_kind_of(value))
        return tuple(found)

    def nodes(self, key: str, *, required: bool = False) -> Iterator["Node"]:
        """Yield the mappings in the list at ``key``."""
        for index, value in enumerate(self.entries(key, required=required)):
            yield Node(value, self.place(f"{key}[{index}]"), self.faults)

    def plain(self, key: str) -> Mapping[str, object]:
        """Return the mapping at ``key`` as it is written; absent reads as an empty one."""
        return self.child(key).values

    def child(self, key: str) -> "Node":
        """Return the mapping at ``key``; absent reads as an empty one."""
        value = self._get(key)
        return Node({} if value in (None, "") else value, self.place(key), self.faults)

    def close(self) -> None:
        """Note every key that nothing has read; call it when the node has been read whole."""
        for key in self.values:
            if str(key) not in self._seen:
                known = ", ".join(sorted(self._seen))
                self.note(FaultKind.UNKNOWN_KEY, key=key, known=known)
