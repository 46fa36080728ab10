"""Last year's answer, where somebody says that nothing has changed: 跟去年一样, 还是老样子."""

from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.lexicon.word_list import any_of
from dialog.normalisation import Text
from dialog.question import Question
from dialog.strength import Strength, strength

_NAME = "unchanged"
_FILE = "words.yaml"


class Unchanged:
    """Reads that all is as before; what was answered then is read back before it counts."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return last year's answer, if one is known and the words say no more than that."""
        known = question.context.last_year
        if not known or question.is_confirmation or question.option:
            return Interpretation()
        if not any_of(_FILE, "unchanged").fullmatch(text.plain):
            return Interpretation()
        evidence = Evidence(text.raw[:80], 0, len(text.plain))
        return Interpretation((Candidate(known, strength(Strength.READ_BACK), evidence, _NAME),))
