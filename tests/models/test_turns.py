"""One message is one turn: kept whole, once, with everything that follows from it.

T01 a start is kept with its events, T02 a second start does nothing, T03 a turn keeps events,
answers, revisions, outbox and reply, T04 the same message again gives the stored reply and runs
nothing, T05 the same key with another body is refused and audited, T06 a turn whose events do not
make its interview is refused, T07 an interview can be finished and shows so.
"""

import pytest
from sqlalchemy import func, select

from models.answer_store import read_answers, read_revisions
from models.audit import AuditLog
from models.conversation_store import TurnResult
from models.failure import KeyReusedError, NotStartedError, TurnMismatchError
from models.tables import AssignmentRow, EventRow, OutboxRow
from survey_engine.event import Said
from survey_engine.interview import Interview, Status
from tests.models.sample import Sample, number


def test_a_start_is_kept_t01_t02(sample: Sample) -> None:
    first, second = sample.start(), sample.start()
    assert first.body == "A1"
    assert not first.repeated
    assert second.repeated
    assert (second.interview_id, second.length) == (first.interview_id, first.length)
    interview = sample.interview()
    assert interview.wait is not None
    assert interview.wait.target == "A1"
    assert interview.facts["birth"] == "1950-01-15"
    assert interview.facts["last4"] == number(0)[-4:]


def test_a_turn_without_a_start_is_refused(sample: Sample) -> None:
    with pytest.raises(NotStartedError, match="start it first"):
        sample.say("1", "A1=1")


def test_a_turn_is_kept_whole_t03(sample: Sample) -> None:
    started = sample.start()
    reply = sample.say("1", "A1=1")
    assert reply.body == "A2"
    with sample.database.reading() as connection:
        answers = read_answers(connection, started.interview_id)
        revisions = read_revisions(connection, started.interview_id)
        count = select(func.count()).select_from(EventRow)
        assert connection.scalar(count) == reply.length
        assert connection.scalar(select(OutboxRow.body)) == "A2"
    assert (answers["A1"].state, answers["A1"].value) == ("recorded", "1")
    assert answers["A1"].words == "我说的是1"
    assert [(one.item, one.actor, one.state_before) for one in revisions] == [("A1", "self", "")]


def test_the_same_message_counts_once_t04(sample: Sample) -> None:
    sample.start()
    first = sample.say("1", "A1=1")

    def never(_: Interview) -> TurnResult:
        raise AssertionError("the engine ran again")

    again = sample.turns.take(sample.message("1", "A1=1"), never)
    assert again.repeated
    assert (again.body, again.length) == (first.body, first.length)


def test_a_key_with_another_body_is_refused_t05(sample: Sample) -> None:
    sample.start()
    sample.say("1", "A1=1")
    before = sample.interview()
    with pytest.raises(KeyReusedError, match="chat/1") as caught:
        sample.say("1", "A1=2")
    assert caught.value.code == "inbound-key-reused"
    assert sample.interview().length == before.length
    last = AuditLog(sample.database).entries()[-1]
    assert (last.action, last.object) == ("inbound.key-reused", "chat/1")


def test_a_key_for_another_assignment_is_refused_t05(sample: Sample) -> None:
    sample.start(0)
    sample.start(1)
    sample.say("1", "A1=1", place=0)
    with pytest.raises(KeyReusedError):
        sample.say("1", "A1=1", place=1)


def test_events_must_make_the_interview_t06(sample: Sample) -> None:
    sample.start()
    with pytest.raises(TurnMismatchError):
        sample.turns.take(
            sample.message("1", "A1=1"),
            lambda now: TurnResult(now, (Said(at=now.at, line="opening"),)),
        )
    assert sample.interview().length == sample.start().length


def test_an_interview_is_finished_t07(sample: Sample) -> None:
    sample.start()
    sample.finish()
    assert sample.interview().status is Status.COMPLETED
    with sample.database.reading() as connection:
        status = connection.scalar(
            select(AssignmentRow.status).where(AssignmentRow.id == sample.assignments[0])
        )
    assert status == "completed"
