"""What supervisors see of their people's work, and only of people within their region."""

from datetime import timedelta

import pytest

from models.attempt import Attempts
from models.review import ReviewStore, Task
from models.viewer import Viewer
from models.work import CallerWork, ReviewerWork, Work
from survey_engine.channel import Channel
from tests.models.sample import AT, REGION, Sample
from tests.models.test_review import review, ruling, task  # noqa: F401

DAY = timedelta(days=1)


def work_in(sample: Sample, region: str) -> Work:
    viewer = Viewer(login="du", name="督", role="supervisor", region=region)
    return Work(sample.database, viewer)


@pytest.mark.parametrize(("region", "sees"), [(REGION, True), ("990001000000", False)])
def test_callers_work(sample: Sample, region: str, *, sees: bool) -> None:
    attempts, person = Attempts(sample.database), sample.assignments[0]
    results = ("N15", "N15", "N11b", "completed", "")
    for number, outcome in enumerate(results):
        staff = "" if outcome == "" else "huawu"
        made = attempts.begin(person, Channel.DESK, AT + number * DAY, staff=staff)
        attempts.end(made.id, outcome=outcome or "N15", aapor="1.1", at=AT + number * DAY)
    mine = CallerWork(
        login="huawu", name="huawu", calls=4, completed=1, refused=1, unanswered=2
    )  # fmt: skip
    found = work_in(sample, region)
    assert found.callers(AT) == ((mine,) if sees else ())
    assert sum(one.calls for one in found.callers(AT + DAY)) == (3 if sees else 0)
    assert found.callers(AT + 9 * DAY) == ()


def test_reviewers_work(sample: Sample, task: Task, review: ReviewStore) -> None:  # noqa: F811
    review.claim(task.id, "wang", AT)
    review.decide(task.id, ruling())
    mine = ReviewerWork(
        login="wang", name="wang", verdicts=1, changed=1, undetermined=0, reopened=0
    )  # fmt: skip
    assert work_in(sample, REGION).reviewers(AT) == (mine,)
    assert work_in(sample, REGION).reviewers(AT + DAY) == ()
    assert work_in(sample, "990001000000").reviewers(AT) == ()
