"""Which part of the engine takes which input, and when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_engine import command, decision, failure, wish
from survey_engine import input as given
from survey_engine.input import Input
from survey_engine.interview import Status
from survey_engine.sprint import Sprint

_OPEN = (Status.OPEN,)
_LIVE = (Status.OPEN, Status.PAUSED, Status.WITH_PERSON)
_STOPPED = (Status.PAUSED, Status.WITH_PERSON, Status.COMPLETED, Status.ENDED)
_ANY = tuple(Status)


@dataclass(frozen=True, slots=True)
class Handler:
    """What an input does: ``run``, in these ``statuses``, perhaps only while a question waits."""

    run: Callable[[Sprint, Any], None]
    statuses: tuple[Status, ...] = _OPEN
    needs_wait: bool = True


HANDLERS: Mapping[type[Input], Handler] = {
    given.Record: Handler(decision.record, needs_wait=False),
    given.Confirm: Handler(decision.confirm),
    given.AskAgain: Handler(failure.ask_again),
    given.HandOff: Handler(failure.hand_off),
    given.Affirm: Handler(decision.affirm),
    given.Deny: Handler(decision.deny),
    given.Unknown: Handler(failure.unknown),
    given.Decline: Handler(failure.decline),
    given.SayAgain: Handler(wish.say_again),
    given.HoldOn: Handler(wish.hold_on),
    given.WhoAreYou: Handler(wish.who_are_you),
    given.GoBack: Handler(wish.go_back),
    given.Abuse: Handler(wish.abuse),
    given.WantPerson: Handler(wish.want_person),
    given.ChangeSpeaker: Handler(command.change_speaker, needs_wait=False),
    given.Report: Handler(command.report, _LIVE, needs_wait=False),
    given.Pause: Handler(command.pause, _OPEN, needs_wait=False),
    given.Resume: Handler(command.resume, _STOPPED, needs_wait=False),
    given.Close: Handler(command.close, _LIVE, needs_wait=False),
    given.Verify: Handler(command.verify, _ANY, needs_wait=False),
    given.RejectOutcome: Handler(command.reject_outcome, _ANY, needs_wait=False),
    given.Reopen: Handler(command.reopen, _ANY, needs_wait=False),
}
