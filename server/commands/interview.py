"""``tingwen interview``: one real interview of a campaign in the terminal."""

import json
import secrets
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from dialog.conversation import Turn
from dialog.message import Message, messages
from dialog.utterance import Utterance
from models.case import Case
from models.conversation_store import Inbound, TurnResult
from models.failure import NotStartedError
from server.commands.opened import opened_service
from server.service import Service
from survey_engine.channel import Channel
from survey_engine.event import Asked
from survey_engine.input import Pause, Resume
from survey_engine.interview import Interview, Status
from survey_engine.wait import Style

CHANNEL = Channel.TERMINAL
Work = Callable[[Interview], TurnResult]


def interview(
    campaign: Annotated[str, typer.Option()],
    person: Annotated[str, typer.Option(metavar="KEY", help="The certificate number.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Hold one interview here in the terminal: an answer a line on stdin."""
    with opened_service() as service:
        case = service.cases.by_certificate(campaign, person)
        Terminal(service, case, secrets.token_hex(8), as_json).run()


@dataclass(frozen=True, slots=True)
class Terminal:
    """One sitting at the terminal; each line is a message of its own, kept before the next."""

    service: Service
    case: Case
    sitting: str
    as_json: bool

    def run(self) -> None:
        """Begin or resume the interview and take lines until it is over or the input ends."""
        self._begin()
        contacts, assignment = self.service.contacts, self.case.assignment_id
        contacts.begin(assignment, CHANNEL, _now(), self.sitting)
        number = 0
        while self._is_open() and (line := sys.stdin.readline()):
            number += 1
            self._take(number, line.strip())
        if self._is_open():
            self._put("close", self._pause)
        contacts.settle(assignment, CHANNEL, self._held(), _now())

    def _begin(self) -> None:
        try:
            held = self._held()
        except NotStartedError:
            reply = self.service.store.start(self.case.assignment_id, self._opened)
            self._print(reply.body)
            return
        if held.status is Status.OPEN and held.wait is not None:
            repeated = Asked(at=held.at, wait=held.wait, style=Style.REPEAT)
            self._print(_reply(messages(held, [repeated], self.service.conversation.office)))
        elif held.status is not Status.OPEN:
            self._put("resume", self._resumed)

    def _is_open(self) -> bool:
        return self._held().status is Status.OPEN

    def _held(self) -> Interview:
        return self.service.store.interview(self.case.assignment_id)

    def _opened(self, case: Case) -> TurnResult:
        form = self.service.shelf.find(case.form, case.version)
        begin = self.service.conversation.begin
        return _result(begin(form, case.facts(), case.last_year, at=_now(), channel=CHANNEL))

    def _resumed(self, held: Interview) -> TurnResult:
        return _result(self.service.conversation.put(held, Resume(at=_now(), channel=CHANNEL)))

    def _pause(self, held: Interview) -> TurnResult:
        return _result(self.service.conversation.put(held, Pause(at=_now(), reason="dropped")))

    def _take(self, number: int, words: str) -> None:
        utterance = Utterance(id=f"{self.sitting}:{number}", at=_now(), words=words)
        inbound = self._inbound(str(number), words)
        reply = self.service.store.take(
            inbound, lambda held: _result(self.service.conversation.take(held, utterance))
        )
        self._print(reply.body)

    def _put(self, name: str, work: Work) -> None:
        self._print(self.service.store.take(self._inbound(name, name), work).body)

    def _inbound(self, name: str, body: str) -> Inbound:
        return Inbound(
            channel=CHANNEL.value,
            external_id=f"{self.sitting}:{name}",
            assignment_id=self.case.assignment_id,
            body=body,
            received_at=_now(),
        )

    def _print(self, reply: str) -> None:
        for message in json.loads(reply) if reply else ():
            if self.as_json:
                typer.echo(json.dumps(message, ensure_ascii=False))
            else:
                typer.echo(f"{'　' if message['kind'] == 'say' else '问'} {message['text']}")


def _result(turn: Turn) -> TurnResult:
    return TurnResult(turn.interview, turn.events, _reply(turn.messages))


def _reply(said: Iterable[Message]) -> str:
    lines = [
        {"kind": one.kind, **({"item": one.item} if one.item else {}), "text": one.text}
        for one in said
    ]
    return json.dumps(lines, ensure_ascii=False)


def _now() -> datetime:
    return datetime.now(UTC)
