"""The words of an expression's text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = r"[^\W\d][\w.\-]*"
_PATTERN = re.compile(
    rf"""
    (?P<space>[ \t\r\n\u00a0]+)
  | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
  | (?P<text>"[^"]*"|'[^']*')
  | \$\{{[ ]*(?P<reference>(?:last-saved\#)?{_NAME})[ ]*\}}
  | (?P<path>(?:/{_NAME})+|(?:\.\./)+{_NAME}(?:/{_NAME})*)
  | (?P<name>{_NAME}(?::{_NAME})?)
  | (?P<mark>!=|<=|>=|\.\.|[=<>+*(),.|\[\]/@-])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind, its text, and its place counted from 1."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of ``text``, then ``end``; a character of no word is ``other``."""
    place = 0
    while place < len(text):
        found = _PATTERN.match(text, place)
        if found is None:
            yield Token("other", text[place], place + 1)
            place += 1
            continue
        kind = found.lastgroup or ""
        if kind != "space":
            yield Token(kind, found[kind], place + 1)
        place = found.end()
    yield Token("end", "", len(text) + 1)
