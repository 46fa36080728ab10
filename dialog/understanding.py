"""From words to a decision: the one door to what an utterance means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialog.combination import combine, settled
from dialog.combiner import Combiner, shipped_combiner
from dialog.interpretation import Candidate, Interpretation
from dialog.interpreter import Interpreter
from dialog.interpreters.date import Dates
from dialog.interpreters.digits import Digits
from dialog.interpreters.intents import Intents
from dialog.interpreters.items import Items
from dialog.interpreters.learned import Learned, shipped
from dialog.interpreters.names import Names, relation_told
from dialog.interpreters.number import Number
from dialog.interpreters.phrases import Phrases
from dialog.interpreters.place import Place
from dialog.interpreters.same_number import SameNumber
from dialog.interpreters.sound import Sound
from dialog.interpreters.unchanged import Unchanged
from dialog.interpreters.yes_no import YesNo
from dialog.learning.classifier import Classifiers
from dialog.lexicon.word_list import any_of
from dialog.normalisation import Text, normalise
from dialog.policy import (
    PLAIN,
    AskAgain,
    Circumstances,
    Confirm,
    Decision,
    HandOff,
    Record,
    decide,
)
from dialog.question import Question
from dialog.readings import Readings
from dialog.reservation import DEATH_HEARD
from survey_engine import answer
from survey_engine import input as given
from survey_engine.answer import Heard, SpeakerKind
from survey_engine.input import Input
from survey_engine.interview import Interview
from survey_engine.item import Item, ItemType, Role, Sensitivity
from survey_engine.questionnaire import Questionnaire
from survey_engine.wait import Accepts

#: The interpreters of the lexicon, whose readings are one.
INTERPRETERS: tuple[Interpreter, ...] = (
    Intents(),
    YesNo(),
    Phrases(),
    Digits(),
    Number(),
    Dates(),
    Names(),
    Items(),
    Place(),
    SameNumber(),
    Unchanged(),
)


def voters(classifiers: Callable[[str], Classifiers | None] = shipped) -> tuple[Interpreter, ...]:
    """Return the interpreters that are weighed beside the lexicon, by what was learned.

    A new one is one file and one entry here.
    """
    return (Sound(), *(Learned(name, classifiers) for name in ("sense", "spelling", "nearest")))


VOTERS: tuple[Interpreter, ...] = voters()
#: An answer with something for every interpreter.
_PRACTICE = "没有，我就是本人，今年六十三了"


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood: the decision, its value, or the intent that stood in its place."""

    decision: Decision
    value: str
    intent: str
    confidence: float
    candidates: tuple[Candidate, ...]
    question: Question
    interpretation: Interpretation


class Understanding:
    """Understands answers to the questions of one form."""

    def __init__(
        self,
        form: Questionnaire,
        interpreters: Sequence[Interpreter] = INTERPRETERS,
        voters: Sequence[Interpreter] = VOTERS,
        combiner: Callable[[], Combiner | None] = shipped_combiner,
    ) -> None:
        self.form = form
        self._interpreters = tuple(interpreters)
        self._voters = tuple(voters)
        self._combiner = combiner

    def understand(
        self, question: Question, text: str, circumstances: Circumstances = PLAIN
    ) -> Understood:
        """Return what ``text`` means in answer to ``question``.

        Nothing is ever recorded from a text too long to be read to its end, nor from one that
        carries an intent. A wish that was badly heard is asked for again if much follows from it.
        """
        plain = normalise(text)
        whole = self._read(question, plain, circumstances.heard)
        if plain.cut:
            whole = replace(whole, candidates=())
        intent = whole.intent
        if intent and not _is_believed(intent.name, circumstances):
            whole = replace(whole, candidates=(), intents=())
            intent = None
        decision = AskAgain() if intent else decide(whole, circumstances)
        return Understood(
            decision=decision,
            value=decision.value,
            intent=intent.name if intent else "",
            confidence=intent.confidence if intent else decision.confidence,
            candidates=whole.candidates,
            question=question,
            interpretation=whole,
        )

    def practise(self) -> None:
        """Read an answer to every question of the form, and to each of its options.

        What is made when a question is first answered (dictionaries, phrase books, patterns,
        weights) is there from then on, so that nobody waits for it.
        """
        for item in self.form.items:
            if item.type.is_question:
                codes = item.codes if item.type is ItemType.MULTI else ()
                for part in ("", *(f"/{code}" for code in codes)):
                    question = Question.of_ask(self.form, f"{item.name}{part}", {})
                    self.understand(question, _PRACTICE)

    def readings(self, question: Question, text: Text, heard: float | None = None) -> Readings:
        """Return ``text`` as every interpreter reads it; ``heard`` is the recogniser's sureness."""
        lexicon = combine([one.read(question, text) for one in self._interpreters], text.plain)
        return Readings(
            question=question,
            text=text,
            lexicon=lexicon,
            settled=settled(lexicon),
            voters={one.name: one.read(question, text) for one in self._voters},
            heard=heard,
        )

    def _read(self, question: Question, text: Text, heard: float | None) -> Interpretation:
        """Weigh all readings; the engine's own questions, which nobody coded, by lexicon only."""
        if text.is_empty:
            return Interpretation(doubts=("empty",))
        combiner = self._combiner()
        if combiner is None or question.item is None or text.cut:
            readings = [one.read(question, text) for one in self._interpreters]
            return settled(combine(readings, text.plain))
        return combiner.combine(self.readings(question, text, heard))


def circumstances_of(interview: Interview) -> Circumstances:
    """Return what the policy goes by for the question that ``interview`` waits on."""
    wait = interview.wait
    item = interview.questionnaire.item(wait.item) if wait else None
    return Circumstances(
        sensitivity=item.sensitivity if item else Sensitivity.PERSONAL,
        proxy=interview.speaker.kind is SpeakerKind.PROXY,
        tries=wait.tries if wait else 0,
        limit=len(interview.questionnaire.procedure.ladder),
        read_later=wait is not None and bool(wait.option) and _is_section_read(interview, item),
    )


def _is_section_read(interview: Interview, item: Item | None) -> bool:
    """Whether the answers of the section that ``item`` is of are read back at its end."""
    form = interview.questionnaire
    section = form.section(form.block_of(item)) if item else None
    read = section is not None and bool(section.readback)
    return read and form.procedure.section_readback and not interview.only_reopened


def spoken(about: Circumstances, question: Question, heard: float | None) -> Circumstances:
    """Return the circumstances of words that a recogniser heard; None for written ones.

    Strings of digits are read back however well they were heard, since one wrong digit makes
    another number of them.
    """
    digits = heard is not None and question.accepts is Accepts.DIGITS
    confirms = question.is_confirmation
    return replace(about, heard=heard, confirms=confirms, read_back=about.read_back or digits)


#: What may be done on hearing it badly: nothing is recorded, and nobody is given up.
HARMLESS = frozenset(("repeat", "slower", "explain", "wait", "who_are_you", "human", "distress"))
#: After these the interview goes on, at most without this answer.
MILD = HARMLESS | {"dont_know", "refuse_item"}


def _is_believed(intent: str, circumstances: Circumstances) -> bool:
    return circumstances.is_heard_well or (intent in HARMLESS and circumstances.is_heard)


_Maker = Callable[[datetime, Heard], Input]

_DEATH = "N01"
#: From this age on nobody of school age may answer for a person (Civil Code of China, art. 17).
_GROWN_UP = 18

#: What each intent asks of the engine. A death, or that somebody is away, is not yet certain.
_WISHES: Mapping[str, _Maker] = {
    "distress": lambda at, heard: given.Report(at=at, heard=heard, outcome="N22"),
    "stop": lambda at, heard: given.Report(at=at, heard=heard, outcome="N11"),
    "fraud_suspicion": lambda at, heard: given.Report(at=at, heard=heard, outcome="N11b"),
    "wrong_person": lambda at, heard: given.Report(at=at, heard=heard, outcome="N14"),
    "moved": lambda at, heard: given.Report(at=at, heard=heard, outcome="N09"),
    "call_later": lambda at, heard: given.Pause(at=at, heard=heard, reason="later"),
    "elsewhere": lambda at, heard: given.Pause(at=at, heard=heard, reason="channel"),
    "human": lambda at, heard: given.WantPerson(at=at, heard=heard),
    "repeat": lambda at, heard: given.SayAgain(at=at, heard=heard),
    "slower": lambda at, heard: given.SayAgain(at=at, heard=heard, manner="slower"),
    "explain": lambda at, heard: given.SayAgain(at=at, heard=heard, manner="explain"),
    "wait": lambda at, heard: given.HoldOn(at=at, heard=heard),
    "correct_previous": lambda at, heard: given.GoBack(at=at, heard=heard),
    "dont_know": lambda at, heard: given.Unknown(at=at, heard=heard),
    "refuse_item": lambda at, heard: given.Decline(at=at, heard=heard),
    "who_are_you": lambda at, heard: given.WhoAreYou(at=at, heard=heard),
    "abuse": lambda at, heard: given.Abuse(at=at, heard=heard),
}


def to_input(
    interview: Interview, understood: Understood, at: datetime, heard: Heard | None = None
) -> Input:
    """Return what the engine is told: the decision, or the wish of the respondent.

    Whoever is answering for themselves is there, so an absence that they tell of is another's.
    """
    said = heard or Heard(confidence=understood.confidence)
    if understood.intent in ("", "not_here") and _may_be_dead(interview, understood, said):
        return given.Report(at=at, heard=said, outcome=_DEATH, certain=False)
    if _is_a_child(interview, understood, said):
        return given.Pause(at=at, heard=said, reason="later")
    if _takes_over(interview, understood, said):
        relation = relation_told(said.words)
        return given.ChangeSpeaker(at=at, heard=said, kind=SpeakerKind.PROXY, relation=relation)
    if _is_told_in_passing(interview, understood):
        return given.AskAgain(at=at, heard=said)
    if understood.intent:
        if understood.intent == "elsewhere" and not interview.channel.is_spoken:
            return given.SayAgain(at=at, heard=said)
        wish = _wish(interview, understood, at, said)
        return wish if _is_known(interview, wish) else given.WantPerson(at=at, heard=said)
    decision, question = understood.decision, understood.question
    if isinstance(decision, Record):
        return _answered(question, decision.value, at, said)
    if isinstance(decision, Confirm) and _may_be_read_back(question):
        return given.Confirm(at=at, heard=said, target=question.target, value=decision.value)
    if isinstance(decision, HandOff) and question.item is not None:
        candidates = tuple(
            answer.Candidate(one.value, one.confidence) for one in decision.candidates
        )
        return given.HandOff(
            at=at, heard=said, target=question.target, reason="unclear", candidates=candidates
        )
    silent = "empty" in understood.interpretation.doubts
    return given.AskAgain(at=at, heard=said, reason="no_input" if silent else "unclear")


def _answers_for_self(interview: Interview, understood: Understood) -> bool:
    item = understood.question.item
    return item is not None and interview.speaker.kind is SpeakerKind.SELF


def _is_told_in_passing(interview: Interview, understood: Understood) -> bool:
    """Whether a death, an absence or a removal is hardly the person's, who is answering here.

    A removal is believed where the words say so by themselves, not where they only resemble it; a
    death unless it is that of the speaker's husband, wife or kin (我男人死了). Nor do words that
    only resemble it (号码没变) make a wrong number of one where somebody has answered already.
    """
    found = understood.interpretation.intent
    alike = found is not None and found.interpreter != Intents.name
    if understood.intent == "wrong_person":
        return alike and _is_answering(interview, understood)
    if not _answers_for_self(interview, understood):
        return False
    if understood.intent == "deceased":
        told = "speaker_tells" if alike else "relative_of_mine"
        return any_of("words.yaml", told).search(_words(understood)) is not None
    return understood.intent == "not_here" or (understood.intent == "moved" and alike)


def _is_answering(interview: Interview, understood: Understood) -> bool:
    """Whether who speaks has said for whom, and is past the questions of who is there."""
    item = understood.question.item
    known = interview.speaker.kind in (SpeakerKind.SELF, SpeakerKind.PROXY)
    asked_who = item is not None and item.role in (Role.SPEAKER, Role.CERTIFICATE, Role.LAST4)
    return known and item is not None and not asked_who


def _takes_over(interview: Interview, understood: Understood, heard: Heard) -> bool:
    """Whether a relative has taken the telephone from the person, and says so first."""
    item = understood.question.item
    if item is None or item.role in (Role.SPEAKER, Role.GUARDIAN):
        return False
    if not _answers_for_self(interview, understood):
        return False
    said = normalise(heard.words).plain
    return any_of("words.yaml", "relative_speaks").match(said) is not None


def _is_a_child(interview: Interview, understood: Understood, heard: Heard) -> bool:
    """Whether a child has answered for a grown-up, who is called again another time."""
    item, age = understood.question.item, interview.facts.get("age", "")
    asked_who = item is not None and item.role in (Role.SPEAKER, Role.GUARDIAN)
    if not (asked_who and age.isdigit() and int(age) >= _GROWN_UP):
        return False
    return any_of("words.yaml", "child_speaks").search(normalise(heard.words).plain) is not None


def _may_be_dead(interview: Interview, understood: Understood, heard: Heard) -> bool:
    """Whether somebody else says what may be this person's death, which is asked about gently.

    Either words that mean a death or an absence and nothing else (他不在了), or a death that is
    told in the same breath as what could be an answer.
    """
    known = interview.questionnaire.outcome(_DEATH) is not None
    if not known or understood.question.item is None:
        return False
    if _answers_for_self(interview, understood):
        return False
    if DEATH_HEARD in understood.interpretation.doubts:
        return True
    return any_of("words.yaml", "gone").fullmatch(normalise(heard.words).plain) is not None


def _answered(question: Question, value: str, at: datetime, heard: Heard) -> Input:
    if (question.is_yes_no and not question.option) or question.is_confirmation:
        return (given.Affirm if value == "yes" else given.Deny)(at=at, heard=heard)
    speaks = question.item is not None and question.item.role is Role.SPEAKER
    relation = relation_told(heard.words) if speaks else ""
    return given.Record(at=at, heard=heard, target=question.target, value=value, relation=relation)


def _may_be_read_back(question: Question) -> bool:
    """Whether a value can be read back, which a yes to one of the engine's own questions cannot."""
    return question.item is not None and not question.is_confirmation


def _wish(interview: Interview, understood: Understood, at: datetime, heard: Heard) -> Input:
    intent = understood.intent
    if intent == "deceased":
        certain = _is_plain(understood) and not _answers_for_self(interview, understood)
        return given.Report(at=at, heard=heard, outcome=_DEATH, certain=certain)
    if intent == "moved":
        registered = any_of("intents.yaml", "registration").search(_words(understood)) is not None
        return given.Report(at=at, heard=heard, outcome="N04" if registered else "N09")
    if intent == "not_here":
        away = any_of("intents.yaml", "works_away").search(_words(understood)) is not None
        if away:
            return given.Report(at=at, heard=heard, outcome="N07")
        return given.Pause(at=at, heard=heard, reason="later")
    return _WISHES[intent](at, heard)


def _is_known(interview: Interview, wish: Input) -> bool:
    """Whether the form has the outcome that is reported; otherwise a person sees to it."""
    if not isinstance(wish, given.Report):
        return True
    return interview.questionnaire.outcome(wish.outcome) is not None


def _words(understood: Understood) -> str:
    found = understood.interpretation.intent
    return found.evidence.words if found else ""


def _is_plain(understood: Understood) -> bool:
    """Whether the death was named by a word that has no other meaning."""
    return any_of("words.yaml", "dead").search(_words(understood)) is not None
