"""A visit at the window, in a real Chromium, by keyboard alone from the card to both signatures.

V01 the visit: card, questions by keys, the second screen follows and answers, read-back, both sign;
V02 no accessibility violation on any page and state, in either colour scheme, at twice the size and
on a phone; V03 the pads take ink from a pen and the print holds it; V04 the second screen works
without a script; V05 it follows by events and asks nothing besides, and goes on after a broken
line.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from models.case import Case
from models.window import Window
from server.demo.county import Demo
from server.demo.respondent import MANNERS, Respondent
from server.service import Service
from survey_engine.interview import Status
from tests.browser.conftest import follow, looked_after, picture, press, sign_in
from tests.browser.test_pages import assert_accessible

CLERK = "chuangkou"


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def counter(
    browser: Browser, scheme: str, service: Service, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """A clerk at the counter."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )
    sign_in(context, service, CLERK)
    yield from looked_after(context, request)


def people(service: Service, status: str) -> list[Case]:
    return [case for case in Demo(service).people() if case.status == status]


def looked_at(page: Page, name: str) -> None:
    """Check a page at the size of a desk, twice as large, and on a phone."""
    assert_accessible(page)
    size = page.viewport_size
    page.screenshot(path=picture(name), full_page=True)
    for width in (640, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
    assert_accessible(page)
    page.screenshot(path=picture(f"{name}-phone"), full_page=True)
    assert size is not None
    page.set_viewport_size(size)


def choose_demo(page: Page) -> None:
    """Choose the demo's own campaign where other tests have put the person into one as well."""
    expect(page.locator("#now, table a").first).to_be_visible()
    several = page.get_by_role("link", name=re.compile("demo$"))
    if several.count():
        several.focus()
        press(page)


def test_a_visit_by_keyboard_v01_v02(
    service: Service, counter: BrowserContext, scheme: str
) -> None:
    case = people(service, "waiting")[0 if scheme == "light" else 1]
    page, base = counter.new_page(), service.settings.public_url
    facing = counter.new_page()
    page.goto(f"{base}/desk/window")
    looked_at(page, f"window-{scheme}")
    facing.goto(f"{base}/desk/window/facing")
    page.bring_to_front()
    page.goto(f"{base}/desk/window")
    page.keyboard.type("12345")
    press(page)
    expect(page.get_by_role("alert")).to_contain_text("没有找到")
    assert_accessible(page)
    page.get_by_label("残疾人证号").focus()
    page.keyboard.type(case.certificate)
    press(page)
    choose_demo(page)
    expect(page.locator("#now")).to_contain_text("还没有问过")
    looked_at(page, f"window-person-{scheme}")
    page.get_by_role("button", name="开始问").focus()
    press(page)
    question = page.locator("h2#now")
    expect(question).to_be_focused()
    looked_at(page, f"window-question-{scheme}")
    expect(facing.locator("#question")).to_have_text(question.inner_text())
    looked_at(facing, f"window-facing-{scheme}")
    press(page, "1")
    expect(question).to_contain_text("最后四位")
    page.keyboard.press("w")
    page.keyboard.type(case.facts()["last4"])
    press(page)
    expect(question).to_contain_text("同意")
    tap_on_the_second_screen(page, facing)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="按键")).to_be_visible()
    page.keyboard.press("Escape")
    assert service.store.interview(case.assignment_id).channel == "window"


def tap_on_the_second_screen(page: Page, facing: Page) -> None:
    """Answer there: the clerk's page goes along, but not from under the hands of who writes."""
    page.keyboard.press("w")
    page.keyboard.type("好的")
    facing.get_by_role("button", name="好", exact=True).click()
    expect(facing.locator("#question")).not_to_contain_text("同意")
    page.bring_to_front()
    expect(page.get_by_role("alert")).to_contain_text("来人在大字屏上答了")
    expect(page.get_by_label("来人说的话")).to_have_value("好的")
    assert_accessible(page)
    press(page)
    expect(page.get_by_role("alert")).to_contain_text("另一块屏幕")
    question = facing.locator("#question").inner_text()
    expect(page.locator("h2#now")).to_have_text(question)
    assert_accessible(page)
    facing.bring_to_front()
    facing.locator(".big button").first.click()
    expect(facing.locator("#question")).not_to_have_text(question)
    page.bring_to_front()
    expect(page.locator("h2#now")).to_have_text(facing.locator("#question").inner_text())
    expect(page.locator("h2#now")).to_be_focused()
    choose_several(page)


def choose_several(page: Page) -> None:
    """Of several, tick by number and send with Enter; Enter alone sends nothing."""
    for _ in range(30):
        if page.locator(".choices input").count():
            break
        if page.locator(".choices button[name=tapped]").count():
            press(page, "1")
        else:
            page.keyboard.press("w")
            page.keyboard.type("13800138000")
            press(page)
    question = page.locator("h2#now").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    expect(page.locator("h2#now")).to_have_text(question)
    page.keyboard.press("2")
    expect(page.locator(".choices input").nth(1)).to_be_checked()
    press(page)
    expect(page.locator("h2#now")).not_to_have_text(question)


def test_both_sign_v02_v03(service: Service, counter: BrowserContext, scheme: str) -> None:
    case = people(service, "waiting")[0]
    Respondent(service, case, MANNERS[0]).answer()
    assert service.store.interview(case.assignment_id).status is Status.COMPLETED
    page, base = counter.new_page(), service.settings.public_url
    page.goto(f"{base}/desk/window/{case.assignment_id}")
    follow(page.get_by_role("link", name="核对并签字"))
    looked_at(page, f"window-sign-{scheme}")
    follow(page.get_by_role("button", name="签字完成"))
    expect(page.get_by_role("alert")).to_contain_text("签名是空的")
    assert_accessible(page)
    draw(page, "被调查人在这里手写签名")
    page.get_by_role("radio", name="用账号姓名代替").check()
    expect(page.get_by_role("img", name=re.compile("登记人在这里"))).to_be_hidden()
    page.screenshot(path=picture(f"window-drawn-{scheme}"), full_page=True)
    follow(page.get_by_role("button", name="签字完成"))
    expect(page.get_by_role("heading", name="已签字")).to_be_visible()
    looked_at(page, f"window-signed-{scheme}")
    form = Window(service.database).signed(case.assignment_id)
    assert form is not None
    assert form.sm3.hex() in page.content()
    assert form.signatures == {"way": "drawn", "clerk_way": "typed"}
    assert b"/Image" in form.print


def draw(page: Page, label: str) -> None:
    pad = page.get_by_role("img", name=re.compile(label))
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 90)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 30 + 50 * step, box["y"] + 90 + (40 if step % 2 else -40))
    page.mouse.up()


def test_the_second_screen_without_a_script_v04(browser: Browser, service: Service) -> None:
    case = people(service, "waiting")[0]
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, service, CLERK)
    page, base = context.new_page(), service.settings.public_url
    page.goto(f"{base}/desk/window/{case.assignment_id}")
    follow(page.get_by_role("button", name="开始问"))
    page.goto(f"{base}/desk/window/facing")
    before = page.locator("#question").inner_text()
    follow(page.get_by_role("button", name="本人", exact=True))
    assert page.locator("#question").inner_text() != before
    context.close()


def test_the_second_screen_follows_by_events_v05(service: Service, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    sign_in(context, service, CLERK)
    page, facing, base = context.new_page(), context.new_page(), service.settings.public_url
    case = people(service, "waiting")[-1]
    page.goto(f"{base}/desk/window")
    if page.get_by_role("button", name="办完了").count():
        follow(page.get_by_role("button", name="办完了"))
    asked: list[str] = []
    facing.on("request", lambda request: asked.append(request.url.partition("?")[0]))
    facing.goto(f"{base}/desk/window/facing")
    expect(facing.locator("#question")).to_contain_text("马上开始")
    page.goto(f"{base}/desk/window/{case.assignment_id}")
    follow(page.get_by_role("button", name="开始问"))
    question = page.locator("h2#now")
    expect(facing.locator("#question")).to_have_text(question.inner_text())
    expect(facing.locator("#spoken")).to_have_text(question.inner_text())
    assert not [one for one in asked if one.endswith("/now")]
    assert [one for one in asked if one.endswith("/stream")]
    context.set_offline(True)
    facing.wait_for_timeout(300)
    context.set_offline(False)
    press(page, "1")
    expect(question).to_contain_text("最后四位")
    expect(facing.locator("#question")).to_contain_text("最后四位")
    facing.get_by_role("button", name="念给我听").click()
    expect(facing.locator("#question")).to_contain_text("最后四位")
    context.close()
