"""The supervisor's pages: what they owe to everybody, by keyboard, down to the village."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import select

from models.campaign import Campaigns
from models.staff import Staff
from models.tables import AssignmentRow
from models.visit import Visits
from models.walled import Walled
from server.demo.county import COUNTY, Demo
from server.roster.invention import InventedCounty
from server.service import Service
from tests.browser.conftest import follow, picture, press, sign_in
from tests.browser.test_pages import assert_accessible
from tests.desks import add_account, let_idle, seen


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def office(browser: Browser, scheme: str, service: Service) -> Iterator[BrowserContext]:
    """A supervisor at a desk."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )
    sign_in(context, service, "dudao")
    yield context
    context.close()


#: What people who read with difficulty may set (WCAG 1.4.12).
_SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""


def looked_at(page: Page, name: str) -> None:
    """Check a page at the size of a desk, twice as large, on a phone, and with wide spacing."""
    assert_accessible(page)
    page.screenshot(path=picture(name), full_page=True)
    for width in (640, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
    page.screenshot(path=picture(f"{name}-phone"), full_page=True)
    spacing = page.add_style_tag(content=_SPACED)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    spacing.evaluate("one => one.remove()")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_progress_down_to_the_village(
    service: Service, office: BrowserContext, scheme: str
) -> None:
    page = office.new_page()
    page.goto(f"{service.settings.public_url}/desk")
    expect(page.get_by_role("heading", level=1)).to_contain_text("进度")
    looked_at(page, f"progress-{scheme}")
    page.keyboard.press("j")
    press(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("城关镇")
    page.keyboard.press("j")
    expect(page.locator(":focus")).to_contain_text("村")
    page.keyboard.press("/")
    page.keyboard.type("石桥")
    press(page)
    expect(page.locator("table.regions tbody tr")).to_have_count(1)
    follow(page.get_by_role("link", name="石桥村"))
    looked_at(page, f"progress-village-{scheme}")
    follow(page.get_by_role("link", name="演示省"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("演示省")


def test_the_numbers_are_those_of_now(service: Service, office: BrowserContext) -> None:
    page = office.new_page()
    page.clock.install()
    page.goto(f"{service.settings.public_url}/desk/progress")
    home, link = page.locator(".figures dd").nth(1), page.locator("[data-row]").first
    before = int(home.inner_text())
    link.focus()
    visit_somebody(service)
    idle_since = let_idle(service, "dudao", timedelta(minutes=2))
    page.clock.fast_forward(29_000)
    expect(home).to_have_text(str(before))
    page.clock.fast_forward(2_000)
    expect(home).to_have_text(str(before + 1))
    expect(link).to_be_focused()
    assert seen(service, "dudao") == idle_since


def visit_somebody(service: Service) -> None:
    """Let somebody of the demo be visited at home who was not yet."""
    waiting = select(AssignmentRow.id).where(
        AssignmentRow.campaign_id == "demo", AssignmentRow.visited == ""
    )
    with service.database.reading() as connection:
        assignment_id = connection.scalars(waiting).first()
    assert assignment_id is not None
    account = Staff(service.database).get("dudao")
    assert account is not None
    visits = Visits(service.database, Walled(service.database, account.viewer()))
    visits.record(assignment_id, "home", date(2026, 10, 9), at=datetime.now(UTC))


def test_the_keys_are_shown_and_the_work(
    service: Service, office: BrowserContext, scheme: str
) -> None:
    page = office.new_page()
    page.goto(f"{service.settings.public_url}/desk/progress/work")
    looked_at(page, f"work-{scheme}")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="按键")).to_be_visible()
    assert_accessible(page)
    page.screenshot(path=picture(f"keys-{scheme}"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_roster_from_the_campaign_to_the_rejected_rows(
    service: Service, office: BrowserContext, scheme: str, tmp_path: Path
) -> None:
    page, name = office.new_page(), f"autumn-{scheme}"
    page.goto(f"{service.settings.public_url}/desk/campaigns")
    looked_at(page, f"campaigns-{scheme}")
    page.get_by_label("代号").fill("不行")
    page.get_by_label("调查时点").fill("2026-09-30")
    follow(page.get_by_role("button", name="新建"))
    expect(page.get_by_role("alert")).to_contain_text("只用字母")
    expect(page.get_by_label("调查时点")).to_have_value("2026-09-30")
    page.get_by_label("代号").fill(name)
    page.get_by_label("要求的入户率").fill("95")
    follow(page.get_by_role("button", name="新建"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.get_by_label("名称").first.fill("采集")
    page.get_by_label("最后一天").first.fill("2026-10-25")
    follow(page.get_by_role("button", name="记下要求"))
    looked_at(page, f"campaign-{scheme}")
    follow(page.get_by_role("button", name="开启"))
    expect(page.get_by_role("button", name="关闭")).to_be_visible()
    page.goto(f"{service.settings.public_url}/desk/roster/import")
    looked_at(page, f"import-{scheme}")
    page.get_by_label("调查年度").select_option(name)
    page.get_by_label("底册文件").set_input_files(bad_roster(service, tmp_path))
    follow(page.get_by_role("button", name="导入"))
    page.locator("h2", has_text="退回的行").wait_for()
    page.wait_for_load_state()
    expect(page.get_by_role("status").first).to_contain_text("收下 30 行")
    looked_at(page, f"imported-{scheme}")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载全部退回的行").click()
    rows = waiting.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 3
    page.goto(f"{service.settings.public_url}/desk/progress?campaign={name}")
    expect(page.locator(".figures")).to_contain_text("30")


def bad_roster(service: Service, folder: Path) -> Path:
    """A roster with thirty good rows, one that is no number and one of another county."""
    file, form = folder / "底册.csv", service.shelf.find(*form_of(service))
    county = InventedCounty(form, date(2026, 9, 30))
    people = [dict(one.as_row()) for one in county.people(32)]
    people[30]["残疾人证号"] = "123"
    people[31]["区划代码"] = "110101001001"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, county.columns)
        writer.writeheader()
        writer.writerows(people)
    return file


def form_of(service: Service) -> tuple[str, str]:
    campaign = Campaigns(service.database).get("demo")
    return campaign.form, campaign.version


def test_one_person_uncovered_and_a_visit(
    service: Service, office: BrowserContext, scheme: str
) -> None:
    page = office.new_page()
    page.goto(f"{service.settings.public_url}/desk/roster?campaign=demo&visited=none")
    looked_at(page, f"roster-{scheme}")
    case = next(one for one in Demo(service).people() if one.status == "waiting")
    assert case.name not in page.content()
    page.keyboard.press("/")
    page.keyboard.type(case.certificate)
    press(page)
    expect(page.get_by_role("link", name=case.facts()["last4"])).to_be_visible()
    expect(page.locator("main tbody tr")).to_have_count(1)
    assert case.certificate not in page.url
    page.keyboard.press("j")
    press(page)
    expect(page.get_by_label("为什么要看")).to_be_visible()
    assert case.name not in page.content()
    looked_at(page, f"person-{scheme}")
    page.get_by_label("为什么要看").fill("上门")
    follow(page.get_by_role("button", name="显示姓名和号码"))
    expect(page.locator("main")).to_contain_text(case.certificate)
    looked_at(page, f"uncovered-{scheme}")
    follow(page.get_by_role("button", name="记一次"))
    page.locator("#visits", has_text="1 次").or_(
        page.locator("#visits", has_text="2 次")
    ).wait_for()


def test_many_names_need_a_second_person(
    service: Service, office: BrowserContext, browser: Browser, scheme: str
) -> None:
    second = f"second-{scheme}"
    add_account(service, second, "supervisor", COUNTY)
    page = office.new_page()
    page.goto(f"{service.settings.public_url}/desk/roster/names")
    page.get_by_label("调查年度").select_option("demo")
    page.get_by_label("用途").fill(f"下乡{scheme}")
    follow(page.get_by_role("button", name="申请"))
    mine = page.locator("tr", has_text=f"下乡{scheme}")
    expect(mine).to_contain_text("等另一个人批准")
    looked_at(page, f"names-{scheme}")
    context = browser.new_context(bypass_csp=True)
    sign_in(context, service, second)
    other = context.new_page()
    other.goto(f"{service.settings.public_url}/desk/roster/names")
    asked = other.locator("tr", has_text=f"下乡{scheme}")
    follow(asked.get_by_role("button", name="批准", exact=True))
    expect(asked).to_contain_text("已批准")
    context.close()
    page.reload()
    with page.expect_download() as waiting:
        mine.get_by_role("button", name="取名单").click()
    assert len(waiting.value.path().read_text(encoding="utf-8-sig").splitlines()) == 301
    page.reload()
    expect(mine).to_contain_text("已取")


def enter(target: Locator) -> None:
    target.focus()
    press(target.page)


def test_the_table_of_results(service: Service, office: BrowserContext, scheme: str) -> None:
    page = office.new_page()
    page.goto(f"{service.settings.public_url}/desk/progress")
    follow(page.get_by_role("link", name="电话结果表"))
    looked_at(page, f"results-{scheme}")
    enter(page.get_by_role("link", name="占线"))
    page.get_by_label("隔多久再打").fill("很久")
    enter(page.get_by_role("button", name="保存"))
    expect(page.get_by_role("alert")).to_contain_text("整数")
    looked_at(page, f"result-{scheme}")
    page.get_by_label("隔多久再打").fill("45")
    enter(page.get_by_role("button", name="保存"))
    history = page.locator("section tbody tr").first
    expect(history).to_contain_text("30 分钟 → 45 分钟")
    enter(history.get_by_role("button", name="撤回"))
    expect(page.get_by_role("row", name="占线").first).to_contain_text("30 分钟")
    looked_at(page, f"results-changed-{scheme}")
