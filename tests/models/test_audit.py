"""Any event or audit row that is edited, deleted or reordered is found and named.

V01 untouched records verify, V02 each edited column, V03 each deleted row also at the end, V04
swapped rows, V05 a value moved to another row, V06 a row added by hand, V07 the same for audit.
The tamperer here owns the database and takes the triggers away first.
"""

import itertools
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from models.audit import AuditEntry, AuditLog, Break, verify
from tests.models.sample import AT, CAMPAIGN, Sample

HOW_MANY = 3


@pytest.fixture
def told(sample: Sample) -> Sample:
    """Two interviews whose events stand between one another, and some audit rows."""
    for place in (0, 1):
        sample.start(place)
    for turn, place in itertools.product(range(HOW_MANY), (0, 1)):
        sample.say(f"{place}-{turn}", next(sample.bodies(place)), place)
    for turn in range(HOW_MANY):
        AuditLog(sample.database).add(AuditEntry(at=AT, actor="t", action=f"look.{turn}"))
    assert verify(sample.database) == []
    return sample


def tamper(sample: Sample, work: Callable[[Connection], object]) -> list[Break]:
    with sample.database.writing() as connection:
        disarm(connection)
        work(connection)
    return verify(sample.database)


def disarm(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        wanted = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for name in connection.scalars(wanted).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    else:
        connection.execute(text("SET session_replication_role = replica"))


def statement(words: str) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(text(words))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("type", "'Said'"),
        ("item", "'A9'"),
        ("at", "'2001-01-01 00:00:00'"),
        ("link", "campaign_link"),
        ("campaign_link", "link"),
        ("payload", "link"),
    ],
)
def test_an_edited_event_is_named_v02(told: Sample, column: str, value: str) -> None:
    found = tamper(told, statement(f"UPDATE event SET {column} = {value} WHERE campaign_seq = 7"))
    assert found
    assert all(one.table == "event" for one in found)
    named = [one for one in found if one.row.startswith(row_at(told, 7))]
    assert named, found
    assert "compare with a copy" in found[0].sentence()


def row_at(sample: Sample, place: int) -> str:
    with sample.database.reading() as connection:
        row = connection.execute(
            text("SELECT interview_id, seq FROM event WHERE campaign_seq = :place"),
            {"place": place},
        ).one()
    return f"{row.interview_id}/{row.seq}"


def test_each_flipped_bit_is_found(told: Sample) -> None:
    """One bit of a sealed value anywhere makes it unreadable."""
    with told.database.reading() as connection:
        wanted = text("SELECT campaign_seq, payload FROM event ORDER BY campaign_seq")
        rows = [(row.campaign_seq, bytes(row.payload)) for row in connection.execute(wanted)]
    changing = text("UPDATE event SET payload = :payload WHERE campaign_seq = :place")
    for place, payload in rows[:: max(1, len(rows) // 8)]:
        flipped = bytearray(payload)
        flipped[len(flipped) * place % len(flipped) - place % 7] ^= 1 << place % 8
        found = tamper(
            told,
            lambda connection, new=bytes(flipped), at=place: connection.execute(  # type: ignore[misc]
                changing, {"payload": new, "place": at}
            ),
        )
        assert found, place
        tamper(
            told,
            lambda connection, old=payload, at=place: connection.execute(  # type: ignore[misc]
                changing, {"payload": old, "place": at}
            ),
        )
    assert verify(told.database) == []


def test_each_deleted_event_is_missed_v03(told: Sample) -> None:
    with told.database.reading() as connection:
        count = connection.scalar(text("SELECT count(*) FROM event")) or 0
    places = {1, 5, count - 1, count}
    for place in sorted(places):
        saved = tamper_and_restore(told, place)
        chains = {one.chain.split(":")[0] for one in saved}
        assert chains == {"campaign", "interview"}, (place, saved)
    assert verify(told.database) == []


def tamper_and_restore(sample: Sample, place: int) -> list[Break]:
    with sample.database.engine.connect() as connection:
        transaction = connection.begin()
        disarm(connection)
        connection.execute(text("DELETE FROM review_task"))
        connection.execute(text("DELETE FROM revision"))
        connection.execute(text("DELETE FROM event WHERE campaign_seq = :place"), {"place": place})
        from models.verify import _campaigns

        found = list(_campaigns(connection, sample.database.keys))
        transaction.rollback()
        connection.invalidate()
    return found


def test_swapped_events_are_found_v04(told: Sample) -> None:
    def swap(connection: Connection) -> None:
        for old, new in ((4, 900), (5, 4), (900, 5)):
            connection.execute(
                text("UPDATE event SET campaign_seq = :new WHERE campaign_seq = :old"),
                {"old": old, "new": new},
            )

    found = tamper(told, swap)
    assert [one.position for one in found if one.chain == f"campaign:{CAMPAIGN}"] == [4]


def test_a_moved_value_is_found_v05(told: Sample) -> None:
    moving = (
        "UPDATE event SET payload = (SELECT payload FROM event WHERE campaign_seq = 3)"
        " WHERE campaign_seq = 8"
    )
    found = tamper(told, statement(moving))
    assert [one.row for one in found] == [row_at(told, 8)]


def test_an_added_event_is_found_v06(told: Sample) -> None:
    adding = """
        INSERT INTO event SELECT interview_id, seq + 1000, campaign_id, campaign_seq + 1000, type,
        item, at, payload, link, campaign_link FROM event WHERE campaign_seq = 3"""
    assert tamper(told, statement(adding))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET actor = 'x' WHERE seq = 2",
        "UPDATE audit SET object = 'x' WHERE seq = 2",
        "UPDATE audit SET detail = link WHERE seq = 2",
        "UPDATE audit SET link = (SELECT link FROM audit WHERE seq = 1) WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
    ],
)
def test_a_changed_audit_row_is_named_v07(told: Sample, change: str) -> None:
    found = tamper(told, statement(change))
    assert [(one.table, one.position) for one in found] == [("audit", 2)]


def test_a_lost_last_audit_row_is_missed_v07(told: Sample) -> None:
    found = tamper(told, statement("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"))
    assert [(one.chain, one.reason) for one in found] == [("audit", "the last rows are missing")]
