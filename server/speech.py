"""Who hears and who speaks, as the settings want it and the installed models allow."""

import os
from importlib.util import find_spec
from pathlib import Path

from server.settings import Settings
from telephony.failure import RecogniserError
from telephony.recogniser import Recogniser
from telephony.recognisers.absent import AbsentRecogniser
from telephony.recognisers.fault import Fault
from telephony.speech_model import ModelShelf, speech_model
from telephony.workers import Setup, WorkerRecogniser

#: The models of each recogniser, the better one first.
_MODELS = {"vosk": ("vosk-cn", "vosk-cn-small"), "whisper": ("whisper-base",)}
_NEEDS = {"vosk": "vosk", "whisper": "faster_whisper"}


def recogniser_of(settings: Settings) -> Recogniser:
    """Return the recogniser that can hear here, or one that says what is missing."""
    try:
        return WorkerRecogniser(setup_of(settings))
    except RecogniserError as error:
        return AbsentRecogniser(error)


def setup_of(settings: Settings) -> Setup:
    """Return how the recogniser of the settings is run.

    Raises :class:`telephony.failure.RecogniserError` with what has to be done if there is none.
    """
    wanted = tuple(_MODELS) if settings.recogniser == "auto" else (settings.recogniser,)
    for name in wanted:
        model = _model_of(settings, name)
        if model is not None and find_spec(_NEEDS[name]) is not None:
            return _setup(settings, name, model)
    raise _missing(settings, wanted)


def _model_of(settings: Settings, name: str) -> Path | None:
    given = settings.vosk_model if name == "vosk" else settings.whisper_model
    if given is not None:
        return given if given.is_dir() else None
    shelf = ModelShelf(settings.models_dir)
    models = [speech_model(one) for one in _MODELS[name]]
    return next((shelf.path(one) for one in models if shelf.has(one)), None)


def _setup(settings: Settings, name: str, model: Path) -> Setup:
    return Setup(
        name=name,
        module=f"telephony.recognisers.{name}",
        model=model.resolve(),
        workers=settings.recogniser_workers or os.cpu_count() or 1,
        streams=name == "vosk",
    )


def _missing(settings: Settings, wanted: tuple[str, ...]) -> RecogniserError:
    """Return the error that names the first thing to do for a recogniser that any index has."""
    name = wanted[-1]
    if _model_of(settings, name) is not None:
        return RecogniserError(Fault.NOT_INSTALLED, name=name, extra=name)
    given = settings.vosk_model if name == "vosk" else settings.whisper_model
    place = given or settings.models_dir
    return RecogniserError(Fault.NO_MODEL, name=name, path=place, model=_MODELS[name][-1])
