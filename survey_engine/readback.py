"""Reading a section back: what is read, and which item was meant by "this one is wrong"."""

from survey_engine.answer import Answer
from survey_engine.interview import Interview
from survey_engine.item import Item, Role, Sensitivity
from survey_engine.wait import Accepts, Wait, WaitKind


def unread(interview: Interview, block: str) -> tuple[tuple[str, str], ...]:
    """Return the ``(item, value)`` of a section that were neither confirmed nor read back yet."""
    section = interview.questionnaire.section(block)
    if section is None or not section.readback:
        return ()
    return tuple(
        (item.name, answer.value)
        for item in interview.questionnaire.items_of(block)
        if (answer := interview.answers.get(item.name)) and _is_to_be_read(interview, item, answer)
    )


def _is_to_be_read(interview: Interview, item: Item, answer: Answer) -> bool:
    sensitive = item.sensitivity is Sensitivity.SENSITIVE
    return (
        bool(answer.value)
        and not answer.confirmed
        and item.role not in (Role.SPEAKER, Role.CERTIFICATE)
        and (item.name, answer.value) not in interview.read_back
        and interview.instance.is_relevant(item.name)
        and (interview.is_cleared() or not sensitive)
    )


def which_wait(interview: Interview, block: str) -> Wait:
    """Return the wait for the name of the item that is wrong in a section just read back."""
    names = tuple(name for name, _value in unread(interview, block))
    return Wait(WaitKind.WHICH, f"{WaitKind.WHICH}:{block}", Accepts.ITEM, codes=names)
