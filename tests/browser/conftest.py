"""A real service with the demo's county, and a real Chromium to look at it."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from server.app import create_app
from server.demo.county import Demo
from server.desk.door import Open, open_to
from server.service import Service
from server.settings import Settings
from tests.desks import cookies

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

#: Milliseconds to wait for what a page must come to show, however busy the machine is.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if path is None:
        pytest.skip("no Chromium is installed, so the pages cannot be looked at")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        found.on("context", lambda context: context.set_default_timeout(PATIENCE))
        yield found
        found.close()


def broken() -> APIRouter:
    """A page with a fault in it, so that one can see what people are told."""
    router = APIRouter(dependencies=[open_to(Open.ANYONE)])

    @router.get("/desk/broken")
    def fail() -> None:
        raise RuntimeError("as if there were a fault")

    return router


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The demo's service, answering on a free port; what one file does, no other one meets."""
    place, address = taken_port()
    data = tmp_path_factory.mktemp("demo")
    settings = Settings(data_dir=data, public_url=address, argon2_memory_kib=8, argon2_time=1)
    served = Service.open(settings)
    Demo(served).prepare()
    with answering(create_app(served, [broken()]), place):
        yield served


def taken_port() -> tuple[socket.socket, str]:
    """Take a free port, which nobody else can get any more, and tell its address."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    return place, f"http://localhost:{place.getsockname()[1]}"


@contextmanager
def answering(app: FastAPI, place: socket.socket) -> Iterator[None]:
    """Let ``app`` answer at a port that was taken for it."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([place],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.02)
    yield
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def telephone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """An old phone: 360 px wide."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True)
    yield from looked_after(context, request)


@pytest.fixture
def desk(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A desk with a wide screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    yield from looked_after(context, request)


def looked_after(
    context: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """Give a context whose pages are kept as they stood, with their story, if the test fails."""
    told: list[str] = []
    context.on("console", lambda message: told.append(f"console: {message.text}"))
    context.on("request", lambda one: told.append(f"{one.method} {one.url}"))
    context.on("requestfailed", lambda one: told.append(f"failed: {one.url} {one.failure}"))
    context.on("response", lambda one: told.append(f"{one.status} {one.url}"))
    failures = request.session.testsfailed
    yield context
    if request.session.testsfailed > failures:
        for number, page in enumerate(context.pages):
            kept = picture(f"failed-{request.node.name}-{number}")
            page.screenshot(path=kept)
            kept.with_suffix(".txt").write_text("\n".join((*told, page.content())), "utf-8")
    context.close()


def sign_in(context: BrowserContext, service: Service, login: str) -> None:
    """Sign ``login`` in at this browser."""
    ((name, value),) = cookies(service, login).items()
    context.add_cookies([{"name": name, "value": value, "url": service.settings.public_url}])


def follow(target: Locator) -> None:
    """Click what leads to another page, and wait until that page is there."""
    with target.page.expect_navigation():
        target.click()


def press(page: Page, key: str = "Enter") -> None:
    """Press a key that leads to another page, and wait until that page is there."""
    with page.expect_navigation():
        page.keyboard.press(key)


def picture(name: str) -> Path:
    """Return where the screenshot ``name`` is kept for people to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS / f"{name}.png"
