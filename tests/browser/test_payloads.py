"""Stored text is never code.

Y01 two hundred texts in names, notes, reasons, words and names of files are shown as they are and
none does anything, even without the Content-Security-Policy; Y02 the policy stops what would get
past that; Y03 no cell of a download runs in a spreadsheet; Y04 every page sends the headers.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from models.campaign import Campaign, Campaigns
from models.roster import Roster
from models.roster_import import RosterImports
from models.staff import Account, Staff
from models.uncovering import Uncovering
from models.viewer import Viewer
from models.walled import Walled
from server.app import all_routes
from server.desk.door import Open, declaration
from server.export.formula import is_risky
from server.service import Service
from tests.browser.conftest import picture, sign_in
from tests.browser.payloads import payloads
from tests.desks import NO_PASSWORD, cookies, csrf
from tests.models.sample import AT, row

VILLAGE, CAMPAIGN = "990002100201", "payloads"
WATCH = """
window.__ran = [];
for (const name of ['alert', 'confirm', 'prompt']) window[name] = (said) => window.__ran.push(said);
"""


@pytest.fixture(scope="module")
def told(service: Service) -> tuple[str, ...]:
    """All payloads, put wherever people write."""
    texts, database = payloads(), service.database
    form = service.shelf.find(*_form(service))
    Campaigns(database).create(
        Campaign(
            id=CAMPAIGN, form=form.form, version=form.version, reference_day=date(2026, 9, 30),
            region=VILLAGE,
        ),
        by="t",
        at=AT,
    )  # fmt: skip
    people = [
        row(1000 + number, name=text, note=text, reason=text, guardian_name=text, region=VILLAGE)
        for number, text in enumerate(texts)
    ]
    Roster(database).keep(CAMPAIGN, people, by="t", at=AT)
    for login, role in (("pay-supervisor", "supervisor"), ("pay-security", "security_admin"),
                        ("pay-audit", "audit_admin")):  # fmt: skip
        account = Account(
            login=login, name=texts[-1], role=role, password=NO_PASSWORD, region=VILLAGE
        )
        Staff(database).add(account, by="t", at=AT)
    _written(service, texts)
    return texts


def _form(service: Service) -> tuple[str, str]:
    campaign = Campaigns(service.database).get("demo")
    return campaign.form, campaign.version


def _written(service: Service, texts: tuple[str, ...]) -> None:
    viewer = Viewer(login="pay-supervisor", name="x", role="supervisor", region=VILLAGE)
    records = Walled(service.database, viewer)
    uncovering = Uncovering(service.database, records)
    imports = RosterImports(service.database, records)
    for number, text in enumerate(texts):
        uncovering.ask(CAMPAIGN, VILLAGE, text, at=AT)
        if number >= len(texts) - 20:
            report = {"message": text}
            imports.end(imports.begin(CAMPAIGN, VILLAGE, text, AT), "refused", report, AT)
        if number % 5:
            continue
        account = Account(
            login=f"pay-{number}", name=text, role="caller", password=NO_PASSWORD, region=VILLAGE
        )
        Staff(service.database).add(account, by="pay-security", at=AT)


@pytest.fixture
def office_cookie(service: Service, told: tuple[str, ...]) -> dict[str, str]:
    return cookies(service, "pay-supervisor")


@pytest.fixture
def client(service: Service, office_cookie: dict[str, str]) -> Iterator[httpx.Client]:
    """A supervisor of the village, without a browser."""
    with httpx.Client(
        base_url=service.settings.public_url,
        headers={"accept": "text/html"},
        cookies=office_cookie,
        timeout=60,
    ) as found:
        yield found


@pytest.fixture
def watched(browser: Browser, told: tuple[str, ...]) -> Iterator[BrowserContext]:
    """A browser that notes whatever runs, with nothing but escaping to protect it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    context.add_init_script(WATCH)
    yield context
    context.close()


def walked(context: BrowserContext, service: Service, login: str, path: str) -> Page:
    """Open a page, let whatever runs run, and see that nothing did."""
    sign_in(context, service, login)
    page = context.new_page()
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((service.settings.public_url, "data:")):
            elsewhere.append(request.url)

    page.on("request", note)
    page.goto(f"{service.settings.public_url}{path}")
    for link in page.locator("main a").all()[:3]:
        link.hover()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.__ran") == []
    assert elsewhere == []
    assert page.url == f"{service.settings.public_url}{path}"
    return page


def test_nothing_stored_runs_y01(
    service: Service, watched: BrowserContext, told: tuple[str, ...]
) -> None:
    names = walked(watched, service, "pay-supervisor", "/desk/roster/names")
    shown = names.locator("main tbody tr td:nth-child(5)").all_text_contents()
    assert {one.strip() for one in told} <= {one.strip() for one in shown}
    names.screenshot(path=picture("payloads"))
    walked(watched, service, "pay-supervisor", f"/desk/roster?campaign={CAMPAIGN}")
    walked(watched, service, "pay-supervisor", "/desk/roster/import")
    walked(watched, service, "pay-supervisor", f"/desk/progress?campaign={CAMPAIGN}")
    staff = walked(watched, service, "pay-security", "/desk/admin/staff")
    shown = staff.locator("main tbody tr td:nth-of-type(1)").all_text_contents()
    assert {one.strip() for one in told[::5]} <= {one.strip() for one in shown}
    walked(watched, service, "pay-audit", "/desk/admin/audit?actor=pay-supervisor")


def test_nobody_uncovered_runs_y01(
    service: Service,
    watched: BrowserContext,
    client: httpx.Client,
    office_cookie: dict[str, str],
) -> None:
    """Every person's page, uncovered, all in one document as a browser would parse each."""
    token = csrf(service, office_cookie)
    viewer = Viewer(login="x", name="x", role="supervisor", region=VILLAGE)
    cases = Walled(service.database, viewer).cases()
    page = watched.new_page()
    for case in cases[::8]:
        path = f"/desk/roster/{case.assignment_id}/uncover"
        reply = client.post(path, data={"csrf": token, "reason": "核对"})
        page.goto(f"{service.settings.public_url}/desk/sign-in")
        page.set_content(reply.text)
        assert page.locator("main dd").filter(has_text=case.name.strip()).count() >= 1, case.name
        assert page.evaluate("window.__ran") == []


def test_the_policy_stops_what_gets_past_y02(service: Service, browser: Browser) -> None:
    context = browser.new_context()
    context.add_init_script(WATCH)
    sign_in(context, service, "dudao")
    page = context.new_page()
    page.goto(f"{service.settings.public_url}/desk/progress")
    page.evaluate(
        """() => {
            const inline = document.createElement('script');
            inline.textContent = 'alert(1)';
            document.body.append(inline);
            document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(2)>');
            const away = document.createElement('script');
            away.src = 'https://example.invalid/x.js';
            document.body.append(away);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.__ran") == []
    context.close()


def test_no_cell_runs_y03(
    service: Service, client: httpx.Client, office_cookie: dict[str, str], told: tuple[str, ...]
) -> None:
    viewer = Viewer(login="pay-second", name="x", role="supervisor", region=VILLAGE)
    second = Uncovering(service.database, Walled(service.database, viewer))
    asked = next(one for one in second.approvals() if one.granted is None)
    second.decide(asked.id, granted=True, at=datetime.now(UTC))
    path = f"/desk/roster/names/{asked.id}/take"
    reply = client.post(path, headers={"x-csrf-token": csrf(service, office_cookie)})
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert len(rows) == 201
    names = {one[0] for one in rows[1:]}
    assert not [cell for one in rows for cell in one if is_risky(cell) and not cell.startswith("'")]
    assert {name.removeprefix("'") for name in names} >= {one.removeprefix("'") for one in told}


def test_headers_y04(service: Service, client: httpx.Client) -> None:
    paths = {
        str(getattr(route, "path", ""))
        for router in all_routes(service)
        for route in router.routes
        if "GET" in (getattr(route, "methods", None) or ())
        and declaration(route) is not Open.SIGNED
    }
    for path in sorted(paths):
        reply = client.get(path.replace("{", "").replace("}", ""))
        policy = reply.headers["content-security-policy"]
        assert "unsafe" not in policy, path
        assert "default-src 'none'" in policy, path
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
        assert "no-store" in reply.headers["cache-control"], path
        assert "<script>" not in reply.text, path
        assert " style=" not in reply.text, path
        assert " onclick=" not in reply.text, path
