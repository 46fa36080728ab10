"""A form run over a list of answers, one after another, as `tingwen form run` prints it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from survey_engine.conversion import words
from survey_engine.datatype import Kind, canonical
from survey_engine.form_model import form_model
from survey_engine.instance import Instance
from survey_engine.item import Item, ItemType
from survey_engine.questionnaire import Questionnaire


class AnswerError(ValueError):
    """An answer that no client of the form could give; ``code`` and one sentence."""

    def __init__(self, code: str, step: int, message: str) -> None:
        self.code = code
        self.step = step
        super().__init__(f"Answer {step}: {message}")


@dataclass(frozen=True, slots=True)
class FormStep:
    """The form after an answer: names in the order of the form, values as they are kept.

    ``invalid`` names what violates its constraint or is required and blank; ``missing`` only the
    latter. ``ignored`` says what of the answer was no value of the question and was left out.
    """

    step: int
    relevant: tuple[str, ...]
    values: dict[str, str]
    invalid: tuple[str, ...]
    missing: tuple[str, ...]
    ignored: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the step as it is written in JSON."""
        return {
            "step": self.step,
            "relevant": list(self.relevant),
            "values": self.values,
            "invalid": list(self.invalid),
            "missing": list(self.missing),
            **({"ignored": self.ignored} if self.ignored else {}),
        }


def run_form(
    form: Questionnaire, answers: Iterable[tuple[str, object]], now: datetime
) -> Iterator[FormStep]:
    """Yield the form after each answer, counted from 1; raise :class:`AnswerError` at a wrong one.

    An answer is text, a number, true or false, a list of codes, or None for blank. Answers that a
    client of ODK's engine could give behave as there: decimals given to a whole number are cut
    off, codes that are not on offer at the moment are dropped, a question that is not relevant
    keeps its answer until it is. What no client could give changes nothing, as there, and is told
    in ``ignored``: text that is no value of its kind, codes that the question never has, an answer
    to a note, to a calculated value or to a question that is readonly now. A name that the form
    does not have is refused.
    """
    instance = Instance.start(form_model(form), {}, now)
    names = frozenset(item.name for item in form.items)
    for step, (name, answer) in enumerate(answers, start=1):
        item = form.item(name)
        if item is None:
            message = f"the form has no question `{name}`; correct the name."
            raise AnswerError("unknown-name", step, message)
        text = _text(item, answer)
        ignored = _closed(item, instance)
        if not ignored:
            ignored = _misfit(item, text, instance.model.bind(name).kind)
            instance = instance.with_value(name, text, now)
        yield _form_step(instance, names, step, ignored)


def _form_step(instance: Instance, names: frozenset[str], step: int, ignored: str) -> FormStep:
    values = instance.values()
    return FormStep(
        step=step,
        relevant=tuple([name for name in instance.relevant() if name in names]),
        values={name: text for name, text in values.items() if name in names},
        invalid=instance.invalid(),
        missing=instance.missing(),
        ignored=ignored,
    )


def _closed(item: Item, instance: Instance) -> str:
    """Return why the item takes no answer now, or an empty text if it takes one."""
    if not item.type.is_question:
        return f"`{item.name}` is of type {item.type} and takes no answer; it stays as it is."
    if instance.is_readonly(item.name):
        return f"`{item.name}` is readonly now and takes no answer; it stays as it is."
    return ""


def _text(item: Item, answer: object) -> str:
    if answer is None:
        return ""
    if isinstance(answer, bool):
        given, blank = ("OK", "") if item.type is ItemType.ACKNOWLEDGE else ("true", "false")
        return given if answer else blank
    if isinstance(answer, (list, tuple)):
        return " ".join(map(str, answer))
    return str(answer)


def _misfit(item: Item, text: str, kind: Kind) -> str:
    """Return why ``text`` is no value of the question, or an empty text if it is one."""
    if text == "":
        return ""
    if kind.has_choices:
        codes = {text} if kind is Kind.SINGLE else set(filter(None, words(text)))
        strange = sorted(codes - item.codes)
        return f"`{item.name}` has no choice `{strange[0]:.60}`; it is left out." if strange else ""
    if canonical(kind, text) == "":
        return f"`{text:.60}` is no {kind} for `{item.name}`; it is left blank."
    return ""
