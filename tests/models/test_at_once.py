"""What different people do at the same moment: nothing is lost, doubled or half there.

O01 an export while a roster is imported and answers come in is of one moment; O02 a caseworker's
ruling settles while the respondent answers on; O03 somebody says no for ever while they are being
dialled: whoever comes later is refused.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import select

from models.audit import verify
from models.conversation_store import TurnResult, TurnStore
from models.database import Database
from models.export import Export, ExportFilter
from models.failure import CallRefusedError
from models.phone_call import Limits, PhoneCalls
from models.rebuild import rebuild
from models.review import ReviewStore, TaskFilter
from models.roster import Roster
from models.ruling import GRACE
from models.tables import OptOutRow, PhoneCallRow
from survey_engine.input import Report
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import step
from tests.models.sample import AT, CAMPAIGN, Sample, answering, body_for, found_in, row
from tests.models.test_ruling import ITEM, ask_until, ruling, rulings

ALL = ExportFilter(campaign=CAMPAIGN)


def test_an_export_is_of_one_moment_o01(sample: Sample) -> None:
    sample.start(0)
    sample.finish(0)
    with sample.database.reading() as connection:
        export = Export(connection)
        before = {one.assignment_id: one.answers for one in export.answers(ALL)}
        people = [row(number) for number in range(10, 40)]
        Roster(sample.database).keep(CAMPAIGN, people, by="t", at=AT)
        sample.start(1)
        sample.finish(1)
        assert {one.assignment_id for one in export.outcomes(ALL)} == set(before)
        changed = {one.assignment_id for one in export.revisions(ALL)}
        assert changed == {key for key, answers in before.items() if answers}
        assert {one.assignment_id: one.answers for one in export.answers(ALL)} == before
    with sample.database.reading() as connection:
        assert len(list(Export(connection).outcomes(ALL))) == len(before) + 30


def test_a_ruling_while_somebody_answers_o02(
    opened: Callable[[], Database], forms: dict[str, Questionnaire]
) -> None:
    people = 6
    sample = Sample.build(opened(), forms, people)
    other = TurnStore(opened(), found_in(forms))
    review, given = ReviewStore(sample.database, sample.turns), []
    for place in range(people):
        ask_until(sample, ITEM, place)
        sample.say(f"{place}-unsure", f"{ITEM}=unsure", place)
    for task in review.tasks(TaskFilter(campaign=CAMPAIGN)):
        review.claim(task.id, "wang", AT)
        given.append(rulings(sample).give(f"r-{task.id}", task.id, ruling()))
    bodies = [body_for(sample.interview(place)) for place in range(people)]

    def answer(place: int) -> None:
        inbound = sample.message(f"{place}-on", bodies[place], place)
        other.take(inbound, answering(bodies[place], AT))

    def settle(place: int) -> None:
        assert rulings(sample).settle(given[place].id, AT + GRACE)

    together([partial(work, place) for place in range(people) for work in (answer, settle)])
    for place in range(people):
        answers = sample.interview(place).answers
        assert (answers[ITEM].state, answers[ITEM].value) == ("verified", "2")
        said = bodies[place].partition("=")[0]
        assert said == "consent" or said in answers or "readback" in said, said
    assert verify(sample.database) == []
    assert rebuild(sample.database, found_in(forms)).changed == 0


def test_a_no_while_being_dialled_o03(
    opened: Callable[[], Database], forms: dict[str, Questionnaire]
) -> None:
    people = 8
    sample = Sample.build(opened(), forms, people)
    calls, limits = PhoneCalls(opened()), Limits(lines=1_000, per_second=1_000)
    for place in range(people):
        sample.start(place)

    def refuse(place: int) -> None:
        def turn(interview: Interview) -> TurnResult:
            after, events = step(interview, Report(at=AT, outcome="N11"))
            return TurnResult(after, events)

        sample.turns.take(sample.message(f"{place}-no", "别再打来", place), turn)

    def dial(place: int) -> None:
        with suppress(CallRefusedError):
            calls.admit(sample.assignments[place], "carrier", limits, AT)

    together([partial(work, place) for place in range(people) for work in (dial, refuse)])
    for assignment in sample.assignments:
        with pytest.raises(CallRefusedError, match="not"):
            calls.admit(assignment, "carrier", limits, AT)
    with sample.database.reading() as connection:
        assert len(connection.execute(select(OptOutRow.assignment_id)).all()) == people
        rows = connection.scalars(select(PhoneCallRow.assignment_id)).all()
    assert len(rows) == len(set(rows)), "nobody is dialled twice"


def together(work: Sequence[Callable[[], None]]) -> None:
    """Do all of it at the same moment, each in a thread of its own."""
    barrier = threading.Barrier(len(work))

    def one(doing: Callable[[], None]) -> None:
        barrier.wait()
        doing()

    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(one, doing) for doing in work]:
            done.result(60)
