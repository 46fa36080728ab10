"""The audit log is read in words: every act that the program notes has its own."""

import re
from pathlib import Path

from server.desk.audit_words import ACTIONS, action_in_words, detail_in_words

ROOT = Path(__file__).parents[2]
_NOTED = re.compile(
    r'action="([a-z.-]+)"|(?:_note|_entry|_audit)\((?:[\w.]+, ){0,3}"([a-z]+[a-z.-]*)"', re.ASCII
)


def noted() -> set[str]:
    """The codes that stand in the program's own text."""
    files = [file for folder in ("models", "server") for file in (ROOT / folder).rglob("*.py")]
    found = (match for file in files for match in _NOTED.findall(file.read_text("utf-8")))
    return {one or other for one, other in found}


def test_every_act_has_words() -> None:
    assert len(noted()) > 25
    assert noted() <= set(ACTIONS)
    assert len(set(ACTIONS.values())) >= len(ACTIONS) - 1, "two acts read alike"


def test_what_is_not_known_stands_as_it_is() -> None:
    assert action_in_words("later.version") == "later.version"
    told = detail_in_words({"role": "caller", "active": "False", "later": "x"})
    assert told == "岗位：话务员；在用：否；later：x"
