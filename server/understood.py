"""The understanding of one form, with every interpreter that this release has."""

from pathlib import Path

from dialog.combiner import Combiner, read_combiner, shipped_combiner
from dialog.interpreter import Interpreter
from dialog.interpreters.learned import FOLDER, Learned, learned_in, shipped
from dialog.interpreters.sound import Sound
from dialog.learning.classifier import Classifiers
from dialog.understanding import Understanding
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

    voters: tuple[Interpreter, ...] = (
        Sound(), Learned("sense", learned), Learned("spelling", learned), *more,
    )  # fmt: skip
    return Understanding(form, voters=voters, combiner=combiner)
