"""What networks and answering machines say instead of a person, as data."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from telephony.turn_rules import plain

_FILE = Path(__file__).with_name("announcements.yaml")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A recorded sentence that was recognised; ``outcome`` and ``aapor`` are what it means."""

    name: str
    outcome: str
    aapor: str


def announced(words: str) -> Announcement | None:
    """Return which announcement ``words`` are, or None if a person may have said them."""
    text = plain(words)
    for patterns, announcement in _announcements():
        if any(one.search(text) for one in patterns):
            return announcement
    return None


@cache
def _announcements() -> tuple[tuple[tuple[re.Pattern[str], ...], Announcement], ...]:
    listed = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["announcements"]
    return tuple(
        (
            tuple(re.compile(pattern) for pattern in entry["says"]),
            Announcement(entry["name"], entry["outcome"], entry["aapor"]),
        )
        for entry in listed
    )
