"""The supervisor's pages: what they owe to everybody, by keyboard, down to the village."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.service import Service
from tests.browser.conftest import picture, sign_in
from tests.browser.test_pages import assert_accessible


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


def looked_at(page: Page, name: str) -> None:
    """Check a page at the size of a desk, twice as large, and on a phone."""
    assert_accessible(page)
    page.screenshot(path=picture(name), full_page=True)
    for width in (640, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
    assert_accessible(page)
    page.screenshot(path=picture(f"{name}-phone"), full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_progress_down_to_the_village(
    service: Service, office: BrowserContext, scheme: str
) -> None:
    page = office.new_page()
    page.goto(f"{service.settings.public_url}/desk")
    expect(page.get_by_role("heading", level=1)).to_contain_text("进度")
    looked_at(page, f"progress-{scheme}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("城关镇")
    page.keyboard.press("j")
    expect(page.locator(":focus")).to_contain_text("村")
    page.keyboard.press("/")
    page.keyboard.type("石桥")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="石桥村").wait_for()
    assert page.locator("table.regions tbody tr").count() == 1
    page.get_by_role("link", name="石桥村").click()
    page.wait_for_load_state()
    looked_at(page, f"progress-village-{scheme}")
    page.get_by_role("link", name="演示县").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("演示县")


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
