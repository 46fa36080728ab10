"""What may have been meant: every value that can be taken, with its probability and evidence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialog.normalisation import normalise
from dialog.question import Question, UnknownQuestionError
from dialog.wording import value_in_words
from models.task import Task
from survey_engine.interview import Interview
from survey_engine.item import Item, ItemType
from survey_engine.value import canonical

if TYPE_CHECKING:
    from dialog.understanding import Understanding

_RESIDENCE = {"1": "rural", "2": "urban"}
_MOST = 9


@dataclass(frozen=True, slots=True)
class Row:
    """One value that a key takes: ``share`` is its probability in percent, or empty.

    ``evidence`` says on which words it rests, ``marks`` what else speaks for it.
    """

    value: str
    words: str
    share: str = ""
    percent: int = 0
    evidence: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    confidence: float
    evidence: str


def rows_of(
    interview: Interview, task: Task, understanding: "Understanding", last_year: str
) -> tuple[Row, ...]:
    """Return the values on offer for ``task``: read ones by probability, then all others."""
    item = interview.questionnaire.item(task.item)
    if item is None:
        return ()
    readings = _readings(interview, task, item, understanding)
    values = dict.fromkeys((*_by_share(readings), *filter(None, (task.value, last_year))))
    values |= dict.fromkeys(_single_codes(interview, item))
    return tuple(_row(interview, task, value, readings, last_year) for value in values)


def _by_share(readings: Mapping[str, _Reading]) -> list[str]:
    return sorted(readings, key=lambda value: -readings[value].confidence)[:_MOST]


def _single_codes(interview: Interview, item: Item) -> Sequence[str]:
    if item.type is not ItemType.SINGLE:
        return ()
    return tuple(interview.instance.offers(item.name))


def _row(
    interview: Interview,
    task: Task,
    value: str,
    readings: Mapping[str, _Reading],
    last_year: str,
) -> Row:
    read = readings.get(value)
    marks = []
    if value == task.value:
        marks.append("机器建议")
    if value == last_year:
        marks.append("去年的值")
    words = value_in_words(interview, task.item, value)
    if read is None:
        return Row(value, words, marks=tuple(marks))
    percent = round(100 * read.confidence)
    return Row(value, words, f"{percent}%", percent, read.evidence, tuple(marks))


def _readings(
    interview: Interview, task: Task, item: Item, understanding: "Understanding"
) -> Mapping[str, _Reading]:
    """What was read when the task was made; the words are read again for the evidence.

    Values are spelled as they are kept, and what cannot be taken is not on offer.
    """
    again = dict(_read_again(interview, task, item, understanding))
    kept = {
        value: _Reading(confidence, again[value].evidence if value in again else "")
        for value, confidence in task.candidates
    }
    spelled = (
        (canonical(item, value, interview.instance), reading)
        for value, reading in (kept or again).items()
    )
    return {value: reading for value, reading in spelled if value}


def _read_again(
    interview: Interview, task: Task, item: Item, understanding: "Understanding"
) -> Iterator[tuple[str, _Reading]]:
    text = normalise(task.words)
    if text.is_empty or text.cut or not item.type.is_question:
        return
    try:
        question = Question.of_ask(interview.questionnaire, item.name, _known(interview, item.name))
    except UnknownQuestionError:
        return
    for one in understanding.understand(question, task.words).candidates:
        words = one.evidence.words
        yield one.value, _Reading(one.confidence, f"“{words}”" if words else "")


def _known(interview: Interview, item: str) -> Mapping[str, object]:
    facts, settled = interview.facts, interview.answers.get("A3")
    residence = _RESIDENCE.get(settled.value, "") if settled else facts.get("residence", "")
    speaker = interview.speaker.kind.value
    age = facts.get("age", "")
    return {
        "age": int(age) if age.isdigit() else None,
        "sex": facts.get("sex", ""),
        "category": facts.get("category", ""),
        "grade": facts.get("grade", ""),
        "residence": residence,
        "speaker": "" if speaker == "nobody" else speaker,
        "last_year": interview.last_year.get(item, ""),
    }
