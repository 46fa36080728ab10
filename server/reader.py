"""Reads respondents' words for the conversation, by the form that each of them answers."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from dialog.utterance import Utterance
from survey_engine.input import Input
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire

if TYPE_CHECKING:
    from dialog.understanding import Understanding
    from server.settings import Settings


class FormReader:
    """One understanding a form, made when the form is first spoken of.

    What was learned here, in ``folder``, stands in place of what comes with the release; the
    ``settings`` may name interpreters in processes of their own. The
    interpreters and their dictionaries are loaded with the first of them, so that commands which
    read nobody's words start at once.
    """

    def __init__(self, folder: Path | None = None, settings: "Settings | None" = None) -> None:
        self._folder = folder
        self._settings = settings
        self._held: dict[int, tuple[Questionnaire, Understanding]] = {}
        self._making = threading.Lock()

    def read(self, interview: Interview, utterance: Utterance) -> Input:
        """Return what ``utterance`` means in answer to the waiting question."""
        from dialog.reader import UnderstandingReader

        understanding = self.understanding(interview.questionnaire)
        return UnderstandingReader(understanding).read(interview, utterance)

    def understanding(self, form: Questionnaire) -> "Understanding":
        """Return what answers to the questions of ``form`` are understood by."""
        held = self._held.get(id(form))
        if held is None:
            with self._making:
                held = self._held.get(id(form)) or (form, self._made(form))
                self._held[id(form)] = held
        return held[1]

    def practise(self, form: Questionnaire) -> None:
        """Make all that is made when a question of ``form`` is first answered.

        Nobody is asked whom the settings name: other processes need no practice of ours.
        """
        from server.understood import understanding_of

        self.understanding(form)
        understanding_of(form, self._folder, ()).practise()

    def _made(self, form: Questionnaire) -> "Understanding":
        from server.understood import outside_interpreters, understanding_of

        more = outside_interpreters(self._settings) if self._settings else ()
        return understanding_of(form, self._folder, more)
