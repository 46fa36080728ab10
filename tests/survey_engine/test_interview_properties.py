"""What holds of every interview, on any form, whatever is put into it."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.wording import Office, wording_of
from survey_engine.channel import Channel
from survey_engine.event import (
    AnswerRecorded,
    AnswerVerified,
    Asked,
    ConsentGiven,
    Ended,
    Event,
    InputRefused,
    OptionAnswered,
    Said,
)
from survey_engine.history import load, store
from survey_engine.input import Affirm, Input, Pause, Record, Resume
from survey_engine.interview import Interview, Status
from survey_engine.item import Item, ItemType, Role, Sensitivity
from survey_engine.plain import to_plain
from survey_engine.questionnaire import Questionnaire
from survey_engine.snapshot import restore, take_snapshot
from survey_engine.stepping import replay, start, step
from survey_engine.transition import apply
from survey_engine.wait import WaitKind
from tests.survey_engine.random_interviews import START, Journey, forms, inputs_of, journeys_on

INTERNAL = {"96", "97", "98", "99"}


@dataclass(frozen=True)
class Turn:
    """One input with the interview before and after it."""

    before: Interview
    given: Input
    events: tuple[Event, ...]
    after: Interview


@dataclass(frozen=True)
class Story:
    """An interview as it went."""

    journey: Journey
    begun: Interview
    opening: tuple[Event, ...]
    turns: Sequence[Turn]

    @property
    def events(self) -> tuple[Event, ...]:
        return (*self.opening, *(event for turn in self.turns for event in turn.events))

    @property
    def end(self) -> Interview:
        return self.turns[-1].after

    def moments(self) -> Iterator[tuple[Interview, Event, Interview]]:
        """Every event of every turn, with the interview just before and just after it."""
        for turn in self.turns:
            state = turn.before
            for event in turn.events:
                before, state = state, apply(state, event)
                yield before, event, state


def play(journey: Journey) -> Story:
    person = journey.person
    begun, opening = start(
        journey.questionnaire, person.facts, person.last_year, at=START, channel=person.channel
    )
    interview, at, turns = begun, START, []
    for move in journey.moves:
        at, put = inputs_of(move, interview, at)
        after, events = step(interview, put)
        turns.append(Turn(interview, put, events, after))
        interview = after
    return Story(journey, begun, opening, turns)


def stored(events: Sequence[Event]) -> str:
    return json.dumps([store(event) for event in events])


def through_json(value: object) -> Any:
    return json.loads(json.dumps(value))


def state_of(interview: Interview) -> tuple[object, ...]:
    """Everything that an interview is, comparable."""
    return take_snapshot(interview), interview.instance.values(), interview.instance.relevant()


def sensitive(form: Questionnaire, target: str) -> bool:
    item = form.item(target.partition("/")[0])
    return (
        item is not None
        and item.sensitivity is Sensitivity.SENSITIVE
        and item.role is not Role.CERTIFICATE
    )


def is_written_as(kind: ItemType, value: str) -> bool:
    """Whether ``value`` is of its type, told without the engine."""
    day, clock = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d:\d\d(\.\d+)?(\+\d\d:\d\d)?"
    patterns = {
        ItemType.INTEGER: r"-?\d{1,10}",
        ItemType.DECIMAL: r"[-+]?\d{1,15}(\.\d+)?",
        ItemType.DATE: day,
        ItemType.TIME: clock,
        ItemType.DATETIME: f"{day}T{clock}",
        ItemType.ACKNOWLEDGE: "OK",
    }
    return re.fullmatch(patterns.get(kind, r"(?s).+"), value, re.ASCII) is not None


def fits_choices(item: Item, value: str, offers: Sequence[str]) -> bool:
    codes = value.split(" ") if item.type is ItemType.MULTI else [value]
    alone = len(codes) == 1 or not item.exclusive_codes() & set(codes)
    return alone and set(codes) <= set(offers) and len(set(codes)) == len(codes)


def every_input_gives_events_and_the_interview_is_what_they_tell(story: Story) -> None:
    assert all(turn.events for turn in story.turns)
    for turn in story.turns:
        told = turn.before
        for event in turn.events:
            told = apply(told, event)
        assert state_of(told) == state_of(turn.after)
        assert turn.after.wait is not None or turn.after.status is not Status.OPEN


def no_form_needs_more_than_the_step_budget(story: Story) -> None:
    reasons = [getattr(event, "reason", "") for event in story.events]
    assert "step_budget" not in reasons


def the_same_inputs_give_the_same_history(story: Story) -> None:
    assert stored(play(story.journey).events) == stored(story.events)


def the_stored_history_gives_the_same_interview(story: Story) -> None:
    history = [load(one) for one in json.loads(stored(story.events))]
    assert history == list(story.events)
    assert state_of(replay(story.end.questionnaire, history)) == state_of(story.end)


def a_restored_snapshot_goes_on_as_the_original(story: Story) -> None:
    middle = len(story.turns) // 2
    form = story.begun.questionnaire
    interview = restore(form, through_json(take_snapshot(story.turns[middle].before)))
    assert state_of(interview) == state_of(story.turns[middle].before)
    for turn in story.turns[middle:]:
        interview, events = step(interview, turn.given)
        assert stored(events) == stored(turn.events)
    assert state_of(interview) == state_of(story.end)


def only_values_on_offer_and_within_type_and_constraint_are_recorded(story: Story) -> None:
    for before, event, after in story.moments():
        if not isinstance(event, AnswerRecorded | AnswerVerified) or not event.value:
            continue
        item = before.questionnaire.item(event.item)
        assert item is not None
        if item.type.has_choices:
            assert fits_choices(item, event.value, before.instance.offers(item.name))
            assert not INTERNAL & set(event.value.split())
        else:
            assert is_written_as(item.type, event.value)
        if isinstance(event, AnswerRecorded):
            assert before.instance.is_relevant(item.name)
            assert not after.instance.is_invalid(item.name)


def only_what_applies_is_asked(story: Story) -> None:
    for before, event, _after in story.moments():
        if isinstance(event, Asked):
            item = before.questionnaire.item(event.wait.item)
            assert item is None or item.type.is_question
            assert item is None or before.instance.is_relevant(item.name)
            if item and event.wait.option:
                assert event.wait.option in before.instance.offers(item.name)


def nothing_sensitive_before_identity_and_consent(story: Story) -> None:
    for before, event, after in story.moments():
        if before.is_cleared():
            continue
        form = before.questionnaire
        if isinstance(event, Asked):
            assert not sensitive(form, event.wait.target)
            assert not any(sensitive(form, code) for code in event.wait.codes)
        if isinstance(event, Said):
            assert not sensitive(form, event.about)
        if isinstance(event, AnswerRecorded | OptionAnswered):
            assert not sensitive(form, event.item)
        said = wording_of(after, event, Office())
        assert not any(item.label in said for item in form.items if sensitive(form, item.name))


def only_a_yes_to_the_question_is_consent(story: Story) -> None:
    for turn in story.turns:
        if any(isinstance(event, ConsentGiven) for event in turn.events):
            wait = turn.before.wait
            assert wait is not None
            assert wait.kind is WaitKind.SCRIPT
            assert wait.target == "consent"
            said_yes = isinstance(turn.given, Record) and turn.given.value == "yes"
            assert isinstance(turn.given, Affirm) or said_yes


def a_refused_input_changes_nothing_but_the_length(story: Story) -> None:
    for turn in story.turns:
        if any(isinstance(event, InputRefused) for event in turn.events):
            assert len(turn.events) == 1
            changed = replace(turn.after, length=turn.before.length, at=turn.before.at)
            assert state_of(changed) == state_of(turn.before)
            assert turn.after.length == turn.before.length + 1


def a_refusal_says_why(story: Story) -> None:
    for event in story.events:
        if isinstance(event, InputRefused):
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", event.code)
            assert event.message.endswith(".")


def an_ended_interview_waits_for_nothing(story: Story) -> None:
    for turn in story.turns:
        if any(isinstance(event, Ended) for event in turn.events):
            assert turn.after.status is Status.ENDED
            assert turn.after.wait is None


def any_interview_goes_on_at_an_open_question_on_another_channel(story: Story) -> None:
    interview = story.end
    at = interview.at + timedelta(hours=1)
    if interview.status is Status.OPEN:
        interview, _events = step(interview, Pause(at=at, reason="dropped"))
    before = interview
    other = Channel.CHAT if interview.channel is not Channel.CHAT else Channel.VOICE
    interview, _events = step(interview, Resume(at=at, channel=other))
    if before.status in (Status.COMPLETED, Status.ENDED) and interview.status is before.status:
        return
    assert interview.channel is other
    if before.status is Status.PAUSED and before.wait is not None:
        assert interview.status in (Status.OPEN, Status.COMPLETED)
    assert interview.status is not Status.OPEN or interview.wait is not None


def facts_and_events_are_plain(story: Story) -> None:
    assert through_json(to_plain(story.events)) == to_plain(story.events)


PROMISES = (
    every_input_gives_events_and_the_interview_is_what_they_tell,
    no_form_needs_more_than_the_step_budget,
    the_same_inputs_give_the_same_history,
    the_stored_history_gives_the_same_interview,
    a_restored_snapshot_goes_on_as_the_original,
    only_values_on_offer_and_within_type_and_constraint_are_recorded,
    only_what_applies_is_asked,
    nothing_sensitive_before_identity_and_consent,
    only_a_yes_to_the_question_is_consent,
    a_refused_input_changes_nothing_but_the_length,
    a_refusal_says_why,
    an_ended_interview_waits_for_nothing,
    any_interview_goes_on_at_an_open_question_on_another_channel,
    facts_and_events_are_plain,
)
EXAMPLES = 4 * settings().max_examples


@settings(max_examples=EXAMPLES)
@given(journeys_on(forms()))
def test_promises_hold_on_any_small_form(journey: Journey) -> None:
    story = play(journey)
    for promise in PROMISES:
        promise(story)


@settings(max_examples=EXAMPLES)
@given(journeys_on(st.just({})))
def test_promises_hold_on_the_person_form(journey: Journey) -> None:
    story = play(journey)
    for promise in PROMISES:
        promise(story)
