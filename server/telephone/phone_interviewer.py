"""The interview of one call, stored turn by turn; every turn is one transaction."""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from dialog.conversation import Turn
from models.case import Case
from models.clip import Clip, Clips, HeardWord
from models.conversation_store import Inbound, TurnResult
from models.failure import NotStartedError
from models.talking import Talking, TalkingBook
from server.chat_desk import turn_result
from server.service import Service
from server.telephone.outcome import CallOutcome
from survey_engine.answer import Heard
from survey_engine.channel import Channel
from survey_engine.event import Paused
from survey_engine.input import Record
from survey_engine.interview import Interview, Status
from survey_engine.item import Role
from survey_engine.waiting import item_wait
from telephony.announcement import Announcement
from telephony.audio import AudioChunk
from telephony.evidence import FLAC, packed
from telephony.interviewer import Contribution, Opening, Reply
from telephony.manner import Manner
from telephony.phone_conversation import (
    PhoneConversation,
    first_manner,
    reply_of,
    utterance_of,
)
from telephony.recogniser import Word

CHANNEL = Channel.VOICE.value
R = TypeVar("R")
Work = Callable[[Interview], Sequence[Turn]]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class PhoneInterviewer:
    """See :class:`telephony.interviewer.Interviewer`; ``call`` is our id of the call.

    ``shown`` is the end of their certificate number, where they had to say it to get here.
    ``outcome`` is set where the call itself, and not the interview, has one; ``paused`` is why
    the interview was interrupted, if it was.
    """

    service: Service
    assignment_id: str
    call: str
    workers: Executor | None = None
    now: Callable[[], datetime] = _now
    outcome: CallOutcome | None = None
    was_answered: bool = False
    paused: str = ""
    shown: Heard | None = None
    _interview_id: str = ""
    _phone: PhoneConversation = field(init=False)

    def __post_init__(self) -> None:
        self._phone = PhoneConversation(self.service.conversation)

    async def _beside(self, work: Callable[..., R], *given: object) -> R:
        """Work with the records off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.workers, work, *given)

    async def open(self) -> Opening:
        """See :class:`telephony.interviewer.Interviewer`."""
        return await self._beside(self.open_now)

    def open_now(self) -> Opening:
        """Begin or resume the interview here and now; blocking."""
        now = self.now()
        inbound = self._inbound("open", "open", now)
        try:
            turn = self._stored(inbound, lambda held: self._phone.resume(held, now))
        except NotStartedError:
            turn = self._started(now)
        interview = self._held()
        known = TalkingBook(self.service.database).of(self.assignment_id)
        manner = Manner(known.pause, known.rate) if known else first_manner(interview)
        return Opening(reply_of(turn or self._phone.again(interview)), manner)

    def _started(self, now: datetime) -> Turn | None:
        made: list[Turn] = []

        def begin(case: Case) -> TurnResult:
            form = self.service.shelf.find(case.form, case.version)
            made[:] = [
                self.service.conversation.begin(
                    form, case.facts(), case.last_year, at=now, channel=Channel.VOICE
                )
            ]
            return turn_result(made[0], "")

        reply = self.service.store.start(self.assignment_id, begin)
        self._interview_id = reply.interview_id
        return None if reply.repeated else made[0]

    async def take(self, contribution: Contribution) -> Reply | None:
        """See :class:`telephony.interviewer.Interviewer`."""
        return await self._beside(self._take, contribution)

    def _take(self, contribution: Contribution) -> Reply | None:
        now = self.now()

        def answered(held: Interview) -> Sequence[Turn]:
            turn = self._phone.take(held, contribution, now, self.call)
            return (turn, *self._shown(turn, now)) if turn else ()

        if contribution.unheard and not answered(self._held()):
            return None
        self.was_answered |= not contribution.silence
        body = json.dumps(
            {
                "words": contribution.words,
                "tapped": contribution.tapped,
                "silence": contribution.silence,
                "continues": contribution.continues,
            },
            ensure_ascii=False,
        )
        inbound = self._inbound(str(contribution.number), body, now)
        turn = self._stored(inbound, answered, contribution.words or contribution.tapped)
        return reply_of(turn or self._phone.again(self._held()))

    def _shown(self, turn: Turn, at: datetime) -> Sequence[Turn]:
        """Answer the question for the certificate's end by what they have said in this call."""
        interview, heard = turn.interview, self.shown
        asked = interview.questionnaire.item_of(Role.CERTIFICATE)
        if heard is None or asked is None or interview.wait != item_wait(interview, asked):
            return ()
        meant = Record(at=at, heard=heard, target=asked.name, value=heard.words)
        after = self.service.conversation.put(interview, meant)
        said = tuple(one for one in turn.messages if one.kind == "say")
        return (replace(after, messages=(*said, *after.messages)),)

    async def by_keys(self) -> Reply | None:
        """See :class:`telephony.interviewer.Interviewer`."""
        return await self._beside(lambda: self._phone.by_keys(self._held()))

    async def leave(self, reason: str) -> Reply:
        """See :class:`telephony.interviewer.Interviewer`."""
        return await self._beside(self.leave_now, reason)

    def leave_now(self, reason: str) -> Reply:
        """Interrupt the interview here and now; blocking."""
        now = self.now()
        inbound = self._inbound(f"leave:{reason}", reason, now)

        def left(held: Interview) -> Sequence[Turn]:
            return (self._phone.leave(held, reason, now),)

        turn = self._stored(inbound, left) if self._held().status is Status.OPEN else None
        return reply_of(turn or self._phone.again(self._held()))

    async def announce(self, announcement: Announcement) -> Reply:
        """See :class:`telephony.interviewer.Interviewer`."""
        self.outcome = CallOutcome(announcement.outcome, announcement.aapor)
        return await self.leave("dropped")

    def wants_the_rest(self, interview: Interview) -> bool:
        """Whether they want the rest elsewhere, or were answering when the line broke."""
        broken = self.paused == "dropped" and bool(interview.answers)
        stopped = self.was_answered and interview.status is Status.PAUSED
        return stopped and (self.paused == "channel" or broken)

    async def keep(
        self, contribution: Contribution, sound: AudioChunk, words: tuple[Word, ...]
    ) -> None:
        """See :class:`telephony.interviewer.Interviewer`."""
        clip = Clip(
            utterance=utterance_of(self.call, contribution.number),
            interview_id=self._interview_id,
            format=FLAC,
            rate=sound.format.rate,
            sound=await self._beside(packed, sound),
            recorded_at=self.now(),
            words=[HeardWord(one.text, one.start, one.end, one.confidence) for one in words],
        )
        await self._beside(Clips(self.service.database).keep, clip)

    async def remember(self, manner: Manner) -> None:
        """See :class:`telephony.interviewer.Interviewer`."""
        book, talking = TalkingBook(self.service.database), Talking(manner.pause, manner.rate)
        await self._beside(book.keep, self.assignment_id, talking, self.now())

    def _stored(self, inbound: Inbound, work: Work, mine: str = "") -> Turn | None:
        """Run one turn and return it; None if the same message had been taken before."""
        made: list[Turn] = []

        def run(held: Interview) -> TurnResult:
            made[:] = work(held)
            return turn_result(made[-1], mine, made[:-1])

        reply = self.service.store.take(inbound, run)
        self._interview_id = reply.interview_id
        if reply.repeated:
            return None
        self._note(made)
        return made[-1]

    def _note(self, turns: Sequence[Turn]) -> None:
        reasons = [one.reason for turn in turns for one in turn.events if isinstance(one, Paused)]
        self.paused = reasons[-1] if reasons else self.paused

    def _held(self) -> Interview:
        return self.service.store.interview(self.assignment_id)

    def _inbound(self, name: str, body: str, at: datetime) -> Inbound:
        return Inbound(
            channel=CHANNEL,
            external_id=f"{self.call}:{name}",
            assignment_id=self.assignment_id,
            body=body,
            received_at=at,
        )
