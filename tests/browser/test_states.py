"""States that nobody plans to see: refusals, errors, empty desks, imports under way.

S01 each is without violation in both colour schemes, holds at twice the size and on a phone, and
says what to do next; S02 whoever is turned away from a desk is led back, a respondent is not.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from models.roster_import import RosterImports
from models.sitting import Sittings
from models.tables.staff import ROLES
from models.viewer import Viewer
from models.walled import Walled
from server.service import Service
from tests.browser.conftest import follow, picture, sign_in
from tests.browser.test_pages import assert_accessible
from tests.desks import add_account

#: A province in which nobody was ever asked anything.
NOWHERE = "970101000000"
EMPTY = (
    ("supervisor", "/desk/review"), ("supervisor", "/desk/review/quality"),
    ("supervisor", "/desk/progress"), ("supervisor", "/desk/progress/work"),
    ("supervisor", "/desk/roster"), ("supervisor", "/desk/roster/names"),
    ("supervisor", "/desk/roster/import"), ("supervisor", "/desk/campaigns"),
    ("caller", "/desk/calls"), ("caller", "/desk/phone"), ("caller", "/desk/account"),
    ("clerk", "/desk/window"), ("clerk", "/desk/window/facing"), ("evaluator", "/desk/sample"),
    ("security_admin", "/desk/admin/staff"), ("audit_admin", "/desk/admin/audit"),
    ("system_admin", "/desk/admin/system"),
)  # fmt: skip


@pytest.fixture(scope="module")
def nobody(service: Service) -> None:
    for role in ROLES:
        add_account(service, f"empty-{role}", role, NOWHERE)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    yield found
    found.close()


def seen(page: Page, name: str) -> None:
    """Look at a state on a desk by day, at twice the size, and on a phone by night."""
    expect(page.locator("h1")).to_have_count(1)
    assert_accessible(page)
    page.screenshot(path=picture(f"state-{name}"))
    page.emulate_media(color_scheme="dark")
    for width in (640, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
    assert_accessible(page)
    page.screenshot(path=picture(f"state-{name}-night"))
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.usefixtures("nobody")
def test_empty_desks_s01(service: Service, context: BrowserContext) -> None:
    page = context.new_page()
    for role, path in EMPTY:
        sign_in(context, service, f"empty-{role}")
        answer = page.goto(f"{service.settings.public_url}{path}")
        assert answer
        assert answer.status == 200, path
        seen(page, f"empty{path.removeprefix('/desk').replace('/', '-')}")


def test_who_is_turned_away_s01_s02(service: Service, context: BrowserContext) -> None:
    page, home = context.new_page(), service.settings.public_url
    for name, login, path, status in (
        ("not-there", "dudao", f"/desk/roster/{'0' * 32}", 404),
        ("not-allowed", "huawu", "/desk/progress", 403),
        ("wrong-input", "dudao", f"/desk/roster?campaign={'x' * 90}", 422),
        ("wrong-act", "dudao", "/desk/sign-out", 405),
        ("broken", "dudao", "/desk/broken", 500),
    ):
        sign_in(context, service, login)
        answer = page.goto(f"{home}{path}")
        assert answer
        assert answer.status == status, path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        expect(page.get_by_role("link", name="回到工作台")).to_be_visible()
        seen(page, f"refused-{name}")
    for name, path in (("respondent", "/chat/x"), ("respondent-lost", "/nothing")):
        page.goto(f"{home}{path}")
        expect(page.get_by_role("link", name="工作台")).to_have_count(0)
        seen(page, f"refused-{name}")


def test_what_was_sent_too_late_s01(service: Service, context: BrowserContext) -> None:
    """A form of an old page, and one of a sitting that has ended."""
    page, home = context.new_page(), service.settings.public_url
    sign_in(context, service, "dudao")
    page.goto(f"{home}/desk/roster/names")
    token = page.locator("form[action='/desk/roster/names'] input[name=csrf]")
    token.evaluate("one => { one.value = 'old' }")
    page.get_by_label("用途").fill("核对")
    follow(page.get_by_role("button", name="申请"))
    expect(page.get_by_role("alert")).to_contain_text("旧了")
    seen(page, "refused-stale")
    page.goto(f"{home}/desk/roster/names")
    ((_, cookie),) = ((one["name"], one["value"]) for one in context.cookies())
    Sittings(service.database).end(cookie)
    page.get_by_label("用途").fill("核对")
    follow(page.get_by_role("button", name="申请"))
    expect(page.get_by_role("alert")).to_contain_text("登录已结束")
    seen(page, "refused-ended")
    page.goto(f"{home}/desk/roster")
    expect(page.get_by_role("heading", level=1)).to_contain_text("登录")
    seen(page, "sign-in-again")


def test_a_locked_account_s01(service: Service, context: BrowserContext) -> None:
    page = context.new_page()
    for number in range(10):
        service.sign_in.failures.count("locked-one", f"10.9.{number}.1", datetime.now(UTC))
    page.goto(f"{service.settings.public_url}/desk/sign-in")
    page.get_by_label("登录名").fill("locked-one")
    page.get_by_label("密码").fill("wrong wrong wrong")
    follow(page.get_by_role("button", name="下一步"))
    expect(page.get_by_role("alert")).to_contain_text("暂停登录")
    seen(page, "locked")
    service.sign_in.failures.unlock("locked-one")


def test_imports_under_way_s01(service: Service, context: BrowserContext) -> None:
    viewer = Viewer(login="dudao", name="x", role="supervisor", region="990000000000")
    imports = RosterImports(service.database, Walled(service.database, viewer))
    now, page = datetime.now(UTC), context.new_page()
    running = imports.begin("demo", viewer.region, "正在导入.csv", now)
    lost = imports.begin("demo", viewer.region, "中断了.csv", now - timedelta(hours=2))
    refused = imports.begin("demo", viewer.region, "表头不对.csv", now)
    imports.end(refused, "refused", {"message": "第 1 行不是表头，缺少“联系电话”。"}, now)
    sign_in(context, service, "dudao")
    for name, one in (("running", running), ("lost", lost), ("refused", refused)):
        page.goto(f"{service.settings.public_url}/desk/roster/import/{one}")
        seen(page, f"import-{name}")
    page.goto(f"{service.settings.public_url}/desk/roster/import")
    seen(page, "imports")
    imports.end(running, "refused", {"message": "x"}, now)
    imports.end(lost, "refused", {"message": "x"}, now)
