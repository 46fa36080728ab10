"""Yes and no, by themselves or as the verb of a clause, in the dialects of the surveyed places."""

import re
from functools import cache

from dialog.clause import Clause, Sign, clauses_of
from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.interpreters.phrase_book import PhraseBook, book_of
from dialog.lexicon.word_list import any_of, read_file, words
from dialog.normalisation import Text
from dialog.question import Question
from dialog.strength import Strength, strength
from survey_engine.agenda import CONSENT

_NAME = "yes_no"
_FILE = "yes_no.yaml"
_PLAIN_ONLY = "-"
VERBS = "verbs"
_PLAIN = (Strength.PLAIN_NO, Strength.PLAIN_YES)
Vote = tuple[str, Strength, Clause]


class YesNo:
    """Reads yes and no where the question can be answered by them."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return what the clauses say of yes and no; two that disagree are a doubt."""
        book = book_of(question)
        if not (question.is_yes_no or (book and (book.affirm or book.deny))):
            return Interpretation()
        clauses = clauses_of(text.plain)
        if _is_doubled(text.plain):
            return Interpretation(doubts=("doubled",))
        if book and book.tense == "window" and _has_stopped(text.plain):
            return Interpretation(doubts=("stopped",))
        votes = [vote for clause in clauses if (vote := _vote(clause, question, book))]
        if question.item is None and question.target == CONSENT:
            votes = [vote for clause in clauses if (vote := _of_consent(clause, votes))]
        return _reading(question, book, votes, text)


def _has_stopped(plain: str) -> bool:
    """Whether something ended and nobody can tell if within the year or before."""
    stopped = any_of("signs.yaml", "stopped").search(plain) is not None
    return stopped and any_of("signs.yaml", "years").search(plain) is None


def _is_doubled(plain: str) -> bool:
    """A bare double negative says nothing that anybody can be sure of."""
    return any_of(_FILE, "doubled").fullmatch(plain) is not None


def _vote(clause: Clause, question: Question, book: PhraseBook | None) -> Vote | None:
    core = _core(clause)
    for word, kind in (("no", Strength.PLAIN_NO), ("yes", Strength.PLAIN_YES)):
        for said in (clause.text, core):
            if any_of(_FILE, f"plain_{word}").fullmatch(said):
                return (word, kind, clause) if not _is_asked(clause) else None
    if question.is_confirmation:
        return _confirmed(clause, core)
    return _verb(clause, core, book)


def _of_consent(clause: Clause, votes: list[Vote]) -> Vote | None:
    """Consent is given by its own words only, so that no answer to something else is taken for it.

    It has to be explicit (PIPL, article 29).
    """
    if any(any_of(_FILE, "consent_yes").fullmatch(said) for said in (clause.text, _core(clause))):
        return None if _is_asked(clause) else ("yes", Strength.PLAIN_YES, clause)
    own = next((vote for vote in votes if vote[2] == clause and vote[0] == "no"), None)
    return None if any_of(_FILE, "no_refusal").fullmatch(clause.text) else own


def _core(clause: Clause) -> str:
    return any_of(_FILE, "lead").sub("", clause.text, count=1) or clause.text


def _is_asked(clause: Clause) -> bool:
    return Sign.QUESTION in clause.signs


def _confirmed(clause: Clause, core: str) -> Vote | None:
    for word, kind in (("no", Strength.VERB_NO), ("yes", Strength.VERB_YES)):
        if any_of(_FILE, f"confirm_{word}").match(core) and not _is_asked(clause):
            return word, kind, clause
    return None


def _verb(clause: Clause, core: str, book: PhraseBook | None) -> Vote | None:
    if clause.signs & {Sign.QUESTION, Sign.HEDGE, Sign.CONDITION, Sign.OTHER, Sign.FAMILY}:
        return None
    if any_of("signs.yaml", "doubled").match(core):
        return None
    if book and book.verbs == _PLAIN_ONLY:
        return None
    verbs = book.verbs if book and book.verbs else _common()
    reversed_ = any_of("signs.yaml", "reversed").match(core)
    if reversed_:
        return "yes", Strength.VERB_YES, clause
    if _negative(verbs).match(core):
        return "no", Strength.VERB_NO, clause
    if clause.signs & {Sign.PENDING, Sign.FUTURE, Sign.LONG_AGO}:
        late = Sign.PENDING in clause.signs and book is not None and book.tense == "window"
        return ("no", Strength.PENDING, clause) if late else None
    if _positive(verbs).match(core):
        return "yes", Strength.VERB_YES, clause
    return None


@cache
def _common() -> str:
    return "|".join(words(read_file(_FILE)["verbs"]))


@cache
def _negative(verbs: str) -> re.Pattern[str]:
    no = any_of(_FILE, "negative").pattern
    return re.compile(rf"(?:{no})(?:(?:{verbs})(?:过|上|着|到|成|了|起|得)*(?:$|[^人钱空事])|$)")


@cache
def _positive(verbs: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:在|正在)?(?:{verbs})(?:了|过|着|上了?|到了?|的|呢|好了|完了|得(?!少|不|很少)|起了)"
        rf"|(?:在|正在)(?:{verbs})|有(?![人钱啥什时点些病])"
    )


def _reading(
    question: Question, book: PhraseBook | None, votes: list[Vote], text: Text
) -> Interpretation:
    if not votes:
        return Interpretation()
    said = {word for word, _, _ in votes}
    if said == {"yes", "no"}:
        votes = _agreed(votes)
        if not votes:
            return Interpretation(doubts=("yes_and_no",))
    word = votes[0][0]
    value = _value(question, book, word)
    if not value:
        return Interpretation()
    best = max(strength(kind) for _, kind, _ in votes)
    if votes[0][1] not in _PLAIN and votes[0][2].start > 0:
        best *= strength(Strength.LATER)
    start, end = votes[0][2].start, votes[-1][2].end
    evidence = Evidence(text.words(start, end), start, end)
    plain = any(kind in _PLAIN for _, kind, _ in votes)
    return Interpretation((Candidate(value, best, evidence, _NAME if plain else VERBS),))


def _agreed(votes: list[Vote]) -> list[Vote]:
    """对，没有 agrees with a negative; otherwise a plain word that came first and last wins."""
    first, rest = votes[0], votes[1:]
    agreeing = any_of(_FILE, "agreeing").fullmatch(first[2].text) is not None
    if agreeing and len({word for word, _, _ in rest}) == 1:
        return rest
    plain = [vote for vote in votes if vote[1] in _PLAIN]
    if first[1] is Strength.PLAIN_NO and len(plain) == 1 and not _contrasts(rest):
        return plain
    same = {word for word, _, _ in plain}
    return plain if len(same) == 1 and votes[-1][0] in same else []


def _contrasts(votes: list[Vote]) -> bool:
    """Whether what follows turns to another thought, so that the first word may not stand."""
    return any(Sign.TURN in clause.signs for _, _, clause in votes)


def _value(question: Question, book: PhraseBook | None, word: str) -> str:
    if question.is_yes_no:
        return word
    if book is None:
        return ""
    return book.affirm if word == "yes" else book.deny
