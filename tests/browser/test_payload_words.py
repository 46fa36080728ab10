"""What people say and staff write is never code.

Y05 two hundred texts as words of an answer, values, reasons of rulings, notes and names of files
are shown as they are on every page that shows them, and none does anything in a browser that has
nothing but our escaping to protect it; Y06 none of them is a formula in an identified export.
"""

import csv
import html
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select, update

from models.campaign import Campaign, Campaigns
from models.case import Case
from models.conversation_store import Inbound, TurnResult
from models.note import Note, Notes
from models.review import Ruling
from models.roster import Roster
from models.roster_import import RosterImports
from models.tables import CallingRow, CampaignRow, ReviewTaskRow
from models.viewer import Viewer
from models.walled import Walled
from server.commands.serve import chat_address
from server.export.campaign_export import export_campaign
from server.export.format import Format
from server.export.formula import is_risky
from server.export.order import Order
from server.service import Service
from survey_engine.answer import Heard
from survey_engine.channel import Channel
from survey_engine.input import HandOff, Record
from survey_engine.interview import Interview, Status
from survey_engine.stepping import start, step
from survey_engine.wait import WaitKind
from tests.browser.conftest import follow, picture
from tests.browser.payloads import payloads
from tests.browser.test_payloads import WATCH
from tests.browser.test_review_desk import other_answer
from tests.desks import add_account, cookies
from tests.models.sample import AT, answering, body_for, row

#: Far from the people of the demo, whom other tests look at.
VILLAGE, CAMPAIGN, LOGIN = "980003100201", "said", "said-supervisor"
PEOPLE = 12


@dataclass(frozen=True)
class Said:
    """Where the texts went: who said them, which tasks rest on them, and what was imported."""

    texts: Sequence[str]
    cases: Sequence[Case]
    tasks: Sequence[str]
    imports: Sequence[str]


@pytest.fixture(scope="module")
def said(service: Service) -> Iterator[Said]:
    """All texts, said to the interview and written around it."""
    database, texts = service.database, payloads()
    demo = Campaigns(database).get("demo")
    Campaigns(database).create(
        Campaign(id=CAMPAIGN, form=demo.form, version=demo.version,
                 reference_day=date(2026, 9, 30), region=VILLAGE), by="t", at=AT,
    )  # fmt: skip
    people = [row(3000 + one, region=VILLAGE, name=f"说话人{one}") for one in range(PEOPLE)]
    Roster(database).keep(CAMPAIGN, people, by="t", at=AT)
    for role in ("supervisor", "caseworker", "caller"):
        add_account(service, f"said-{role}", role, VILLAGE)
    viewer = Viewer(login=LOGIN, name="x", role="supervisor", region=VILLAGE)
    records = Walled(database, viewer)
    cases = records.cases()
    left = iter(texts)
    for case in cases:
        _talk(service, case, left)
    assert next(left, None) is None, "more people are needed to say everything"
    tasks = _tasks(service)
    assert len(tasks) >= len(texts)
    for number, text in enumerate(texts):
        Notes(database).add(
            Note(id=f"said-{number}", assignment_id=cases[0].assignment_id, written_by=LOGIN,
                 words=text, at=AT + timedelta(seconds=number))
        )  # fmt: skip
    _hold(service, cases[0])
    _rule(service, records, tasks, texts)
    yield Said(texts, cases, tasks, _imports(RosterImports(database, records), texts))
    with database.writing() as connection:  # other tests' supervisor sees every campaign
        theirs = update(CampaignRow).where(CampaignRow.id == CAMPAIGN)
        connection.execute(theirs.values(region="990000000000"))


def _talk(service: Service, case: Case, left: Iterator[str]) -> None:
    """Let somebody answer every question with the next text, which is then to be verified."""
    store = service.store
    store.start(case.assignment_id, lambda one: _opening(service, one))
    for number in range(120):
        interview = store.interview(case.assignment_id)
        if interview.status is not Status.OPEN or interview.wait is None:
            return
        text = next(left, None) if number > 5 and interview.wait.kind is WaitKind.ASK else ""
        if text is None:
            return
        inbound = Inbound(channel="chat", external_id=f"{case.assignment_id}-{number}",
                          assignment_id=case.assignment_id, body=text or str(number),
                          received_at=AT)  # fmt: skip
        store.take(inbound, _saying(text, body_for(interview)))


def _opening(service: Service, case: Case) -> TurnResult:
    form = service.shelf.find(case.form, case.version)
    interview, events = start(form, case.facts(), case.last_year, at=AT, channel=Channel.CHAT)
    return TurnResult(interview, events)


def _saying(text: str, body: str) -> Callable[[Interview], TurnResult]:
    def turn(interview: Interview) -> TurnResult:
        if not text:
            return replace(answering(body, AT)(interview), reply="", outbox=())
        assert interview.wait
        target = interview.wait.target
        heard = Heard(text, f"u-{target}", 0.4)
        one = (
            Record(at=AT, heard=heard, target=target, value=text)
            if target == "A5"
            else HandOff(at=AT, heard=heard, target=target, reason="unclear")
        )
        after, events = step(interview, one)
        reply = json.dumps({"mine": text, "said": [["ask", target, "下一个问题"]]})
        return TurnResult(after, events, reply)

    return turn


def _hold(service: Service, case: Case) -> None:
    """Let the caller hold a case, whatever the time of day."""
    mine = update(CallingRow).where(CallingRow.assignment_id == case.assignment_id)
    until = datetime.now(UTC) + timedelta(hours=1)
    with service.database.writing() as connection:
        connection.execute(mine.values(claimed_by="said-caller", claimed_until=until))


def _tasks(service: Service) -> Sequence[str]:
    wanted = select(ReviewTaskRow.id).where(ReviewTaskRow.region == VILLAGE)
    with service.database.reading() as connection:
        return connection.scalars(wanted.order_by(ReviewTaskRow.id)).all()


def _rule(service: Service, records: Walled, tasks: Sequence[str], texts: Sequence[str]) -> None:
    """Decide a task for each fourth text, which is the reason given."""
    reviews = service.reviews
    for number, (task, text) in enumerate(zip(tasks[::4], texts[::4], strict=False)):
        reviews.view(records, task, AT)
        ruling = Ruling(decision="undetermined", by=LOGIN, reason=text, at=AT)
        reviews.rule(records, task, f"said-ruling-{number}", ruling)
    reviews.settle(AT + timedelta(minutes=1))


def _imports(imports: RosterImports, texts: Sequence[str]) -> Sequence[str]:
    found = []
    for text in texts:
        rejected = [{"row": 2, "column": text, "code": "x", "message": text}]
        report = {"read": 1, "accepted": 0, "unchanged": 0, "rejected": rejected, "warnings": []}
        found.append(imports.begin(CAMPAIGN, VILLAGE, text, AT))
        imports.end(found[-1], "done", report, AT)
    return found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that notes whatever runs, with nothing but escaping to protect it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    context.add_init_script(WATCH)
    yield context.new_page()
    context.close()


def client(service: Service, login: str) -> httpx.Client:
    return httpx.Client(
        base_url=service.settings.public_url, cookies=cookies(service, login), timeout=60,
        headers={"accept": "text/html"},
    )  # fmt: skip


def shown(page: Page, service: Service, documents: Sequence[str]) -> str:
    """Put documents one behind the other into a page of ours and return all that can be read."""
    page.goto(f"{service.settings.public_url}/desk/sign-in")
    page.set_content("".join(documents))
    page.wait_for_timeout(200)
    assert page.evaluate("window.__ran") == []
    return str(page.evaluate("document.body.textContent"))


def is_in(text: str, told: str) -> bool:
    """Whether a text can be read, however its blanks are shown."""
    return "".join(text.split()) in "".join(told.split())


def test_words_of_answers_and_reasons_y05(service: Service, said: Said, page: Page) -> None:
    with client(service, "said-caseworker") as asking:
        part = {"x-part": "answer"}
        found = [asking.get(f"/desk/review/{task}", headers=part).text for task in said.tasks[::2]]
    told = shown(page, service, found)
    assert sum(is_in(text, told) for text in said.texts) > 90


def test_the_page_of_the_review_desk_y05(service: Service, said: Said, page: Page) -> None:
    """With its script, which takes parts of other pages into this one."""
    ((name, value),) = cookies(service, LOGIN).items()
    page.context.add_cookies([{"name": name, "value": value, "url": service.settings.public_url}])
    page.goto(f"{service.settings.public_url}/desk/review")
    for key in ("a", "z", "x", "j"):
        other_answer(page, key)
    assert page.evaluate("window.__ran") == []
    page.screenshot(path=picture("payloads-review"))


def test_notes_y05(service: Service, said: Said, page: Page) -> None:
    first = said.cases[0].assignment_id
    with service.database.reading() as connection:
        task = connection.scalar(
            select(ReviewTaskRow.id).where(ReviewTaskRow.assignment_id == first).limit(1)
        )
    for login, path in (("said-caseworker", f"/desk/review/{task}"),
                        ("said-caller", f"/desk/calls/{first}")):  # fmt: skip
        with client(service, login) as asking:
            told = shown(page, service, [asking.get(path).text])
        assert [text for text in said.texts if not is_in(text, told)] == [], path


def test_names_of_files_y05(service: Service, said: Said, page: Page) -> None:
    with client(service, LOGIN) as asking:
        found = [asking.get(f"/desk/roster/import/{one}").text for one in said.imports]
        table = asking.get(f"/desk/roster/import/{said.imports[-1]}/rejected.csv").text
    told = shown(page, service, found)
    assert [text for text in said.texts if not is_in(text, told)] == []
    assert [
        cell for line in csv.reader(table.splitlines()) for cell in line if cell[:1] == "="
    ] == []


def test_the_talk_y05(service: Service, said: Said, page: Page) -> None:
    told = ""
    for case in said.cases[:5]:
        page.goto(chat_address(service, case.assignment_id))
        button = page.get_by_role("button", name="开始")
        if button.count():
            follow(button)
        assert page.evaluate("window.__ran") == []
        told += str(page.evaluate("document.body.textContent"))
    assert sum(is_in(text, told) for text in said.texts) > 80


@pytest.mark.parametrize("kind", [Format.CSV, Format.XLSX])
def test_no_cell_of_an_export_runs_y06(
    service: Service, said: Said, tmp_path: Path, kind: Format
) -> None:
    campaign = Campaigns(service.database).get(CAMPAIGN)
    form = service.shelf.find(campaign.form, campaign.version)
    order = Order(campaign, form, identified=True)
    export_campaign(service, order, kind, tmp_path / "out", by="t", at=AT)
    found = [cell for file in (tmp_path / "out").glob(f"*.{kind.value}") for cell in cells(file)]
    if kind is Format.CSV:
        assert [cell for cell in found if is_risky(cell) and not cell.startswith("'")] == []
    told = " ".join(found)
    missing = [text for text in said.texts[::4] if not is_in(text, told)]
    assert len(missing) < 8, "only what waits for a second review is not told yet"


def cells(file: Path) -> Iterator[str]:
    """Yield what a file holds, and see that a workbook has neither formulas nor links."""
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as content:
            yield from (cell for line in csv.reader(content) for cell in line)
        return
    with zipfile.ZipFile(file) as parts:
        inside = b"".join(parts.read(name) for name in parts.namelist())
    assert b"<f>" not in inside
    assert b"<hyperlink" not in inside
    yield html.unescape(inside.decode())
