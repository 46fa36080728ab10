"""Every failing operation leaves what was before, or all of what comes after.

F01 the n-th statement or commit fails, for n = 1, 2, … in each kind of transaction, F02 the answer
to a commit is lost, F03 a full disk is told, earlier rows are intact, and it goes on without a
restart, F04 a key file is made whole or not at all, F05 connections that the server has closed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from models import database as storage
from models.attempt import Attempts
from models.audit import AuditEntry, AuditLog, verify
from models.campaign import Campaign, Campaigns
from models.database import Database
from models.failure import KeyFileError, StorageFullError, StorageUnavailableError
from models.keys import KeyFile
from models.outbox import Outbox, Outgoing
from models.rebuild import rebuild
from models.review import ReviewStore, Ruling, TaskFilter
from models.roster import Roster
from survey_engine.channel import Channel
from tests.models.sample import AT, CAMPAIGN, Sample, body_for, found_in, row
from tests.models.test_records import dump


class BrokenError(Exception):
    """What the n-th operation fails with."""


@contextmanager
def failing(sample: Sample, number: int) -> Iterator[list[int]]:
    """Let the ``number``-th statement or commit fail; the list counts them."""
    seen = [0]

    def count(*_: Any) -> None:
        seen[0] += 1
        if seen[0] == number:
            raise BrokenError

    engine = sample.database.engine
    hooks = ("before_cursor_execute", "commit")
    for hook in hooks:
        event.listen(engine, hook, count)
    try:
        yield seen
    finally:
        for hook in hooks:
            event.remove(engine, hook, count)


@pytest.fixture
def ready(sample: Sample) -> Sample:
    """An interview on its way, with a claimed task, an outbox, and an audit row."""
    sample.start()
    for count, body in enumerate(sample.bodies()):
        if body.startswith("A3"):
            break
        sample.say(f"{count}", body)
    sample.say("unsure", "A3=unsure")
    ReviewStore(sample.database, sample.turns).claim_next(TaskFilter(item="A3"), "wang", AT)
    return sample


def take(sample: Sample) -> None:
    sample.say("next", body_for(sample.interview()))


def begin(sample: Sample) -> None:
    sample.start(1)


def decide(sample: Sample) -> None:
    review = ReviewStore(sample.database, sample.turns)
    task = review.tasks(TaskFilter(item="A3", status=""))[0]
    review.decide(task.id, Ruling(decision="change", value="1", by="wang", reason="x", at=AT))


def bring(sample: Sample) -> None:
    rows = [row(index) for index in range(1, 4)]
    Roster(sample.database).keep(CAMPAIGN, rows, by="t", at=AT)


def claim(sample: Sample) -> None:
    assert Outbox(sample.database).claim("w", AT + timedelta(minutes=1), limit=2)


def attempt(sample: Sample) -> None:
    Attempts(sample.database).begin(sample.assignments[0], Channel.VOICE, AT)


def create(sample: Sample) -> None:
    plan = Campaigns(sample.database).get(CAMPAIGN)
    new = Campaign(
        id="other", form=plan.form, version=plan.version, reference_day=plan.reference_day
    )
    Campaigns(sample.database).create(new, by="t", at=AT)


WORKS = [take, begin, decide, bring, claim, attempt, create]


@pytest.mark.parametrize("work", WORKS)
def test_before_or_after_f01(ready: Sample, work: Callable[[Sample], None]) -> None:
    before = dump(ready.database)
    for number in range(1, 200):
        with failing(ready, number) as seen, suppress(BrokenError):
            work(ready)
        after = dump(ready.database)
        if seen[0] < number or after != before:
            break
    assert seen[0] >= 3
    assert after != before
    if seen[0] == number:  # only reading was left to fail, so all is kept and counts once
        work(ready)
        assert dump(ready.database) == after
    assert verify(ready.database) == []
    assert rebuild(ready.database, found_in(ready.forms)).changed == 0


def test_a_lost_answer_to_a_commit_f02(ready: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    dialect = ready.database.engine.dialect
    commit = dialect.do_commit
    body = body_for(ready.interview())
    left = [2]  # the first commit ends the reading

    def lose(connection: Any) -> None:
        commit(connection)
        left[0] -= 1
        if not left[0]:
            raise BrokenError

    monkeypatch.setattr(dialect, "do_commit", lose)
    with pytest.raises(BrokenError):
        ready.say("next", body)
    monkeypatch.undo()
    after = dump(ready.database)
    again = ready.say("next", body)
    assert again.repeated
    assert dump(ready.database) == after
    assert again.length == ready.interview().length


def test_a_full_disk_is_told_f03(ready: Sample) -> None:
    with full(ready) as fill:
        fill()
        earlier = dump(ready.database)
        told = None
        for number in range(500):
            try:
                AuditLog(ready.database).add(entry(number))
            except StorageFullError as error:
                told = error
                break
            earlier = dump(ready.database)
        assert told is not None
        assert (told.code, "free disk space" in str(told)) == ("storage-full", True)
        assert dump(ready.database) == earlier
        if ready.database.is_sqlite:
            with pytest.raises(StorageFullError):
                Outbox(ready.database).send(ready.assignments[0], [large()], AT)
    take(ready)
    AuditLog(ready.database).add(entry(0))
    assert verify(ready.database) == []


def large() -> Outgoing:
    return Outgoing(channel="chat", body="很长" * 50_000)


def entry(number: int) -> AuditEntry:
    return AuditEntry(at=AT, actor="t", action="fill", detail={"with": f"{number}" * 1000})


@contextmanager
def full(sample: Sample) -> Iterator[Callable[[], None]]:
    """SQLite gets no more pages; PostgreSQL says what it says on a full disk."""
    if not sample.database.is_sqlite:
        yield lambda: _full_postgresql(sample)
        with sample.database.writing() as connection:
            connection.execute(text("DROP TRIGGER full_disk ON audit"))
        return
    limit = [0]

    def cap(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit[0] or 1_000_000}")

    event.listen(sample.database.engine, "begin", cap, insert=True)
    with sample.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit[0] = pages + 2
    yield lambda: None
    limit[0] = 0


def _full_postgresql(sample: Sample) -> None:
    with sample.database.writing() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER full_disk AFTER INSERT ON audit FOR EACH ROW"
                " WHEN (NEW.seq > 6) EXECUTE FUNCTION full_disk()"
            )
        )


@pytest.mark.parametrize("call", ["open", "fsync", "link", "fdopen"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_key_file_is_whole_or_not_there_f04(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    real = getattr(os, call)
    calls = [0]

    def fail(*args: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == number:
            raise OSError(28, "No space left on device")
        return real(*args, **options)

    path = tmp_path / "keys.json"
    monkeypatch.setattr(os, call, fail)
    with suppress(KeyFileError):
        KeyFile.open(path)
    monkeypatch.undo()
    left = os.listdir(tmp_path)
    assert left in ([], ["keys.json"])
    assert KeyFile.open(path).active == "k1"


_CLOSE_ALL = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def close_all(opened: Callable[[], Database]) -> None:
    """Close every other connection on the server, as its restart would."""
    with opened().reading() as connection:
        connection.execute(_CLOSE_ALL)


@pytest.mark.parametrize("kind", ["postgresql"])
def test_quiet_connections_are_looked_after_f05(
    opened: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = opened()
    with database.reading(), database.writing():
        pass
    close_all(opened)
    monkeypatch.setattr(storage, "QUIET", 0.0)
    with database.reading(), database.writing(), database.single() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_connection_that_was_just_used_fails_once_f05(opened: Callable[[], Database]) -> None:
    database = opened()
    with database.writing():
        pass
    close_all(opened)
    with pytest.raises(StorageUnavailableError), database.single() as connection:
        connection.execute(text("SELECT 1"))
    with database.single() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
