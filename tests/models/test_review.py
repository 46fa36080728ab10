"""Uncertain answers are claimed by one caseworker and decided once.

R01 a request makes a task, R02 one claim wins and expires, R03 a verdict ends all tasks of its
item with the interview's event, R04 without a claim nothing is decided and nothing kept, R05 a
verdict that the interview refuses keeps nothing, R06 the same ruling again gives the verdict that
stands, R07 a new sure answer supersedes, R08 reopening, R09 an outcome is decided by a person.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.audit import AuditLog
from models.conversation_store import TurnResult
from models.failure import TaskClosedError, TaskTakenError, VerdictRefusedError
from models.review import ReviewStore, Ruling, Task, TaskFilter
from models.showing import Showing
from models.tables import EventRow
from survey_engine.input import Report
from survey_engine.interview import Interview
from survey_engine.stepping import step
from tests.models.sample import AT, CAMPAIGN, Sample

ITEM = "A3"
OPEN = TaskFilter(campaign=CAMPAIGN)


@pytest.fixture
def review(sample: Sample) -> ReviewStore:
    return ReviewStore(sample.database, sample.turns)


@pytest.fixture
def task(sample: Sample, review: ReviewStore) -> Task:
    """A3 was not understood, so somebody has to look at it."""
    sample.start()
    for body in before(sample, ITEM):
        sample.say(f"b-{body}", body)
    sample.say("unsure", f"{ITEM}=unsure")
    return review.tasks(OPEN)[0]


def before(sample: Sample, item: str) -> Iterator[str]:
    for body in sample.bodies():
        if body.startswith(item):
            return
        yield body


def ruling(decision: str = "change", value: str = "2", by: str = "wang") -> Ruling:
    return Ruling(decision=decision, value=value, by=by, reason="听了录音", at=AT)


def test_a_request_makes_a_task_r01(sample: Sample, task: Task, review: ReviewStore) -> None:
    assert (task.item, task.reason, task.words) == (ITEM, "unclear", "我说的是unsure")
    assert task.status == "open"
    for wanted, count in (
        (TaskFilter(region="990000000000"), 1),
        (TaskFilter(region="110000000000"), 0),
        (TaskFilter(item=ITEM, reason="unclear"), 1),
        (TaskFilter(reason="check:"), 0),
        (TaskFilter(status="decided"), 0),
        (TaskFilter(free_at=AT), 1),
    ):
        assert len(review.tasks(wanted)) == count, wanted
    assert review.tasks(OPEN, after=task) == ()


def test_one_claim_wins_and_expires_r02(task: Task, review: ReviewStore) -> None:
    review.claim(task.id, "wang", AT)
    with pytest.raises(TaskTakenError):
        review.claim(task.id, "li", AT + timedelta(minutes=1))
    assert review.claim_next(OPEN, "li", AT + timedelta(minutes=1)) is None
    later = review.claim_next(OPEN, "li", AT + timedelta(minutes=15))
    assert later is not None
    assert later.claimed_by == "li"
    review.release(task.id, "li")
    assert review.task(task.id).claimed_by is None


def test_a_verdict_ends_the_task_r03_r06(sample: Sample, task: Task, review: ReviewStore) -> None:
    review.claim(task.id, "wang", AT)
    given = review.decide(task.id, ruling())
    assert (given.decision, given.value, given.given_by) == ("changed", "2", "wang")
    answer = sample.interview().answers[ITEM]
    assert (answer.state, answer.value) == ("verified", "2")
    assert review.tasks(OPEN) == ()
    shown = Showing(sample.database).assignment(sample.assignments[0])
    assert (shown.answers[ITEM].state, shown.answers[ITEM].value) == ("verified", "2")
    length = sample.interview().length
    assert review.decide(task.id, ruling()) == given
    assert sample.interview().length == length
    with pytest.raises(TaskClosedError):
        review.decide(task.id, ruling(value="1"))
    assert AuditLog(sample.database).entries()[-1].action == "review.change"


@pytest.mark.parametrize("holder", ["", "li"])
def test_without_a_claim_nothing_is_kept_r04(
    holder: str, sample: Sample, task: Task, review: ReviewStore
) -> None:
    if holder:
        review.claim(task.id, holder, AT)
    before = sample.interview().length
    with pytest.raises(TaskTakenError):
        review.decide(task.id, ruling())
    with pytest.raises(TaskTakenError):
        review.decide(task.id, ruling("accept"))
    assert sample.interview().length == before
    assert review.verdict(task.id) is None


def test_a_refused_verdict_keeps_nothing_r05(
    sample: Sample, task: Task, review: ReviewStore
) -> None:
    review.claim(task.id, "wang", AT)
    with pytest.raises(VerdictRefusedError, match="bad-value"):
        review.decide(task.id, ruling(value="77"))
    with pytest.raises(VerdictRefusedError, match="needs a value"):
        review.decide(task.id, ruling(value=""))
    with pytest.raises(VerdictRefusedError, match="no decision"):
        review.decide(task.id, ruling("perhaps"))
    with sample.database.reading() as connection:
        count = connection.scalar(select(func.count()).select_from(EventRow))
    assert count == sample.interview().length
    assert review.task(task.id).status == "open"


def test_a_new_sure_answer_supersedes_r07(sample: Sample, task: Task, review: ReviewStore) -> None:
    sample.say("again", f"{ITEM}=1")
    assert review.task(task.id).status == "superseded"
    with pytest.raises(TaskClosedError):
        review.claim(task.id, "wang", AT)


def test_reopened_r08(sample: Sample, task: Task, review: ReviewStore) -> None:
    review.claim(task.id, "wang", AT)
    assert review.decide(task.id, ruling("reopen")).decision == "reopened"
    assert sample.interview().reopened == (ITEM,)


@pytest.mark.parametrize(("decision", "outcome"), [("accept", "N02"), ("reject", "")])
def test_an_outcome_is_decided_r09(
    decision: str, outcome: str, sample: Sample, review: ReviewStore
) -> None:
    sample.start()

    def reported(now: Interview) -> TurnResult:
        return TurnResult(*step(now, Report(at=AT, outcome="N02")))

    sample.turns.take(sample.message("1", "no longer here"), reported)
    showing = Showing(sample.database)
    shown = showing.assignment(sample.assignments[0])
    assert (shown.status, shown.outcome, shown.outcome_decided) == ("ended", "N02", False)
    task = review.claim(review.tasks(OPEN)[0].id, "wang", AT)
    assert task.reason == "outcome:N02"
    review.decide(task.id, ruling(decision, ""))
    shown = showing.assignment(sample.assignments[0])
    assert (shown.outcome, shown.outcome_decided) == (outcome, decision == "accept")
    assert shown.review == ()
