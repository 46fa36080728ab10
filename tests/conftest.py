"""What all tests share."""

import pytest

from server.forms.library import SHIPPED, load_form
from survey_engine.questionnaire import Questionnaire


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-golden",
        action="store_true",
        help="write the golden interviews as they went; read the difference before committing",
    )


@pytest.fixture(scope="session")
def forms() -> dict[str, Questionnaire]:
    """The two official forms."""
    return {name: load_form(SHIPPED / f"{name}.yaml") for name in ("person", "community")}
