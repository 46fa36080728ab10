"""The number that somebody is reached by now, where they say that it is to stay: 就打这个."""

from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.lexicon.word_list import any_of
from dialog.normalisation import Text
from dialog.question import Question
from dialog.strength import Strength, strength
from survey_engine.item import Role

_NAME = "same_number"
_FILE = "words.yaml"


class SameNumber:
    """Reads consent to the present number; which one that is, is read back before it counts."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return the number known to the interview, if the words say no more than that."""
        known, item = question.context.telephone, question.item
        if not known or item is None or item.role is not Role.TELEPHONE:
            return Interpretation()
        if question.is_confirmation or not any_of(_FILE, "same_number").fullmatch(text.plain):
            return Interpretation()
        evidence = Evidence(text.raw[:80], 0, len(text.plain))
        return Interpretation((Candidate(known, strength(Strength.READ_BACK), evidence, _NAME),))
