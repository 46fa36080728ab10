"""Commands that act for a named account hold to its role, its wall and the second person.

N01 names leave the records only for somebody who may take them, with a reason; N02 a hundred and
more only after a second person agreed, once; N03 nothing beyond the wall is exported or imported;
N04 each step is in the audit log under that person's name; N05 a county can demand a name for
every import.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models.audit import AuditLog
from models.campaign import Campaign, Campaigns
from models.roster import Roster
from models.staff import Staff
from models.uncovering import MANY, Uncovering
from models.walled import Walled
from server.commands.campaign import kept_form
from server.forms.library import SHIPPED
from server.service import Service
from server.settings import Settings
from tests.commands import Outcome, tingwen
from tests.desks import add_account
from tests.models.sample import AT, number, row

HERE, THERE, COUNTY = "990101100201", "990102100201", "990101000000"
CAMPAIGN = "c"
FEW = "990101101000"


@dataclass(frozen=True)
class County:
    """A data folder in which a hundred people live here, three in one township, one elsewhere."""

    data: Path
    service: Service

    def run(self, *words: str, **more: str) -> Outcome:
        mine = {"TINGWEN_DATA_DIR": str(self.data), **more}
        return tingwen(*words, environment=mine, folder=self.data.parent)

    def export(self, out: str, *words: str) -> Outcome:
        place = str(self.data.parent / out)
        return self.run("export", "--campaign", CAMPAIGN, "--format", "csv", "--out", place, *words)

    def rows(self, out: str) -> list[dict[str, str]]:
        file = self.data.parent / out / "answers.csv"
        with file.open(encoding="utf-8-sig", newline="") as content:
            return list(csv.DictReader(content))

    def told(self, action: str) -> list[str]:
        entries = AuditLog(self.service.database).entries(limit=1000)
        return [one.actor for one in entries if one.action == action]

    def agree(self, *, granted: bool = True) -> None:
        """Somebody else decides on whatever was asked."""
        account = Staff(self.service.database).get("second")
        assert account
        records = Walled(self.service.database, account.viewer())
        uncovering = Uncovering(self.service.database, records)
        (asked,) = [one for one in uncovering.approvals() if one.granted is None]
        uncovering.decide(asked.id, granted=granted, at=datetime.now(UTC))


@pytest.fixture
def county(tmp_path: Path) -> Iterator[County]:
    service = Service.open(Settings(data_dir=tmp_path / "data"))
    form = kept_form(service, SHIPPED / "person.yaml")
    campaign = Campaign(
        id=CAMPAIGN, form=form.form, version=form.version, reference_day=date(2026, 9, 30),
        region="990000000000",
    )  # fmt: skip
    Campaigns(service.database).create(campaign, by="t", at=AT)
    people = [row(one, region=HERE) for one in range(MANY - 3)]
    people += [row(one, region="990101101201") for one in range(MANY, MANY + 3)]
    Roster(service.database).keep(CAMPAIGN, [*people, row(500, region=THERE)], by="t", at=AT)
    for login, role in (("dudao", "supervisor"), ("second", "supervisor"), ("huawu", "caller")):
        add_account(service, login, role, COUNTY)
    gone = add_account(service, "gone", "supervisor", COUNTY)
    Staff(service.database).replace(replace(gone, active=False), by="t", at=datetime.now(UTC))
    new = add_account(service, "new", "supervisor", COUNTY)
    Staff(service.database).replace(replace(new, fresh=True), by="t", at=datetime.now(UTC))
    yield County(tmp_path / "data", service)
    service.close()


NAMED = ("--identified", "--as", "dudao", "--reason", "核对")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--identified",), "--as LOGIN"),
        (("--identified", "--as", "dudao"), "--reason"),
        (("--identified", "--as", "nobody", "--reason", "核对"), "no such account"),
        (("--identified", "--as", "gone", "--reason", "核对"), "no such account"),
        (("--identified", "--as", "new", "--reason", "核对"), "no such account"),
        (("--identified", "--as", "huawu", "--reason", "核对"), "may not do this"),
        ((*NAMED, "--region", THERE), "no such region"),
        ((*NAMED, "--region", "99"), "12 digits"),
    ],
)
def test_names_need_a_person_n01_n03(county: County, words: tuple[str, ...], sentence: str) -> None:
    ran = county.export("out", *words)
    assert ran.code == 1
    assert sentence in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert not (county.data.parent / "out").exists()
    assert county.told("export.identified") == []


def test_few_need_nobody_and_nothing_crosses_the_wall_n01_n03_n04(county: County) -> None:
    assert county.export("few", *NAMED, "--region", FEW).code == 0
    assert {one["name"] for one in county.rows("few")} == {
        row(one).name for one in range(MANY, MANY + 3)
    }
    assert county.told("export.take") == county.told("export.identified") == ["dudao"]
    assert county.export("plain", "--as", "dudao").code == 0
    assert len(county.rows("plain")) == MANY
    assert county.export("all").code == 0
    assert len(county.rows("all")) == MANY + 1
    assert county.told("export.unidentified") == ["dudao", "cli"]


def test_a_hundred_need_a_second_person_n02_n04(county: County) -> None:
    for _ in range(2):
        ran = county.export("out", *NAMED)
        assert (ran.code, "a second person" in ran.err) == (1, True)
    assert county.told("approval.ask") == ["dudao"], "asked once, however often it is run"
    county.agree()
    assert county.export("out", *NAMED).code == 0
    assert len(county.rows("out")) == MANY
    assert number(500) not in (county.data.parent / "out" / "answers.csv").read_text("utf-8-sig")
    assert county.told("approval.grant") == ["second"]
    assert county.told("export.identified") == ["dudao"]
    assert county.export("again", *NAMED).code == 1, "leave is used once"


def test_what_was_refused_or_is_for_fewer_gives_nothing_n02(county: County) -> None:
    county.export("out", *NAMED)
    county.agree(granted=False)
    assert county.export("out", *NAMED).code == 1
    county.agree()
    Roster(county.service.database).keep(CAMPAIGN, [row(700, region=HERE)], by="t", at=AT)
    assert county.export("out", *NAMED).code == 1, "there is one more than was agreed to"
    assert county.told("export.identified") == []


def test_a_folder_that_cannot_be_written_uses_no_leave_n02(county: County) -> None:
    county.export("out", *NAMED)
    county.agree()
    full = county.data.parent / "full"
    full.mkdir()
    (full / "x").touch()
    assert county.export("full", *NAMED).code == 1
    assert county.export("out", *NAMED).code == 0


def write(path: Path, *people: tuple[int, str]) -> str:
    lines = [f"某人,{number(one)},{region},1542360{one:04d}" for one, region in people]
    path.write_text("\n".join(("姓名,残疾人证号,区划代码,联系电话", *lines, "")), encoding="utf-8")
    return str(path)


def test_an_import_stops_at_the_wall_n03_n04(county: County, tmp_path: Path) -> None:
    file = write(tmp_path / "r.csv", (801, HERE), (802, THERE), (500, HERE))
    ran = county.run("roster", "import", file, "--campaign", CAMPAIGN, "--as", "dudao", "--json")
    told = json.loads(ran.out)
    assert (told["accepted"], [one["row"] for one in told["rejected"]]) == (1, [3, 4])
    assert county.told("roster.import")[-1] == "dudao"
    ran = county.run("roster", "import", file, "--campaign", CAMPAIGN, "--as", "huawu")
    assert (ran.code, "may not do this" in ran.err) == (1, True)


def test_a_county_may_demand_a_name_n05(county: County, tmp_path: Path) -> None:
    words = ("roster", "import", write(tmp_path / "r.csv", (801, HERE)), "--campaign", CAMPAIGN)
    ran = county.run(*words, TINGWEN_NAMED_COMMANDS="true")
    assert (ran.code, "--as LOGIN" in ran.err) == (1, True)
    assert county.run(*words, "--as", "dudao", TINGWEN_NAMED_COMMANDS="true").code == 0
    assert county.run(*words).code == 0
