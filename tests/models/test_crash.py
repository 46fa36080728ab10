"""Once "saved" was said, it is saved: a process is killed at any statement and another goes on.

Q01 no acknowledged answer is lost and none is doubled, Q02 the interview resumes at the question
that was waiting, Q03 the chains hold. 50 seeds, printed on failure.
"""

import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from models.audit import verify
from models.database import Database
from models.keys import KeyFile
from models.rebuild import rebuild
from models.tables import InboundRow
from survey_engine.questionnaire import Questionnaire
from tests.models.sample import Sample, found_in

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 50
#: A turn takes about 70 of the counted steps; a child takes up to four turns.
KILL_BEFORE = 260


@dataclass
class Told:
    """What a child said before it was gone."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    saved: dict[str, tuple[str, int]] = field(default_factory=dict)
    status: int = 0

    @property
    def unanswered(self) -> str:
        """The message that got no answer, to be sent again, as a respondent would."""
        open_ones = [one for one in self.sent if one[0] not in self.saved]
        return " ".join(open_ones[-1]) if open_ones else ""


class Victims:
    """The process whose children are killed."""

    def __init__(self, url: str, keys: Path, spare: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.models.killed", url, str(keys), str(spare)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def run(self, place: int, kill_at: int, again: str = "") -> Told:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{place} {kill_at} {again}".strip() + "\n")
        self._process.stdin.flush()
        told = Told()
        while True:
            kind, *rest = self._line().split(" ")
            if kind == "done":
                told.status = int(rest[0])
                return told
            if kind == "sent":
                told.sent.append((rest[0], rest[1]))
            elif kind == "saved":
                told.saved[rest[0]] = (rest[1], int(rest[2]))
            else:
                raise AssertionError(" ".join((kind, *rest)))

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process is gone"
        return line.rstrip("\n")

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def people(scale: int) -> int:
    return SEEDS * scale


@pytest.fixture
def victims(url: str, keys: KeyFile, people: int, crowd: Sample) -> Iterator[Victims]:
    found = Victims(url, keys.path, people)
    yield found
    found.close()


@pytest.fixture
def crowd(database: Database, forms: dict[str, Questionnaire], people: int) -> Sample:
    return Sample.build(database, forms, people + 1)


def test_killed_anywhere_q01_q02_q03(victims: Victims, crowd: Sample, people: int) -> None:
    killed = 0
    for seed in range(people):
        kill_at = random.Random(seed).randint(1, KILL_BEFORE)
        first = victims.run(seed, kill_at)
        killed += first.status == 9
        _resumes(crowd, seed, first)
        second = victims.run(seed, 0, first.unanswered)
        assert second.status == 0
        _nothing_lost(crowd, seed, (first, second))
    assert killed > people // 2
    assert verify(crowd.database) == []
    assert rebuild(crowd.database, found_in(crowd.forms)).changed == 0


def _resumes(crowd: Sample, seed: int, told: Told) -> None:
    """The waiting question is that of the last answer given, or of the turn kept after it."""
    if not told.saved:
        return
    interview = crowd.interview(seed)
    body, length = list(told.saved.values())[-1]
    assert interview.length >= length, f"seed {seed} lost a turn"
    if interview.length == length:
        assert interview.wait is not None
        assert interview.wait.target == body, f"seed {seed}"
    else:
        assert told.unanswered, f"seed {seed} has a turn that nobody sent"


def _nothing_lost(crowd: Sample, seed: int, children: tuple[Told, Told]) -> None:
    keys = {key for told in children for key, _ in told.sent}
    mine = InboundRow.assignment_id == crowd.assignments[seed]
    wanted = select(InboundRow.external_id, InboundRow.body).where(mine)
    with crowd.database.reading() as connection:
        kept = connection.execute(wanted.order_by(InboundRow.length)).all()
    assert sorted(row.external_id for row in kept) == sorted(keys), f"seed {seed}"
    alone, interview = crowd.alone(seed, [row.body for row in kept]), crowd.interview(seed)
    assert interview.answers == alone.answers, f"seed {seed}"
    assert (interview.wait, interview.length) == (alone.wait, alone.length), f"seed {seed}"
