"""Who does nothing for a quarter of an hour at a desk, in a real Chromium.

S01 they are told before they are signed out, any key keeps them signed in and does nothing else;
S02 whoever is at work without asking for a page, as when writing a note, stays; S03 whoever
is away is signed out, their page is gone, and signing in leads back to it; S04 the end of the
eight hours is told, and nothing makes it later.
"""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from models.tables import SittingRow
from server.service import Service
from tests.browser.conftest import picture, sign_in
from tests.browser.test_pages import assert_accessible
from tests.desks import let_idle, seen

LOGIN = "shenhe"


def reviewing(desk: BrowserContext, service: Service) -> Page:
    """The review desk, with a clock that can be moved on."""
    sign_in(desk, service, LOGIN)
    page = desk.new_page()
    page.clock.install()
    page.goto(f"{service.settings.public_url}/desk/review")
    expect(page.locator("#title")).to_be_focused()
    return page


def later(page: Page, service: Service, minutes: float) -> datetime:
    """Let so much time go by, for the browser and for the records."""
    idle = let_idle(service, LOGIN, timedelta(minutes=minutes))
    page.clock.fast_forward(int(60_000 * minutes))
    return idle


def test_who_is_idle_is_told_and_may_stay_s01(desk: BrowserContext, service: Service) -> None:
    page = reviewing(desk, service)
    title = page.locator("#title").inner_text()
    idle = later(page, service, 13.75)
    asked = page.get_by_role("alertdialog", name="您还在吗")
    expect(asked).to_contain_text("按任意键接着做")
    expect(page.get_by_role("button", name="我还在")).to_be_focused()
    expect(page).to_have_title(re.compile("^您还在吗"))
    assert_accessible(page)
    page.screenshot(path=picture("sitting-still"))
    assert seen(service, LOGIN) == idle
    with page.expect_response("**/desk/sitting"):
        page.keyboard.press("1")
    expect(asked).to_be_hidden()
    assert (seen(service, LOGIN) or idle) > idle
    assert page.locator("#title").inner_text() == title
    assert page.locator("#undo form").count() == 0


def test_who_writes_stays_s02(desk: BrowserContext, service: Service) -> None:
    page = reviewing(desk, service)
    page.keyboard.press("n")
    idle = let_idle(service, LOGIN, timedelta(minutes=10))
    page.keyboard.type("下午再打")
    with page.expect_response("**/desk/sitting"):
        page.clock.fast_forward(66_000)
    assert (seen(service, LOGIN) or idle) > idle
    expect(page.locator("#note")).to_have_value("下午再打")


def test_who_is_away_is_signed_out_s03(desk: BrowserContext, service: Service) -> None:
    page = reviewing(desk, service)
    there = page.url
    later(page, service, 16)
    page.wait_for_url("**/desk/sign-in**")
    assert there.partition("/desk/")[2].replace("/", "%2F") in page.url
    expect(page.locator("#answer")).to_have_count(0)


def test_the_eight_hours_are_told_s04(desk: BrowserContext, service: Service) -> None:
    page = reviewing(desk, service)
    with service.database.writing() as connection:
        soon = datetime.now(UTC) + timedelta(minutes=4)
        connection.execute(update(SittingRow).values(ends_at=soon))
    page.keyboard.press("Shift")
    page.clock.fast_forward(66_000)
    told = page.get_by_role("alertdialog", name="登录快满八小时了")
    expect(told).to_contain_text("分钟后要重新登录一次")
    page.keyboard.press("Enter")
    expect(told).to_be_hidden()
    page.clock.fast_forward(20_000)
    expect(told).to_be_hidden()
