"""A roster imported at a desk: rows and people beyond the wall are rejected, and nothing of them
is changed or told: somebody known elsewhere is answered like somebody with other data here."""

import csv
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from models.campaign import Campaign, Campaigns
from models.roster import Roster
from models.roster_import import RosterImport, RosterImports
from models.viewer import Viewer
from models.walled import Walled
from server.roster.invention import InventedCounty
from server.service import Service
from server.settings import Settings
from survey_engine.questionnaire import Questionnaire
from tests.models.sample import AT, row

TOWN, ELSEWHERE = "990000100000", "990001000000"


@pytest.fixture
def service(tmp_path: Path, forms: dict[str, Questionnaire]) -> Iterator[Service]:
    opened, form = Service.open(Settings(data_dir=tmp_path)), forms["person"]
    for name, region in (("here", TOWN), ("there", ELSEWHERE)):
        Campaigns(opened.database).create(
            Campaign(
                id=name, form=form.form, version=form.version, reference_day=date(2026, 9, 30),
                region=region,
            ),
            by="t",
            at=AT,
        )  # fmt: skip
    yield opened
    opened.close()


def roster(form: Questionnaire) -> list[dict[str, str]]:
    county = InventedCounty(form, date(2026, 9, 30))
    return [{**one.as_row(), "区划代码": "990000100200"} for one in county.people(6)]


def imported(service: Service, rows: list[dict[str, str]], folder: Path) -> RosterImport:
    file = folder / "roster.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, list(dict.fromkeys(name for one in rows for name in one)))
        writer.writeheader()
        writer.writerows(rows)
    viewer = Viewer(login="li", name="li", role="supervisor", region=TOWN)
    records = Walled(service.database, viewer)
    campaign = records.campaign("here")
    found = service.imports.begin(records, campaign, "roster.csv", file.read_bytes())
    imports = RosterImports(service.database, records)
    while imports.get(found).state == "running":
        time.sleep(0.02)
    return imports.get(found)


def test_people_known_beyond_the_wall(
    service: Service, tmp_path: Path, forms: dict[str, Questionnaire]
) -> None:
    rows = roster(forms["person"])
    theirs = row(
        1, certificate=rows[0]["残疾人证号"], name="原来的", region="990001100201",
        telephone="13999990001",
    )  # fmt: skip
    Roster(service.database).keep("there", [theirs], by="t", at=AT)
    mine = row(2, certificate=rows[1]["残疾人证号"], name="另一个", region="990000100201")
    Roster(service.database).keep("here", [mine], by="t", at=AT)
    rows[2]["区划代码"] = "990001100201"
    done = imported(service, rows, tmp_path)
    assert done.state == "done"
    assert done.report is not None
    assert (done.report["read"], done.report["accepted"]) == (6, 3)
    codes = {one["row"]: one["code"] for one in done.report["rejected"]}
    assert codes[2] == codes[3], "known elsewhere is told like known here with other data"
    (case,) = service.cases.by_name("there", "原来的")
    assert (case.telephone, case.region) == ("13999990001", "990001100201")
    again = imported(service, rows, tmp_path)
    assert again.report is not None
    assert (again.report["accepted"], again.report["unchanged"]) == (3, 3)


def test_what_is_no_roster_is_refused(
    service: Service, tmp_path: Path, forms: dict[str, Questionnaire]
) -> None:
    viewer = Viewer(login="li", name="li", role="supervisor", region=TOWN)
    records = Walled(service.database, viewer)
    imports = RosterImports(service.database, records)
    for name, content in (("x.exe", b"MZ"), ("x.xlsx", b"no"), ("x.csv", b"\x00\x01")):
        found = service.imports.begin(records, records.campaign("here"), name, content)
        while imports.get(found).state == "running":
            time.sleep(0.02)
        one = imports.get(found)
        assert one.state == "refused"
        assert one.report is not None
        assert one.report["message"]
    assert records.cases() == ()
