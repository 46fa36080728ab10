"""The demo's county: 300 invented people in six villages, some of whom have answered already."""

import base64
import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from models.campaign import Campaigns
from models.case import Case, find_cases
from models.demand import VERIFIED, Demands, Stage
from models.region import Region, Regions
from models.staff import Account, Staff
from models.tables import AssignmentRow
from models.viewer import Viewer
from models.visit import Visits
from models.walled import Walled
from server.commands.campaign import kept_form, open_campaign
from server.demo.respondent import MANNERS, Respondent
from server.forms.library import SHIPPED
from server.roster.campaign_target import CampaignTarget
from server.roster.intake import import_roster
from server.roster.invention import VILLAGES, InventedCounty
from server.roster.reader import RosterTerms
from server.service import Service
from survey_engine.region_code import RegionCode

CAMPAIGN, COUNTY = "demo", "990000000000"
#: Who works in the demo: login, name, role. All of them belong to the whole county; the second
#: supervisor is the second person where one has to agree.
COLLEAGUES = (
    ("shenhe", "演示审核员", "caseworker"),
    ("huawu", "演示话务员", "caller"),
    ("chuangkou", "演示窗口员", "clerk"),
    ("dudao", "演示督导员", "supervisor"),
    ("fuhe", "演示复核督导员", "supervisor"),
    ("pinggu", "演示评估员", "evaluator"),
    ("xitong", "演示系统管理员", "system_admin"),
    ("anquan", "演示安全管理员", "security_admin"),
    ("shenji", "演示审计管理员", "audit_admin"),
)
REVIEWER = COLLEAGUES[0][0]
PEOPLE = 300
_TOWNSHIPS = ("990000100000", "990000101000")
_NAMES = (
    "演示省",
    "城关镇",
    "河东镇",
    "石桥村",
    "柳沟村",
    "清水村",
    "杨树坪村",
    "东关村",
    "梁家湾村",
)


@dataclass(frozen=True, slots=True)
class Demo:
    """A county made ready in a service."""

    service: Service
    size: int = PEOPLE

    def prepare(self) -> None:
        """Make whatever of the county is not there yet; a second start finds everything."""
        form = kept_form(self.service, SHIPPED / "person.yaml")
        self.service.shelf.keep(form)
        day = _reference_day(datetime.now(UTC).date())
        known = {campaign.id for campaign in Campaigns(self.service.database).all()}
        if CAMPAIGN not in known:
            open_campaign(self.service, CAMPAIGN, form, day, "09:00-12:00,14:00-20:00", COUNTY)
            Campaigns(self.service.database).demand(
                CAMPAIGN, _demands(day), by="demo", at=datetime.now(UTC)
            )
        if not self.people():
            roster = self.service.settings.data_dir / "demo-roster.csv"
            _write_roster(roster, InventedCounty(form, day), self.size)
            self._import(roster, RosterTerms(form, day, RegionCode.read(COUNTY)))
            roster.unlink()
        self._add_colleagues()
        if all(case.status == "waiting" for case in self.people()):
            self._let_some_answer()
            self._visit_some()

    def _import(self, roster: Path, terms: RosterTerms) -> None:
        now = datetime.now(UTC)
        places = zip((COUNTY, *_TOWNSHIPS, *VILLAGES), _NAMES, strict=True)
        Regions(self.service.database).keep(Region(code, name) for code, name in places)
        target = CampaignTarget(self.service.database, CAMPAIGN, by="demo", at=now)
        import_roster(roster, terms, target)

    def _add_colleagues(self) -> None:
        staff = Staff(self.service.database)
        for login, name, role in COLLEAGUES:
            if staff.get(login) is None:
                password, secret = self.credentials(login)
                account = Account(
                    login=login,
                    name=name,
                    role=role,
                    password=self.service.sign_in.passwords.hashed(password),
                    second_factor=secret,
                    region=COUNTY,
                )
                staff.add(account, by="demo", at=datetime.now(UTC))

    def credentials(self, login: str) -> tuple[str, str]:
        """Return password and secret of codes of a colleague: of this demo's keys, no other's."""
        made = self.service.database.keys.index(f"demo:{login}")
        return made[:8].hex(), base64.b32encode(made[8:28]).decode()

    def _let_some_answer(self) -> None:
        for case, manner in zip(self.people(), MANNERS, strict=False):
            Respondent(self.service, case, manner).answer()

    def _visit_some(self) -> None:
        viewer = Viewer(login="demo", name="demo", role="supervisor", region=COUNTY)
        visits = Visits(self.service.database, Walled(self.service.database, viewer))
        for number, case in enumerate(self.people()[len(MANNERS) :]):
            if number % 3:
                kind = "met" if number % 7 == 0 else "home"
                visits.record(case.assignment_id, kind, case.reference_day, at=datetime.now(UTC))

    def people(self) -> tuple[Case, ...]:
        """Return the campaign's adults, by assignment."""
        mine = AssignmentRow.campaign_id == CAMPAIGN
        with self.service.database.reading() as connection:
            cases = find_cases(connection, mine)
        adults = [case for case in cases if int(case.facts().get("age", "0")) >= 16]
        return tuple(case for case in adults if case.facts().get("category") in _TALKERS)


_TALKERS = frozenset({"1", "4", "7"})


def _reference_day(today: date) -> date:
    return date(today.year if today.month > 9 else today.year - 1, 9, 30)


def _demands(day: date) -> Demands:
    stages = (
        Stage(name="采集", until=date(day.year + 1, 1, 10)),
        Stage(name="镇街审核", until=date(day.year, 10, 30), about=VERIFIED),
    )
    return Demands(home_rate=90, stages=stages)


def _write_roster(file: Path, county: InventedCounty, size: int) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, county.columns)
        writer.writeheader()
        writer.writerows(person.as_row() for person in county.people(size))
