"""Wrong answers to who somebody is: counted for a day, then gone."""

from datetime import timedelta

from sqlalchemy import func, select

from models.database import Database
from models.identity_question import MISSES_OF_SOURCE, REMEMBERED, IdentityQuestions
from models.tables import IdentityMissRow
from tests.models.sample import AT


def kept(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(IdentityMissRow)) or 0


def test_misses_are_kept_as_long_as_they_count(database: Database) -> None:
    questions, source = IdentityQuestions(database), bytes(32)
    for _ in range(MISSES_OF_SOURCE):
        assert not questions.is_spent(source, AT)
        questions.miss(source, "张三", AT)
    assert questions.is_spent(source, AT + REMEMBERED - timedelta(seconds=1))
    questions.miss(source, "张三", AT + REMEMBERED - timedelta(seconds=1))
    assert kept(database) == MISSES_OF_SOURCE + 1
    questions.miss(source, "张三", AT + REMEMBERED)
    assert kept(database) == 2
    assert not questions.is_spent(source, AT + REMEMBERED)
