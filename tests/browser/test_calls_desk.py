"""A caller's hour at the desk, in a real Chromium.

B01 a whole call by keys alone: next case, dial, answered, suggestion taken with Enter, another
value by a number key, jump, back, note, outcome in two keys, B02 nothing is filled in before the
caller says so, B03 an appointment by keys, B04 the same without a script, B05 no accessibility
violation on any page in either colour scheme, at twice the size and on a phone.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select, update

from models.attempt import Attempt, Attempts
from models.tables import CallingRow, CampaignRow
from server.service import Service
from tests.browser.conftest import follow, picture, press, sign_in

CALLER = "huawu"


@pytest.fixture(autouse=True)
def any_time(service: Service) -> Iterator[None]:
    """Calls are allowed at any time, and everybody is given back afterwards."""
    with service.database.writing() as connection:
        hours = connection.scalar(select(CampaignRow.call_hours))
        connection.execute(update(CampaignRow).values(call_hours=""))
    yield
    with service.database.writing() as connection:
        connection.execute(update(CampaignRow).values(call_hours=hours))
        nobody = {"claimed_by": None, "claimed_until": None}
        connection.execute(update(CallingRow).values(**nobody))


@pytest.fixture
def caller(desk: BrowserContext, service: Service) -> BrowserContext:
    sign_in(desk, service, CALLER)
    return desk


def open_desk(context: BrowserContext, service: Service) -> Page:
    page = context.new_page()
    page.goto(f"{service.settings.public_url}/desk/calls")
    return page


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def case_of(page: Page) -> str:
    return page.url.partition("/desk/calls/")[2][:32]


def last_attempt(service: Service, assignment: str) -> Attempt:
    return Attempts(service.database).of(assignment)[-1]


def ask(page: Page) -> str:
    return page.locator("h2.question").inner_text()


def dial(page: Page) -> str:
    """Take the next case that has a number, and dial."""
    for _ in range(20):
        press(page, "n")
        expect(page.get_by_role("button", name="拨打")).to_be_visible()
        press(page, "d")
        if page.locator(".dial a").count():
            return case_of(page)
        expect(page.get_by_role("alert").first).to_contain_text("没有留电话")
    raise AssertionError("nobody has a number")


def dialled(page: Page) -> str:
    """Dial, and hear somebody answer."""
    assignment = dial(page)
    number = page.locator(".dial a").first.inner_text()
    expect(page.locator(".dial a").first).to_have_attribute("href", f"tel:{number}")
    press(page, "Enter")
    expect(page.locator("h2.question")).to_be_focused()
    return assignment


def say(page: Page, words: str) -> None:
    page.keyboard.press("w")
    page.keyboard.type(words)
    press(page, "Enter")


def answer(page: Page) -> None:
    """Answer whatever is asked with keys."""
    if page.locator("#answer fieldset").count():
        page.keyboard.press("1")
        press(page, "Enter")
    else:
        press(page, "1" if page.locator("#answer [data-key='1']").count() else "u")


def test_a_call_by_keys_alone_b01_b02(caller: BrowserContext, service: Service) -> None:
    page = open_desk(caller, service)
    assignment = dialled(page)
    asked, before = ask(page), service.store.interview(assignment).length
    page.screenshot(path=picture("calls-question"), full_page=True)
    say(page, "我就是本人")
    expect(page.locator("[data-suggested]")).to_be_focused()
    assert ask(page) == asked
    assert service.store.interview(assignment).length == before
    page.screenshot(path=picture("calls-suggestion"), full_page=True)
    assert_accessible(page)
    press(page, "Enter")
    assert ask(page) != asked
    last4 = service.cases.get(assignment).facts()["last4"]
    page.keyboard.press("e")
    page.keyboard.type(last4)
    press(page, "Enter")
    for _ in range(4):
        earlier = service.store.interview(assignment).length
        answer(page)
        assert service.store.interview(assignment).length > earlier
    interview = service.store.interview(assignment)
    assert interview.channel == "desk"
    assert interview.answers["A2"].value == last4
    answered = len(interview.answers)
    press(page, "b")
    assert len(service.store.interview(assignment).answers) <= answered
    answer(page)
    while not page.locator("[data-row]").count():  # the first question of a section has no other
        answer(page)
    page.keyboard.press("j")
    page.screenshot(path=picture("calls-section"), full_page=True)
    press(page, "Enter")
    page.keyboard.press("m")
    page.keyboard.type("声音小，耐心")
    page.keyboard.press("Tab")
    press(page, "Enter")
    expect(page.locator(".side")).to_contain_text("声音小，耐心")
    page.keyboard.press("o")
    expect(page.locator("#result-title")).to_be_focused()
    page.screenshot(path=picture("calls-result"), full_page=True)
    assert_accessible(page)
    page.keyboard.press("2")
    press(page, "2")
    expect(page.get_by_role("status").first).to_contain_text("中途断了")
    ended = last_attempt(service, assignment)
    assert (ended.staff, ended.outcome, ended.aapor, ended.channel) == (
        CALLER,
        "N12",
        "2.12",
        "desk",
    )
    assert service.store.interview(assignment).status == "paused"
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("接下一位")


def test_two_keys_end_a_call_that_nobody_answered_b01(
    caller: BrowserContext, service: Service
) -> None:
    page = open_desk(caller, service)
    assignment = dial(page)
    page.keyboard.press("9")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.locator("#typed")).to_contain_text("已按 1")
    press(page, "2")
    expect(page.get_by_role("status").first).to_contain_text("占线")
    ended = last_attempt(service, assignment)
    assert (ended.outcome, ended.aapor) == ("N15", "3.12")


def test_an_appointment_b03(caller: BrowserContext, service: Service) -> None:
    page = open_desk(caller, service)
    assignment = dial(page)
    page.keyboard.press("a")
    expect(page.locator("#day")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    press(page, "Enter")
    expect(page.get_by_role("status").first).to_contain_text("约好了时间")
    with service.database.reading() as connection:
        mine = CallingRow.assignment_id == assignment
        kept = connection.execute(
            select(CallingRow.appointment_at, CallingRow.appointment_for).where(mine)
        ).one()
    assert kept.appointment_at is not None
    assert kept.appointment_for == CALLER
    page.screenshot(path=picture("calls-start"), full_page=True)
    with service.database.writing() as connection:
        nothing = {"appointment_at": None, "appointment_for": "", "remind_at": None}
        connection.execute(update(CallingRow).values(**nothing))


def test_without_a_script_b04(browser: Browser, service: Service) -> None:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, service, CALLER)
    page = open_desk(context, service)
    while not page.locator(".dial a").count():
        follow(page.get_by_role("button", name="接下一位"))
        follow(page.get_by_role("button", name="拨打"))
    assignment = case_of(page)
    follow(page.get_by_role("button", name="接通了"))
    page.get_by_label("对方说的话").fill("本人")
    follow(page.get_by_role("button", name="看建议"))
    follow(page.locator("[data-suggested]"))
    follow(page.get_by_role("button", name="出一个链接"))
    expect(page.locator("#link")).to_contain_text("/chat/")
    follow(page.get_by_role("button", name="住院"))
    assert last_attempt(service, assignment).outcome == "N10"
    context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_accessible_b05(browser: Browser, service: Service, colours: str) -> None:
    size = {"width": 360, "height": 740}
    context = browser.new_context(viewport=size, color_scheme=colours, bypass_csp=True)  # type: ignore[arg-type]
    sign_in(context, service, CALLER)
    page = open_desk(context, service)
    _look(page, f"calls-phone-start-{colours}")
    press(page, "n")
    _look(page, f"calls-phone-card-{colours}")
    press(page, "r")
    dial(page)
    _look(page, f"calls-phone-dialled-{colours}")
    press(page, "Enter")
    say(page, "是他儿子")
    _look(page, f"calls-phone-question-{colours}")
    # 200 % of a desk of 1280 px.
    page.set_viewport_size({"width": 640, "height": 450})
    _look(page, f"calls-twice-{colours}")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.screenshot(path=picture(f"calls-wide-{colours}"), full_page=True)
    page.locator("h2.question").focus()
    page.keyboard.press("o")
    page.keyboard.press("1")
    press(page, "1")
    context.close()


def _look(page: Page, name: str) -> None:
    page.screenshot(path=picture(name), full_page=True)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
