"""The phrases of the corpus as answers to questions, each read as if it had never been seen."""

import itertools
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dialog.learning.label import yes_no_meanings
from dialog.lexicon.word_list import plain
from dialog.question import Question, UnknownQuestionError
from dialog.spoken_corpus import INTENTS, READ_BACK, UNCLEAR, YES_NO, Phrase, SpokenCorpus
from survey_engine.item import Item, ItemType
from survey_engine.questionnaire import Questionnaire

_INTENT = "intent:"
#: Shorter words may be a bare yes.
_TELLING = 5
_PAIRED = 4


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A phrase, a question that it may answer, and what a careful person makes of it there."""

    question: Question
    text: str
    expect: str


def rehearsed(form: Questionnaire, corpus: SpokenCorpus) -> Iterator[Rehearsed]:
    """Yield every phrase of ``corpus`` that answers a question of ``form``.

    Phrases that belong to no item (yes and no, read-back, intents) answer questions drawn by
    their own spelling. What says yes to one option, in more words than a bare yes, answers the
    whole question too.
    """
    asked = _Asked.of(form)
    for phrase in corpus.phrases:
        if phrase.form in ("", form.form):
            found = _question(form, phrase, asked)
            if found is not None:
                yield found
    yield from _whole(form, corpus)


def _whole(form: Questionnaire, corpus: SpokenCorpus) -> Iterator[Rehearsed]:
    """Yield the phrases that name one option, and one only, as answers to the whole question."""
    named: dict[tuple[str, str], set[str]] = {}
    for one in corpus.phrases:
        item, _, option = one.place.partition("/")
        if one.form == form.form and option and one.meaning == "yes":
            named.setdefault((item, one.text), set()).add(option)
    telling = [
        (item, text, next(iter(options)))
        for (item, text), options in named.items()
        if len(options) == 1 and len(plain(text)) >= _TELLING
    ]
    for item, text, option in telling:
        yield Rehearsed(Question.of_ask(form, item, {}), text, option)
    yield from _pairs(form, telling)


def _pairs(form: Questionnaire, telling: Sequence[tuple[str, str, str]]) -> Iterator[Rehearsed]:
    """Yield two answers in one breath: of every so many phrases, one beside the next drawn."""
    drawn = sorted(telling, key=lambda one: (one[0], zlib.crc32(one[1].encode())))
    for (item, one, first), (same, other, second) in itertools.pairwise(drawn[::_PAIRED]):
        codes = form.item(item)
        exclusive = codes.exclusive_codes() if codes else frozenset()
        if item == same and first != second and not exclusive & {first, second}:
            value = "+".join(sorted((first, second)))
            yield Rehearsed(Question.of_ask(form, item, {}), f"{one}，{other}", value)


@dataclass(frozen=True, slots=True)
class _Asked:
    every: tuple[str, ...]
    yes_no: tuple[str, ...]
    choices: tuple[Item, ...]

    @classmethod
    def of(cls, form: Questionnaire) -> "_Asked":
        options = [f"{one.name}/{code}" for one in _several(form) for code in sorted(one.codes)]
        single = [one for one in form.items if one.type is ItemType.SINGLE]
        spoken = [one.name for one in single if yes_no_meanings(form, one.name)]
        names = [one.name for one in single]
        return cls(tuple(names + options), tuple(options + spoken * 4), tuple(single))


def _several(form: Questionnaire) -> Iterator[Item]:
    return (one for one in form.items if one.type is ItemType.MULTI)


def _question(form: Questionnaire, phrase: Phrase, asked: _Asked) -> Rehearsed | None:
    draw = zlib.crc32(phrase.text.encode())
    makers: dict[str, Callable[[], Rehearsed]] = {
        INTENTS: lambda: _of_ask(form, _drawn(asked.every, draw), {}, phrase, _INTENT),
        YES_NO: lambda: _of_ask(form, _drawn(asked.yes_no, draw), {}, phrase, YES_NO),
        READ_BACK: lambda: _of_read_back(form, phrase, asked, draw),
    }
    try:
        return makers.get(phrase.place, lambda: _of_item(form, phrase))()
    except UnknownQuestionError:
        return None


def _of_item(form: Questionnaire, phrase: Phrase) -> Rehearsed:
    ask, _, residence = phrase.place.partition(":")
    return _of_ask(form, ask, {"residence": residence} if residence else {}, phrase, "")


def _of_ask(
    form: Questionnaire, ask: str, known: dict[str, object], phrase: Phrase, kind: str
) -> Rehearsed:
    meaning = phrase.meaning
    if kind == YES_NO and meaning != UNCLEAR:
        meaning = yes_no_meanings(form, ask)[meaning]
    expect = f"{_INTENT}{meaning}" if kind == _INTENT else meaning
    return Rehearsed(Question.of_ask(form, ask, known), phrase.text, expect)


def _of_read_back(form: Questionnaire, phrase: Phrase, asked: _Asked, draw: int) -> Rehearsed:
    item = asked.choices[draw % len(asked.choices)]
    value = _drawn(sorted(item.codes), draw // 7)
    return _of_ask(form, item.name, {"confirming": value}, phrase, "")


def _drawn(listed: Sequence[str], draw: int) -> str:
    return listed[draw % len(listed)]


def spelled(one: Rehearsed) -> str:
    """Return the plain spelling, by which phrases are held apart."""
    return plain(one.text)
