"""A respondent's chat: opening a link, taking words and taps, and showing the talk."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialog.conversation import Conversation, Turn
from dialog.message import Offer, offers
from dialog.tapped import shown_words
from dialog.utterance import Utterance
from models.case import Case
from models.conversation_store import Inbound, TurnResult, TurnStore
from models.failure import KeyReusedError, NotStartedError
from models.interview_store import Forms
from models.talk import Talk
from server.contact import Contacts
from server.link import Link
from survey_engine.agenda import is_open
from survey_engine.channel import Channel
from survey_engine.input import Pause, Resume
from survey_engine.interview import Interview, Status
from survey_engine.wait import Accepts

CHANNEL = Channel.CHAT.value


@dataclass(frozen=True, slots=True)
class Line:
    """One bubble of the talk; ``now`` marks the question that waits, ``last`` what may change."""

    text: str
    mine: bool = False
    now: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class ChatView:
    """What the page shows: the talk, what may be tapped, and how far it is."""

    lines: tuple[Line, ...]
    offers: tuple[Offer, ...]
    several: bool
    digits: bool
    target: str
    turn: int
    progress: str
    answered: int
    left: int
    open: bool
    resumable: bool
    with_person: bool
    may_return: bool


@dataclass(frozen=True, slots=True)
class ChatDesk:
    """Serves respondents' links; every method that takes something in is one unit of work."""

    store: TurnStore
    talk: Talk
    forms: Forms
    conversation: Conversation
    contacts: Contacts

    def is_mine(self, link: Link, session: str) -> bool:
        """Whether the browser with this session is the one that opened the link."""
        kept = self.talk.body_of(CHANNEL, _opening_id(link))
        return kept is not None and bool(session) and kept == _fingerprint(session)

    def was_opened(self, link: Link) -> bool:
        """Whether some browser has opened the link."""
        return self.talk.body_of(CHANNEL, _opening_id(link)) is not None

    def open(self, link: Link, session: str, now: datetime) -> bool:
        """Bind the link to this browser and begin or resume the interview.

        Returns False if another browser opened it before: a link is for one.
        """
        inbound = Inbound(
            channel=CHANNEL,
            external_id=_opening_id(link),
            assignment_id=link.assignment_id,
            body=_fingerprint(session),
            received_at=now,
        )
        try:
            self._begin_or_resume(inbound, now)
        except KeyReusedError:
            return False
        self.contacts.begin(link.assignment_id, Channel.CHAT, now, inbound.external_id)
        self._settle(link, now)
        return self.is_mine(link, session)

    def _settle(self, link: Link, now: datetime) -> Interview:
        """End the attempt if the interview has stopped, and return the interview as it stands."""
        interview = self.store.interview(link.assignment_id)
        self.contacts.settle(link.assignment_id, Channel.CHAT, interview, now)
        return interview

    def _begin_or_resume(self, inbound: Inbound, now: datetime) -> None:
        try:
            self.store.take(inbound, lambda interview: self._resumed(interview, now))
        except NotStartedError:
            self.store.start(inbound.assignment_id, lambda case: self._opened(case, now), inbound)

    def _opened(self, case: Case, now: datetime) -> TurnResult:
        form = self.forms(case.form, case.version)
        turn = self.conversation.begin(
            form, case.facts(), case.last_year, at=now, channel=Channel.CHAT
        )
        return turn_result(turn, "")

    def _resumed(self, interview: Interview, now: datetime) -> TurnResult:
        """Whoever opens a link is not known yet, even if the interview was begun elsewhere."""
        before: tuple[Turn, ...] = ()
        if interview.status is Status.OPEN:
            paused = self.conversation.put(interview, Pause(at=now, reason="dropped"))
            before, interview = (paused,), paused.interview
        turn = self.conversation.put(interview, Resume(at=now, channel=Channel.CHAT, returns=True))
        return turn_result(turn, "", before)

    def take(self, link: Link, turn: int, utterance: Utterance) -> ChatView:
        """Take what was written or tapped on the page of turn ``turn``; return the page after it.

        Sent twice, it counts once. Raises :class:`models.failure.KeyReusedError` if something else
        was sent from the same page before.
        """
        body = {"words": utterance.words, "tapped": utterance.tapped, "target": utterance.target}
        inbound = Inbound(
            channel=CHANNEL,
            external_id=_turn_id(link, turn),
            assignment_id=link.assignment_id,
            body=json.dumps(body, ensure_ascii=False),
            received_at=utterance.at,
        )
        self.store.take(inbound, lambda interview: self._answered(interview, utterance))
        return self._page(link, self._settle(link, utterance.at))

    def _answered(self, interview: Interview, utterance: Utterance) -> TurnResult:
        mine = shown_words(interview, utterance)
        return turn_result(self.conversation.take(interview, utterance), mine)

    def resume(self, link: Link, turn: int, now: datetime) -> ChatView:
        """Go on after a pause, in the browser that is bound to the link already."""
        inbound = Inbound(
            channel=CHANNEL,
            external_id=_turn_id(link, turn),
            assignment_id=link.assignment_id,
            body="resume",
            received_at=now,
        )
        going_on = Resume(at=now, channel=Channel.CHAT, same_speaker=True, returns=True)
        self.store.take(
            inbound, lambda held: turn_result(self.conversation.put(held, going_on), "")
        )
        self.contacts.begin(link.assignment_id, Channel.CHAT, now, inbound.external_id)
        return self._page(link, self._settle(link, now))

    def view(self, link: Link) -> ChatView:
        """Return the page of a link's interview as it stands."""
        return self._page(link, self.store.interview(link.assignment_id))

    def _page(self, link: Link, interview: Interview) -> ChatView:
        exchanges = self.talk.latest(link.assignment_id)
        lines = [line for one in exchanges for line in _lines(one.reply)]
        wait = interview.wait
        is_live = interview.status is Status.OPEN and wait is not None
        return ChatView(
            lines=_marked(lines) if is_live else tuple(lines),
            offers=offers(interview) if is_live else (),
            several=wait is not None and wait.accepts is Accepts.CHOICES,
            digits=wait is not None and wait.accepts in (Accepts.DIGITS, Accepts.INTEGER),
            target=wait.target if wait else "",
            turn=interview.length,
            progress=progress_in_words(interview),
            answered=len(interview.answers),
            left=questions_left(interview) if is_live else 0,
            open=is_live,
            resumable=interview.status in _RESUMABLE or interview.may_return,
            with_person=interview.status is Status.WITH_PERSON,
            may_return=interview.may_return,
        )


_RESUMABLE = (Status.PAUSED, Status.WITH_PERSON)
_STOPPED = {
    Status.COMPLETED: "全部答完了",
    Status.PAUSED: "先停在这里",
    Status.WITH_PERSON: "等工作人员联系您",
}


def progress_in_words(interview: Interview) -> str:
    """Return how far the interview is, as 第 12 题，还有约 8 题."""
    if interview.status is not Status.OPEN:
        return _STOPPED.get(interview.status, "已经结束")
    number, left = len(interview.answers) + 1, questions_left(interview)
    if left > 1:
        return f"第 {number} 题，还有约 {left - 1} 题"
    return f"第 {number} 题，最后一题" if left else "快答完了"


def questions_left(interview: Interview) -> int:
    """Return how many questions are open as things stand, with the one that waits."""
    today = interview.at.date()
    return sum(is_open(interview, item, today) for item in interview.questionnaire.items)


def turn_result(turn: Turn, mine: str, before: Sequence[Turn] = ()) -> TurnResult:
    """Return a turn as the records keep it; the reply holds what the page shows again."""
    texts = [[one.kind, one.item, one.text] for one in turn.messages]
    events = [event for earlier in before for event in earlier.events]
    reply = json.dumps({"mine": mine, "said": texts}, ensure_ascii=False)
    return TurnResult(turn.interview, (*events, *turn.events), reply)


def _lines(reply: str) -> Iterator[Line]:
    kept = json.loads(reply) if reply else {}
    if kept.get("mine"):
        yield Line(kept["mine"], mine=True)
    for _kind, _item, text in kept.get("said", ()):
        yield Line(text)


def _marked(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Mark the last sentence of ours, which is the question that waits, and their last answer."""
    found = list(lines)
    if found and not found[-1].mine:
        found[-1] = replace(found[-1], now=True)
    for place in range(len(found) - 1, -1, -1):
        if found[place].mine:
            found[place] = replace(found[place], last=True)
            break
    return tuple(found)


def _opening_id(link: Link) -> str:
    return f"open:{link.nonce}"


def _turn_id(link: Link, turn: int) -> str:
    return f"{link.nonce}:{turn}"


def _fingerprint(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()
