"""Reads respondents' words for the conversation, by the form that each of them answers."""

from collections.abc import Callable
from pathlib import Path

from dialog.combiner import Combiner, read_combiner, shipped_combiner
from dialog.interpreter import Interpreter
from dialog.interpreters.learned import FOLDER, Learned, learned_in, shipped
from dialog.interpreters.sound import Sound
from dialog.learning.classifier import Classifiers
from dialog.reader import UnderstandingReader
from dialog.understanding import Understanding
from dialog.utterance import Utterance
from survey_engine.input import Input
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire


class FormReader:
    """One understanding a form, made when the form is first spoken of.

    What was learned here, in ``folder``, stands in place of what comes with the release.
    """

    def __init__(self, folder: Path = FOLDER, more: tuple[Interpreter, ...] = ()) -> None:
        self._folder = folder
        self._more = more
        self._held: dict[int, tuple[Questionnaire, Understanding]] = {}

    def read(self, interview: Interview, utterance: Utterance) -> Input:
        """Return what ``utterance`` means in answer to the waiting question."""
        return UnderstandingReader(self.understanding(interview.questionnaire)).read(
            interview, utterance
        )

    def understanding(self, form: Questionnaire) -> Understanding:
        """Return what answers to the questions of ``form`` are understood by."""
        held = self._held.get(id(form))
        if held is None:
            understanding = Understanding(form, voters=self._voters(), combiner=self._combiner)
            held = self._held[id(form)] = (form, understanding)
        return held[1]

    def _voters(self) -> tuple[Interpreter, ...]:
        learned: Callable[[str], Classifiers | None] = self._learned
        return (Sound(), Learned("sense", learned), Learned("spelling", learned), *self._more)

    def _learned(self, form: str) -> Classifiers | None:
        return learned_in(self._folder, form) or shipped(form)

    def _combiner(self) -> Combiner | None:
        return read_combiner(self._folder / "combiner.json") or shipped_combiner()
