"""The checks over one record: when they are looked at, and what a failed one does."""

from collections.abc import Iterator, Mapping, Sequence

from survey_engine.answer import AnswerState
from survey_engine.event import CheckFailed, ChecksPassed
from survey_engine.interview import Interview
from survey_engine.item import Role
from survey_engine.questionnaire import Check, Questionnaire, Severity
from survey_engine.sprint import Sprint
from survey_engine.wait import Accepts, Wait, WaitKind
from survey_engine.waiting import item_wait

_IDENTIFYING = (Role.SPEAKER, Role.CERTIFICATE)


def run_checks(sprint: Sprint, blocks: Sequence[str]) -> bool:
    """Look at the checks that the blocks' answers touched; True if one of them asks again.

    A check is looked at once all its items are settled, and again whenever one of them changes.
    """
    for check in tuple(_due(sprint.interview, blocks)):
        if not fails(sprint.interview, check):
            sprint.emit(ChecksPassed(at=sprint.at, rules=(check.id,)))
        elif _act(sprint, check):
            return True
    return False


def _due(interview: Interview, blocks: Sequence[str]) -> Iterator[Check]:
    by_block = interview.questionnaire.derived(_checks_by_block)
    for block in blocks if interview.fresh_checks else ():
        for check in by_block.get(block, ()):
            if check.id in interview.fresh_checks and _all_settled(interview, check):
                yield check


def _checks_by_block(form: Questionnaire) -> Mapping[str, tuple[Check, ...]]:
    """A check belongs to the block of whichever of its items comes last in the form."""
    place = {item.name: index for index, item in enumerate(form.items)}
    found: dict[str, list[Check]] = {}
    for check in form.checks:
        last = max(place[name] for name in check.items)
        found.setdefault(form.block_of(form.items[last]), []).append(check)
    return {block: tuple(checks) for block, checks in found.items()}


def _all_settled(interview: Interview, check: Check) -> bool:
    return all(
        name in interview.answers
        or not interview.instance.is_relevant(name)
        or _is_given(interview, name)
        for name in check.items
    )


def _is_given(interview: Interview, name: str) -> bool:
    """Whether an item is not asked at all, but calculated or hidden."""
    item = interview.questionnaire.item(name)
    return item is not None and not item.type.is_question


def fails(interview: Interview, check: Check) -> bool:
    """Whether ``check`` fails on the answers as they are."""
    if check.heard and not _was_heard(interview, check):
        return False
    return interview.instance.test(check.fails_when)


def _was_heard(interview: Interview, check: Check) -> bool:
    answers = (interview.answers.get(name) for name in check.items)
    words = " ".join(answer.heard.words for answer in answers if answer)
    return any(phrase in words for phrase in check.heard)


def _act(sprint: Sprint, check: Check) -> bool:
    """Ask again once (H, E) or flag (Q, and what still fails); True if it asks."""
    interview = sprint.interview
    sprint.emit(
        CheckFailed(
            at=sprint.at,
            rule=check.id,
            severity=check.severity.value,
            values=_values(interview, check),
        )
    )
    wait = None if check.severity is Severity.QUERY else _wait(interview, check)
    if wait is not None and check.id not in interview.asked_checks:
        sprint.ask(wait)
        return True
    if check.severity is not Severity.HINT or check.lead:
        flag(sprint, check)
    return False


def flag(sprint: Sprint, check: Check) -> None:
    """Have a caseworker look at what a check found, with the words of the answer in question."""
    name = check.target.partition("/")[0]
    answer = sprint.interview.answers.get(name)
    reason = f"lead:{check.id}" if check.lead else f"check:{check.id}"
    value, heard = (answer.value, answer.heard) if answer else ("", None)
    sprint.review(name, reason, value, heard=heard)


def _values(interview: Interview, check: Check) -> tuple[tuple[str, str], ...]:
    return tuple((name, interview.instance.value(name)) for name in check.items)


def _wait(interview: Interview, check: Check) -> Wait | None:
    """Return the wait that asks the check's item once more, unless it does not apply any more."""
    name, _, option = check.target.partition("/")
    item = interview.questionnaire.item(name)
    answer = interview.answers.get(name)
    declined = answer is not None and answer.state is AnswerState.DECLINED
    if item is None or item.role in _IDENTIFYING or declined:
        return None
    if not interview.instance.is_relevant(name) or interview.is_withheld(item):
        return None
    if option:
        return Wait(WaitKind.CHECK, check.target, Accepts.YES_NO, rule=check.id, keypad=True)
    return item_wait(interview, item, rule=check.id)
