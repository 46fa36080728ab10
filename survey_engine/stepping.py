"""The interview as a function: ``start``, ``step`` and ``replay``."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from survey_engine.agenda import advance
from survey_engine.answer import Heard
from survey_engine.channel import Channel
from survey_engine.event import Event, InterviewStarted
from survey_engine.handler import HANDLERS
from survey_engine.input import Input
from survey_engine.interview import Interview, begin
from survey_engine.meaning import void_changed_meanings
from survey_engine.questionnaire import Questionnaire
from survey_engine.script import Line
from survey_engine.sprint import Sprint
from survey_engine.transition import apply

Turn = tuple[Interview, tuple[Event, ...]]


_DAY, _AGE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"[0-9]{1,3}")


class FactError(ValueError):
    """A fact or time that an interview cannot start with; the message says which and why."""


class HistoryError(ValueError):
    """A history that does not begin with the start of an interview on the given form."""


def start(
    questionnaire: Questionnaire,
    facts: Mapping[str, str],
    last_year: Mapping[str, str],
    *,
    at: datetime,
    channel: Channel = Channel.VOICE,
) -> Turn:
    """Open an interview: it introduces itself and asks its first question.

    ``facts`` are the values of the form's facts as text (``age`` on the reference day, ``sex``,
    ``category`` …) and may hold ``birth`` and ``reference_day`` as ISO dates and ``last4``;
    ``last_year`` maps items to last year's values. ``at`` is an aware time. Raises
    :class:`FactError` for a fact that the engine itself counts with and cannot read.
    """
    _check_facts(facts, at)
    opened = InterviewStarted(
        at=at,
        form=questionnaire.form,
        version=questionnaire.version,
        facts=dict(facts),
        last_year=dict(last_year),
        channel=channel,
    )
    sprint = Sprint(begin(questionnaire, opened), at, Heard())
    sprint.say(Line.OPENING)
    advance(sprint)
    return sprint.interview, (opened, *sprint.events)


def _check_facts(facts: Mapping[str, str], at: datetime) -> None:
    if at.tzinfo is None:
        raise FactError("the time of a start has no time zone; give an aware time")
    for name in ("birth", "reference_day"):
        if facts.get(name) and not _DAY.fullmatch(facts[name]):
            raise FactError(f"the fact {name} is no date; give it as YYYY-MM-DD")
        try:
            date.fromisoformat(facts.get(name) or "2000-01-01")
        except ValueError as error:
            raise FactError(f"the fact {name} is no day of the calendar; correct it") from error
    if facts.get("age") and not _AGE.fullmatch(facts["age"]):
        raise FactError("the fact age is no number of years; give digits")


def step(interview: Interview, given: Input) -> Turn:
    """Put one input into the interview; total: every input in every state gives events.

    An input that does not fit gives one :class:`survey_engine.event.InputRefused`, which says
    why and changes nothing but the length of the history.
    """
    at = given.at if given.at.tzinfo else interview.at
    sprint = Sprint(interview, at, given.heard)
    reason = _misfit(interview, given)
    if reason:
        sprint.refuse(*reason)
    else:
        _handler(given)(sprint, given)
        void_changed_meanings(sprint, interview)
        advance(sprint)
    return sprint.interview, tuple(sprint.events)


def _handler(given: Input) -> Callable[[Sprint, Input], None]:
    return HANDLERS[type(given)].run


def _misfit(interview: Interview, given: Input) -> tuple[str, str] | None:
    handler = HANDLERS.get(type(given))
    if handler is None:
        return (
            "unknown-input",
            f"{type(given).__name__} is no input of an interview; use one of survey_engine.input.",
        )
    if given.at.tzinfo is None:
        return "naive-time", "The time of the input has no time zone; give an aware time."
    if interview.status not in handler.statuses:
        allowed = ", ".join(handler.statuses)
        return (
            "wrong-status",
            f"The interview is {interview.status}, but this needs {allowed}; resume or leave it.",
        )
    if handler.needs_wait and interview.wait is None:
        return (
            "nothing-asked",
            "Nothing is being asked, so there is nothing to answer; resume first.",
        )
    return None


def replay(questionnaire: Questionnaire, events: Iterable[Event]) -> Interview:
    """Return the interview that these events tell; the same events give the same interview.

    Raises :class:`HistoryError` if they do not begin with the start of an interview on this form.
    """
    history = iter(events)
    opened = next(history, None)
    if not isinstance(opened, InterviewStarted):
        raise HistoryError("the history does not begin with InterviewStarted; give it whole")
    if (opened.form, opened.version) != (questionnaire.form, questionnaire.version):
        raise HistoryError(
            f"the history is of form {opened.form} {opened.version}, not of"
            f" {questionnaire.form} {questionnaire.version}; replay it on its own version"
        )
    interview = begin(questionnaire, opened)
    for event in history:
        interview = apply(interview, event)
    return interview
