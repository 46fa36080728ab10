"""Invented respondents of different manners, who answer so that every page has life."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from dialog.message import offers
from dialog.utterance import Utterance
from models.case import Case
from models.conversation_store import Inbound, TurnResult
from server.chat_desk import turn_result
from server.service import Service
from survey_engine.channel import Channel
from survey_engine.interview import Interview, Status
from survey_engine.wait import Accepts, WaitKind

_TURNS = 160


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody answers: how often vaguely or not at all, and when they stop."""

    name: str
    vague: float = 0.0
    refuses: float = 0.0
    stops_after: int = _TURNS


MANNERS = (
    Manner("brisk"),
    Manner("brisk"),
    Manner("vague", vague=0.25),
    Manner("guarded", refuses=0.2),
    Manner("in a hurry", stops_after=14),
    Manner("vague", vague=0.4),
    Manner("brisk"),
    Manner("in a hurry", stops_after=25),
    Manner("vague", vague=0.4),
    Manner("vague", vague=0.5),
)
_VAGUE = ("就那样吧", "看情况", "跟村里人差不多", "大概是吧，记不清了", "这个要问我儿子")


class Respondent:
    """One invented person at the other end of a chat."""

    def __init__(self, service: Service, case: Case, manner: Manner) -> None:
        self._service = service
        self._case = case
        self._manner = manner
        self._random = Random(case.certificate)  # noqa: S311 - invented people need no secrecy

    def answer(self) -> None:
        """Answer from the first question until the end, or until this person has enough."""
        contacts, assignment = self._service.contacts, self._case.assignment_id
        contacts.begin(assignment, Channel.CHAT, _now(), f"demo:{assignment}")
        self._service.store.start(assignment, self._opened)
        self._talk()
        held = self._service.store.interview(assignment)
        contacts.settle(assignment, Channel.CHAT, held, _now())

    def _talk(self) -> None:
        for number in range(min(self._manner.stops_after, _TURNS)):
            held = self._service.store.interview(self._case.assignment_id)
            if held.status is not Status.OPEN or held.wait is None:
                return
            self._send(number, self._utterance(number, held))
        self._send(_TURNS, Utterance(id="later", at=_now(), tapped="later"))

    def _opened(self, case: Case) -> TurnResult:
        form = self._service.shelf.find(case.form, case.version)
        turn = self._service.conversation.begin(
            form, case.facts(), case.last_year, at=_now(), channel=Channel.CHAT
        )
        return turn_result(turn, "")

    def _send(self, number: int, utterance: Utterance) -> None:
        inbound = Inbound(
            channel=Channel.CHAT.value,
            external_id=f"demo:{self._case.assignment_id}:{number}",
            assignment_id=self._case.assignment_id,
            body=utterance.words or utterance.tapped,
            received_at=utterance.at,
        )
        conversation = self._service.conversation
        self._service.store.take(
            inbound,
            lambda held: turn_result(conversation.take(held, utterance), utterance.words),
        )

    def _utterance(self, number: int, held: Interview) -> Utterance:
        words, tapped = next(self._choices(held))
        return Utterance(
            id=f"{self._case.assignment_id}:{number}", at=_now(), words=words, tapped=tapped
        )

    def _choices(self, held: Interview) -> Iterator[tuple[str, str]]:
        """Yield words or a tap, the first that fits the manner and the question."""
        wait = held.wait
        if wait is None:
            return
        facts = self._case.facts()
        special = {"A1": ("", "1"), "A2": (facts.get("last4", ""), ""), "consent": ("", "yes")}
        if wait.target in special:
            yield special[wait.target]
        if wait.kind is WaitKind.ASK and self._random.random() < self._manner.vague:
            yield self._random.choice(_VAGUE), ""
        if wait.kind is WaitKind.ASK and self._random.random() < self._manner.refuses:
            yield "", "decline"
        known = self._case.last_year.get(wait.item, "")
        shown = [offer.sends for offer in offers(held)]
        if wait.accepts is Accepts.YES_NO:
            yield "", "yes" if self._random.random() < 0.85 else "no"
        if known and all(code in shown for code in known.split()):
            yield "", known
        if shown:
            yield "", self._random.choice(shown)
        yield self._case.telephone or "不知道", ""


def _now() -> datetime:
    return datetime.now(UTC)
