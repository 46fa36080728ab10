"""The tables in the database are those of the code, and hold their constraints themselves.

S01 the migrations make exactly the tables of the code, S02 migrating again changes nothing, S03
each sealed column names itself, S04 what is written once cannot be changed by any statement, S05
bad states, regions, links and doubled keys are refused by the database, S06 naive times are
refused, S07 only fitting URLs are taken, S08 the SQLite file is its owner's and set up for safety,
S09 a step that makes a table anew on SQLite keeps its rows and what points to them.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from models.base import Record
from models.columns import EncryptedBytes, EncryptedJson, EncryptedText
from models.database import Database
from models.failure import ConstraintError, StorageUnavailableError
from models.keys import KeyFile
from models.tables import APPEND_ONLY, AttemptRow, RegionRow
from tests.models.sample import AT, CAMPAIGN, Sample


def test_migrations_make_the_tables_s01_s02(database: Database) -> None:
    database.migrate()
    with database.reading() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Record.metadata)
    assert [one for one in found if "modify_default" not in str(one)] == []


def test_sealed_columns_name_themselves_s03() -> None:
    kinds = (EncryptedBytes, EncryptedJson, EncryptedText)
    columns = [c for t in Record.metadata.tables.values() for c in t.columns]
    sealed = [column for column in columns if isinstance(column.type, kinds)]
    assert len(sealed) >= 25
    for column in sealed:
        assert getattr(column.type, "context") == f"{column.table.name}.{column.name}"  # noqa: B009


@pytest.fixture
def written(sample: Sample) -> Sample:
    """A sample with a row in each table that is written once."""
    sample.start()
    sample.say("1", "A1=1")
    with sample.database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO review_task (id, interview_id, event_seq, assignment_id,"
                " campaign_id, region, item, reason, value, words, utterance, candidates, status,"
                " created_at, closed_at) SELECT 'task', interview.id, 1, assignment_id,"
                " interview.campaign_id, region, '', 'x', link, link, '', link, 'decided',"
                " started_at, started_at FROM interview JOIN assignment"
                " ON assignment.id = assignment_id"
            )
        )
        connection.execute(
            text(
                "INSERT INTO verdict SELECT 'task', 'wang', 'accepted', link, link, NULL,"
                " started_at FROM interview"
            )
        )
        for statement in (
            "INSERT INTO ruling SELECT 'r', 'task', 'review', 1, 'wang', 'accept', link, link,"
            " started_at, started_at FROM interview",
            "INSERT INTO ruling_end SELECT 'r', 'settled', started_at FROM interview",
            "INSERT INTO note SELECT 'n', assignment_id, 'wang', link, started_at FROM interview",
            "INSERT INTO disposition_change SELECT 1, 'busy', 'x', 'y', 'wang', started_at"
            " FROM interview",
            "INSERT INTO signed_form SELECT 'f', assignment_id, 'self', 'wang', link, link, link,"
            " link, link, started_at FROM interview",
        ):
            connection.execute(text(statement))
    return sample


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_written_once_s04(written: Sample, table: str) -> None:
    statements = [f"DELETE FROM {table}"]
    columns = [one.name for one in Record.metadata.tables[table].columns]
    statements += [f"UPDATE {table} SET {name} = {name}" for name in columns]
    if written.database.is_sqlite:
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        statements.append(f"UPDATE OR REPLACE {table} SET {columns[0]} = {columns[0]}")
    else:
        statements.append(f"TRUNCATE {table} CASCADE")
    for statement in statements:
        refused(written.database, statement)


def refused(database: Database, statement: str) -> None:
    with (
        pytest.raises(ConstraintError) as caught,
        database.writing() as connection,
    ):
        connection.execute(text(statement))
    assert "written once" in str(caught.value), statement


BAD = [
    "INSERT INTO region VALUES ('99000010020', 'x', 6, '990000100000')",
    "INSERT INTO region VALUES ('99000010020x', 'x', 6, '990000100000')",
    "INSERT INTO region VALUES ('990000100299', 'x', 5, '990000100000')",
    "INSERT INTO region VALUES ('990000100299', 'x', 6, '990000100201')",
    "INSERT INTO region VALUES ('990000100299', 'x', 6, NULL)",
    "INSERT INTO region VALUES ('990000999299', 'x', 6, '990000999000')",
    "UPDATE campaign SET status = 'perhaps'",
    "UPDATE campaign SET opens_on = '2026-10-02', closes_on = '2026-10-01'",
    "UPDATE assignment SET status = 'perhaps'",
    "UPDATE assignment SET outcome_decided = TRUE",
    "UPDATE assignment SET person_id = (SELECT max(id) FROM person)",
    "UPDATE assignment SET campaign_id = 'nowhere'",
    "UPDATE interview SET status = 'perhaps'",
    "UPDATE interview SET lock_version = 0",
    "UPDATE interview SET assignment_id = 'nobody'",
    "UPDATE answer SET state = 'perhaps'",
    "UPDATE answer SET confidence = 1.5",
    "UPDATE answer SET state = 'skipped'",
    "UPDATE answer SET state = 'unknown'",
    "UPDATE outbox SET status = 'taken'",
    "UPDATE outbox SET status = 'sent'",
    "UPDATE review_task SET claimed_by = 'x'",
    "UPDATE review_task SET status = 'open'",
    "UPDATE review_task SET round = 4",
    "UPDATE review_task SET claimed_by = 'x', claimed_until = created_at, entered_by = 'x'",
    "UPDATE review_task SET claimed_by = 'x', claimed_until = created_at, first_by = 'x'",
    "UPDATE review_task SET first_by = 'x', second_by = 'x'",
    "INSERT INTO ruling SELECT 'q', id, 'review', 1, '', 'accept', value, value, created_at,"
    " created_at FROM review_task",
    "INSERT INTO ruling SELECT 'q', id, 'review', 1, 'x', 'perhaps', value, value, created_at,"
    " created_at FROM review_task",
    "INSERT INTO ruling_end SELECT 'nobody', 'settled', created_at FROM review_task",
    "INSERT INTO gold SELECT id, '', created_at, NULL FROM review_task",
    "UPDATE inbound SET external_id = ''",
    "INSERT INTO inbound SELECT * FROM inbound",
    "DELETE FROM interview",
    "DELETE FROM person",
]


@pytest.mark.parametrize("statement", BAD)
def test_bad_rows_are_refused_s05(written: Sample, statement: str) -> None:
    with pytest.raises(ConstraintError), written.database.writing() as connection:
        connection.execute(text(statement))


def test_one_open_attempt_a_channel_s05(sample: Sample) -> None:
    def row(number: int, channel: str) -> dict[str, object]:
        return {
            "id": f"a{number}",
            "assignment_id": sample.assignments[0],
            "number": number,
            "channel": channel,
            "staff": "",
            "started_at": AT,
        }

    with sample.database.writing() as connection:
        connection.execute(insert(AttemptRow), [row(1, "voice"), row(2, "chat")])
    with pytest.raises(ConstraintError), sample.database.writing() as connection:
        connection.execute(insert(AttemptRow), [row(3, "voice")])


def test_naive_times_are_refused_s06(sample: Sample) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    with (
        pytest.raises((StatementError, ValueError), match="aware"),
        sample.database.writing() as connection,
    ):
        connection.execute(
            text("SELECT 1") if False else insert(AttemptRow).values(id="x", started_at=naive)
        )


def test_times_come_back_in_utc_s06(sample: Sample) -> None:
    sample.start()
    from models.tables import InterviewRow

    with sample.database.reading() as connection:
        at = connection.scalar(select(InterviewRow.started_at))
    assert at == AT
    assert at is not None
    assert str(at.tzinfo) == "UTC"


@pytest.mark.parametrize(
    "url", ["", "x", "mysql://u:geheim@h/d", "sqlite://", "sqlite:///:memory:", "oracle://h"]
)
def test_other_urls_are_refused_s07(url: str, keys: KeyFile) -> None:
    with pytest.raises(StorageUnavailableError) as caught:
        Database.open(url, keys)
    assert "geheim" not in str(caught.value)


def test_an_unreachable_server_is_told_s07(keys: KeyFile) -> None:
    database = Database.open("postgresql://u:geheim@127.0.0.1:1/d", keys)
    with pytest.raises(StorageUnavailableError) as caught:
        database.migrate()
    assert "geheim" not in str(caught.value)
    database.close()


def test_no_folder_no_database_s07(keys: KeyFile, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError, match="check the folder"):
        Database.open(f"sqlite:///{tmp_path}/absent/t.db", keys)


def test_sqlite_is_set_up_for_safety_s08(keys: KeyFile, tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/t.db", keys)
    database.migrate()
    assert (tmp_path / "t.db").stat().st_mode & 0o777 == 0o600
    with database.reading() as connection:
        found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in PRAGMAS}
    assert found == PRAGMAS
    for lasting, waits in ((False, 1), (True, 2)):
        with database.writing(lasting=lasting) as connection:
            assert connection.scalar(text("PRAGMA synchronous")) == waits
    database.close()


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


def test_a_table_made_anew_keeps_its_rows_s09(keys: KeyFile, tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 't.db'}", keys)
    database.migrate("0020")
    day, country = "'2026-10-12 02:00:00.000000'", "'000000000000'"
    call = f"'a', 'twilio', 'queued', 0, {day}, {day}"
    columns = "assignment_id, carrier, state, sequence, placed_at, lease_until"
    with database.writing() as connection:
        for statement in (
            f"INSERT OR IGNORE INTO region VALUES ({country}, 'x', 1, NULL)",
            "INSERT INTO campaign (id, form, version, region, reference_day, call_hours,"
            f" legal_basis, status, created_at) VALUES ('c', 'f', '1', {country}, '2026-09-30',"
            f" '', '', 'open', {day})",
            "INSERT INTO assignment (id, campaign_id, region, status, outcome, outcome_decided,"
            f" created_at, updated_at) VALUES ('a', 'c', {country}, 'waiting', '', 0, {day},"
            f" {day})",
            *(f"INSERT INTO phone_call (id, {columns}) VALUES ('{one}', {call})" for one in "mn"),
            "INSERT INTO bridge (id, assignment_id, staff, number, caller_call, person_call,"
            f" begun_at, asked_from, hears) VALUES ('b', 'a', 'w', 0, 'm', 'n', {day}, 0, 0)",
        ):
            connection.exec_driver_sql(statement)
    database.migrate()
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        rows = connection.exec_driver_sql(f"SELECT id, {columns} FROM phone_call").all()
        assert [row[:3] for row in rows] == [("m", "a", "twilio"), ("n", "a", "twilio")]
    with pytest.raises(ConstraintError), database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM phone_call WHERE id = 'm'")
    database.close()


def test_regions_keep_their_codes(sample: Sample) -> None:
    with sample.database.reading() as connection:
        found = connection.execute(select(RegionRow.code, RegionRow.level, RegionRow.parent))
        codes = {row.code: (row.level, row.parent) for row in found}
    assert codes["990000100201"] == (6, "990000100000")
    assert codes["990000000000"] == (2, "000000000000")
    assert codes["000000000000"] == (1, None)
    assert CAMPAIGN


def opens(opened: Callable[[], Database]) -> Database:
    return opened()
