"""What is read back: rebuilt values, shown assignments, exports, attempts, outbox, staff, sound.

P01 rebuilding changes nothing, P02 it makes lost or wrong projections anew, P03 it refuses
revisions that its events do not tell, P04 an old snapshot is replaced by the events, P05 what is
shown, P06 exports, P07 attempts, P08 outbox claims, P09 staff, P10 sound.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, insert, select, text, update

from models.answer_store import read_answers
from models.attempt import Attempts
from models.audit import verify
from models.base import Record
from models.clip import Clip, Clips, HeardWord
from models.database import Database
from models.export import Export, ExportFilter
from models.failure import (
    AttemptOpenError,
    FormMissingError,
    HistoryBrokenError,
    NotFoundError,
    TakenNameError,
    TaskTakenError,
)
from models.keys import KeyFile
from models.outbox import LEASE, Outbox, Outgoing
from models.rebuild import rebuild
from models.review import ReviewStore, Ruling, TaskFilter
from models.showing import Showing
from models.staff import Account, Staff
from models.tables import AnswerRow, InterviewRow, RevisionRow
from survey_engine.channel import Channel
from survey_engine.questionnaire import Questionnaire
from tests.models.sample import AT, CAMPAIGN, Sample, body_for, found_in, number

Forms = dict[str, Questionnaire]
ALL = ExportFilter(campaign=CAMPAIGN)


def dump(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, opened, in an order of its own."""
    with database.reading() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in Record.metadata.tables.items()
        }


@pytest.fixture
def full(sample: Sample) -> Sample:
    """One finished interview, one on its way with something to verify, verdicts and attempts."""
    sample.start(0)
    sample.finish(0)
    sample.start(1)
    for count, body in enumerate(sample.bodies(1)):
        if body.startswith("A4"):
            break
        sample.say(f"1-{count}", body if not body.startswith("A3") else "A3=unsure", 1)
    sample.say("1-a4", "A4=unsure", 1)
    review = ReviewStore(sample.database, sample.turns)
    task = review.claim_next(TaskFilter(item="A3"), "wang", AT)
    assert task is not None
    review.decide(task.id, Ruling(decision="change", value="1", by="wang", reason="听录音", at=AT))
    attempts = Attempts(sample.database)
    first = attempts.begin(sample.assignments[1], Channel.VOICE, AT, external_id="CA1")
    attempts.end(first.id, outcome="N15", aapor="3.13", at=AT)
    return sample


def test_rebuilding_changes_nothing_p01(full: Sample) -> None:
    before = dump(full.database)
    result = rebuild(full.database, found_in(full.forms))
    assert (result.interviews, result.changed) == (2, 0)
    assert dump(full.database) == before


def test_rebuilding_heals_p02(full: Sample) -> None:
    before = dump(full.database)
    with full.database.writing() as connection:
        connection.execute(text("DELETE FROM answer WHERE item IN ('A1', 'B1')"))
        connection.execute(
            update(AnswerRow).where(AnswerRow.item == "A4").values(value=None, state="unknown")
        )
        connection.execute(
            insert(AnswerRow).from_select(
                [column.name for column in AnswerRow.__table__.columns],
                select(AnswerRow.__table__)
                .where(AnswerRow.item == "A3")
                .with_only_columns(
                    *(
                        text("'ZZ'") if column.name == "item" else column
                        for column in AnswerRow.__table__.columns
                    )
                ),
            )
        )
        connection.execute(text("DELETE FROM review_task WHERE status = 'open'"))
        connection.execute(update(InterviewRow).values(status="ended", snapshot={"form": "x"}))
        connection.execute(text("UPDATE assignment SET status = 'ended'"))
    result = rebuild(full.database, found_in(full.forms), CAMPAIGN)
    assert result.answers >= 6
    assert result.tasks == 1
    assert result.states == 2
    after = dump(full.database)
    for table in ("answer", "revision", "event", "assignment"):
        assert after[table] == before[table], table
    assert len(after["review_task"]) == len(before["review_task"])
    assert rebuild(full.database, found_in(full.forms)).changed == 0


def test_wrong_revisions_are_told_p03(full: Sample) -> None:
    with full.database.writing() as connection:
        connection.execute(
            insert(RevisionRow).from_select(
                [column.name for column in RevisionRow.__table__.columns],
                select(
                    *(
                        text("'ZZ'") if column.name == "item" else column
                        for column in RevisionRow.__table__.columns
                    )
                ).where(RevisionRow.item == "A1"),
            )
        )
    with pytest.raises(HistoryBrokenError, match="audit check"):
        rebuild(full.database, found_in(full.forms))


@pytest.mark.parametrize("column", ["schema", "snapshot"])
def test_an_old_snapshot_is_replaced_p04(full: Sample, column: str) -> None:
    before = full.interview(1)
    value: object = 1 if column == "schema" else {"form": before.questionnaire.form}
    with full.database.writing() as connection:
        connection.execute(update(InterviewRow).values({column: value}))
    after = full.interview(1)
    assert (after.wait, after.answers, after.length) == (before.wait, before.answers, before.length)
    body = next(full.bodies(1))
    full.say("on", body, 1)


def test_a_missing_form_is_told_p04(full: Sample, forms: dict[str, Questionnaire]) -> None:
    def nothing(name: str, version: str) -> Questionnaire:
        raise LookupError(name, version)

    with pytest.raises(FormMissingError, match="bring it back"):
        rebuild(full.database, nothing)


def test_shown_p05(full: Sample) -> None:
    showing = Showing(full.database)
    done, going = showing.person(CAMPAIGN, number(0)), showing.person(CAMPAIGN, number(1))
    assert (done.status, done.outcome, done.waiting_for, done.usable) == ("completed", "", "", True)
    assert done.answers["A1"].value == "1"
    assert done.answers["A1"].confidence == 0.9
    assert done.answers["A1"].speaker == "self"
    assert {one.state for one in done.answers.values()} == {"recorded", "skipped"}
    assert done.events == full.interview(0).length
    assert (going.status, going.outcome) == ("open", "N15")
    assert going.answers["A3"].state == "verified"
    assert going.answers["A4"].state == "to_verify"
    assert [(one.item, one.reason) for one in going.review] == [("A4", "unclear")]
    assert [(one.number, one.outcome) for one in going.attempts] == [(1, "N15")]
    with pytest.raises(NotFoundError):
        showing.person(CAMPAIGN, number(77))
    with pytest.raises(NotFoundError):
        showing.assignment("x")


def test_exported_p06(full: Sample) -> None:
    with full.database.reading() as connection:
        _check_export(full, Export(connection))


def _check_export(full: Sample, export: Export) -> None:
    rows = {one.assignment_id: one for one in export.answers(ALL)}
    first = rows[full.assignments[0]]
    assert first.answers == Showing(full.database).assignment(full.assignments[0]).answers
    assert (first.name, first.certificate) == ("", "")
    named = list(export.answers(ExportFilter(campaign=CAMPAIGN, identified=True)))
    assert sorted(one.certificate for one in named) == sorted((number(0), number(1)))
    assert list(export.answers(ExportFilter(campaign=CAMPAIGN, region="110000000000"))) == []
    revisions = list(export.revisions(ALL))
    changed = [one for one in revisions if one.actor == "wang"]
    assert [(one.item, one.state_before, one.value, one.reason) for one in changed] == [
        ("A3", "to_verify", "1", "听录音")
    ]
    outcomes = {one.assignment_id: one for one in export.outcomes(ALL)}
    second = outcomes[full.assignments[1]]
    assert (second.outcome, second.attempts, second.last_aapor) == ("N15", 1, "3.13")
    reviews = list(export.reviews(ALL))
    assert [(one.item, one.status, one.decision) for one in reviews] == [
        ("A3", "decided", "changed"),
        ("A4", "open", None),
    ]


def test_attempts_p07(sample: Sample) -> None:
    attempts, assignment = Attempts(sample.database), sample.assignments[0]
    first = attempts.begin(assignment, Channel.VOICE, AT, external_id="CA1")
    assert attempts.begin(assignment, Channel.VOICE, AT, external_id="CA1") == first
    with pytest.raises(AttemptOpenError, match="has an open attempt"):
        attempts.begin(assignment, Channel.VOICE, AT, external_id="CA2")
    attempts.begin(assignment, Channel.CHAT, AT)
    assert len(attempts.open(begun_before=AT + timedelta(seconds=1))) == 2
    attempts.end(first.id, outcome="N15", aapor="3.13", at=AT)
    attempts.end(first.id, outcome="N01", aapor="2.31", at=AT)
    second = attempts.begin(assignment, Channel.VOICE, AT, external_id="CA2")
    assert [one.outcome for one in attempts.of(assignment)] == ["N15", None, None]
    assert second.number == 3
    with pytest.raises(NotFoundError):
        attempts.end("x", outcome="N15", aapor="", at=AT)


def test_outbox_p08(sample: Sample) -> None:
    outbox, assignment = Outbox(sample.database), sample.assignments[0]
    messages = [Outgoing(channel="chat", body=f"m{index}") for index in range(3)]
    outbox.send(assignment, messages, AT)
    first = outbox.claim("w1", AT, limit=2)
    second = outbox.claim("w2", AT)
    assert (len(first), len(second)) == (2, 1)
    assert {one.body for one in (*first, *second)} == {"m0", "m1", "m2"}
    outbox.sent(first[0].id, "w1", AT)
    outbox.retry(first[1].id, "w1", AT + timedelta(hours=1))
    with pytest.raises(TaskTakenError):
        outbox.sent(second[0].id, "w1", AT)
    assert outbox.claim("w3", AT) == ()
    lost = outbox.claim("w3", AT + LEASE)
    assert [(one.id, one.key, one.tries) for one in lost] == [(second[0].id, second[0].key, 2)]
    with pytest.raises(TaskTakenError):
        outbox.sent(second[0].id, "w2", AT + LEASE)
    outbox.failed(lost[0].id, "w3")
    assert [one.id for one in outbox.claim("w3", AT + timedelta(hours=2))] == [first[1].id]


def test_keys_rotate_while_records_are_used(url: str, tmp_path: Path, forms: Forms) -> None:
    keys = KeyFile.open(tmp_path / "own.json")
    database = Database.open(url, keys)
    sample = Sample.build(database, forms)
    sample.start()
    sample.say("1", "A1=1")
    old = dump(database)["person"]
    other = KeyFile.open(tmp_path / "own.json")
    other.rotate()
    keys.rotate()
    sample.say("2", body_for(sample.interview()))
    assert dump(database)["person"] == old
    assert Showing(database).person(CAMPAIGN, number(0)).answers["A1"].value == "1"
    assert verify(database) == []
    database.close()
    again = Database.open(url, KeyFile.open(tmp_path / "own.json"))
    assert dump(again)["person"] == old
    again.close()


def test_staff_p09(database: Database) -> None:
    staff = Staff(database)
    account = Account(login="wang", name="王审核", role="caseworker", password="$argon2id$x")
    staff.add(account, by="setup", at=AT)
    with pytest.raises(TakenNameError):
        staff.add(account, by="setup", at=AT)
    assert staff.get("wang") == account
    assert staff.get("li") is None
    assert staff.all() == (account,)
    with pytest.raises(NotFoundError):
        staff.replace(Account(login="li", name="", role="clerk", password=""), by="x", at=AT)


def test_sound_p10(full: Sample) -> None:
    clips, interview_id = Clips(full.database), full.start(0).interview_id
    clip = Clip(
        utterance="u1", interview_id=interview_id, format="mulaw", rate=8000,
        sound=bytes(range(256)), recorded_at=AT, words=(HeardWord("拿了", 0.2, 0.5, 0.91),),
    )  # fmt: skip
    clips.keep(clip)
    clips.keep(clip)
    assert clips.get("u1") == clip
    assert (clips.words("u1"), clips.words("u2")) == (clip.words, None)
    assert clips.delete_before(AT) == 0
    assert clips.delete_before(AT + timedelta(days=1)) == 1
    with pytest.raises(NotFoundError):
        clips.get("u1")


def test_answers_are_read_by_item(full: Sample) -> None:
    with full.database.reading() as connection:
        answers = read_answers(connection, full.start(0).interview_id)
    assert answers["A6"].value == "15423607891"
    assert isinstance(AnswerRow.__table__, Table)
