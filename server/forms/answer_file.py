"""Answers for a form run: a JSON list of ``[name, value]`` pairs in order."""

import json
from pathlib import Path

from server.failure import CommandFailedError

MAX_BYTES = 50_000_000


def read_answers(file: Path) -> list[tuple[str, str]]:
    """Return the pairs of ``file``; a list of codes becomes one text joined by spaces.

    Raises :class:`server.failure.CommandFailedError` with the place of what is no pair.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise CommandFailedError(f"{file} is larger than {MAX_BYTES // 10**6} MB; split it.")
        pairs = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise CommandFailedError(
            f"{file} cannot be read as JSON ({type(error).__name__}); give [[name, value], …]."
        ) from error
    if not isinstance(pairs, list):
        raise CommandFailedError(f"{file} holds no list; give [[name, value], …].")
    return [_pair(file, number, pair) for number, pair in enumerate(pairs, start=1)]


def _pair(file: Path, number: int, pair: object) -> tuple[str, str]:
    if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str):
        return pair[0], _text(pair[1])
    raise CommandFailedError(f"{file}, answer {number}, is no [name, value] pair; correct it.")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(_text(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
