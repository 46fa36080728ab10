"""What all tests share."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import Database
from models.keys import KeyFile
from server.forms.library import SHIPPED, load_form
from survey_engine.questionnaire import Questionnaire
from tests.models.postgresql import Cluster, binaries


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-golden",
        action="store_true",
        help="write the golden interviews as they went; read the difference before committing",
    )


_PAGES = Path(__file__).parent / "browser"


@pytest.fixture(autouse=True)
def _own_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let tests run an event loop of their own, although the browser's stands still beside it.

    Playwright keeps its loop entered on this thread for as long as a browser is open.
    """
    if _PAGES in request.path.parents:
        yield
        return
    standing = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(standing)


@pytest.fixture(scope="session")
def forms() -> dict[str, Questionnaire]:
    """The two official forms."""
    return {name: load_form(SHIPPED / f"{name}.yaml") for name in ("person", "community")}


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyFile:
    return KeyFile.open(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.fixture(scope="session")
def cluster(keys: KeyFile) -> Iterator[Cluster]:
    found = binaries()
    if found is None:
        pytest.skip(
            "no PostgreSQL server 15 or newer below /usr/lib/postgresql: install postgresql"
        )
    running = Cluster(found)
    try:
        running.run("CREATE DATABASE template_tingwen")
        migrated(running.url("template_tingwen"), keys)
        yield running
    finally:
        running.stop()


def migrated(url: str, keys: KeyFile) -> None:
    database = Database.open(url, keys)
    database.migrate()
    database.close()
