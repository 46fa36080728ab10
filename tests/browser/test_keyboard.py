"""The desks that no other test leads by keys alone: supervisor, administrators, evaluator.

Nothing here touches a mouse. Whatever has the focus is visible and has a name for screen readers.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from server.demo.county import CAMPAIGN, Demo
from server.service import Service
from tests.browser.conftest import press, sign_in

_MOST_TABS = 80
#: The name and the place of what has the focus, as a screen reader and an eye would find it.
_FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const named = one.labels?.[0]?.textContent || one.getAttribute("aria-label") || one.textContent
    || document.getElementById(one.getAttribute("aria-labelledby"))?.textContent || "";
  const style = getComputedStyle(one);
  return [one.tagName, named.trim(), style.outlineStyle !== "none" && box.width > 0];
}"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1280, "height": 900})
    yield found
    found.close()


def opened(context: BrowserContext, service: Service, login: str, path: str) -> Page:
    sign_in(context, service, login)
    page = context.new_page()
    page.goto(f"{service.settings.public_url}{path}")
    return page


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until ``wanted`` has the focus; all that has it on the way can be seen."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        kind, name, visible = page.evaluate(_FOCUSED)
        if kind == "BODY":
            continue
        assert name, kind
        assert visible, (kind, name)
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_a_supervisor_from_the_province_to_one_person(
    service: Service, context: BrowserContext
) -> None:
    somebody = Demo(service).people()[-1]
    page = opened(context, service, "dudao", f"/desk/progress?campaign={CAMPAIGN}")
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUSED)[1] == "跳到正文"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#"))
    page.keyboard.press("j")
    place = page.evaluate(_FOCUSED)[1]
    press(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(place)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    village = page.evaluate(_FOCUSED)[1]
    press(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(village)
    tab_to(page, page.get_by_role("link", name="名单", exact=True))
    press(page)
    page.keyboard.press("/")
    page.keyboard.type(somebody.certificate)
    press(page)
    page.keyboard.press("j")
    press(page)
    tab_to(page, page.get_by_label("为什么要看"))
    page.keyboard.type("电话里核对身份")
    press(page)
    expect(page.get_by_role("main")).to_contain_text(somebody.name)
    tab_to(page, page.get_by_role("button", name="退出"))
    press(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("登录")


def test_a_security_administrator_adds_somebody(service: Service, context: BrowserContext) -> None:
    page = opened(context, service, "anquan", "/desk/admin/staff")
    page.keyboard.press("/")
    page.keyboard.type("no-such-login")
    press(page)
    tab_to(page, page.get_by_label("登录名", exact=True))
    page.keyboard.type("by-keys")
    tab_to(page, page.get_by_label("姓名", exact=True))
    page.keyboard.type("键盘")
    tab_to(page, page.get_by_role("button", name="建账号"))
    press(page)
    expect(page.get_by_role("status").filter(has_text="by-keys")).to_be_visible()


@pytest.mark.parametrize(
    ("login", "path", "field", "words", "heading"),
    [
        ("shenji", "/desk/admin/audit", "登录名", "dudao", "审计日志"),
        ("pinggu", "/desk/sample", "抽样种子", "12", "抽样"),
        ("dudao", "/desk/progress/work", "姓名", "演示", "话务和审核工作"),
    ],
)
def test_lists_are_filtered_by_keys(
    service: Service, context: BrowserContext, login: str, path: str, field: str, words: str,
    heading: str,
) -> None:  # fmt: skip
    page = opened(context, service, login, path)
    tab_to(page, page.get_by_label(field))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(words)
    press(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    expect(page.get_by_label(field)).to_have_value(words)
