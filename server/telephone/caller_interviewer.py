"""A call of somebody whom nobody knows yet: asked who they are, and then their own interview."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from dialog.message import Message
from models.case import Case
from models.failure import CallRefusedError
from models.missed_call import MissedCalls
from models.phone_call import PhoneCall, PhoneCalls
from server.service import Service
from server.telephone.caller import Callers
from server.telephone.caller_form import LAST4, NAME, caller_form
from server.telephone.outcome import CallOutcome
from server.telephone.phone_interviewer import PhoneInterviewer
from server.telephone.sentences import FOUND, NO_MATCH, REFUSED
from survey_engine.channel import Channel
from survey_engine.interview import Interview, Status
from telephony.announcement import Announcement
from telephony.audio import AudioChunk
from telephony.interviewer import Contribution, Opening, Reply
from telephony.manner import Manner
from telephony.phone_conversation import PhoneConversation, first_manner, reply_of
from telephony.recogniser import Word

#: How often somebody may say in one call who they are.
TRIES = 3
R = TypeVar("R")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class CallerInterviewer:
    """See :class:`telephony.interviewer.Interviewer`.

    As long as nobody is known nothing is kept but how often the answers were wrong; whoever gives
    up, asks for something else or is not found hears one sentence. ``known`` holds the interview
    from the moment that the answers meant exactly one person.
    """

    service: Service
    call: PhoneCall
    workers: Executor | None = None
    now: Callable[[], datetime] = _now
    known: PhoneInterviewer | None = None
    _callers: Callers = field(init=False)
    _phone: PhoneConversation = field(init=False)
    _held: Interview = field(init=False)
    _tries: int = 0
    _found_at: int = 0

    def __post_init__(self) -> None:
        self._callers = Callers(self.service, self.now)
        self._phone = PhoneConversation(self.service.conversation)

    @property
    def outcome(self) -> CallOutcome | None:
        """See :class:`server.telephone.phone_interviewer.PhoneInterviewer`."""
        return self.known.outcome if self.known else None

    @property
    def was_answered(self) -> bool:
        """See :class:`server.telephone.phone_interviewer.PhoneInterviewer`."""
        return self.known is not None

    def wants_the_rest(self, interview: Interview) -> bool:
        """See :class:`server.telephone.phone_interviewer.PhoneInterviewer`."""
        return self.known is not None and self.known.wants_the_rest(interview)

    async def _beside(self, work: Callable[..., R], *given: object) -> R:
        return await asyncio.get_running_loop().run_in_executor(self.workers, work, *given)

    async def open(self) -> Opening:
        """See :class:`telephony.interviewer.Interviewer`."""
        return await self._beside(self._open)

    def _open(self) -> Opening:
        reply = self._begun()
        if reply is None:
            return Opening(self._refused(), Manner())
        return Opening(reply, first_manner(self._held))

    def _begun(self) -> Reply | None:
        """Ask who they are, from the beginning; None if no campaign is open any more."""
        campaign = self._callers.campaign()
        if campaign is None:
            return None
        form = caller_form(self.service.shelf.find(campaign.form, campaign.version))
        turn = self.service.conversation.begin(form, {}, {}, at=self.now(), channel=Channel.VOICE)
        self._held = turn.interview
        return reply_of(turn)

    async def take(self, contribution: Contribution) -> Reply | None:
        """See :class:`telephony.interviewer.Interviewer`."""
        if self.known is not None:
            return await self.known.take(contribution)
        return await self._beside(self._take, contribution)

    def _take(self, contribution: Contribution) -> Reply | None:
        turn = self._phone.take(self._held, contribution, self.now(), self.call.id)
        if turn is None:
            return None
        self._held = turn.interview
        if self._held.status is Status.COMPLETED:
            return self._judged(contribution.number)
        goes_on = self._held.status is Status.OPEN or self._is_connected()
        return reply_of(turn) if goes_on else self._refused()

    def _is_connected(self) -> bool:
        """Whether they asked for a person and there is one to be connected with."""
        is_asked = self._held.status is Status.WITH_PERSON
        return is_asked and bool(self.service.settings.transfer_number)

    def _judged(self, number: int) -> Reply:
        """Take both answers together, so that nobody learns which one was wrong."""
        self._tries += 1
        last4, name = (self._held.answers[item].value for item in (LAST4, NAME))
        source = self.call.caller or b""
        case = self._callers.by_answers(source, name, last4) if name and last4 else None
        if case is not None:
            self._found_at = number
            return self._found(case)
        if self._tries >= TRIES or self._callers.is_spent(source):
            return self._refused()
        return self._once_more() or self._refused()

    def _once_more(self) -> Reply | None:
        reply = self._begun()
        if reply is None:
            return None
        asked = tuple(one for one in reply.messages if one.kind == "ask")
        return replace(reply, messages=(Message("say", "", NO_MATCH), *asked))

    def _found(self, case: Case) -> Reply:
        """Go on with their interview; who is calling has been said already."""
        at = self.now()
        try:
            PhoneCalls(self.service.database).identify(self.call.id, case.assignment_id, at)
        except CallRefusedError:
            return self._refused()
        self.service.contacts.begin(
            case.assignment_id, Channel.VOICE, at, self.call.id, incoming=True
        )
        MissedCalls(self.service.database).reached(case.assignment_id, at)
        known = PhoneInterviewer(
            self.service, case.assignment_id, self.call.id, self.workers, self.now
        )
        known.was_answered = True
        said = self._held.answers[LAST4]
        known.shown = replace(said.heard, words=said.value)
        self.known = known
        opening = known.open_now()
        who = self._phone.opening(self._held).text
        rest = tuple(one for one in opening.reply.messages if one.text != who)
        found = (Message("say", "", FOUND), *rest)
        return replace(opening.reply, messages=found, manner=opening.manner)

    def _refused(self) -> Reply:
        text = REFUSED.format(callback=self.service.conversation.office.callback)
        return Reply((Message("say", "", text),), None, Status.ENDED)

    async def by_keys(self) -> Reply | None:
        """See :class:`telephony.interviewer.Interviewer`."""
        if self.known is not None:
            return await self.known.by_keys()
        return self._phone.by_keys(self._held)

    async def leave(self, reason: str) -> Reply:
        """See :class:`telephony.interviewer.Interviewer`."""
        if self.known is not None:
            return await self.known.leave(reason)
        refused = self._refused()
        return replace(refused, messages=()) if reason == "dropped" else refused

    async def announce(self, announcement: Announcement) -> Reply:
        """See :class:`telephony.interviewer.Interviewer`."""
        if self.known is not None:
            return await self.known.announce(announcement)
        return await self.leave("dropped")

    async def keep(
        self, contribution: Contribution, sound: AudioChunk, words: tuple[Word, ...]
    ) -> None:
        """See :class:`telephony.interviewer.Interviewer`; a stranger's sound is not kept."""
        if self.known is not None and contribution.number > self._found_at:
            await self.known.keep(contribution, sound, words)

    async def remember(self, manner: Manner) -> None:
        """See :class:`telephony.interviewer.Interviewer`."""
        if self.known is not None:
            await self.known.remember(manner)
