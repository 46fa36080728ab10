"""One whole interview in the chat page, one flagged answer through review, and what pages owe."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from models.campaign import Campaigns
from models.case import Case
from server.commands.serve import chat_address
from server.demo.county import REVIEWER, Demo
from server.export.campaign_export import export_campaign
from server.export.format import Format
from server.export.order import Order
from server.service import Service
from survey_engine.interview import Status
from tests.browser.conftest import follow, picture, sign_in


def fresh(service: Service) -> Case:
    """Somebody whom nobody has reached yet."""
    return next(case for case in Demo(service).people() if case.status == "waiting")


def open_review(context: BrowserContext, service: Service) -> Page:
    sign_in(context, service, REVIEWER)
    page = context.new_page()
    page.goto(f"{service.settings.public_url}/desk/review")
    return page


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def begin(page: Page, service: Service, case: Case) -> None:
    page.goto(chat_address(service, case.assignment_id))
    follow(page.get_by_role("button", name="开始"))
    expect(page.locator("#now")).to_be_visible()


@contextmanager
def sending(page: Page) -> Iterator[None]:
    """Wait until what is sent within was answered, and the answer is on the page."""
    with page.expect_response(lambda one: one.request.method == "POST"):
        yield
    expect(page.locator(".typing")).to_have_count(0)


def write(page: Page, label: str, words: str) -> None:
    page.get_by_label(label).fill(words)
    with sending(page):
        page.get_by_label(label).press("Enter")


def held(page: Page, routes: list[Route]) -> Route:
    """Return the request that is held back, as soon as it has been made."""
    while not routes:
        page.wait_for_timeout(10)
    return routes[0]


def identify(page: Page, case: Case) -> None:
    page.get_by_role("button", name="本人", exact=True).click()
    page.locator("#now", has_text="最后四位").wait_for()
    write(page, "请写在这里", case.facts()["last4"])
    page.locator("#now", has_text="同意").wait_for()
    page.get_by_role("button", name="好", exact=True).click()
    page.locator("#now", has_text=re.compile("户口|成家|婚姻")).wait_for()


def test_a_whole_interview_in_the_chat_page_to_the_export(
    service: Service, telephone: BrowserContext, tmp_path: Path
) -> None:
    case, page = fresh(service), telephone.new_page()
    begin(page, service, case)
    page.screenshot(path=picture("chat-opening"))
    identify(page, case)
    assert_accessible(page)
    page.screenshot(path=picture("chat-question"), full_page=True)
    _answer_to_the_end(page, case)
    expect(page.locator("#progress")).to_have_text("全部答完了")
    assert_accessible(page)
    page.screenshot(path=picture("chat-end"))
    assert service.store.interview(case.assignment_id).status is Status.COMPLETED
    exported = _exported(service, tmp_path, case)
    assert exported["A1"] == "1"
    assert exported["A1_label"] == "本人"


def _exported(service: Service, folder: Path, case: Case) -> dict[str, str]:
    """Export the campaign as CSV and return the row of one assignment."""
    out = folder / "out"
    campaign = Campaigns(service.database).get(case.campaign_id)
    order = Order(campaign, service.shelf.find(case.form, case.version))
    export_campaign(service, order, Format.CSV, out, by="test", at=datetime.now(UTC))
    with (out / "answers.csv").open(encoding="utf-8-sig", newline="") as rows:
        return next(row for row in csv.DictReader(rows) if case.assignment_id in row.values())


def _answer_to_the_end(page: Page, case: Case) -> None:
    for _ in range(120):
        if page.locator("#now").count() == 0:
            return
        before = page.locator("input[name=turn]").first.get_attribute("value")
        boxes, taps = page.locator("input[name=choice]"), page.locator(".choices button[name]")
        if boxes.count():
            boxes.last.check()
            page.get_by_role("button", name="选好了").click()
        elif taps.count():
            taps.first.click()
        else:
            page.locator("#words").fill(case.telephone or "14000000001")
            page.locator("#words").press("Enter")
        page.locator(f"input[name=turn]:not([value='{before}'])").first.or_(
            page.locator("#progress", has_text="全部答完了")
        ).first.wait_for(state="attached")
    raise AssertionError("the interview does not come to an end")


def test_the_chat_works_without_script(service: Service, browser: Browser) -> None:
    case = fresh(service)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    begin(page, service, case)
    follow(page.get_by_role("button", name="本人", exact=True))
    page.locator("#words").fill(case.facts()["last4"])
    follow(page.get_by_role("button", name="发送"))
    expect(page.locator("#now")).to_contain_text("同意")
    context.close()


def test_enter_in_the_text_field_sends_the_text_and_taps_nothing(
    service: Service, telephone: BrowserContext
) -> None:
    case, page = fresh(service), telephone.new_page()
    begin(page, service, case)
    write(page, "也可以自己写", "你说什么")
    page.locator(".mine", has_text="你说什么").wait_for()
    assert service.store.interview(case.assignment_id).answer("A1") is None


def test_a_page_that_is_still_arriving_does_not_interrupt_who_writes(
    service: Service, telephone: BrowserContext
) -> None:
    case, page, scripts = fresh(service), telephone.new_page(), list[Route]()
    page.goto(chat_address(service, case.assignment_id))
    page.route("**/chat.js", lambda route: scripts.append(route))
    page.get_by_role("button", name="开始").click(no_wait_after=True)
    words = page.get_by_label("也可以自己写")
    words.fill("你说什么")
    expect(words).to_be_focused()
    held(page, scripts).continue_()
    page.wait_for_load_state()
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(words).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".mine", has_text="你说什么").wait_for()


def test_what_was_sent_shows_while_the_answer_is_on_its_way(
    service: Service, telephone: BrowserContext
) -> None:
    case, page, sent = fresh(service), telephone.new_page(), list[Route]()
    begin(page, service, case)
    page.route("**/chat/*", lambda route: sent.append(route))
    page.get_by_role("button", name="本人", exact=True).click()
    expect(page.locator(".mine")).to_have_text("本人")
    expect(page.locator(".typing")).to_be_visible()
    expect(page.get_by_role("button", name="找人工")).to_be_disabled()
    page.screenshot(path=picture("chat-typing"))
    held(page, sent).abort()
    expect(page.locator("#state")).to_have_text("没有发出去，请再按一次。")
    expect(page.locator(".typing, .mine")).to_have_count(0)
    page.unroute_all()
    page.get_by_role("button", name="本人", exact=True).click()
    page.locator("#now", has_text="最后四位").wait_for()


def test_the_last_answer_can_be_changed_where_it_stands(
    service: Service, telephone: BrowserContext
) -> None:
    case, page = fresh(service), telephone.new_page()
    begin(page, service, case)
    identify(page, case)
    expect(page.locator("#now")).to_contain_text("户口")
    with sending(page):
        page.locator(".choices button[name]").first.click()
    expect(page.locator("#now")).not_to_contain_text("户口")
    page.locator(".mine").last.get_by_role("button", name="改一下").click()
    page.locator(".mine p", has_text="改一下").wait_for()
    expect(page.locator("#now")).to_contain_text("户口")


def test_who_asked_for_a_person_need_not_wait(service: Service, telephone: BrowserContext) -> None:
    case, page = fresh(service), telephone.new_page()
    begin(page, service, case)
    with sending(page):
        page.get_by_role("button", name="找人工").click()
    expect(page.locator("#progress")).to_have_text("等工作人员联系您")
    assert service.store.interview(case.assignment_id).status is Status.WITH_PERSON
    assert_accessible(page)
    page.screenshot(path=picture("chat-with-person"))
    with sending(page):
        page.get_by_role("button", name="接着答").click()
    expect(page.locator("#now")).to_be_visible()
    assert service.store.interview(case.assignment_id).status is Status.OPEN


def test_who_thought_it_a_fraud_may_come_back(service: Service, telephone: BrowserContext) -> None:
    case, page = fresh(service), telephone.new_page()
    begin(page, service, case)
    page.locator("#words").fill("骗子吧")
    with sending(page):
        page.locator("#words").press("Enter")
    expect(page.locator("#progress")).to_have_text("已经结束")
    assert_accessible(page)
    with sending(page):
        page.get_by_role("button", name="接着答").click()
    expect(page.locator("#now")).to_be_visible()
    assert service.store.interview(case.assignment_id).status is Status.OPEN


def test_a_link_is_for_one_browser(service: Service, browser: Browser) -> None:
    address = chat_address(service, fresh(service).assignment_id)
    first, second = browser.new_context(), browser.new_context()
    page = first.new_page()
    page.goto(address)
    follow(page.get_by_role("button", name="开始"))
    expect(page.locator("#now")).to_be_visible()
    other = second.new_page()
    assert other.goto(address).status == 403  # type: ignore[union-attr]
    expect(other.get_by_role("alert")).to_contain_text("别的手机")
    page.reload()
    expect(page.locator("#now")).to_be_visible()
    first.close()
    second.close()


@pytest.mark.parametrize("token", ["x", "0" * 32 + ".1.aaaaaaaaaaaa." + "a" * 43])
def test_a_forged_link_is_refused(service: Service, telephone: BrowserContext, token: str) -> None:
    page = telephone.new_page()
    answer = page.goto(f"{service.settings.public_url}/chat/{token}")
    assert answer is not None
    assert answer.status == 404
    assert_accessible(page)


def test_what_was_said_is_shown_as_text(service: Service, telephone: BrowserContext) -> None:
    case, page = fresh(service), telephone.new_page()
    begin(page, service, case)
    write(page, "也可以自己写", "<img src=x onerror=alert(1)>{{7*7}}")
    page.locator(".mine", has_text="<img src=x onerror=alert(1)>{{7*7}}").wait_for()
    expect(page.locator(".talk img")).to_have_count(0)


def test_nobody_reviews_without_signing_in(service: Service) -> None:
    address = f"{service.settings.public_url}/desk/review"
    assert httpx.get(address).status_code == 401
    led = httpx.get(address, headers={"accept": "text/html"})
    assert led.status_code == 303
    assert led.headers["location"] == "/desk/sign-in?next=/desk/review"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_hold_at_twice_the_size(service: Service, browser: Browser, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": 640, "height": 450},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )
    case, page = fresh(service), context.new_page()
    begin(page, service, case)
    assert_accessible(page)
    identify(page, case)
    assert_accessible(page)
    page.screenshot(path=picture(f"chat-{scheme}"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page = open_review(context, service)
    assert_accessible(page)
    page.screenshot(path=picture(f"review-{scheme}"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()
