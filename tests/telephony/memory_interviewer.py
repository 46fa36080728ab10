"""An interview without a database, for calls on a virtual clock."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from dialog.conversation import Conversation, Turn
from dialog.wording import Office
from server.reader import FormReader
from survey_engine.channel import Channel
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire
from telephony.announcement import Announcement
from telephony.audio import AudioChunk
from telephony.interviewer import Contribution, Opening, Reply
from telephony.manner import Manner
from telephony.phone_conversation import PhoneConversation, first_manner, reply_of
from telephony.recogniser import Word

FACTS: Mapping[str, str] = {
    "name": "张试用",
    "certificate": "99000019600229001042",
    "last4": "1042",
    "birth": "1960-02-29",
    "age": "65",
    "sex": "male",
    "category": "4",
    "grade": "2",
    "residence": "rural",
    "region": "990000100201",
    "reference_day": "2025-09-30",
}
_CONVERSATION = Conversation(FormReader(), Office())


class MemoryInterviewer:
    """See :class:`telephony.interviewer.Interviewer`; keeps everything in plain lists."""

    def __init__(
        self, form: Questionnaire, facts: Mapping[str, str] = FACTS, manner: Manner | None = None
    ) -> None:
        self.form, self.facts, self.manner = form, facts, manner
        self.interview: Interview | None = None
        self.taken: list[Contribution] = []
        self.left: list[str] = []
        self.kept: list[tuple[Contribution, AudioChunk, tuple[Word, ...]]] = []
        self.announced: list[Announcement] = []
        self._phone = PhoneConversation(_CONVERSATION)
        self._at = datetime(2025, 11, 3, 9, 0, tzinfo=UTC)

    @property
    def held(self) -> Interview:
        assert self.interview is not None
        return self.interview

    def _now(self) -> datetime:
        self._at += timedelta(seconds=1)
        return self._at

    def _keep(self, turn: Turn) -> Reply:
        self.interview = turn.interview
        return reply_of(turn)

    async def open(self) -> Opening:
        if self.interview is not None:
            *_before, turn = self._phone.resume(self.held, self._now())
        else:
            turn = _CONVERSATION.begin(
                self.form, self.facts, {}, at=self._now(), channel=Channel.VOICE
            )
        reply = self._keep(turn)
        return Opening(reply, self.manner or first_manner(turn.interview))

    async def take(self, contribution: Contribution) -> Reply | None:
        self.taken.append(contribution)
        turn = self._phone.take(self.held, contribution, self._now(), "call")
        return self._keep(turn) if turn else None

    async def by_keys(self) -> Reply | None:
        return self._phone.by_keys(self.held)

    async def leave(self, reason: str) -> Reply:
        self.left.append(reason)
        return self._keep(self._phone.leave(self.held, reason, self._now()))

    async def announce(self, announcement: Announcement) -> Reply:
        self.announced.append(announcement)
        return self._keep(self._phone.leave(self.held, "dropped", self._now()))

    async def keep(
        self, contribution: Contribution, sound: AudioChunk, words: tuple[Word, ...]
    ) -> None:
        self.kept.append((contribution, sound, words))

    async def remember(self, manner: Manner) -> None:
        self.manner = manner
