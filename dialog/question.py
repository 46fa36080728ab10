"""The question an utterance answers, with what is known about the person asked about."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from survey_engine.form_model import form_model
from survey_engine.instance import Instance
from survey_engine.interview import Interview
from survey_engine.item import Choice, Item, ItemType, ReferencePeriod
from survey_engine.questionnaire import Questionnaire
from survey_engine.wait import Accepts, WaitKind

_RESIDENCE = {"rural": "1", "urban": "2"}
_TEXTS = ("sex", "category", "grade", "residence", "speaker", "last_year", "telephone")
_CONFIRMING = (WaitKind.CONFIRM, WaitKind.LAST, WaitKind.READBACK)


class UnknownQuestionError(ValueError):
    """A question that the form does not have, or a context that cannot be read."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known before the words are read; an empty text or None where it is not.

    ``telephone`` is the number that the person is reached by now.
    """

    age: int | None = None
    sex: str = ""
    category: str = ""
    grade: str = ""
    residence: str = ""
    speaker: str = ""
    last_year: str = ""
    confirming: str = ""
    telephone: str = ""

    @classmethod
    def of_mapping(cls, known: Mapping[str, object]) -> "Context":
        """Return the context of an evaluation row; keys that mean nothing here are left out."""
        age = known.get("age")
        texts = {key: str(known[key]) for key in _TEXTS if known.get(key) is not None}
        confirming = str(known.get("confirming") or "")
        return cls(age=int(str(age)) if age is not None else None, confirming=confirming, **texts)


@dataclass(frozen=True, slots=True)
class Question:
    """One question in the air.

    ``item`` is None for a scripted question. ``choices`` are those on offer to this person.
    ``value`` is what is to be confirmed when ``kind`` is a confirmation.
    """

    form: Questionnaire
    target: str
    kind: WaitKind
    accepts: Accepts
    item: Item | None = None
    option: str = ""
    choices: tuple[Choice, ...] = ()
    value: str = ""
    names: tuple[str, ...] = ()
    context: Context = Context()

    @property
    def is_yes_no(self) -> bool:
        """Whether yes or no is the answer, not one of several codes."""
        return self.accepts is Accepts.YES_NO

    @property
    def is_confirmation(self) -> bool:
        """Whether a known value is being confirmed."""
        return self.kind in _CONFIRMING

    @property
    def is_multiple(self) -> bool:
        """Whether several codes may be the answer."""
        return self.item is not None and self.item.type is ItemType.MULTI and not self.option

    @property
    def place(self) -> str:
        """The name under which the lexicon holds this item's words: ``B1:rural``, ``A4``."""
        name = self.item.name if self.item else self.target
        varied = any(choice.when is not None and self._shares(choice) for choice in self.choices)
        return f"{name}:{self.context.residence}" if varied and self.context.residence else name

    def _shares(self, choice: Choice) -> bool:
        item = self.item
        return item is not None and sum(one.code == choice.code for one in item.choices) > 1

    @property
    def reference(self) -> ReferencePeriod:
        """The time that the question speaks of."""
        return self.item.reference if self.item else ReferencePeriod.NOW

    @classmethod
    def of_ask(cls, form: Questionnaire, ask: str, known: Mapping[str, object]) -> "Question":
        """Return the question of an evaluation row: ``A4``, ``B2a`` or one option ``E5/2``.

        Raises :class:`UnknownQuestionError` if the form has no such item or option.
        """
        name, _, option = ask.partition("/")
        item = form.item(name)
        if item is None or (option and option not in item.codes):
            raise UnknownQuestionError(f"{form.form} has no question `{ask}`; name one it has.")
        try:
            context = Context.of_mapping(known)
        except ValueError as error:
            raise UnknownQuestionError("context.age is no whole number; correct it.") from error
        confirming = bool(context.confirming)
        return cls(
            form=form,
            target=ask,
            kind=WaitKind.CONFIRM if confirming else WaitKind.ASK,
            accepts=Accepts.YES_NO if confirming or option else _accepts(item),
            item=item,
            option=option,
            choices=_choices(form, item, context),
            value=context.confirming,
            context=context,
        )

    @classmethod
    def of_interview(cls, interview: Interview) -> "Question | None":
        """Return what ``interview`` is waiting for, or None if it waits for nothing."""
        wait = interview.wait
        if wait is None:
            return None
        item = interview.questionnaire.item(wait.item)
        context = _context_of(interview, wait.item)
        choices = item.choices if item else ()
        return cls(
            form=interview.questionnaire,
            target=wait.target,
            kind=wait.kind,
            accepts=wait.accepts,
            item=item,
            option=wait.option,
            choices=tuple(
                one for one in choices if one.when is None or interview.instance.test(one.when)
            ),
            value=wait.value,
            names=wait.codes,
            context=context,
        )


def read_context(text: str) -> Mapping[str, object]:
    """Return the context written as JSON. Raises :class:`UnknownQuestionError` if it is none."""
    try:
        known = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise UnknownQuestionError(f"context is no JSON ({error.msg}); write an object.") from error
    if not isinstance(known, dict):
        raise UnknownQuestionError("context is no JSON object; write {} if nothing is known.")
    return known


_ACCEPTS = {
    ItemType.SINGLE: Accepts.CHOICE,
    ItemType.MULTI: Accepts.CHOICES,
    ItemType.INTEGER: Accepts.INTEGER,
    ItemType.DECIMAL: Accepts.DECIMAL,
    ItemType.DATE: Accepts.DATE,
    ItemType.TIME: Accepts.TIME,
    ItemType.DATETIME: Accepts.DATETIME,
    ItemType.ACKNOWLEDGE: Accepts.YES_NO,
}


def _accepts(item: Item) -> Accepts:
    accepts = _ACCEPTS.get(item.type, Accepts.TEXT)
    return Accepts.DIGITS if item.hints.digits and accepts is Accepts.TEXT else accepts


def _choices(form: Questionnaire, item: Item, context: Context) -> tuple[Choice, ...]:
    """Leave out a choice only if another one has its code and is the one meant here."""
    codes = [choice.code for choice in item.choices]
    instance = form.derived(_instances)[
        context.residence if context.residence in _RESIDENCE else ""
    ]
    fitting = [
        choice
        for choice in item.choices
        if codes.count(choice.code) == 1 or choice.when is None or instance.test(choice.when)
    ]
    return tuple(fitting) or item.choices


def _instances(form: Questionnaire) -> Mapping[str, Instance]:
    """The form as it opens for a rural household, an urban one, and one not known."""
    return {name: _opened(form, name) for name in ("", *_RESIDENCE)}


def _opened(form: Questionnaire, residence: str) -> Instance:
    model = form_model(form)
    known = {"residence": residence, "A3": _RESIDENCE.get(residence, "")}
    preset = {name: value for name, value in known.items() if value and model.knows(name)}
    return Instance.start(model, preset, datetime(2000, 1, 1, tzinfo=UTC))


def _context_of(interview: Interview, name: str) -> Context:
    facts, speaker = interview.facts, interview.speaker.kind.value
    age = facts.get("age", "")
    settled = interview.answers.get("A3")
    names = {code: word for word, code in _RESIDENCE.items()}
    residence = names.get(settled.value, "") if settled else facts.get("residence", "")
    wait = interview.wait
    return Context(
        age=int(age) if age.isdigit() else None,
        sex=facts.get("sex", ""),
        category=facts.get("category", ""),
        grade=facts.get("grade", ""),
        residence=residence,
        speaker="" if speaker == "nobody" else speaker,
        last_year=interview.last_year.get(name, ""),
        confirming=wait.value if wait and wait.kind in _CONFIRMING else "",
        telephone=facts.get("telephone", ""),
    )
