"""Measures the review desk with 50,000 open tasks: the list, single actions, and a whole hour.

``python -m benchmarks.review [TASKS [ACTIONS]]`` makes that many open tasks (50,000), 40 of each
interview, serves them in a process of its own, and prints how long the list takes to open, how
long each action of a caseworker takes from the HTTP request to the reply that holds the next
answer (300 of them), and how many verdicts an hour a scripted caseworker reaches in Chromium who
never has to think. ``TINGWEN_DATABASE_URL`` names an empty PostgreSQL database to use instead of
SQLite. All interviews are copies of one, so the audit check fails on this data.
"""

import itertools
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import Connection, func, insert, select, text, update

from benchmarks.chat import _free_port, _serving
from models.chain import campaign_chain
from models.region import ensure_regions
from models.sealing import Sealing
from models.sitting import Sittings
from models.staff import Account, Staff
from models.tables import ChainHeadRow, EventRow, InterviewRow, ReviewTaskRow
from server.desk.door import COOKIE
from server.forms.library import SHIPPED, load_form
from server.service import Service
from server.settings import Settings
from survey_engine.interview import Interview
from survey_engine.item import ItemType
from tests.models.sample import CAMPAIGN, Sample, body_for

TASKS, ACTIONS, EACH, VILLAGES = 50_000, 300, 40, 60
COUNTY, LOGIN = "990000000000", "shenhe"
_REASONS = ("unclear", "unclear", "noise", "check:L13", "dont_know", "unsure_option", "refused")
_WORDS = ("好像有吧，记不太清了", "去年交过，今年没有", "结了，早结了", "没得没得", "在外头打零工")


def main() -> None:
    """Print all figures as Markdown tables."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else TASKS
    actions = int(sys.argv[2]) if len(sys.argv) > 2 else ACTIONS
    with tempfile.TemporaryDirectory() as folder:
        address = f"http://127.0.0.1:{_free_port()}"
        settings = Settings(
            data_dir=Path(folder), public_url=address, review_gold_share=0, review_second_share=0
        )
        service = Service.open(settings)
        _prepare(service, tasks)
        server = _serving(service, address)
        try:
            _measure(service, address, tasks, actions, Server(server.pid))
        finally:
            server.terminate()
            server.wait(20)
            service.close()


def _prepare(service: Service, tasks: int) -> None:
    form = load_form(SHIPPED / "person.yaml")
    service.shelf.keep(form)
    people = max(2, -(-tasks // EACH))
    sample = Sample.build(service.database, {"person": form}, people=people)
    sample.start()
    for number in itertools.count():
        held = sample.interview()
        if held.wait is None:
            break
        sample.say(f"{number}", body_for(held))
    account = Account(login=LOGIN, name="审核", role="caseworker", password="unused", region=COUNTY)
    Staff(service.database).add(account, by="benchmark", at=datetime.now(UTC))
    with service.database.writing() as connection:
        _copy(connection, sample.assignments)
        _fill(connection, sample.interview(), tasks)
    if not service.database.is_sqlite:  # as autovacuum does by itself after a while
        with service.database.engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            alone.execute(text("VACUUM ANALYZE"))


def _copy(connection: Connection, assignments: Sequence[str]) -> None:
    """Give everybody the interview of the first one, as the bytes that it is."""
    held, events = Sealing.plain(InterviewRow), Sealing.plain(EventRow)
    interview = dict(connection.execute(select(held)).mappings().one())
    history = [dict(row) for row in connection.execute(select(events)).mappings()]
    places = itertools.count(len(history) + 1)
    for number, assignment in enumerate(assignments[1:], 1):
        mine = {"id": f"i{number}", "assignment_id": assignment}
        connection.execute(insert(held), {**interview, **mine})
        connection.execute(
            insert(events),
            [
                {**row, "interview_id": f"i{number}", "campaign_seq": next(places)}
                for row in history
            ],
        )
    connection.execute(
        update(ChainHeadRow)
        .where(ChainHeadRow.name == campaign_chain(CAMPAIGN))
        .values(length=next(places) - 1)
    )


def _fill(connection: Connection, interview: Interview, tasks: int) -> None:
    """Flag :data:`EACH` answers of everybody."""
    random, now = Random(1), datetime.now(UTC)
    villages = [f"9900001{number // 20:02d}2{number % 20 + 1:02d}" for number in range(VILLAGES)]
    ensure_regions(connection, villages)
    form = interview.questionnaire
    items = [name for name in interview.answers if form.item(name).type is ItemType.SINGLE][:EACH]
    held = connection.execute(select(InterviewRow.id, InterviewRow.assignment_id)).all()
    found = itertools.islice(itertools.product(range(EACH), held), tasks)
    for some in iter(lambda: list(itertools.islice(found, 5_000)), []):
        rows = [
            _task(random, interview, items[place % len(items)], place, one, villages, now)
            for place, one in some
        ]
        connection.execute(insert(ReviewTaskRow), rows)


def _task(
    random: Random,
    interview: Interview,
    item: str,
    place: int,
    held: Any,
    villages: Sequence[str],
    now: datetime,
) -> dict[str, object]:
    codes = tuple(dict.fromkeys(interview.instance.offers(item)))
    suggested, share = random.choice(codes), random.uniform(0.3, 0.8)
    others = [(code, (1 - share) / len(codes)) for code in codes[:4] if code != suggested]
    return {
        "id": f"{held.id}x{place}",
        "interview_id": held.id,
        "event_seq": place + 2,
        "assignment_id": held.assignment_id,
        "campaign_id": CAMPAIGN,
        "region": villages[hash(held.id) % VILLAGES],
        "item": item,
        "reason": random.choice(_REASONS),
        "value": suggested,
        "words": random.choice(_WORDS),
        "utterance": "",
        "confidence": share,
        "candidates": [(suggested, share), *others],
        "status": "open",
        "created_at": now - timedelta(minutes=random.randrange(20_000)),
        "channel": "voice",
        "due_on": date(2026, 12, 31) if random.random() < 0.98 else now.date(),
        "urgency": random.randint(2, 7),
    }


@dataclass(frozen=True, slots=True)
class Server:
    """The process that serves, whose own time tells what a busy machine hides."""

    pid: int

    def seconds(self) -> float:
        """Return the processor time it has used, with that of its system calls."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _measure(service: Service, address: str, tasks: int, actions: int, server: Server) -> None:
    sittings = Sittings(service.database)
    cookie = sittings.begin(LOGIN, datetime.now(UTC))
    browser = httpx.Client(
        base_url=address,
        cookies={COOKIE: cookie},
        headers={"accept": "text/html", "x-csrf-token": sittings.token(cookie)},
        timeout=60,
    )
    kind = service.database.engine.dialect.name
    print(f"{tasks} open tasks, {kind}\n")
    print("| what | n | median, ms | 95 %, ms | worst, ms | processor time each, ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    opened = {
        "list, all": "/desk/review",
        "list, one item": "/desk/review?item=E3",
        "list, one village and reason": "/desk/review?village=990000100201&reason=unclear",
        "list, words": "/desk/review?words=没听明白",
    }
    for name, path in opened.items():
        act = partial(browser.get, path, follow_redirects=True)
        _row(name, _timed(lambda act=act: _ok(act()), 20), server)
    browser.headers["x-part"] = "answer"
    _row("ruling, its effect, and the next answer", _rulings(browser, actions), server)
    _row("undo, with the ruling before it", _undoing(browser, 30), server)
    _settled(service)
    _by_keys(address, cookie, actions, server)
    _settled(service)


def _ok(reply: httpx.Response) -> httpx.Response:
    reply.raise_for_status()
    return reply


def _timed(act: Callable[[], object], times: int) -> Iterator[float]:
    for _ in range(times):
        begun = time.perf_counter()
        act()
        yield time.perf_counter() - begun


def _current(page: str) -> tuple[str, str]:
    task = re.search(r'id="answer" data-task="([0-9a-z]+)"', page)
    key = re.search(r'id="ruling".*?name="key" value="([0-9a-f]+)"', page, re.DOTALL)
    if task is None or key is None:
        raise SystemExit("there is nothing to decide")
    return task[1], key[1]


def _rulings(browser: httpx.Client, times: int) -> Iterator[float]:
    random = Random(2)
    page = _ok(browser.get("/desk/review")).text
    for _ in range(times):
        task, key = _current(page)
        values = re.findall(r'name="take" value="([^"]+)"', page)
        act = random.choices(("take", "undetermined", "reopen"), (90, 8, 2))[0]
        body = {"take": random.choice(values)} if act == "take" else {"act": act}
        begun = time.perf_counter()
        page = _ok(browser.post(f"/desk/review/{task}", data={"key": key, **body})).text
        yield time.perf_counter() - begun


def _undoing(browser: httpx.Client, times: int) -> Iterator[float]:
    page = _ok(browser.get("/desk/review")).text
    for _ in range(times):
        task, key = _current(page)
        _ok(browser.post(f"/desk/review/{task}", data={"key": key, "act": "undetermined"}))
        begun = time.perf_counter()
        page = _ok(browser.post("/desk/review/undo", data={"key": key})).text
        yield time.perf_counter() - begun


def _settled(service: Service) -> None:
    """Wait until every ruling has taken effect."""
    waiting = select(func.count()).where(ReviewTaskRow.pending.is_not(None))
    for _ in range(120):
        with service.database.reading() as connection:
            if not connection.scalar(waiting):
                return
        time.sleep(0.5)
    raise SystemExit("rulings do not settle")


def _row(name: str, seconds: Iterable[float], server: Server) -> None:
    begun = server.seconds()
    kept = sorted(1e3 * one for one in seconds)
    each = 1e3 * (server.seconds() - begun) / len(kept)
    middle, high = kept[len(kept) // 2], kept[int(0.95 * (len(kept) - 1))]
    print(f"| {name} | {len(kept)} | {middle:.0f} | {high:.0f} | {kept[-1]:.0f} | {each:.0f} |")


def _by_keys(address: str, cookie: str, actions: int, server: Server) -> None:
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": COOKIE, "value": cookie, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/desk/review")
        begun = time.perf_counter()
        _row("from a key to the next answer on the screen", _pressing(page, actions), server)
        whole = time.perf_counter() - begun
        browser.close()
    print(f"\n{3600 * actions / whole:.0f} verdicts an hour by a caseworker who never thinks.")


def _pressing(page: Page, actions: int) -> Iterator[float]:
    return (_pressed(page, key) for key in _keys(actions))


def _keys(actions: int) -> Iterator[str]:
    random = Random(3)
    return (random.choices(("Enter", "1", "2", "x"), (60, 20, 12, 8))[0] for _ in range(actions))


def _pressed(page: Page, key: str) -> float:
    task = page.locator("#answer").get_attribute("data-task")
    begun = time.perf_counter()
    page.keyboard.press(key)
    page.wait_for_function(
        "task => document.getElementById('answer').dataset.task !== task", arg=task, polling=5
    )
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
