"""Counts by village.

G01 whatever is written, the counts are those of the rows, on both databases; G02 a call or a chat
is no visit and a visit at home outweighs one elsewhere; G03 people out of scope are not due, only
once that is decided; G04 the sums of the parts are the whole, also where a level is missing;
G05 nobody sees the counts of another region.
"""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import delete, func, select, update

from models.campaign import Campaigns
from models.database import Database
from models.demand import Demands, Stage
from models.failure import NotFoundError
from models.progress import Progress, total
from models.roster import Roster
from models.schema.versions.r0009_progress import _FILL
from models.tables import AssignmentRow, ProgressRow
from models.viewer import Viewer
from models.visit import Visits
from models.walled import Walled
from tests.models.sample import AT, CAMPAIGN, Sample, row

HERE, BESIDE, ELSEWHERE = "990000100201", "990000100202", "990000200201"
COUNTY = "990000000000"


def records(database: Database, region: str = COUNTY) -> Walled:
    return Walled(database, Viewer(login="v", name="v", role="supervisor", region=region))


def counted(database: Database) -> dict[tuple[str, str], int]:
    wanted = select(ProgressRow.region, ProgressRow.measure, func.sum(ProgressRow.many).label("n"))
    with database.reading() as connection:
        rows = connection.execute(wanted.group_by(ProgressRow.region, ProgressRow.measure))
        return {(one.region, one.measure): int(one.n) for one in rows if one.n}


def recounted(database: Database) -> dict[tuple[str, str], int]:
    with database.writing() as connection:
        connection.execute(delete(ProgressRow))
        connection.exec_driver_sql(_FILL)
    return counted(database)


def people(sample: Sample) -> None:
    rows = [row(index, region=(HERE, BESIDE, ELSEWHERE)[index % 3]) for index in range(2, 12)]
    Roster(sample.database).keep(CAMPAIGN, rows, by="t", at=AT)


def test_counts_are_those_of_the_rows_g01(sample: Sample) -> None:
    people(sample)
    sample.start(0)
    sample.finish(0)
    sample.start(1)
    sample.say("x", "A1=unsure", 1)
    Roster(sample.database).keep(CAMPAIGN, [row(1, region=ELSEWHERE)], by="t", at=AT)
    random, words = Random(7), ("waiting", "paused", "completed", "ended")
    with sample.database.reading() as connection:
        ids = list(connection.scalars(select(AssignmentRow.id).order_by(AssignmentRow.id)))
    for _ in range(60):
        outcome = random.choice(("", "N01", "N11"))
        values = {
            "status": random.choice(words), "outcome": outcome,
            "outcome_decided": bool(outcome) and random.random() < 0.5,
            "visited": random.choice(("", "home", "met")),
            "channel": random.choice((None, "voice", "chat", "window")),
            "region": random.choice((HERE, BESIDE, ELSEWHERE)),
        }  # fmt: skip
        changing = update(AssignmentRow).where(AssignmentRow.id == random.choice(ids))
        with sample.database.writing() as connection:
            connection.execute(changing.values(**values))
    kept = counted(sample.database)
    assert sum(many for (_, name), many in kept.items() if name.startswith("status:")) == 12
    assert kept == recounted(sample.database)


def test_only_visits_are_visits_g02(sample: Sample) -> None:
    sample.start(0)
    sample.finish(0)
    mine = records(sample.database)
    (area,) = Progress(mine).parts(CAMPAIGN, COUNTY)
    counts = area.counts
    assert (counts.completed, counts.chat, counts.phone) == (1, 1, 0)
    assert (counts.home, counts.met, counts.remaining) == (0, 0, 1)
    assert counts.home_rate(met_counts=True) == 0
    visits, today = Visits(sample.database, mine), date(2026, 10, 1)
    for kind, expected in (("met", (0, 1)), ("home", (1, 0)), ("met", (1, 0)), ("home", (1, 0))):
        visits.record(sample.assignments[1], kind, today, at=AT)
        counts = total(Progress(mine).parts(CAMPAIGN, COUNTY))
        assert (counts.home, counts.met) == expected
    assert {one.kind for one in visits.of(sample.assignments[1])} == {"met", "home"}
    assert counts.home_rate(met_counts=False) == 0.5
    assert counts.remaining == 0
    beyond = Visits(sample.database, records(sample.database, "990000200000"))
    with pytest.raises(NotFoundError):
        beyond.record(sample.assignments[1], "home", today, at=AT)
    assert beyond.of(sample.assignments[1]) == ()


def test_out_of_scope_once_decided_g03(sample: Sample) -> None:
    mine = AssignmentRow.id == sample.assignments[0]
    for decided, due, remaining in ((False, 2, 2), (True, 1, 1)):
        with sample.database.writing() as connection:
            values = {"outcome": "N01", "outcome_decided": decided, "status": "ended"}
            connection.execute(update(AssignmentRow).where(mine).values(**values))
        (area,) = Progress(records(sample.database)).parts(CAMPAIGN, COUNTY, ["N01"])
        assert (area.counts.due, area.counts.remaining) == (due, remaining)
        assert area.counts.suspected == (not decided)
    (area,) = Progress(records(sample.database)).parts(CAMPAIGN, COUNTY, ["N02"])
    assert (area.counts.due, area.counts.settled, area.counts.remaining) == (2, 1, 1)


def test_parts_make_the_whole_g04_g05(sample: Sample) -> None:
    people(sample)
    progress = Progress(records(sample.database))
    towns = progress.parts(CAMPAIGN, COUNTY)
    assert [area.region.code for area in towns] == ["990000100000", "990000200000"]
    assert total(towns).people == 12
    villages = progress.parts(CAMPAIGN, "990000100000")
    assert [area.region.code for area in villages] == [HERE, BESIDE]
    assert total(villages).people == towns[0].counts.people
    (village,) = progress.parts(CAMPAIGN, HERE)
    assert village.is_whole
    above = Progress(records(sample.database, "990000000000")).parts(CAMPAIGN, "990000000000")
    assert total(above).people == 12
    narrow = Progress(records(sample.database, "990000200000"))
    assert total(narrow.parts(CAMPAIGN, "990000200000")).people == towns[1].counts.people
    for beyond in (COUNTY, "990000100000", HERE):
        with pytest.raises(NotFoundError):
            narrow.parts(CAMPAIGN, beyond)


def test_what_is_demanded_is_kept(sample: Sample) -> None:
    campaigns = Campaigns(sample.database)
    stage = Stage(name="采集", until=date(2026, 10, 25))
    demands = Demands(home_rate=95, met_counts=True, stages=(stage,))
    campaigns.demand(CAMPAIGN, demands, by="t", at=AT)
    assert campaigns.get(CAMPAIGN).demands == demands
    assert (stage.days_left(date(2026, 10, 25)), stage.days_left(date(2026, 10, 26))) == (0, -1)
    with pytest.raises(ValueError, match="percent"):
        replace(demands, home_rate=101)
    campaigns.close(CAMPAIGN, by="t", at=AT)
    campaigns.open(CAMPAIGN, by="t", at=AT + timedelta(days=1))
    assert campaigns.get(CAMPAIGN).status == "open"
