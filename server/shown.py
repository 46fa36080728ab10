"""One person's interview as plain values, for `tingwen show --json` and the API."""

from collections.abc import Iterator

from models.attempt import Attempt
from models.projection import CurrentAnswer
from models.showing import Shown
from server.export.official import joined
from survey_engine.questionnaire import Questionnaire


def plain(shown: Shown, form: Questionnaire) -> dict[str, object]:
    """Return how far it is, its answers by item, what waits for review, and the attempts."""
    return {
        "status": shown.status,
        "outcome": shown.outcome,
        "answers": {name: _answer(form, one) for name, one in in_order(shown, form)},
        "review": [
            {
                "item": task.item,
                "reason": task.reason,
                "value": value_of(form, task.item, task.value),
            }
            for task in shown.review
        ],
        "attempts": [_attempt(one) for one in shown.attempts],
        "events": shown.events,
    }


def in_order(shown: Shown, form: Questionnaire) -> Iterator[tuple[str, CurrentAnswer]]:
    """Yield the answers that are there, in the order of the form."""
    for item in form.items:
        if answer := shown.answers.get(item.name):
            yield item.name, answer


def _answer(form: Questionnaire, answer: CurrentAnswer) -> dict[str, object]:
    return {
        "value": value_of(form, answer.item, answer.value) or None,
        "state": answer.state,
        "source": answer.source,
        "confidence": answer.confidence,
    }


def value_of(form: Questionnaire, target: str, value: str | None) -> str:
    """Return the value of an item as official codes."""
    return joined(form.item(target), value)


def _attempt(attempt: Attempt) -> dict[str, object]:
    return {
        "number": attempt.number,
        "channel": attempt.channel.value,
        "started_at": attempt.started_at.isoformat(),
        "ended_at": attempt.ended_at.isoformat() if attempt.ended_at else None,
        "outcome": attempt.outcome,
        "aapor": attempt.aapor,
    }
