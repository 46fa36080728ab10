"""What the classifiers learned from the corpus, by the sense of the words or by their spelling."""

import math
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from dialog.clause import stood_by
from dialog.interpretation import Candidate, Evidence, Intent, Interpretation
from dialog.interpreters.digits import is_read_out
from dialog.learning.classifier import Classifiers, LearnedError, Reading
from dialog.learning.features import Floats
from dialog.learning.label import ANSWER, INTENT, NO, YES
from dialog.lexicon.word_list import any_of
from dialog.normalisation import Text
from dialog.question import Question
from dialog.several import named
from dialog.spoken_corpus import INTENTS, READ_BACK, UNCLEAR, YES_NO
from survey_engine.item import ReferencePeriod

FOLDER = Path(__file__).parents[1] / "learned"
NEAREST = "nearest"
_LEAST = 0.02
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
#: No words in other letters are longer in the corpus.
_ABBREVIATED = 6
#: From which share on an option of a question with several answers counts as named.
_SAID = 0.22


class Learned:
    """Reads by ``sense`` (sentence embedding), ``spelling`` or ``nearest`` (the likest phrases)."""

    def __init__(self, name: str, classifiers: Callable[[str], Classifiers | None]) -> None:
        self.name = name
        self._classifiers = classifiers

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return every label of the question's place with its probability."""
        held = self._classifiers(question.form.form)
        if held is None or _is_foreign(text.plain) or is_read_out(question, text):
            return Interpretation()
        evidence = Evidence(text.raw, 0, len(text.plain))
        today = question.reference is ReferencePeriod.REFERENCE_DAY
        words = stood_by(text.plain, today=today)
        intents = self._labels(held, INTENTS, words)
        several = question.is_multiple and not _settles(question, text)
        options = self._options(held, question, words) if _may_name_several(question, text) else {}
        whole = self._labels(held, question.target, words) if options else {}
        shares = _shares(options, whole)
        if several:
            own = _weighed(_together(options, shares, question), whole)
        else:
            own = self._labels(held, place_of(question), words)
        aside = own.get(INTENT, 1.0 - intents.get(ANSWER, 1.0))
        return Interpretation(
            candidates=tuple(
                Candidate(label, share, evidence, self.name)
                for label, share in own.items()
                if label not in (UNCLEAR, INTENT) and share > _LEAST
            ),
            intents=tuple(
                Intent(label, (share + aside * share / _rest(intents)) / 2, evidence, self.name)
                for label, share in intents.items()
                if label != ANSWER and share > _LEAST
            ),
            unclear=own.get(UNCLEAR, 0.0),
            likeness=self._nearness(held, question, words),
            options=tuple(shares.items()),
        )

    def _nearness(self, held: Classifiers, question: Question, words: str) -> float:
        if self.name != NEAREST or question.is_multiple:
            return 0.0
        found = held.read(place_of(question), words)
        return found.likeness if found else 0.0

    def _labels(self, held: Classifiers, place: str, words: str) -> dict[str, float]:
        reading = held.read(place, words) if place else None
        return {} if reading is None else self._side(reading)

    def _side(self, reading: Reading) -> dict[str, float]:
        side: Floats = getattr(reading, self.name)
        return {label: float(share) for label, share in zip(reading.labels, side, strict=True)}

    def _options(
        self, held: Classifiers, question: Question, words: str
    ) -> dict[str, dict[str, float]]:
        """Read a question with several answers as one yes or no for each of its options."""
        found = {
            choice.code: self._labels(held, f"{question.target}/{choice.code}", words)
            for choice in question.choices
        }
        return {code: of for code, of in found.items() if of}


def _is_foreign(plain: str) -> bool:
    """Whether no word is Chinese, nor any so short as the corpus has them (ok, bzd, MBA)."""
    if _CHINESE.search(plain):
        return False
    return not any(char.isalpha() for char in plain) or len(plain) > _ABBREVIATED


def _may_name_several(question: Question, text: Text) -> bool:
    """Whether the words may name some of several answers, which a bare yes does not."""
    bare = any_of("yes_no.yaml", "plain_yes").fullmatch(text.plain)
    return question.is_multiple and bare is None


def _settles(question: Question, text: Text) -> bool:
    """Whether the words begin with a yes or no to a value read back, rather than name another."""
    kinds = ("confirm_yes", "confirm_no")
    begun = any(any_of("yes_no.yaml", kind).match(text.plain) for kind in kinds)
    return question.is_confirmation and begun


def _together(
    options: dict[str, dict[str, float]], shares: dict[str, float], question: Question
) -> dict[str, float]:
    """Return the options named as one value: as sure as the least of them and the rest are out."""
    aside = max((of.get(INTENT, 0.0) for of in options.values()), default=0.0)
    inside = named(shares, question, _SAID)
    if not inside:
        return {INTENT: aside}
    others = max((share for code, share in shares.items() if code not in inside), default=0.0)
    sure = min(options[code].get(YES, 0.0) for code in inside) * (1.0 - others)
    return {"+".join(inside): sure, INTENT: aside}


def _shares(options: dict[str, dict[str, float]], whole: dict[str, float]) -> dict[str, float]:
    """Return of each option how probable it was named: by itself, and among all of them."""
    return {
        code: math.sqrt(of.get(YES, 0.0) * whole.get(code, 0.0))
        for code, of in sorted(options.items())
    }


def place_of(question: Question) -> str:
    """Return the place of the corpus whose phrases answer ``question``."""
    if question.is_confirmation:
        return READ_BACK
    if question.item is None:
        return YES_NO if question.is_yes_no else ""
    return question.target if question.option else question.place


def _weighed(named: dict[str, float], whole: dict[str, float]) -> dict[str, float]:
    """Return what the options say by themselves and what the question as a whole says, as one.

    The whole knows one option from the others; several are as sure as it holds them together.
    What denies an option names none, so no careful person codes it.
    """
    if not whole:
        return named
    found = dict(whole)
    found[UNCLEAR] = whole.get(UNCLEAR, 0.0) + found.pop(NO, 0.0)
    for value, sure in named.items():
        if "+" in value:
            found[value] = sure * sum(whole.get(code, 0.0) for code in value.split("+"))
        else:
            found[value] = (whole.get(value, 0.0) + sure) / 2
    return found


def _rest(intents: dict[str, float]) -> float:
    return max(1e-6, 1.0 - intents.get(ANSWER, 0.0))


def shipped(form: str) -> Classifiers | None:
    """Return what is learned of ``form`` with this release, or None if nothing is."""
    return learned_in(FOLDER, form)


@cache
def learned_in(folder: Path, form: str) -> Classifiers | None:
    """Return what is learned of ``form`` in ``folder``, read once; None if nothing usable is."""
    found = Classifiers(folder / f"{form}.zip")
    try:
        return found if found.header else None
    except LearnedError:
        return None
