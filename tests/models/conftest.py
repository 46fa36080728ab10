"""Fresh, migrated databases of both kinds, and the sample that most tests work on."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.database import Database
from models.keys import KeyFile
from survey_engine.questionnaire import Questionnaire
from tests.conftest import migrated
from tests.models.postgresql import Cluster
from tests.models.sample import Sample

_NUMBERS = itertools.count(1)
KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def scale() -> int:
    """How many times larger than usual the reliability tests are (``TINGWEN_TEST_SCALE``)."""
    return int(os.environ.get("TINGWEN_TEST_SCALE", "1"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, keys: KeyFile) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.db"
    migrated(f"sqlite:///{file}", keys)
    return file


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database with all tables."""
    if kind == "sqlite":
        file = tmp_path / "records.db"
        shutil.copyfile(request.getfixturevalue("template"), file)
        yield f"sqlite:///{file}"
        return
    server: Cluster = request.getfixturevalue("cluster")
    name = f"t{next(_NUMBERS)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE template_tingwen")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def opened(url: str, keys: KeyFile) -> Iterator[Callable[[], Database]]:
    """Opens the same database as often as wanted, as several processes would."""
    found: list[Database] = []

    def open_it() -> Database:
        found.append(Database.open(url, keys))
        return found[-1]

    yield open_it
    for database in found:
        database.close()


@pytest.fixture
def database(opened: Callable[[], Database]) -> Database:
    return opened()


@pytest.fixture
def sample(database: Database, forms: dict[str, Questionnaire]) -> Sample:
    return Sample.build(database, forms)
