"""Reasons for which a value is read back at most, however probable the readers hold it."""

import re
from collections.abc import Iterator

from dialog.clause import Sign, clauses_of
from dialog.interpretation import Intent
from dialog.interpreters.phrase_book import book_of
from dialog.lexicon.word_list import any_of
from dialog.readings import Readings
from survey_engine.item import ItemType

#: Intents that ask something back; words of the question in them are no answer.
_ASKING = frozenset({"explain", "repeat", "who_are_you", "fraud_suspicion", "refuse_item"})
#: A death was told of, by words that do not name the person's husband or wife.
DEATH_HEARD = "death_heard"
#: Every reason that :func:`reservations` may give.
REASONS = (
    "intent", "asked_back", "wry", "doubled", DEATH_HEARD, "more_said", "somebody_else", "not_come",
)  # fmt: skip
_MORE = re.compile(r"[也还又]|另外|外加|加上|同时|再有")
#: Said of what is not so: 对才怪, 想得美.
_WRY = re.compile(r"才(?:怪|急|好笑|见鬼)|想得(?:倒)?美|做梦(?:吧|呢|去)|笑话我|太阳.{0,3}西")
#: What was applied for, promised or once drawn, and is not there: 钱到今天没见着, 打那再没领过.
_NOT_COME = re.compile(
    r"(?:到(?:现在|今天|如今|这会)|至今|打那|从那|(?:以|之|后)(?:后|来)|一(?:分|毛|块|个子)|再|还|都)"
    r"[^，。；]{0,6}(?:没|未|冇|莫得|呒)有?[^，。；]{0,2}"
    r"(?:到|领|见|拿|发|下来|给|批|影|收|落)"
)
_DEFINED = re.compile(
    r"(?:咋|怎么|如何)(?:分|算|区分|区别|叫)|(?:都|到底|究竟)(?:是|算|指)(?:啥|什么|哪)"
    r"|(?:啥|什么|哪些?)(?:区别|不同|不一样|意思)|(?:给我|跟我|先|再)(?:说说|讲讲|解释)"
)
_OWN = re.compile(r"[我俺咱偶阿自]")
_NOTHING_MORE = re.compile(
    r"(?:别的|其他|其它|旁的|剩下的|另外的)[^，。；]{0,4}(?:没|不|冇|莫|呒)[^，。；]*"
    r"|(?:也|都|还)(?:就|只)(?:这|那)[^，。；]*|就这些|还是(?=[^，。]{0,6}的)|还有呢"
)


def reservations(readings: Readings, value: str) -> tuple[str, ...]:
    """Return why ``value`` is not written down without being read back; nothing if it may be.

    ``intent``: the rules see no answer in the words. ``asked_back``: something was asked besides.
    ``more_said``: one of several answers was understood, and something was added to it.
    ``death_heard``: it is said besides that somebody has died.
    ``wry``: something is said that is meant the other way round. ``doubled``: two negatives.
    ``somebody_else``: a relative's affairs are told by the person asked. ``not_come``: what is
    asked about is said not to have come, or to come no longer.
    """
    return tuple(_reasons(readings, value))


def _reasons(readings: Readings, value: str) -> Iterator[str]:
    if readings.settled.intents:
        yield "intent"
    elif any(one.name in _ASKING for one in readings.lexicon.intents) or _is_asked(readings):
        yield "asked_back"
    if _WRY.search(readings.text.plain):
        yield "wry"
    if "doubled" in readings.lexicon.doubts:
        yield "doubled"
    if any(_is_death(one) for one in readings.lexicon.intents):
        yield DEATH_HEARD
    if _adds(readings, value):
        yield "more_said"
    if _is_of_others(readings):
        yield "somebody_else"
    if _has_not_come(readings, value):
        yield "not_come"


def _is_asked(readings: Readings) -> bool:
    """Whether the meaning of the words of the question is asked for."""
    return _DEFINED.search(readings.text.plain) is not None


def _is_death(intent: Intent) -> bool:
    spouse = any_of("words.yaml", "spouse").search(intent.evidence.words)
    return intent.name == "deceased" and spouse is None


def _adds(readings: Readings, value: str) -> bool:
    question = readings.question
    if not question.is_multiple or question.item is None or "+" in value:
        return False
    if value in question.item.exclusive_codes():
        return False
    return _MORE.search(_NOTHING_MORE.sub("", readings.text.plain)) is not None


def _has_not_come(readings: Readings, value: str) -> bool:
    question = readings.question
    if question.item is None or question.item.type is not ItemType.MULTI:
        return False
    denied = value == "no" or value in question.item.exclusive_codes()
    return not denied and _NOT_COME.search(readings.text.plain) is not None


def _is_of_others(readings: Readings) -> bool:
    question = readings.question
    if question.context.speaker != "self" or question.is_confirmation:
        return False
    signs = [one.signs for one in clauses_of(readings.text.plain)]
    if any(Sign.OTHER in held for held in signs) and not _OWN.search(readings.text.plain):
        return True
    book = book_of(question)
    if book is None or not book.other:
        return False
    return any(Sign.FAMILY in held or Sign.OTHER in held for held in signs)
