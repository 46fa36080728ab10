"""Whoever sends what how often and at the same time: each message counts once.

N01 messages sent one to five times, late and in parallel: nothing doubled, nothing lost, N02 16
threads with one message: one winner and 15 clean duplicates, N03 16 threads with messages of their
own: all are kept, N04 every interleaving of two writers of four steps, with different messages
and with the same one.
"""

import itertools
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from models.answer_store import read_revisions
from models.audit import verify
from models.conversation_store import Reply, TurnResult, TurnStore
from models.database import Database
from models.rebuild import rebuild
from models.tables import EventRow, InboundRow
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire
from tests.models.sample import Sample, answering, body_for, found_in

TURNS = 8


def test_sent_often_counts_once_n01(
    database: Database, forms: dict[str, Questionnaire], scale: int
) -> None:
    people = 12 * scale
    sample = Sample.build(database, forms, people)
    replies: defaultdict[str, list[Reply]] = defaultdict(list)
    with ThreadPoolExecutor(8) as pool:
        late: list[Future[None]] = []
        going = [
            pool.submit(_respond, sample, place, replies, late, pool) for place in range(people)
        ]
        for one in going:
            one.result()
    for copy in late:
        copy.result()
    assert len(replies) == people * TURNS
    for key, found in replies.items():
        assert sum(not one.repeated for one in found) == 1, key
        assert len({(one.body, one.length) for one in found}) == 1, key
    for place in range(people):
        _compare_with_engine(sample, place)
    assert verify(database) == []
    assert rebuild(database, found_in(forms)).changed == 0


def _respond(
    sample: Sample,
    place: int,
    replies: dict[str, list[Reply]],
    late: list[Future[None]],
    pool: ThreadPoolExecutor,
) -> None:
    """A respondent waits for the reply; copies of the message arrive at any time."""
    chance = random.Random(place)
    sample.start(place)

    def send(key: str, body: str) -> None:
        replies[key].append(sample.say(key, body, place))

    for turn in range(TURNS):
        key, body = f"{place}-{turn}", body_for(sample.interview(place))
        copies = chance.randint(0, 4)
        early = chance.randint(0, copies)
        late += [pool.submit(send, key, body) for _ in range(early)]
        send(key, body)
        late += [pool.submit(send, key, body) for _ in range(copies - early)]


def _compare_with_engine(sample: Sample, place: int) -> None:
    """What is kept is what the engine alone makes of each message once."""
    kept = sample.interview(place)
    with sample.database.reading() as connection:
        wanted = (
            select(InboundRow.body, InboundRow.length)
            .where(InboundRow.assignment_id == sample.assignments[place])
            .order_by(InboundRow.length)
        )
        rows = connection.execute(wanted).all()
        count = select(func.count()).where(EventRow.interview_id == _id(sample, place))
        assert connection.scalar(count) == kept.length
    assert len(rows) == TURNS
    alone = sample.alone(place, [row.body for row in rows])
    assert (alone.answers, alone.wait, alone.length) == (kept.answers, kept.wait, kept.length)


def _id(sample: Sample, place: int) -> str:
    return sample.start(place).interview_id


def together(count: int, work: Callable[[int], Reply]) -> list[Reply]:
    barrier = threading.Barrier(count)

    def one(place: int) -> Reply:
        barrier.wait()
        return work(place)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_one_winner_n02(sample: Sample) -> None:
    sample.start()
    for turn in range(4):
        body = body_for(sample.interview())
        replies = together(16, lambda _, turn=turn, body=body: sample.say(f"k{turn}", body))  # type: ignore[misc]
        assert Counter(one.repeated for one in replies) == {False: 1, True: 15}
        assert len({one.body for one in replies}) == 1
    with sample.database.reading() as connection:
        revisions = read_revisions(connection, _id(sample, 0))
    assert len({one.event_seq for one in revisions}) == len(revisions)


def test_all_are_kept_n03(sample: Sample) -> None:
    sample.start()
    before = sample.interview().length
    replies = together(16, lambda place: sample.say(f"k{place}", "A1=1"))
    assert not any(one.repeated for one in replies)
    assert len({one.length for one in replies}) == 16
    assert sample.interview().length == max(one.length for one in replies) > before
    assert verify(sample.database) == []


STEPS = 4
ORDERS = sorted(set(itertools.permutations("AAAABBBB")))


@dataclass
class Stage:
    """Lets one writer do one step: read, run the engine, write, commit."""

    permits: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    passed: int = 0

    def gate(self) -> None:
        if self.passed >= STEPS:  # a writer that lost begins again without being held up
            return
        self.passed += 1
        self.arrived.release()
        self.permits.acquire()


class Writer:
    """One process with its own database, that takes one message step by step."""

    def __init__(self, database: Database, sample: Sample) -> None:
        self.database = database
        self.turns = TurnStore(database, found_in(sample.forms))
        self.sample = sample
        self.stage = Stage()
        event.listen(database.engine, "begin", self._before_write, insert=True)
        event.listen(database.engine, "commit", self._before_commit)

    def _before_write(self, connection: Connection) -> None:
        if not _is_reading(connection):
            self.stage.gate()

    def _before_commit(self, connection: Connection) -> None:
        if not _is_reading(connection):
            self.stage.gate()

    def play(self, key: str, body: str, place: int) -> "Future[Reply]":
        self.stage = Stage()
        pool = ThreadPoolExecutor(1)
        played = pool.submit(self._take, key, body, place)
        pool.shutdown(wait=False)
        return played

    def _take(self, key: str, body: str, place: int) -> Reply:
        inbound = self.sample.message(key, body, place)
        work = answering(body, inbound.received_at)
        self.stage.gate()

        def gated(interview: Interview) -> TurnResult:
            self.stage.gate()
            return work(interview)

        try:
            return self.turns.take(inbound, gated)
        finally:
            self.stage.arrived.release()


def _is_reading(connection: Connection) -> bool:
    options: Any = connection.get_execution_options()
    return bool(options.get("tingwen_reading") or options.get("postgresql_readonly"))


def run_order(order: Sequence[str], writers: dict[str, Writer]) -> None:
    """Give permits in this order; a writer that is blocked by the other keeps its permit."""
    for name in order:
        stage = writers[name].stage
        stage.permits.release()
        stage.arrived.acquire(timeout=0.02)
    for writer in writers.values():
        writer.stage.permits.release(STEPS)


@pytest.fixture
def pair(
    opened: Callable[[], Database], forms: dict[str, Questionnaire]
) -> tuple[Sample, dict[str, Writer]]:
    sample = Sample.build(opened(), forms, len(ORDERS))
    return sample, {name: Writer(opened(), sample) for name in "AB"}


@pytest.mark.parametrize("same", [False, True])
def test_every_interleaving_n04(
    pair: tuple[Sample, dict[str, Writer]], same: bool, scale: int
) -> None:
    sample, writers = pair
    assert len(ORDERS) == 70
    for place, order in enumerate(ORDERS):
        if same and scale == 1 and place % 5:
            continue
        sample.start(place)
        keys = {"A": f"{place}a", "B": f"{place}a" if same else f"{place}b"}
        bodies = {"A": "A1=1", "B": "A1=1" if same else "A1=2"}
        playing = {n: writers[n].play(keys[n], bodies[n], place) for n in "AB"}
        for writer in writers.values():
            writer.stage.arrived.acquire()
        run_order(order, writers)
        replies = [playing[name].result(60) for name in "AB"]
        _check(sample, place, replies, same)
    assert verify(sample.database) == []


def _check(sample: Sample, place: int, replies: Sequence[Reply], same: bool) -> None:
    interview = sample.interview(place)
    assert interview.length == max(one.length for one in replies)
    with sample.database.reading() as connection:
        revisions = read_revisions(connection, _id(sample, place))
    mine = [one for one in revisions if one.item == "A1"]
    assert Counter(one.repeated for one in replies) == ({False: 1, True: 1} if same else {False: 2})
    assert len(mine) == (1 if same else 2)
    assert interview.answers["A1"].value == mine[-1].value
