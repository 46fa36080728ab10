"""Words of any channel as inputs of the engine, by the understanding."""

from dataclasses import replace

from dialog.question import Question
from dialog.understanding import Understanding, circumstances_of, to_input
from dialog.utterance import Utterance
from survey_engine.answer import Heard
from survey_engine.input import AskAgain, Input
from survey_engine.interview import Interview

#: Words that the recogniser itself holds less probable than this are read back.
_HEARD_WELL = 0.6


class UnderstandingReader:
    """Reads utterances for one form; it never raises for anything a respondent can say."""

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding

    def read(self, interview: Interview, utterance: Utterance) -> Input:
        """Return what ``utterance`` means in answer to the waiting question."""
        heard = Heard(words=utterance.words, utterance=utterance.id)
        question = Question.of_interview(interview)
        if question is None:
            return AskAgain(at=utterance.at, heard=heard)
        doubtful = utterance.confidence is not None and utterance.confidence < _HEARD_WELL
        about = replace(circumstances_of(interview), read_back=doubtful)
        understood = self._understanding.understand(question, utterance.words, about)
        known = replace(heard, confidence=understood.confidence)
        return to_input(interview, understood, utterance.at, known)
