"""Phrases from answers that a person has verified."""

from collections.abc import Iterator

from dialog.spoken_corpus import Phrase
from models.review import Task, TaskFilter
from server.service import Service
from survey_engine.item import ItemType
from survey_engine.questionnaire import Questionnaire

_PAGE = 500
_KEPT = ("confirmed", "changed")
_DISPUTED = 3


def verified_phrases(service: Service, campaign: str, form: Questionnaire) -> Iterator[Phrase]:
    """Yield the words of every choice answer of ``campaign`` whose value a person has decided.

    Nothing else is ever learned from: not what the machine recorded by itself, not what waits,
    not what two caseworkers disputed, though a third decided it.
    """
    for task in _decided(service, campaign):
        if task.round == _DISPUTED:
            continue
        verdict = service.reviews.reviews.verdict(task.id)
        item = form.item(task.item)
        if verdict is None or item is None or verdict.decision not in _KEPT:
            continue
        if task.words and item.type is ItemType.SINGLE and verdict.value in item.codes:
            yield Phrase(form.form, item.name, verdict.value, task.words)


def _decided(service: Service, campaign: str) -> Iterator[Task]:
    after: Task | None = None
    wanted = TaskFilter(campaign=campaign, status="decided")
    while page := service.reviews.reviews.tasks(wanted, limit=_PAGE, after=after):
        yield from page
        after = page[-1]
