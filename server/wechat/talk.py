"""The interview of somebody in WeChat: begun, gone on with where it broke off, answered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote, unquote

from dialog.conversation import Conversation, Turn
from dialog.message import Offer, offers
from dialog.tapped import shown_words
from dialog.utterance import Utterance
from models.case import Case
from models.conversation_store import Inbound, Reply, TurnResult, TurnStore
from models.failure import NotStartedError
from models.interview_store import Forms
from models.talk import Talk
from server.contact import Contacts
from server.wechat import sentences
from survey_engine.channel import Channel
from survey_engine.input import Pause, Resume
from survey_engine.interview import Interview, Status
from survey_engine.wait import Accepts

CHANNEL = Channel.WECHAT.value
#: What is sent by whoever wants to go on, though a person was to get in touch.
GO_ON = "go-on"
#: How many choices are shown to be tapped; more are shown as a list to type from.
MOST_LINKS = 8
_OVER = {
    Status.WITH_PERSON: sentences.WITH_PERSON,
    Status.COMPLETED: sentences.COMPLETED,
    Status.ENDED: sentences.ENDED,
}


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a bound contact sent: the message's name, who sent it, and what it says."""

    name: str
    contact: str
    utterance: Utterance

    @property
    def goes_on(self) -> bool:
        """Whether it only says that they go on here."""
        return self.utterance.tapped == GO_ON

    def answer(self) -> Utterance:
        """Return it as the conversation takes it; to a question, going on is hearing it again."""
        return replace(self.utterance, tapped="repeat") if self.goes_on else self.utterance

    def inbound(self, assignment_id: str) -> Inbound:
        """Return it as the records keep it."""
        said = self.utterance
        body = {
            "from": self.contact,
            "words": said.words,
            "tapped": said.tapped,
            "target": said.target,
        }
        return Inbound(
            channel=CHANNEL,
            external_id=self.name,
            assignment_id=assignment_id,
            body=json.dumps(body, ensure_ascii=False),
            received_at=said.at,
        )


@dataclass(frozen=True, slots=True)
class WechatTalk:
    """Holds interviews in WeChat; one message is one unit of work."""

    store: TurnStore
    talk: Talk
    forms: Forms
    conversation: Conversation
    contacts: Contacts

    def take(self, assignment_id: str, said: Contribution) -> str:
        """Put a contribution into the interview; return the reply as it is kept.

        The same message again gives the same reply. An interview that was not going on with this
        contact here goes on first: whoever writes is then asked the waiting question anew, instead
        of having words taken as its answer.
        """
        kept = self.talk.reply_to(CHANNEL, said.name)
        return kept if kept is not None else self._take(assignment_id, said).body

    def _take(self, assignment_id: str, said: Contribution) -> Reply:
        inbound, at = said.inbound(assignment_id), said.utterance.at
        try:
            interview = self.store.interview(assignment_id)
        except NotStartedError:
            reply = self.store.start(assignment_id, lambda case: self._opened(case, at), inbound)
            self.contacts.begin(assignment_id, Channel.WECHAT, at, said.name)
            return reply
        same = self._was_here(assignment_id, said.contact)
        reply = self.store.take(inbound, lambda held: self._turn(held, said, same))
        self._account(assignment_id, interview, said, same)
        return reply

    def waiting(self, assignment_id: str) -> Interview | None:
        """Return the interview if it is being held here, for the question that waits."""
        try:
            interview = self.store.interview(assignment_id)
        except NotStartedError:
            return None
        return interview if _is_going_on(interview) else None

    def _account(
        self, assignment_id: str, before: Interview, said: Contribution, same: bool
    ) -> None:
        """Keep the attempts in step with the interview."""
        at, after = said.utterance.at, self.store.interview(assignment_id)
        if before.status in _OVER and after.status is before.status:
            return
        if not (same and _is_going_on(before)):
            self.contacts.begin(assignment_id, Channel.WECHAT, at, said.name)
        self.contacts.settle(assignment_id, Channel.WECHAT, after, at)

    def _was_here(self, assignment_id: str, contact: str) -> bool:
        """Whether the last one who contributed anywhere is this contact."""
        last = self.talk.latest(assignment_id, 1)
        if not last or last[0].channel != CHANNEL:
            return False
        return bool(json.loads(last[0].body).get("from") == contact)

    def _opened(self, case: Case, at: datetime) -> TurnResult:
        form = self.forms(case.form, case.version)
        turn = self.conversation.begin(
            form, case.facts(), case.last_year, at=at, channel=Channel.WECHAT
        )
        return _result(turn, "", introduced=True)

    def _turn(self, interview: Interview, said: Contribution, same: bool) -> TurnResult:
        over = _OVER.get(interview.status)
        may_go_on = interview.status is Status.WITH_PERSON or interview.may_return
        if over is not None and not (said.goes_on and may_go_on):
            told = over.format(callback=self.conversation.office.callback)
            own = sentences.BY_THEMSELVES.format(link=link_to(sentences.GO_ON, GO_ON))
            return TurnResult(interview, (), _told(told + own * may_go_on))
        if not (same and _is_going_on(interview)):
            return self._resumed(interview, said.utterance.at, same=same)
        answer = said.answer()
        mine = shown_words(interview, answer)
        return _result(self.conversation.take(interview, answer), mine)

    def _resumed(self, interview: Interview, at: datetime, *, same: bool) -> TurnResult:
        before: tuple[Turn, ...] = ()
        if interview.status is Status.OPEN:
            paused = self.conversation.put(interview, Pause(at=at, reason="dropped"))
            before, interview = (paused,), paused.interview
        resume = Resume(at=at, channel=Channel.WECHAT, same_speaker=same, returns=True)
        return _result(self.conversation.put(interview, resume), "", before, introduced=True)


def _is_going_on(interview: Interview) -> bool:
    return interview.status is Status.OPEN and interview.channel is Channel.WECHAT


def _told(sentence: str) -> str:
    return json.dumps({"mine": "", "said": [["say", "", sentence]]}, ensure_ascii=False)


def _result(
    turn: Turn, mine: str, before: Sequence[Turn] = (), *, introduced: bool = False
) -> TurnResult:
    """Return a turn as the records keep it; the reply holds what can be shown and tapped again."""
    events = [event for earlier in before for event in earlier.events]
    after, wait = turn.interview, turn.interview.wait
    wait = wait if after.status is Status.OPEN else None
    reply = {
        "mine": mine,
        "said": [[one.kind, one.item, one.text] for one in turn.messages],
        "offers": [[one.sends, one.shows] for one in offers(after)] if wait else [],
        "target": wait.target if wait else "",
        "several": wait is not None and wait.accepts is Accepts.CHOICES,
        "introduced": introduced,
    }
    return TurnResult(after, (*events, *turn.events), json.dumps(reply, ensure_ascii=False))


def reply_text(kept: str) -> str:
    """Return a kept reply as one text for WeChat."""
    reply = json.loads(kept) if kept else {}
    lines = [text for _kind, _item, text in reply.get("said", ())]
    choices = [Offer(sends, shows) for sends, shows in reply.get("offers", ())]
    if reply.get("several"):
        shown = " ".join(one.shows for one in choices)
        lines.append(sentences.SEVERAL_CHOICES.format(choices=shown))
    elif choices:
        lines.append(_choices(choices, reply.get("target", "")))
    if reply.get("introduced"):
        lines.append(sentences.WISHES)
    return "\n\n".join(line for line in lines if line)


def _choices(choices: Sequence[Offer], target: str) -> str:
    if len(choices) > MOST_LINKS:
        return "请选一个：" + "、".join(one.shows for one in choices)
    return "\n".join(link_to(one.shows, f"{target}~{one.sends}") for one in choices if one.shows)


def link_to(shows: str, menu_id: str) -> str:
    """Return a link that, tapped in WeChat, sends ``shows`` as the tapper's own words."""
    content, name = quote(shows, safe=""), quote(menu_id, safe="")
    address = f"weixin://bizmsgmenu?msgmenucontent={content}&msgmenuid={name}"
    return f'<a href="{address}">{shows}</a>'


def tapped_in(menu_id: str) -> tuple[str, str] | None:
    """Return the question and what was tapped for it, as :func:`link_to` put them."""
    target, mark, sends = unquote(menu_id).rpartition("~")
    return (target, sends) if mark and target and sends else None
