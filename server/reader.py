"""Reads respondents' words for the conversation, by the form that each of them answers."""

from dialog.reader import UnderstandingReader
from dialog.understanding import Understanding
from dialog.utterance import Utterance
from survey_engine.input import Input
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire


class FormReader:
    """One understanding a form, made when the form is first spoken of."""

    def read(self, interview: Interview, utterance: Utterance) -> Input:
        """Return what ``utterance`` means in answer to the waiting question."""
        return interview.questionnaire.derived(_reader_of).read(interview, utterance)


def _reader_of(form: Questionnaire) -> UnderstandingReader:
    return UnderstandingReader(Understanding(form))
