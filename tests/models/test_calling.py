"""Who comes next at the callers' desk.

K01 every rule of when somebody may be called, accepted and refused, K02 the queue says what the
records say, whoever wrote them, K03 the order: appointments, who waits for a person, review's
questions, interrupted interviews, least tried in this part of the day, K04 hours by the clock of
the place, every minute of a day, K05 wall, language, skill, campaign, K06 fifty callers at once,
none twice, K07 a claim ends, and one caller holds one case, K08 appointments and what is refused
of them, K09 the database itself refuses two holders and bad rows, K10 no is for ever, for the
number too, K11 ten thousand tries of the rules over 60 days exceed no limit, K12 after the limits
were changed a rebuild makes the queue by the new ones.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import select, text, update

from models.appointment import Appointment, Appointments
from models.attempt import Attempts
from models.bridge import Bridge, Bridges
from models.call_hours import AGREEMENT, clocks_agree, may_call
from models.call_places import FRESH, CallPlaces
from models.call_queue import HOLD, CallQueue
from models.calling import Known, Try, refresh_reached_alike, standing
from models.campaign import Campaigns
from models.conversation_store import TurnResult
from models.database import Database
from models.disposition import Disposition, read_dispositions
from models.failure import AppointmentRefusedError, CaseNotHeldError, ConstraintError
from models.follow_up import FollowUp, FollowUps, add_follow_up
from models.phone_call import PhoneCalls
from models.rebuild import rebuild
from models.region import ensure_regions
from models.roster import Roster
from models.tables import AssignmentRow, CallingRow, CampaignRow, DispositionRow
from models.tries import TryLimits, bind_tries
from models.viewer import Viewer
from models.walled import Walled
from survey_engine.channel import Channel
from survey_engine.input import Input, Pause, WantPerson
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import step
from tests.models.sample import AT, CAMPAIGN, REGION, Sample, found_in, row

HOURS = "09:00-12:00,14:00-20:00"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COUNTY, XINJIANG = "990000000000", "650100100201"


def caller(
    database: Database,
    login: str = "huawu",
    region: str = COUNTY,
    places: CallPlaces | None = None,
    **having: tuple[str, ...],
) -> CallQueue:
    viewer = Viewer(login=login, name=login, role="caller", region=region, **having)
    return CallQueue(database, Walled(database, viewer), places)


# ---- K01: the rules as a table ------------------------------------------------------------------

#: Results as the migration has them; only what the rules read.
DISPOSITIONS = {
    one.name: one
    for one in (
        Disposition(
            name=name, place=place, label=name, code=code, aapor=aapor, delay=delay, most=most,
            final=final, reports=final,
        )
        for name, place, code, aapor, delay, most, final in (
            ("no_answer", "11", "N15", "3.13", 180, 5, False),
            ("busy", "12", "N15", "3.12", 30, 8, False),
            ("dead", "15", "N14", "4.31", 2 * 24 * 60, 3, False),
            ("broken", "22", "N12", "2.12", 60, 4, False),
            ("by_link", "20", "N12", "2.12", 3 * 24 * 60, 4, False),
            ("refused", "24", "N11", "2.11", 0, 1, True),
            ("completed", "91", "completed", "1.1", 0, 1, True),
        )
    )
}  # fmt: skip
NEXT_DAY = datetime.fromisoformat("2026-10-13T00:00:00+08:00")


def known(**changes: object) -> Known:
    """What is known of somebody who was called for nothing else than their ``tries``."""
    tries: tuple[Try, ...] = changes.get("tries", ())  # type: ignore[assignment]
    changes.setdefault("called", tuple(one.started_at for one in tries if one.placed))
    return replace(Known(region=REGION, status="waiting", since=AT - 10 * DAY), **changes)  # type: ignore[arg-type]


def tried(
    *back: timedelta,
    code: str = "N15",
    aapor: str = "3.13",
    by_machine: bool = False,
    disposition: str | None = None,
) -> tuple[Try, ...]:
    more = (code, aapor, by_machine, disposition)
    return tuple(Try(AT - one, AT - one + HOUR / 60, *more) for one in back)


def called_us(code: str, aapor: str) -> tuple[Try, ...]:
    return (Try(AT, AT + HOUR / 60, code, aapor, by_machine=True, placed=False),)


ENDED = AT + HOUR / 60
RULES = (
    ("nobody was tried", known(), AT - 10 * DAY, "new"),
    ("the pause after the last result", known(tries=tried(0 * DAY)), NEXT_DAY, "retry"),
    (
        "a long pause outlasts the day",
        known(tries=tried(0 * DAY, code="N14", aapor="4.31")), ENDED + 2 * DAY, "retry",
    ),
    (
        "both codes decide the pause",
        known(region=XINJIANG, tries=tried(0 * DAY, aapor="3.12")),
        datetime.fromisoformat("2026-10-13T00:00:00+06:00"), "retry",
    ),
    (
        "of results with the same codes, the one that the caller gave",
        known(tries=tried(0 * DAY, code="N12", aapor="2.12", disposition="by_link")),
        ENDED + 3 * DAY, "retry",
    ),
    ("three in seven days", known(tries=tried(4 * DAY, 2 * DAY, 0 * DAY)), AT + 3 * DAY, "retry"),
    ("three in more than seven", known(tries=tried(9 * DAY, 8 * DAY, 0 * DAY)), NEXT_DAY, "retry"),
    (
        "this result often enough",
        known(tries=tried(9 * DAY, 8 * DAY, 5 * DAY, 3 * DAY, 0 * DAY)), None, "retry",
    ),
    (
        "not often enough, since results differ",
        known(tries=(*tried(9 * DAY, 8 * DAY, code="N12"), *tried(5 * DAY, 3 * DAY, 0 * DAY))),
        AT + 2 * DAY, "retry",
    ),
    (
        "twice on one day where that is allowed",
        known(tries=tried(0 * DAY, aapor="3.12"), limits=TryLimits(2, 3)),
        ENDED + HOUR / 2, "retry",
    ),
    (
        "as often as allowed in a day",
        known(tries=tried(2 * HOUR, 0 * DAY, aapor="3.12"), limits=TryLimits(2, 3)),
        NEXT_DAY, "retry",
    ),
    (
        "called for another campaign today",
        known(called=(AT,)), NEXT_DAY, "new",
    ),
    (
        "who called us and broke off is no try",
        known(tries=called_us(code="N12", aapor="2.12")), ENDED + HOUR, "retry",
    ),
    (
        "who called us and refused",
        known(tries=called_us(code="N11", aapor="2.11")), None, "retry",
    ),
    ("a final result", known(tries=tried(3 * DAY, code="N11")), None, "retry"),
    ("an unknown result waits a day", known(tries=tried(0 * DAY, code="X")), ENDED + DAY, "retry"),
    ("a try that goes on", known(tries=(Try(AT),)), NEXT_DAY, "retry"),
    ("opted out", known(opted_out=True), None, "new"),
    ("opted out, though asked again", known(opted_out=True, asked_again=AT), None, "call_back"),
    ("completed", known(status="completed"), None, "resume"),
    ("ended", known(status="ended"), None, "resume"),
    ("completed but asked again", known(status="completed", asked_again=AT), AT, "call_back"),
    (
        "asked again on the day of a try",
        known(status="completed", asked_again=AT + HOUR, tries=tried(0 * DAY)),
        NEXT_DAY, "call_back",
    ),
    (
        "interrupted",
        known(status="paused", tries=tried(2 * DAY, code="N12", aapor="2.12")),
        datetime.fromisoformat("2026-10-11T00:00:00+08:00"), "resume",
    ),
    (
        "asked the machine for a person",
        known(status="with_person", tries=tried(0 * DAY, code="N12", by_machine=True)),
        ENDED, "with_person",
    ),
    (
        "asked for a person and was called since",
        known(status="with_person", tries=tried(0 * DAY)), NEXT_DAY, "with_person",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("about", "due", "reason"), [one[1:] for one in RULES], ids=[one[0] for one in RULES]
)
def test_rules_k01(about: Known, due: datetime | None, reason: str) -> None:
    found = standing(about, DISPOSITIONS)
    assert (found.reason, found.urgency) == (reason, _urgency(reason))
    if due is None:
        assert found.due_at is None
    else:
        assert found.due_at is not None
        assert max(found.due_at, about.since) == max(due, about.since)


def _urgency(reason: str) -> int:
    return {"with_person": 0, "call_back": 0, "resume": 1, "retry": 2, "new": 3}[reason]


def test_tries_are_counted_by_the_part_of_the_day_k01() -> None:
    tries = tuple(Try(AT.replace(hour=hour)) for hour in (9, 11, 12, 16, 17, 20))
    assert standing(known(tries=tries), DISPOSITIONS).counts == dict.fromkeys(
        ("morning", "afternoon", "evening"), 2
    )


def test_no_limit_is_exceeded_k11() -> None:
    random = Random(49)
    for _ in range(200):
        _walk(random)


def _walk(random: Random) -> None:
    """Call somebody at random minutes of 60 days whenever the rules allow it."""
    about, now = known(since=AT), AT
    while now < AT + 60 * DAY:
        now += timedelta(minutes=random.randint(1, 24 * 60))
        now_may = standing(about, DISPOSITIONS).due_at
        if now_may is not None and now_may <= now:
            code, aapor = random.choice(
                [("N15", "3.12"), ("N12", "2.12"), ("X", ""), ("N14", "4.31")]
            )
            ended = Try(now, now + HOUR / 30, code, aapor)
            about = replace(
                about, tries=(*about.tries, ended), called=(*about.called, ended.started_at)
            )
    starts = [one.started_at for one in about.tries]
    days = [one.date() for one in starts]
    assert len(days) == len(set(days))
    for first, fourth in zip(starts, starts[3:], strict=False):
        assert fourth - first >= 7 * DAY


# ---- K04: hours ---------------------------------------------------------------------------------


def test_every_minute_of_a_day_k04() -> None:
    allowed = [(9 * 60, 12 * 60), (14 * 60, 20 * 60)]
    for minute in range(24 * 60):
        at = datetime.combine(AT.date(), time(minute // 60, minute % 60), AT.tzinfo)
        inside = any(first <= minute < last for first, last in allowed)
        assert may_call(HOURS, REGION, at) is inside
        assert may_call(HOURS, XINJIANG, at + 2 * HOUR) is inside
        assert may_call("", REGION, at)


def test_two_clocks_k04() -> None:
    assert clocks_agree(AT, AT - AGREEMENT)
    assert not clocks_agree(AT, AT - AGREEMENT - timedelta(seconds=1))
    assert not clocks_agree(AT, AT + HOUR)


# ---- the queue ----------------------------------------------------------------------------------


@pytest.fixture
def queued(database: Database, forms: dict[str, Questionnaire]) -> Sample:
    """Six people who have not been called yet."""
    found = Sample.build(database, forms, people=6)
    with database.writing() as connection:
        connection.execute(update(CampaignRow).values(call_hours=HOURS))
    return found


def in_queue(database: Database, assignment: str) -> Mapping[str, object]:
    wanted = select(*CallingRow.__table__.columns).where(CallingRow.assignment_id == assignment)
    with database.reading() as connection:
        return dict(connection.execute(wanted).mappings().one())


def take(database: Database, now: datetime = AT, **who: object) -> str:
    """The next case, which is given back at once."""
    queue = caller(database, **who)  # type: ignore[arg-type]
    found = queue.claim_next(now)
    if found is None:
        return ""
    queue.release(found.assignment_id)
    return found.assignment_id


def only(database: Database, *assignments: str) -> None:
    """Leave only these in the queue."""
    with database.writing() as connection:
        others = CallingRow.assignment_id.not_in(assignments)
        connection.execute(update(CallingRow).where(others).values(due_at=None))


def test_attempts_move_people_k02(queued: Sample) -> None:
    database, person = queued.database, queued.assignments[0]
    only(database, person)
    assert take(database) == person
    attempt = Attempts(database).begin(person, Channel.DESK, AT, staff="huawu")
    assert take(database) == ""
    Attempts(database).end(attempt.id, outcome="N15", aapor="3.13", at=AT + HOUR)
    assert in_queue(database, person)["morning"] == 1
    assert take(database, AT + 4 * HOUR) == ""
    assert take(database, AT + DAY) == person
    again = Attempts(database).begin(person, Channel.VOICE, AT + DAY)
    Attempts(database).end(again.id, outcome="N11", aapor="2.11", at=AT + DAY)
    assert in_queue(database, person)["due_at"] is None


def test_interviews_move_people_k02(queued: Sample) -> None:
    database, person = queued.database, queued.assignments[0]
    queued.finish(0) if queued.start(0) else None
    assert in_queue(database, person)["due_at"] is None
    wanted = FollowUp(
        id="f", kind="call_back", assignment_id=person, region=REGION, items=("A4",),
        asked_by="shen", asked_at=AT,
    )  # fmt: skip
    with database.writing() as connection:
        _rule(connection)
        add_follow_up(connection, wanted, "r")
    assert in_queue(database, person)["reason"] == "call_back"
    only(database, person)
    assert take(database) == person
    FollowUps(database).finish("f", by="huawu", at=AT)
    assert take(database) == ""


def _rule(connection: object) -> None:
    """A ruling that a follow-up may rest on."""
    connection.execute(  # type: ignore[attr-defined]
        text(
            "INSERT INTO review_task (id, interview_id, event_seq, assignment_id, campaign_id,"
            " region, item, reason, value, words, utterance, candidates, status, created_at,"
            " closed_at) SELECT 'task', interview.id, 1, assignment_id, interview.campaign_id,"
            " region, '', 'x', link, link, '', link, 'decided', started_at, started_at"
            " FROM interview JOIN assignment ON assignment.id = assignment_id"
        )
    )
    connection.execute(  # type: ignore[attr-defined]
        text(
            "INSERT INTO ruling SELECT 'r', 'task', 'review', 1, 'wang', 'reopen', link, link,"
            " started_at, started_at FROM interview"
        )
    )


def putting(given: Input) -> Callable[[Interview], TurnResult]:
    return lambda held: TurnResult(*step(held, given))


def test_the_order_k03(queued: Sample) -> None:
    database = queued.database
    new, retried, paused, handed, named, booked = queued.assignments
    # Interrupted, and handed to a person by the machine.
    stops: tuple[tuple[int, Input], ...] = (
        (2, Pause(at=AT, reason="later")),
        (3, WantPerson(at=AT)),
    )
    for place, given in stops:
        reply = queued.start(place)
        queued.turns.change(reply.interview_id, putting(given))
    before = Attempts(database).begin(retried, Channel.DESK, AT - 2 * DAY + 6 * HOUR, staff="x")
    Attempts(database).end(before.id, outcome="N15", aapor="3.13", at=AT - 2 * DAY + 6 * HOUR)
    for person, login in ((named, "huawu"), (booked, "other")):
        records = caller(database, login)._records
        wanted = Appointment(assignment_id=person, at=AT + 15 * HOUR / 60, for_login=login)
        Appointments(database, records).make(wanted, now=AT)
    assert take(database) == handed
    now = AT + 15 * HOUR / 60
    order = []
    while found := take(database, now):
        order.append(found)
        with database.writing() as connection:
            mine = CallingRow.assignment_id == found
            nothing = {"due_at": None, "appointment_at": None, "appointment_for": ""}
            connection.execute(update(CallingRow).where(mine).values(**nothing))
    # Tried in another part of the day: before who was never tried.
    assert order == [named, handed, paused, retried, new]
    assert take(database, now, login="other") == booked


def test_least_tried_in_this_part_of_the_day_k03(queued: Sample) -> None:
    database = queued.database
    first, second = queued.assignments[:2]
    only(database, first, second)
    for person, hour in ((first, 10), (second, 15)):
        at = AT.replace(hour=hour) - 2 * DAY
        attempt = Attempts(database).begin(person, Channel.DESK, at, staff="x")
        Attempts(database).end(attempt.id, outcome="N15", aapor="3.13", at=at)
    assert take(database, AT) == second
    assert take(database, AT.replace(hour=15)) == first


def test_hours_where_people_live_k04(queued: Sample) -> None:
    database = queued.database
    assert take(database, AT.replace(hour=12)) == ""
    assert take(database, AT.replace(hour=14)) != ""
    assert take(database, AT.replace(hour=20)) == ""
    with database.writing() as connection:
        connection.execute(update(CampaignRow).values(region="000000000000"))
    Roster(database).keep(CAMPAIGN, [row(90, region=XINJIANG)], by="test", at=AT)
    with database.reading() as connection:
        there = connection.scalar(select(AssignmentRow.id).where(AssignmentRow.region == XINJIANG))
    country = {"region": "000000000000"}
    assert take(database, AT.replace(hour=12), **country) == there
    assert take(database, AT, **country) in queued.assignments
    only(database, str(there))
    assert take(database, AT.replace(hour=10, minute=59), **country) == ""
    assert take(database, AT.replace(hour=11), **country) == there


def test_a_call_taken_over_is_one_try_k02(queued: Sample) -> None:
    database, person = queued.database, queued.assignments[0]
    bind_tries(database.engine, TryLimits(a_day=2))
    only(database, person)
    attempts, calls = Attempts(database), PhoneCalls(database)
    machine = attempts.begin(person, Channel.VOICE, AT, external_id="machine")
    legs = calls.admit_legs(person, "twilio", 9, AT)
    bridge = Bridge(
        id="b", assignment_id=person, staff="huawu", caller_call=legs[0].id,
        person_call=legs[1].id, begun_at=AT,
    )  # fmt: skip
    assert Bridges(database).begin(bridge)
    mine = attempts.begin(person, Channel.DESK, AT, external_id=f"{person}:b", staff="huawu")
    broke = {"outcome": "N12", "aapor": "2.12", "disposition": "broken_off"}
    for one in (machine, mine):
        attempts.end(one.id, at=AT + HOUR / 60, **broke)
    assert in_queue(database, person)["morning"] == 1
    assert take(database, AT + 8 * HOUR) == person
    later = attempts.begin(person, Channel.DESK, AT + 8 * HOUR, external_id=f"{person}:c")
    attempts.end(later.id, at=AT + 8 * HOUR, **broke)
    assert take(database, AT + 9.5 * HOUR) == ""


def test_wall_language_skill_campaign_k05(queued: Sample) -> None:
    database, person = queued.database, queued.assignments[0]
    only(database, person)
    assert take(database, region=REGION) == person
    assert take(database, region="990000100000") == person
    assert take(database, region="990000101000") == ""
    assert take(database, region="990001000000") == ""
    needs = update(CallingRow).where(CallingRow.assignment_id == person)
    with database.writing() as connection:
        connection.execute(needs.values(language="粤语", skill="hearing"))
    assert take(database) == ""
    assert take(database, languages=("粤语",)) == ""
    assert take(database, skills=("hearing",)) == ""
    assert take(database, languages=("粤语", "客家话"), skills=("hearing",)) == person
    Campaigns(database).close(CAMPAIGN, by="test", at=AT)
    assert take(database, languages=("粤语",), skills=("hearing",)) == ""


def test_what_is_open_is_read_again_k05(queued: Sample) -> None:
    database, person = queued.database, queued.assignments[0]
    only(database, person)
    campaigns, places = Campaigns(database), CallPlaces(database)
    assert take(database, places=places) == person
    campaigns.close(CAMPAIGN, by="test", at=AT)
    assert take(database, places=places) == ""
    campaigns.open(CAMPAIGN, by="test", at=AT)
    assert take(database, places=places) == person
    with database.writing() as connection:
        connection.execute(update(CampaignRow).values(call_hours="14:00-20:00"))
    assert take(database, places=places) == ""
    known = places.of(COUNTY, AT)
    assert places.of(COUNTY, AT + FRESH / 2) is known
    assert places.of(COUNTY, AT + FRESH) is not known


@pytest.mark.parametrize(("surveyed", "reached"), [("990000100000", True), ("990001000000", False)])
def test_only_where_the_campaign_surveys_k05(
    queued: Sample, surveyed: str, *, reached: bool
) -> None:
    only(queued.database, queued.assignments[0])
    with queued.database.writing() as connection:
        ensure_regions(connection, (surveyed,))
        connection.execute(update(CampaignRow).values(region=surveyed))
    assert bool(take(queued.database, region="000000000000")) is reached


def test_fifty_callers_none_twice_k06(
    opened: Callable[[], Database], forms: dict[str, Questionnaire]
) -> None:
    database = opened()
    Sample.build(database, forms, people=60)
    found: list[str] = []
    barrier = threading.Barrier(50)

    def work(number: int) -> None:
        barrier.wait()
        got = caller(database, f"huawu{number}").claim_next(AT)
        assert got is not None
        found.append(got.assignment_id)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == len(set(found)) == 50


def test_who_presses_twice_at_once_holds_one_case_k07(
    opened: Callable[[], Database], forms: dict[str, Questionnaire]
) -> None:
    database = opened()
    Sample.build(database, forms, people=20)
    found: list[str] = []
    barrier = threading.Barrier(8)

    def press() -> None:
        barrier.wait()
        got = caller(database).claim_next(AT)
        found.append(got.assignment_id if got else "")

    threads = [threading.Thread(target=press) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    held = caller(database).held(AT)
    assert held is not None
    assert found == [held.assignment_id] * 8


def test_claims_end_k07(queued: Sample) -> None:
    database, person = queued.database, queued.assignments[0]
    only(database, person)
    mine, other = caller(database), caller(database, "other")
    assert mine.claim_next(AT) == mine.claim_next(AT + HOUR / 60)
    assert other.claim_next(AT) is None
    mine.keep(person, AT + HOUR / 6)
    assert other.claim_next(AT + HOLD) is None
    with pytest.raises(CaseNotHeldError):
        other.keep(person, AT)
    later = AT + HOUR / 6 + HOLD
    with pytest.raises(CaseNotHeldError):
        mine.keep(person, later)
    found = other.claim_next(later)
    assert found is not None
    assert found.is_held_by("other", later)
    assert mine.held(later) is None
    mine.release(person)
    assert other.held(later) is not None


def test_an_old_claim_does_not_hinder_the_next_k07(queued: Sample) -> None:
    database, (person, other) = queued.database, queued.assignments[:2]
    only(database, person)
    assert caller(database).claim_next(AT) is not None
    with database.writing() as connection:
        mine = update(CallingRow)
        connection.execute(mine.where(CallingRow.assignment_id == person).values(due_at=None))
        connection.execute(mine.where(CallingRow.assignment_id == other).values(due_at=AT))
    kept = caller(database).claim_next(AT + HOLD - HOUR / 60)
    assert kept is not None
    assert kept.assignment_id == person
    found = caller(database).claim_next(AT + HOLD)
    assert found is not None
    assert found.assignment_id == other
    assert in_queue(database, person)["claimed_by"] is None


@pytest.mark.parametrize("kind", ["postgresql"])
def test_only_a_claim_does_not_wait_for_the_disk_k07(queued: Sample) -> None:
    database = queued.database
    assert caller(database).claim_next(AT) is not None
    with database.writing() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
    with database.single() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"


QUARTER = HOUR / 4
APPOINTMENTS = (
    (AT + QUARTER, ""),
    (AT - QUARTER, "past"),
    (AT + 61 * DAY, "far"),
    (AT + QUARTER / 3, "odd"),
    (AT + 2 * HOUR, "hours"),
    (AT + 4 * HOUR, ""),
)


@pytest.mark.parametrize(("at", "refused"), APPOINTMENTS)
def test_appointments_k08(queued: Sample, at: datetime, refused: str) -> None:
    database, person = queued.database, queued.assignments[0]
    book = Appointments(database, caller(database)._records)
    wanted = Appointment(assignment_id=person, at=at, for_login="huawu", remind_at=at - HOUR / 6)
    if refused:
        with pytest.raises(AppointmentRefusedError) as told:
            book.make(wanted, now=AT)
        assert told.value.reason == refused
        return
    book.make(wanted, now=AT)
    assert book.of_day(REGION, AT.date(), "huawu") == (wanted,)
    assert book.of_day(REGION, AT.date() + DAY, "huawu") == ()
    assert book.of_day(REGION, AT.date(), "other") == ()
    assert book.to_remind("huawu", at - HOUR / 12) == (wanted,)
    assert book.to_remind("huawu", at - HOUR / 5) == ()
    only(database, person)
    assert take(database, at - HOUR / 12) == ""
    assert take(database, at) == person
    second = replace(wanted, assignment_id=queued.assignments[1])
    with pytest.raises(AppointmentRefusedError) as taken:
        book.make(second, now=AT)
    assert taken.value.reason == "taken"
    book.clear(person)
    book.make(second, now=AT)


def test_an_appointment_overrides_limits_k03_k08(queued: Sample) -> None:
    database, person = queued.database, queued.assignments[0]
    only(database, person)
    attempt = Attempts(database).begin(person, Channel.DESK, AT, staff="huawu")
    book = Appointments(database, caller(database)._records)
    book.make(Appointment(assignment_id=person, at=AT + 4 * HOUR), now=AT)
    Attempts(database).end(attempt.id, outcome="N12", aapor="2.12", at=AT)
    assert take(database, AT + 4 * HOUR) == person


BROKEN = (
    {"claimed_by": "huawu"},
    {"claimed_by": "", "claimed_until": AT},
    {"county": "990001"},
    {"urgency": 4},
    {"reason": "whim"},
    {"morning": -1},
    {"remind_at": AT},
    {"appointment_at": AT, "remind_at": AT + HOUR},
)


@pytest.mark.parametrize("values", BROKEN)
def test_the_database_refuses_k09(queued: Sample, values: dict[str, object]) -> None:
    mine = CallingRow.assignment_id == queued.assignments[0]
    with pytest.raises(ConstraintError), queued.database.writing() as connection:
        connection.execute(update(CallingRow).where(mine).values(**values))


def test_dispositions_are_data_k09(database: Database, forms: dict[str, Questionnaire]) -> None:
    with database.reading() as connection:
        known = read_dispositions(connection)
    form = forms["person"]
    for one in known.values():
        outcome = form.outcome(one.code)
        assert outcome is not None or one.code == "completed"
        assert one.place.isdigit()
        assert not (one.reports and not one.final)
        if outcome is not None and outcome.calls == "stop":
            assert one.final
    changing = update(DispositionRow).where(DispositionRow.name == "busy")
    with database.writing() as connection:
        connection.execute(changing.values(delay=5))
    with database.reading() as connection:
        assert read_dispositions(connection)["busy"].delay == 5
    with pytest.raises(ConstraintError), database.writing() as connection:
        connection.execute(changing.values(delay=-1))


def test_no_is_for_ever_and_for_the_number_k10(queued: Sample) -> None:
    database = queued.database
    person, other = queued.assignments[:2]
    Roster(database).keep(CAMPAIGN, [row(1, telephone=row(0).telephone)], by="test", at=AT)
    only(database, person, other)
    with database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO opt_out SELECT assignment.id, person_id, telephone_index,"
                " assignment.created_at FROM assignment JOIN person ON person.id = person_id"
                f" WHERE assignment.id = '{person}'"
            )
        )
    # A roster or an older program may not have brought the queue up to date; the claim looks again.
    assert take(database) == ""
    assert in_queue(database, other)["due_at"] is None
    with database.writing() as connection:
        connection.execute(update(CallingRow).values(due_at=AT))
        refresh_reached_alike(connection, person)
    assert in_queue(database, other)["due_at"] is None
    assert in_queue(database, queued.assignments[2])["due_at"] == AT


def test_a_rebuild_goes_by_the_limits_of_now_k12(
    sample: Sample, forms: dict[str, Questionnaire]
) -> None:
    database, found = sample.database, found_in(forms)
    attempt = Attempts(database).begin(sample.assignments[0], Channel.DESK, AT, staff="huawu")
    Attempts(database).end(attempt.id, outcome="N15", aapor="3.12", at=AT)
    assert rebuild(database, found).callings == 0
    bind_tries(database.engine, TryLimits(a_day=2, a_week=5))
    assert rebuild(database, found, "another").callings == 0
    assert rebuild(database, found, CAMPAIGN).callings == 1
    kept = caller(database).get(sample.assignments[0])
    assert kept is not None
    assert kept.due_at == AT + HOUR / 2
    assert rebuild(database, found).changed == 0
