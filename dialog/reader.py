"""Words of any channel as inputs of the engine, by the understanding."""

import re
from dataclasses import replace

from dialog.hearings import heard_as
from dialog.policy import Circumstances, Record
from dialog.question import Question
from dialog.understanding import (
    Understanding,
    Understood,
    circumstances_of,
    spoken,
    to_input,
)
from dialog.utterance import Utterance
from survey_engine import input as given
from survey_engine.answer import Heard
from survey_engine.input import Input
from survey_engine.interview import Interview
from survey_engine.item import Item

_DENIAL = re.compile(r"[否无未没不]")


class UnderstandingReader:
    """Reads utterances for one form; it never raises for anything a respondent can say."""

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding

    def read(self, interview: Interview, utterance: Utterance) -> Input:
        """Return what ``utterance`` means in answer to the waiting question."""
        heard = Heard(words=utterance.words, utterance=utterance.id)
        question = Question.of_interview(interview)
        if question is None:
            return given.AskAgain(at=utterance.at, heard=heard)
        about = spoken(circumstances_of(interview), question, utterance.confidence)
        understood = heard_as(
            self._understanding, question, utterance.words, about, utterance.hearings
        )
        if _is_to_be_heard_twice(interview, understood, about):
            twice = replace(about, read_back=True)
            understood = self._understanding.understand(question, utterance.words, twice)
        known = replace(heard, confidence=understood.confidence)
        return to_input(interview, understood, utterance.at, known)


def _is_to_be_heard_twice(
    interview: Interview, understood: Understood, about: Circumstances
) -> bool:
    """Whether a spoken no would end a branch, and was not heard beyond doubt.

    没有 is what recognisers take other words for, and what follows would never be asked.
    """
    item = understood.question.item
    if about.is_beyond_doubt or item is None or not isinstance(understood.decision, Record):
        return False
    options = [choice for choice in item.choices if choice.code == understood.value]
    denied = any(_DENIAL.match(choice.label) for choice in options)
    return denied and _ends_branch(interview, item, understood.value)


def _ends_branch(interview: Interview, item: Item, value: str) -> bool:
    """Whether fewer questions are asked after ``value`` than after another answer."""
    left = {
        code: len(interview.instance.with_value(item.name, code, interview.at).relevant())
        for code in item.codes
    }
    return left[value] < max(left.values())
