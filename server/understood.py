"""The understanding of one form, with every interpreter that this release has."""

from pathlib import Path

from dialog.combiner import Combiner, read_combiner, shipped_combiner
from dialog.interpreter import Interpreter
from dialog.interpreters.language_model import LanguageModel
from dialog.interpreters.learned import FOLDER, learned_in, shipped
from dialog.interpreters.rasa import Rasa
from dialog.learning.classifier import Classifiers
from dialog.understanding import Understanding, voters
from server.settings import Settings
from survey_engine.questionnaire import Questionnaire


def understanding_of(
    form: Questionnaire, folder: Path | None, more: tuple[Interpreter, ...]
) -> Understanding:
    """Return the understanding of ``form``; what was learned in ``folder`` outweighs ours."""
    place = folder or FOLDER

    def learned(name: str) -> Classifiers | None:
        return learned_in(place, name) or shipped(name)

    def combiner() -> Combiner | None:
        return read_combiner(place / "combiner.json") or shipped_combiner()

    return Understanding(form, voters=(*voters(learned), *more), combiner=combiner)


def outside_interpreters(settings: Settings) -> tuple[Interpreter, ...]:
    """Return the interpreters that run in processes of their own, where the settings name one."""
    found: list[Interpreter] = []
    if settings.rasa_url:
        found.append(Rasa(settings.rasa_url))
    if settings.llm_url:
        key = settings.llm_key.get_secret_value()
        found.append(LanguageModel(settings.llm_url, settings.llm_model, key))
    return tuple(found)
