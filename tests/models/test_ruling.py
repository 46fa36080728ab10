"""Rulings wait, settle, are undone, and some are given twice by people who do not know it.

R11 a ruling changes nothing for ten seconds and then is the verdict, R12 undone it never happened
and its giver holds the task, R13 the same act again is one act, late undoing is refused, R14 a
drawn answer needs a second person: if both agree it is decided, R15 if not, a third decides and
nobody learns from it, R16 nobody holds what they entered or ruled on, R17 asking again and
visits leave a follow-up, R18 what the respondent says meanwhile goes before a ruling, R19 several
processes settle a ruling once, R20 the interview's refusal is told at once, R21 gold measures and
changes nothing, R22 notes are kept once, R23 the queue goes by deadline, urgency and village, R24
an outcome that is not so, or is to be asked about again, ends no interview.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update

from models.attempt import Attempts
from models.conversation_store import TurnResult
from models.database import Database
from models.draw import Draw
from models.failure import (
    KeyReusedError,
    NotFoundError,
    OwnEntryError,
    RulingOverError,
    TaskClosedError,
    TaskTakenError,
    VerdictRefusedError,
)
from models.follow_up import FollowUps
from models.gold import GoldTasks
from models.note import Note, Notes
from models.review import ReviewStore, Ruling, Task, TaskFilter
from models.review_quality import review_quality
from models.review_queue import Place, ReviewQueue
from models.ruling import GRACE, Given, Rulings, drawn_name
from models.showing import Showing
from models.tables import ReviewTaskRow
from models.viewer import Viewer
from models.walled import Walled
from survey_engine.channel import Channel
from survey_engine.input import Input, Report, Resume
from survey_engine.interview import Status
from survey_engine.stepping import step
from tests.models.sample import AT, CAMPAIGN, Sample

ITEM = "A3"
OPEN = TaskFilter(campaign=CAMPAIGN)
LATER = AT + GRACE


def rulings(sample: Sample, share: float = 0.0, turns: Sample | None = None) -> Rulings:
    database = (turns or sample).database
    return Rulings(database, (turns or sample).turns, Draw(database.keys, share))


def records(sample: Sample, login: str = "wang", region: str = "990000000000") -> Walled:
    viewer = Viewer(login=login, name="试用", role="caseworker", region=region)
    return Walled(sample.database, viewer)


@pytest.fixture
def review(sample: Sample) -> ReviewStore:
    return ReviewStore(sample.database, sample.turns)


@pytest.fixture
def task(sample: Sample, review: ReviewStore) -> Task:
    """A3 was not understood, so somebody has to look at it."""
    ask_until(sample, ITEM, 0)
    sample.say("unsure", f"{ITEM}=unsure")
    return review.tasks(OPEN)[0]


def ask_until(sample: Sample, item: str, place: int) -> None:
    sample.start(place)
    for body in sample.bodies(place):
        if body.startswith(item):
            return
        sample.say(f"{place}-{body}", body, place)


def ruling(decision: str = "change", value: str = "2", by: str = "wang") -> Ruling:
    return Ruling(decision=decision, value=value, by=by, reason="听了录音", at=AT)


def given(sample: Sample, task: Task, wanted: Ruling, share: float = 0.0, key: str = "") -> Given:
    """Claim, rule, and let the time to undo pass."""
    at = wanted.at
    ReviewStore(sample.database, sample.turns).claim(task.id, wanted.by, at)
    desk = rulings(sample, share)
    kept = desk.give(key or f"{wanted.by}-{wanted.decision}{wanted.value}", task.id, wanted)
    assert desk.due(at + GRACE) == (kept.id,)
    assert desk.settle(kept.id, at + GRACE)
    return kept


def test_a_ruling_waits_and_then_is_the_verdict_r11(
    sample: Sample, task: Task, review: ReviewStore
) -> None:
    review.claim(task.id, "wang", AT)
    desk = rulings(sample)
    kept = desk.give("one", task.id, ruling())
    assert sample.interview().answers[ITEM].state == "to_verify"
    assert desk.due(LATER - timedelta(seconds=1)) == ()
    assert review.task(task.id).status == "open"
    assert desk.settle(kept.id, LATER)
    answer = sample.interview().answers[ITEM]
    assert (answer.state, answer.value) == ("verified", "2")
    verdict = review.verdict(task.id)
    assert verdict is not None
    assert (verdict.decision, verdict.given_by) == ("changed", "wang")
    assert [one.ending for one in desk.of_task(task.id)] == ["settled"]
    assert desk.due(LATER + GRACE) == ()


def test_undone_it_never_happened_r12(sample: Sample, task: Task, review: ReviewStore) -> None:
    review.claim(task.id, "wang", AT)
    desk = rulings(sample)
    desk.give("one", task.id, ruling())
    with pytest.raises(NotFoundError):
        desk.withdraw("one", "li", AT)
    assert desk.withdraw("one", "wang", AT + timedelta(seconds=9)).ending == "withdrawn"
    assert desk.withdraw("one", "wang", AT + timedelta(seconds=9)).ending == "withdrawn"
    assert not desk.settle("one", LATER)
    now = review.task(task.id)
    assert (now.status, now.pending, now.claimed_by) == ("open", None, "wang")
    assert desk.give("two", task.id, ruling(value="1")).value == "1"


def test_the_same_act_is_one_act_r13(sample: Sample, task: Task, review: ReviewStore) -> None:
    review.claim(task.id, "wang", AT)
    desk = rulings(sample)
    first = desk.give("one", task.id, ruling())
    assert desk.give("one", task.id, ruling()) == first
    with pytest.raises(KeyReusedError):
        desk.give("one", task.id, ruling(by="li"))
    with pytest.raises(TaskTakenError):
        desk.give("two", task.id, ruling())
    with pytest.raises(RulingOverError):
        desk.withdraw("one", "wang", LATER)
    assert desk.settle("one", LATER)
    assert not desk.settle("one", LATER)
    with pytest.raises(RulingOverError):
        desk.withdraw("one", "wang", AT)
    with pytest.raises(TaskClosedError):
        desk.give("three", task.id, ruling())
    assert desk.give("one", task.id, ruling()).ending == "settled"


def test_two_who_agree_decide_r14(sample: Sample, task: Task, review: ReviewStore) -> None:
    given(sample, task, ruling(by="wang"), share=1)
    between = review.task(task.id)
    assert (between.status, between.round, between.first_by) == ("open", 2, "wang")
    assert sample.interview().answers[ITEM].state == "to_verify"
    given(sample, task, ruling(by="li"), share=1)
    verdict = review.verdict(task.id)
    assert verdict is not None
    assert (verdict.given_by, verdict.value) == ("wang", "2")
    quality = review_quality(records(sample), AT)
    assert (quality.whole.pairs, quality.whole.disputed) == (1, 0)


def test_a_third_decides_between_two_r15(sample: Sample, task: Task, review: ReviewStore) -> None:
    given(sample, task, ruling(by="wang"), share=1)
    given(sample, task, ruling(value="1", by="li"), share=1)
    between = review.task(task.id)
    assert (between.round, between.first_by, between.second_by) == (3, "wang", "li")
    for login in ("wang", "li"):
        with pytest.raises(OwnEntryError):
            review.claim(task.id, login, AT)
    given(sample, task, ruling(value="1", by="zhao"), share=1)
    verdict = review.verdict(task.id)
    assert verdict is not None
    assert (verdict.given_by, verdict.value) == ("zhao", "1")
    quality = review_quality(records(sample), AT)
    assert [one.name for one in quality.by_reviewer] == ["li", "wang"]
    assert (quality.by_item[0].name, quality.by_item[0].disputed) == (ITEM, 1)
    assert quality.disputed[0].task_id == task.id
    with pytest.raises(VerdictRefusedError, match="disputed"):
        GoldTasks(sample.database).choose(task.id, by="boss", at=AT)


def test_nobody_reviews_their_own_entry_r16(sample: Sample, review: ReviewStore) -> None:
    Attempts(sample.database).begin(sample.assignments[0], Channel.CHAT, AT, staff="wang")
    ask_until(sample, ITEM, 0)
    sample.say("unsure", f"{ITEM}=unsure")
    task = review.tasks(OPEN)[0]
    assert task.entered_by == "wang"
    with pytest.raises(OwnEntryError):
        review.claim(task.id, "wang", AT)
    queue = ReviewQueue(records(sample), review)
    assert queue.claim_next(OPEN, AT) is None
    found = ReviewQueue(records(sample, "li"), review).claim_next(OPEN, AT)
    assert found is not None
    assert found.id == task.id


@pytest.mark.parametrize(("decision", "kind"), [("reopen", "call_back"), ("visit", "visit")])
def test_asking_again_leaves_a_follow_up_r17(
    decision: str, kind: str, sample: Sample, task: Task, review: ReviewStore
) -> None:
    given(sample, task, ruling(decision, ""))
    assert sample.interview().reopened == (ITEM,)
    follow_ups = FollowUps(sample.database)
    (wanted,) = follow_ups.open(kind, "990000000000")
    assert (wanted.items, wanted.asked_by) == ((ITEM,), "wang")
    assert follow_ups.open(kind, "110000000000") == ()
    if decision == "reopen":
        sample.say("asked", f"{ITEM}=1")
        assert follow_ups.open() == ()
    follow_ups.finish(wanted.id, by="li", at=LATER)
    follow_ups.finish(wanted.id, by="zhao", at=LATER)
    assert follow_ups.open() == ()
    done_by = follow_ups.of(task.assignment_id)[0].done_by
    assert done_by == ("interview" if decision == "reopen" else "li")
    verdict = review.verdict(task.id)
    assert verdict is not None
    assert verdict.decision == "reopened"


def put(sample: Sample, key: str, wanted: Input) -> None:
    sample.turns.take(sample.message(key, "a word"), lambda now: TurnResult(*step(now, wanted)))


@pytest.mark.parametrize("decision", ["reject", "reopen", "accept", "visit"])
def test_an_outcome_that_is_not_so_ends_nothing_r24(
    decision: str, sample: Sample, review: ReviewStore
) -> None:
    sample.start()
    put(sample, "1", Report(at=AT, outcome="N14"))
    (task,) = review.tasks(OPEN)
    given(sample, task, ruling(decision, ""))
    shown = Showing(sample.database).assignment(sample.assignments[0])
    calls = FollowUps(sample.database).open("call_back")
    if decision in ("accept", "visit"):
        decided = decision == "accept"
        assert (shown.status, shown.outcome, shown.outcome_decided) == ("ended", "N14", decided)
        assert calls == ()
        return
    assert (shown.status, shown.outcome) == ("paused", "")
    assert [one.items for one in calls] == [()]
    put(sample, "2", Resume(at=AT, channel=Channel.CHAT, same_speaker=True))
    sample.finish()
    assert sample.interview().status is Status.COMPLETED
    assert FollowUps(sample.database).open() == ()


def test_who_comes_back_takes_back_only_what_ended_the_interview_r24(
    sample: Sample, review: ReviewStore
) -> None:
    sample.start()
    put(sample, "1", Report(at=AT, outcome="N21"))
    put(sample, "2", Report(at=AT, outcome="N11"))
    put(sample, "3", Resume(at=AT, channel=Channel.CHAT, same_speaker=True, returns=True))
    assert [one.reason for one in review.tasks(OPEN)] == ["outcome:N21"]
    shown = Showing(sample.database).assignment(sample.assignments[0])
    assert (shown.status, shown.outcome) == ("open", "N21")


def test_a_crisis_stays_a_persons_when_somebody_comes_back_r24(
    sample: Sample, review: ReviewStore
) -> None:
    sample.start()
    put(sample, "1", Report(at=AT, outcome="N22"))
    put(sample, "2", Resume(at=AT, channel=Channel.CHAT, same_speaker=True, returns=True))
    assert [one.reason for one in review.tasks(OPEN)] == ["outcome:N22"]
    assert sample.interview().status is Status.ENDED


def test_a_new_answer_goes_before_a_ruling_r18(
    sample: Sample, task: Task, review: ReviewStore
) -> None:
    review.claim(task.id, "wang", AT)
    desk = rulings(sample)
    desk.give("one", task.id, ruling())
    sample.say("again", f"{ITEM}=1")
    assert desk.settle("one", LATER)
    assert [one.ending for one in desk.of_task(task.id)] == ["superseded"]
    assert sample.interview().answers[ITEM].value == "1"
    assert review.task(task.id).status == "superseded"


def test_several_processes_settle_once_r19(
    sample: Sample, task: Task, review: ReviewStore, opened: Callable[[], Database]
) -> None:
    review.claim(task.id, "wang", AT)
    rulings(sample).give("one", task.id, ruling())
    others = [replace(sample, database=opened()) for _ in range(4)]
    won: list[bool] = []

    def settle(other: Sample) -> None:
        mine = Sample.on(other.database, sample.forms, len(sample.assignments))
        won.append(rulings(mine).settle("one", LATER))

    threads = [threading.Thread(target=settle, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 4
    length = sample.interview().length
    verified = [one for one in rulings(sample).of_task(task.id) if one.ending == "settled"]
    assert len(verified) == 1
    rulings(sample).settle("one", LATER)
    assert sample.interview().length == length


def test_a_refusal_is_told_at_once_r20(sample: Sample, task: Task, review: ReviewStore) -> None:
    review.claim(task.id, "wang", AT)
    desk = rulings(sample)
    for wrong in (ruling(value="77"), ruling(value=""), replace(ruling(), reason="")):
        with pytest.raises(VerdictRefusedError):
            desk.give("one", task.id, wrong)
    assert desk.get("one") is None
    with pytest.raises(TaskTakenError):
        desk.give("one", task.id, ruling(by="li"))
    with pytest.raises(NotFoundError):
        desk.give("one", "nothing", ruling())


def test_gold_measures_and_changes_nothing_r21(
    sample: Sample, task: Task, review: ReviewStore
) -> None:
    gold = GoldTasks(sample.database)
    with pytest.raises(VerdictRefusedError):
        gold.choose(task.id, by="boss", at=AT)
    given(sample, task, ruling(by="wang"))
    gold.choose(task.id, by="boss", at=AT)
    gold.choose(task.id, by="boss", at=AT)
    assert gold.next_for(records(sample)) is None
    found = gold.next_for(records(sample, "li"))
    assert found is not None
    assert found.id == task.id
    length = sample.interview().length
    desk = rulings(sample)
    wrong = desk.try_gold("g1", task.id, ruling(value="1", by="li"))
    assert desk.try_gold("g1", task.id, ruling(value="1", by="li")) == wrong
    assert not gold.is_open_to(task.id, "li")
    desk.withdraw("g1", "li", AT)
    assert gold.is_open_to(task.id, "li")
    desk.try_gold("g2", task.id, ruling(value="2", by="li"))
    assert sample.interview().length == length
    work = {one.login: one for one in review_quality(records(sample), AT).work}
    assert (work["li"].gold, work["li"].gold_right, work["li"].withdrawn) == (1, 1, 1)
    gold.retire(task.id, by="boss", at=AT)
    assert gold.next_for(records(sample, "zhao")) is None
    with pytest.raises(NotFoundError):
        gold.retire(task.id, by="boss", at=AT)


def test_notes_are_kept_once_r22(sample: Sample) -> None:
    notes, mine = Notes(sample.database), sample.assignments[0]
    for words in ("下午打", "下午打"):
        notes.add(Note(id="n", assignment_id=mine, written_by="wang", words=words, at=AT))
    assert [one.words for one in notes.of(mine)] == ["下午打"]
    assert notes.of(sample.assignments[1]) == ()


def test_the_queue_helps_most_first_r23(sample: Sample, review: ReviewStore) -> None:
    for place in (0, 1):
        sample.start(place)
        for number, body in enumerate(sample.bodies(place)):
            unsure = number in (5, 7, 9) and "=yes" not in body
            sample.say(
                f"{place}-{number}", f"{body.split('=')[0]}=unsure" if unsure else body, place
            )
    tasks = review.tasks(OPEN)
    assert len(tasks) >= 4
    set_place(sample, tasks[1].id, urgency=0)
    set_place(sample, tasks[2].id, due_on=AT.date())
    queue = ReviewQueue(records(sample), review)
    lines = queue.lines(OPEN)
    assert [line.id for line in lines[:2]] == [tasks[2].id, tasks[1].id]
    assert [line.assignment_id for line in lines[2:]] == sorted(
        line.assignment_id for line in lines[2:]
    )
    paged, after = [], None
    while page := queue.lines(OPEN, after=after, limit=2):
        paged += [line.id for line in page]
        after = Place.read(page[-1].place.written())
    assert paged == [line.id for line in lines]
    assert sum(share.count for share in queue.shares(OPEN)) == len(lines) == queue.count(OPEN)
    first = queue.claim_next(OPEN, AT, after=lines[1].place)
    assert first is not None
    assert first.id == lines[2].id
    others = ReviewQueue(records(sample, "li"), review)
    last = others.claim_next(OPEN, AT, after=lines[-1].place)
    assert last is not None
    assert last.id == lines[0].id
    foreign = ReviewQueue(records(sample, "zhao", "110000000000"), review)
    assert not foreign.lines(OPEN)
    assert not foreign.shares(OPEN)
    assert foreign.claim_next(OPEN, AT) is None
    assert Place.read("nonsense") is None
    assert Place.read("2026-13-01~1~a~b~c") is None


def set_place(sample: Sample, task_id: str, **values: object) -> None:
    with sample.database.writing() as connection:
        connection.execute(
            update(ReviewTaskRow).where(ReviewTaskRow.id == task_id).values(**values)
        )


def test_a_draw_is_repeatable_and_keeps_its_share(sample: Sample, task: Task) -> None:
    names = [f"{drawn_name(task)}{number}" for number in range(4000)]
    drawn = [name for name in names if Draw(sample.database.keys, 0.05).falls_on(name)]
    assert 130 < len(drawn) < 270
    again = [name for name in names if Draw(sample.database.keys, 0.05).falls_on(name)]
    other = [name for name in names if Draw(sample.database.keys, 0.05, "2027").falls_on(name)]
    assert again == drawn != other
    assert not any(Draw(sample.database.keys, 0).falls_on(name) for name in names)
    assert all(Draw(sample.database.keys, 1).falls_on(name) for name in names)
    assert isinstance(AT, datetime)


def test_one_answer_is_not_decided_twice(sample: Sample, task: Task, review: ReviewStore) -> None:
    """While a ruling on an answer waits, its other tasks are not brought to anybody."""
    twin = review.task(task.id)
    with sample.database.writing() as connection:
        values = {name: getattr(twin, name) for name in Task.__dataclass_fields__}
        connection.execute(insert(ReviewTaskRow), [{**values, "id": "twin", "event_seq": 2}])
    queue = ReviewQueue(records(sample, "li"), review)
    assert queue.claim_next(OPEN, AT) is not None
    review.release(task.id, "li")
    review.release("twin", "li")
    review.claim(task.id, "wang", AT)
    rulings(sample).give("one", task.id, ruling())
    assert queue.claim_next(OPEN, AT) is None
    assert ReviewQueue(records(sample), review).claim_next(OPEN, AT) is None
    assert rulings(sample).settle("one", LATER)
    assert review.task("twin").status == "decided"
