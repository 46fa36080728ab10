"""The administrators' and the evaluator's pages, each seeing only their own part."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from models.staff import Staff
from server.demo.county import Demo
from server.service import Service
from tests.browser.conftest import follow, sign_in
from tests.browser.test_supervisor import looked_at


@pytest.fixture(params=["light", "dark"])
def office(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=request.param, bypass_csp=True
    )
    yield context
    context.close()


def arrived(context: BrowserContext, service: Service, login: str) -> tuple[Page, str]:
    sign_in(context, service, login)
    page = context.new_page()
    page.goto(f"{service.settings.public_url}/desk")
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    return page, "dark" if dark else "light"


def test_accounts_by_the_security_administrator(service: Service, office: BrowserContext) -> None:
    page, scheme = arrived(office, service, "anquan")
    expect(page.get_by_role("heading", level=1)).to_contain_text("账号")
    looked_at(page, f"staff-{scheme}")
    login = f"added-{scheme}"
    page.get_by_label("登录名", exact=True).fill(login)
    page.get_by_label("姓名", exact=True).fill("<b>新人</b>")
    page.get_by_label("岗位", exact=True).select_option("caller")
    follow(page.get_by_role("button", name="建账号"))
    given = page.get_by_role("status").filter(has_text="初始密码")
    expect(given).to_contain_text(login)
    looked_at(page, f"staff-given-{scheme}")
    follow(page.get_by_role("button", name="停用<b>新人</b>").last)
    page.locator("tr", has_text=login).locator(".tag", has_text="停用").wait_for()
    account = Staff(service.database).get(login)
    assert account is not None
    assert not account.active


def test_the_audit_log(service: Service, office: BrowserContext) -> None:
    page, scheme = arrived(office, service, "shenji")
    expect(page.get_by_role("heading", level=1)).to_contain_text("审计日志")
    looked_at(page, f"audit-{scheme}")
    follow(page.get_by_role("button", name="核对整个日志"))
    expect(page.get_by_role("status").first).to_contain_text("完整")
    looked_at(page, f"verified-{scheme}")


def test_the_running_and_the_sample(service: Service, office: BrowserContext) -> None:
    page, scheme = arrived(office, service, "xitong")
    expect(page.get_by_role("heading", level=1)).to_contain_text("运行情况")
    looked_at(page, f"system-{scheme}")
    page, scheme = arrived(office, service, "pinggu")
    page.goto(f"{service.settings.public_url}/desk/sample?seed=7&size=30&campaign=demo")
    looked_at(page, f"sample-{scheme}")
    first = page.locator("main tbody").inner_text()
    page.reload()
    assert page.locator("main tbody").inner_text() == first
    for case in Demo(service).people():
        assert case.name not in first
        assert case.facts()["last4"] not in first
