"""No name, number or word of a respondent can be read in what a disk holds.

C01 a whole case with canaries in every place where people put data; the database files, the WAL
and everything else in the folder are scanned for them in four encodings.
"""

import base64
import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from models.attempt import Attempts
from models.audit import AuditEntry, AuditLog
from models.clip import Clip, Clips
from models.conversation_store import TurnResult
from models.failure import ConstraintError, KeyReusedError
from models.outbox import Outbox, Outgoing
from models.review import ReviewStore, Ruling, TaskFilter
from models.roster import Roster
from models.staff import Account, Staff
from survey_engine.answer import Candidate, Heard, SpeakerKind
from survey_engine.channel import Channel
from survey_engine.input import ChangeSpeaker, HandOff, Record
from survey_engine.interview import Interview
from survey_engine.stepping import step
from tests.models.postgresql import Cluster
from tests.models.sample import AT, CAMPAIGN, Sample, number, row

CANARY = {
    "name": "金丝雀姓名",
    "telephone": "13999990001",
    "guardian_name": "金丝雀监护",
    "guardian_telephone": "13999990002",
    "relation": "金丝雀关系",
    "address": "金丝雀巷七号",
    "note": "金丝雀备注",
    "reason": "金丝雀未入户",
}
WORDS = ("金丝雀原话", "canary-word", "金丝雀候选", "金丝雀理由", "金丝雀消息", "金丝雀员工")
NUMBER = number(3)
SOUND = b"canary-sound-" * 20


def test_nothing_can_be_read_c01(sample: Sample, request: pytest.FixtureRequest) -> None:
    fill(sample)
    wanted = {
        secret
        for word in (*CANARY.values(), *WORDS, NUMBER, NUMBER[:18], SOUND[:13].decode())
        for secret in written_as(word)
    }
    folders = disk(sample, request)
    contents = [path.read_bytes() for path in folders]
    assert sum(map(len, contents)) > 100_000
    assert any(CAMPAIGN.encode() in content for content in contents), "the scan sees the records"
    found = [(secret, path) for path, content in zip(folders, contents, strict=True)
             for secret in wanted if secret in content]  # fmt: skip
    assert found == []


def fill(sample: Sample) -> None:
    Roster(sample.database).keep(
        CAMPAIGN,
        [row(2), row(3, certificate=NUMBER, **CANARY)],
        by="t",
        at=AT,
    )
    mine = Sample.on(sample.database, sample.forms, 4)
    mine.start(3)
    for body in ("A1=1", f"A2={NUMBER[-4:]}"):
        mine.say(body, body, 3)
    mine.turns.take(mine.message("w", "金丝雀消息", 3), spoken)
    with pytest.raises(KeyReusedError):
        mine.turns.take(mine.message("w", "金丝雀消息 canary-word", 3), spoken)
    decide(mine)
    attempts = Attempts(mine.database)
    first = attempts.begin(mine.assignments[3], Channel.VOICE, AT, staff="wang")
    attempts.end(first.id, outcome="N15", aapor="3.13", at=AT)
    Outbox(mine.database).send(
        mine.assignments[3], [Outgoing(channel="chat", body="金丝雀消息")], AT
    )
    Staff(mine.database).add(
        Account(login="w", name="金丝雀员工", role="clerk", password="canary-word"), by="t", at=AT
    )
    AuditLog(mine.database).add(
        AuditEntry(at=AT, actor="w", action="search", detail={"for": "金丝雀姓名"})
    )
    clip = Clip(
        utterance="u", interview_id=mine.start(3).interview_id, format="pcm16", rate=8000,
        sound=SOUND, recorded_at=AT,
    )  # fmt: skip
    Clips(mine.database).keep(clip)


def spoken(interview: Interview) -> TurnResult:
    at = AT + timedelta(minutes=1)
    heard = Heard("金丝雀原话 canary-word", "u1", 0.5)
    interview, one = step(
        interview, ChangeSpeaker(at=at, heard=heard, kind=SpeakerKind.PROXY, relation="金丝雀关系")
    )
    interview, two = step(interview, Record(at=at, heard=heard, target="A2", value=NUMBER[-4:]))
    return TurnResult(interview, (*one, *two), "金丝雀消息")


def decide(sample: Sample) -> None:
    def unsure(interview: Interview) -> TurnResult:
        assert interview.wait is not None
        heard = Heard("金丝雀原话", "u2", 0.4)
        target = interview.wait.target
        candidates = (Candidate("金丝雀候选", 0.4),)
        given = HandOff(at=AT, heard=heard, target=target, reason="unclear", candidates=candidates)
        return TurnResult(*step(interview, given), "金丝雀消息")

    for body in sample.bodies(3):
        if body.startswith("A3="):
            break
        sample.say(f"d{body}", body, 3)
    sample.turns.take(sample.message("x", "金丝雀消息", 3), unsure)
    review = ReviewStore(sample.database, sample.turns)
    task = review.claim_next(TaskFilter(item="A3"), "wang", AT)
    assert task is not None
    assert task.candidates[0][0] == "金丝雀候选"
    review.decide(
        task.id, Ruling(decision="change", value="1", by="wang", reason="金丝雀理由", at=AT)
    )


def written_as(word: str) -> Iterator[bytes]:
    plain = word.encode()
    yield from (plain, word.encode("gb18030"), word.encode("utf-16-le"))
    yield base64.b64encode(plain).rstrip(b"=")[:-1]
    yield plain.hex().encode()
    yield word.encode("unicode_escape")


def disk(sample: Sample, request: pytest.FixtureRequest) -> list[Path]:
    """Every file that the database wrote, with the write-ahead log as it stands."""
    if sample.database.is_sqlite:
        folder = Path(str(sample.database.engine.url.database)).parent
        assert (folder / "records.db-wal").stat().st_size > 0
    else:
        with sample.database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("CHECKPOINT"))
            mine = "SELECT oid FROM pg_database WHERE datname = current_database()"
            place = connection.scalar(text(mine))
        cluster: Cluster = request.getfixturevalue("cluster")
        data = cluster.folder / "data"
        logs = [path for path in (data / "pg_wal").rglob("*") if path.is_file()]
        return logs + [path for path in (data / "base" / str(place)).iterdir() if path.is_file()]
    return [path for path in folder.rglob("*") if path.is_file()]


def test_messages_of_errors_hold_no_data(sample: Sample) -> None:
    sample.start()
    told = text("UPDATE answer SET item = :secret, state = :secret")
    with pytest.raises(ConstraintError) as caught, sample.database.writing() as connection:
        connection.execute(told, {"secret": "金丝雀原话"})
    assert "ck_answer_state_known" in str(caught.value)
    assert "金丝雀" not in "".join(traceback.format_exception(caught.value))
