"""A caseworker's hour at the review desk, in a real Chromium.

W01 every ruling by one key, and the next answer is there without a page load, W02 z takes it back
within ten seconds, W03 rows by j and k, the filter by /, the keys by ?, W04 the sound of
the turn plays, slows and gets louder while its words light up, W05 without a script the same forms
work, W06 no accessibility violation in any state and either colour scheme,
at twice the size and on a phone, W07 a broken line loses nothing.
"""

import math
import re
import struct
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from models.clip import Clip, Clips, HeardWord
from models.review import Task, TaskFilter
from models.ruling import Given
from server.demo.county import REVIEWER
from server.service import Service
from tests.browser.conftest import follow, picture, sign_in

SUPERVISOR = "dudao"
OPEN = TaskFilter()
#: How many rows of the list stand after the one that is shown.
_LEFT = """() => {
  const rows = [...document.querySelectorAll("#tasks li:not([hidden]) a")];
  return rows.length - 1 - rows.findIndex((row) => row.hasAttribute("aria-current"));
}"""


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def open_desk(context: BrowserContext, service: Service, path: str = "/desk/review") -> Page:
    page = context.new_page()
    page.goto(f"{service.settings.public_url}{path}")
    return page


def open_for_keys(context: BrowserContext, service: Service, path: str = "/desk/review") -> Page:
    """Open the desk and wait until it takes keys, which the focus on its title tells."""
    page = open_desk(context, service, path)
    expect(page.locator("#answer #title")).to_be_focused()
    return page


@pytest.fixture
def caseworker(desk: BrowserContext, service: Service) -> BrowserContext:
    sign_in(desk, service, REVIEWER)
    return desk


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may need longer for a page than a ruling can be taken back."""
    for module in ("models.ruling", "server.review.routes"):
        monkeypatch.setattr(f"{module}.GRACE", timedelta(minutes=5))


@pytest.fixture(autouse=True)
def free(service: Service) -> None:
    """Nobody holds a task when a test begins; what tests before have ruled stays ruled."""
    for task in service.reviews.reviews.tasks(OPEN):
        if task.claimed_by:
            service.reviews.reviews.release(task.id, task.claimed_by)


def current(page: Page) -> str:
    return page.locator("#answer").get_attribute("data-task") or ""


def other_answer(page: Page, key: str) -> str:
    """Press a key that brings another answer; return the task before it when the other is there."""
    task = current(page)
    page.keyboard.press(key)
    page.locator(f"#answer:not([data-task='{task}']):not([aria-busy])").wait_for()
    return task


def last(service: Service, task: str) -> Given:
    return service.reviews.rulings.of_task(task)[-1]


def test_by_keys_alone_w01_w02_w03(caseworker: BrowserContext, service: Service) -> None:
    page = open_desk(caseworker, service)
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    count = int(page.locator("#count").inner_text())
    expect(page.locator("#title")).to_be_focused()
    _go_to_item(page)
    taken = other_answer(page, "1")
    assert last(service, taken).decision in ("change", "confirm")
    expect(page.locator("#count")).to_have_text(str(count - 1))
    expect(page.locator("#title")).to_be_focused()
    expect(page.locator("#told")).not_to_be_empty()
    expect(page).to_have_url(re.compile(f"{current(page)}$"))
    page.screenshot(path=picture("review-undo"))
    assert_accessible(page)
    page.keyboard.press("z")
    page.locator(f"#answer[data-task='{taken}']").wait_for()
    assert last(service, taken).ending == "withdrawn"
    expect(page.locator("#count")).to_have_text(str(count))
    expect(page.get_by_role("alert")).to_contain_text("已撤回")
    for key, decision in (("x", "undetermined"), ("a", "reopen"), ("v", "visit")):
        _go_to_item(page)
        assert last(service, other_answer(page, key)).decision == decision
    before = other_answer(page, "j")
    expect(page.locator("#tasks [aria-current]")).to_have_attribute("data-task", current(page))
    page.keyboard.press("k")
    page.locator(f"#answer[data-task='{before}']").wait_for()
    page.keyboard.press("/")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text("上门核实")
    assert_accessible(page)
    page.keyboard.press("Escape")
    assert loads == []


def _go_to_item(page: Page) -> None:
    _walk_to(page, "#ruling [name=take]")


def _walk_to(page: Page, wanted: str) -> None:
    """Walk on with j, and back with k from the last, to an answer that has something."""
    key = "j"
    for _ in range(60):
        if page.locator(wanted).count():
            return
        if not page.evaluate(_LEFT):
            key = "k"
        other_answer(page, key)
    raise AssertionError(f"no answer with {wanted} is left")


def test_enter_takes_the_suggestion_and_e_types_another_w01(
    caseworker: BrowserContext, service: Service
) -> None:
    page = open_desk(caseworker, service)
    _walk_to(page, "[data-suggested]")
    suggested = page.locator("[data-suggested]").first.get_attribute("value")
    task = other_answer(page, "Enter")
    assert last(service, task).value == suggested
    page.keyboard.press("e")
    focused = page.evaluate("document.activeElement.closest('#other, .rows') !== null")
    assert focused or not page.locator("#ruling [name=take]").count()


@pytest.fixture
def with_sound(service: Service) -> Task:
    """A task whose turn has a second of sound."""
    task = next(one for one in service.reviews.reviews.tasks(OPEN) if one.utterance)
    Clips(service.database).keep(
        Clip(
            utterance=task.utterance,
            interview_id=task.interview_id,
            format="pcm16",
            rate=8000,
            sound=_tone(8000),
            recorded_at=task.created_at,
            words=(
                HeardWord("有", 0.0, 0.3, 0.97),
                HeardWord("领过", 0.3, 0.6, 0.75),
                HeardWord("那个", 0.6, 0.8, 0.55),
                HeardWord("补贴", 0.8, 1.2, 0.2),
            ),
        )
    )
    return task


def _tone(samples: int) -> bytes:
    values = (int(8000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(samples))
    return struct.pack(f"<{samples}h", *values)


#: A word may be lit for less than the time between two looks from outside.
_NOTE_WHAT_LIGHTS_UP = """() => {
  window.lit = [];
  new MutationObserver((seen) => {
    for (const { target } of seen) if (target.matches(".word.now")) lit.push(target.textContent);
  }).observe(document.getElementById("heard"), { subtree: true, attributeFilter: ["class"] });
}"""


def test_the_sound_of_the_turn_w04(
    caseworker: BrowserContext, service: Service, with_sound: Task
) -> None:
    page = open_desk(caseworker, service, f"/desk/review/{with_sound.id}")
    expect(page.locator("#heard .level-4")).to_contain_text("补贴")
    page.wait_for_function("document.querySelector('#sound').readyState >= 2")
    assert_accessible(page)
    page.screenshot(path=picture("review-sound"), full_page=True)
    page.keyboard.press("s")
    page.keyboard.press("l")
    assert page.evaluate("document.querySelector('#sound').playbackRate") == 0.7
    expect(page.locator("[data-sound=loud]")).to_have_attribute("aria-pressed", "true")
    page.evaluate(_NOTE_WHAT_LIGHTS_UP)
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('#sound').ended")
    expect(page.locator("#heard .word.now")).to_have_count(0)
    assert "有" in page.evaluate("window.lit")


def test_without_a_script_w05(browser: Browser, service: Service) -> None:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, service, REVIEWER)
    page = open_desk(context, service)
    task = current(page)
    follow(page.get_by_role("button", name=re.compile("上门核实")))
    expect(page.locator("#answer")).not_to_have_attribute("data-task", task)
    assert last(service, task).decision == "visit"
    follow(page.get_by_role("button", name=re.compile("撤回")))
    expect(page.locator("#answer")).to_have_attribute("data-task", task)
    assert last(service, task).ending == "withdrawn"
    page.get_by_label("写一条").fill("下午再打")
    follow(page.get_by_role("button", name="记下"))
    expect(page.locator("aside")).to_contain_text("下午再打")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violation_in_any_state_w06(browser: Browser, service: Service, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )
    sign_in(context, service, SUPERVISOR)
    states = {
        "answer": "/desk/review",
        "empty": "/desk/review?age=7d&item=A4",
        "unknown-word": "/desk/review?words=月球",
        "narrowed": "/desk/review?channel=chat",
        "quality": "/desk/review/quality",
    }
    for task in service.reviews.reviews.tasks(TaskFilter(status="decided"), limit=1):
        states["over"] = f"/desk/review/{task.id}"
    for name, path in states.items():
        page = open_desk(context, service, path)
        if name == "narrowed":
            page.locator("summary").first.click()
        assert_accessible(page)
        page.screenshot(path=picture(f"review-{name}-{scheme}"))
        page.close()
    context.close()


@pytest.mark.parametrize(("width", "height"), [(640, 450), (360, 740)])
def test_small_screens_w06(browser: Browser, service: Service, width: int, height: int) -> None:
    """640 px is 1280 px at twice the size."""
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    sign_in(context, service, REVIEWER)
    for path in ("/desk/review", "/desk/review/quality"):
        page = open_desk(context, service, path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.screenshot(path=picture(f"review-{path[-7:].strip('/')}-{width}"), full_page=True)
    context.close()


def test_a_broken_line_loses_nothing_w07(caseworker: BrowserContext, service: Service) -> None:
    page = open_for_keys(caseworker, service)
    _go_to_item(page)
    task = current(page)
    broken = [True]

    def answered_into_the_void(route: Route) -> None:
        if route.request.method == "POST" and broken.pop():
            broken.append(False)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/desk/review/*", answered_into_the_void)
    page.keyboard.press("x")
    expect(page.get_by_role("alert")).to_contain_text("请再按一次")
    assert current(page) == task
    other_answer(page, "x")
    standing = [one for one in service.reviews.rulings.of_task(task) if one.ending != "withdrawn"]
    assert len(standing) == 1
