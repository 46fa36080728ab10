"""The guided chat at the counter: the interview on the channel ``window``, one turn a time."""

import json
from dataclasses import dataclass
from datetime import datetime

from dialog.conversation import Conversation, Turn
from dialog.message import Offer, offers
from dialog.tapped import shown_words
from dialog.utterance import Utterance
from models.case import Case
from models.conversation_store import Inbound, TurnResult, TurnStore
from models.failure import NotStartedError
from models.interview_store import Forms
from models.talk import Talk
from server.chat_desk import Line, progress_in_words, turn_result
from server.contact import Contacts
from survey_engine.channel import Channel
from survey_engine.input import Pause, Resume
from survey_engine.interview import Interview, Status
from survey_engine.wait import Accepts, WaitKind

CHANNEL = Channel.WINDOW
_LINES = 6


def utterance_of(assignment_id: str, turn: int | str) -> str:
    """Return the id of what is said to the question of ``turn``; with none, how all begin."""
    return f"{CHANNEL.value}:{assignment_id}:{turn}"


@dataclass(frozen=True, slots=True)
class WindowView:
    """What both screens show: what was said last, the question, and what may be tapped.

    ``turn`` and ``target`` say which page it was, ``status`` is the interview's, ``waiting``
    before its first question.
    """

    status: str
    lines: tuple[Line, ...] = ()
    question: str = ""
    readback: bool = False
    offers: tuple[Offer, ...] = ()
    several: bool = False
    digits: bool = False
    target: str = ""
    turn: int = 0
    progress: str = "还没有开始"
    may_return: bool = False

    @property
    def here(self) -> bool:
        """Whether a question waits here at the window."""
        return bool(self.question)

    def version(self, assignment_id: str) -> str:
        """Return what names this view of one person, so that a screen knows whether it is new."""
        return f"{assignment_id[:12]}-{self.status}-{self.turn}"


@dataclass(frozen=True, slots=True)
class WindowDesk:
    """Leads interviews at the counter; each method that takes something in is one unit of work."""

    store: TurnStore
    talk: Talk
    forms: Forms
    conversation: Conversation
    contacts: Contacts

    def view(self, assignment_id: str) -> WindowView:
        """Return where the interview of an assignment stands."""
        interview = self.interview(assignment_id)
        if interview is None:
            return WindowView("waiting")
        going_on = interview.status is Status.OPEN and interview.channel is CHANNEL
        progress = progress_in_words(interview)
        if not going_on or interview.wait is None:
            return WindowView(
                interview.status,
                turn=interview.length,
                progress=progress,
                may_return=interview.may_return,
            )
        lines, wait = self._lines(assignment_id), interview.wait
        return WindowView(
            status=interview.status,
            lines=lines[:-1][-_LINES:],
            question=lines[-1].text if lines else "",
            readback=wait.kind is WaitKind.READBACK,
            offers=offers(interview),
            several=wait.accepts is Accepts.CHOICES,
            digits=wait.accepts in (Accepts.DIGITS, Accepts.INTEGER),
            target=wait.target,
            turn=interview.length,
            progress=progress,
        )

    def interview(self, assignment_id: str) -> Interview | None:
        """Return the interview of an assignment, or None if it has none yet."""
        try:
            return self.store.interview(assignment_id)
        except NotStartedError:
            return None

    def begin(self, assignment_id: str, turn: int, login: str, now: datetime) -> None:
        """Begin the interview, or go on with one that was begun anywhere; ``login`` leads it."""
        inbound = self._inbound(assignment_id, turn, "begin", now)
        try:
            self.store.take(inbound, lambda interview: self._resumed(interview, now))
        except NotStartedError:
            self.store.start(assignment_id, lambda case: self._opened(case, now), inbound)
        self.contacts.begin(assignment_id, CHANNEL, now, inbound.external_id, staff=login)
        self._settle(assignment_id, now)

    def take(self, assignment_id: str, turn: int, utterance: Utterance) -> None:
        """Take what was typed or tapped on the page of ``turn``.

        Sent twice, it counts once. Raises :class:`models.failure.KeyReusedError` if something
        else was sent from the same page before, as from the other screen.
        """
        said = {"words": utterance.words, "tapped": utterance.tapped, "target": utterance.target}
        body = json.dumps(said, ensure_ascii=False)
        inbound = self._inbound(assignment_id, turn, body, utterance.at)
        self.store.take(inbound, lambda interview: self._answered(interview, utterance))
        self._settle(assignment_id, utterance.at)

    def _answered(self, interview: Interview, utterance: Utterance) -> TurnResult:
        mine = shown_words(interview, utterance)
        return turn_result(self.conversation.take(interview, utterance), mine)

    def _opened(self, case: Case, now: datetime) -> TurnResult:
        form = self.forms(case.form, case.version)
        facts, last_year = case.facts(), case.last_year
        return turn_result(
            self.conversation.begin(form, facts, last_year, at=now, channel=CHANNEL), ""
        )

    def _resumed(self, interview: Interview, now: datetime) -> TurnResult:
        """Whoever stands at the counter is not known yet, wherever the interview was before."""
        before: tuple[Turn, ...] = ()
        if interview.status is Status.OPEN:
            paused = self.conversation.put(interview, Pause(at=now, reason="dropped"))
            before, interview = (paused,), paused.interview
        turn = self.conversation.put(interview, Resume(at=now, channel=CHANNEL, returns=True))
        return turn_result(turn, "", before)

    def _settle(self, assignment_id: str, now: datetime) -> None:
        interview = self.store.interview(assignment_id)
        self.contacts.settle(assignment_id, CHANNEL, interview, now)

    def _lines(self, assignment_id: str) -> tuple[Line, ...]:
        exchanges = self.talk.latest(assignment_id, _LINES)
        return tuple(line for one in exchanges for line in _spoken(one.reply))

    @staticmethod
    def _inbound(assignment_id: str, turn: int, body: str, at: datetime) -> Inbound:
        return Inbound(
            channel=CHANNEL.value,
            external_id=f"{assignment_id}:{turn}",
            assignment_id=assignment_id,
            body=body,
            received_at=at,
        )


def _spoken(reply: str) -> tuple[Line, ...]:
    kept = json.loads(reply) if reply else {}
    mine = (Line(kept["mine"], mine=True),) if kept.get("mine") else ()
    return (*mine, *(Line(text) for _kind, _item, text in kept.get("said", ())))
