"""Who hears and who speaks, as the settings want it and the installed models allow."""

import os
from collections.abc import Container, Iterable
from contextlib import suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from dialog.fixed_prompts import fixed_prompts
from dialog.wording import Office
from server.form_shelf import FormShelf
from server.settings import Settings
from server.telephone.caller_form import caller_prompts
from survey_engine.worded import WordedError
from telephony.failure import ModelError, RecogniserError, VoiceError
from telephony.recogniser import Recogniser
from telephony.recognisers.absent import AbsentRecogniser
from telephony.recognisers.fault import Fault
from telephony.speech_model import ModelShelf, speech_model
from telephony.voice import Voice
from telephony.voices.espeak import EspeakVoice, is_there
from telephony.voices.fault import Fault as VoiceFault
from telephony.voices.kept import KeptVoice
from telephony.voices.kokoro import KokoroVoice
from telephony.voices.recorded import RecordedVoice
from telephony.voices.silent import SilentVoice
from telephony.voices.spare import SpareVoice
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


def voice_of(settings: Settings, fixed: Container[str]) -> Voice:
    """Return who speaks here: first what a person has read in, then what was made before.

    ``fixed`` are the sentences that may be kept as files (:mod:`dialog.fixed_prompts`). Where
    nothing can speak, the voice says what is missing; a sentence on which the best voice fails is
    spoken by the last resort.
    """
    kept: Voice = KeptVoice(synthesis_of(settings), settings.spoken_dir, fixed)
    spare = spare_of(settings)
    return RecordedVoice(settings.prompt_path, SpareVoice(kept, spare) if spare else kept)


def spare_of(settings: Settings) -> Voice | None:
    """Return the last resort behind a better voice, or None where there is no such pair here."""
    if isinstance(synthesis_of(settings), (SilentVoice, EspeakVoice)):
        return None
    return EspeakVoice() if is_there() else None


def unmade(settings: Settings, texts: Iterable[str]) -> int:
    """Return how many of these sentences would be made, slowly, in the middle of a call."""
    voice = synthesis_of(settings)
    if not isinstance(voice, KokoroVoice):
        return 0
    kept = KeptVoice(voice, settings.spoken_dir, ())
    recorded = RecordedVoice(settings.prompt_path, kept)
    return sum(not (recorded.has(text) or kept.has(text)) for text in texts)


def silence_of(settings: Settings) -> WordedError | None:
    """Return why nothing can speak here and what to do, or None if something can."""
    voice = synthesis_of(settings)
    return voice.error if isinstance(voice, SilentVoice) else None


def synthesis_of(settings: Settings) -> Voice:
    """Return the synthetic voice of the settings; the best one that is here for ``auto``."""
    try:
        if settings.voice == "espeak" or (settings.voice == "auto" and not _has_kokoro(settings)):
            return EspeakVoice()
        if not _is_installed():
            return SilentVoice(VoiceError(VoiceFault.NOT_INSTALLED, name="kokoro"))
        model = ModelShelf(settings.models_dir).installed("kokoro-82m")
        return KokoroVoice(model, settings.kokoro_voice)
    except (VoiceError, ModelError) as error:
        return SilentVoice(error)


def _has_kokoro(settings: Settings) -> bool:
    return _is_installed() and ModelShelf(settings.models_dir).has(speech_model("kokoro-82m"))


def _is_installed() -> bool:
    return find_spec("kokoro_onnx") is not None and find_spec("misaki") is not None


def can_talk(settings: Settings) -> bool:
    """Whether people can be heard and spoken with here."""
    with suppress(RecogniserError):
        setup_of(settings)
        return silence_of(settings) is None
    return False


class FixedTexts:
    """The sentences of all forms that hold nothing of a person; read when first looked into."""

    def __init__(self, shelf: FormShelf, office: Office) -> None:
        self._shelf, self._office = shelf, office

    @cached_property
    def _texts(self) -> frozenset[str]:
        forms, office = self._shelf.every(), self._office
        prompts = [fixed_prompts(form, office) for form in forms]
        prompts += [caller_prompts(form, office) for form in forms]
        return frozenset(prompt.text for listed in prompts for prompt in listed)

    def __contains__(self, text: object) -> bool:
        return text in self._texts


def office_of(settings: Settings) -> Office:
    """Return the county's own office, as sentences name it."""
    return Office(
        organisation=settings.organisation, callback=settings.callback, hotline=settings.hotline
    )
