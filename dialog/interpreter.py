"""What every interpreter does, so that a new one is one file."""

from typing import Protocol

from dialog.interpretation import Interpretation
from dialog.normalisation import Text
from dialog.question import Question


class Interpreter(Protocol):
    """Reads one utterance in the light of the question it answers."""

    @property
    def name(self) -> str:
        """How this interpreter signs its readings."""

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return what ``text`` may mean as an answer to ``question``; nothing if it cannot say."""
