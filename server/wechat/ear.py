"""Hearing voice messages: fetched from WeChat, decoded, recognised by us, kept as evidence."""

import asyncio
from dataclasses import dataclass

from dialog.question import Question
from models.clip import Clip, Clips, HeardWord
from models.talk import Talk
from server.wechat.api import WechatApi
from server.wechat.desk import Arrived, Heard, utterance_id
from server.wechat.fault import ApiError, SoundError
from server.wechat.talk import CHANNEL, WechatTalk
from server.wechat.voice import decoded, heard
from telephony.audio import AudioChunk
from telephony.failure import RecogniserError
from telephony.hints import hints_of
from telephony.recogniser import Hints, Recogniser, Transcript


@dataclass(frozen=True, slots=True)
class Took:
    """What was made of a voice message."""

    sound: AudioChunk
    transcript: Transcript

    @property
    def heard(self) -> Heard:
        """What the desk takes."""
        return Heard(self.transcript.text, self.transcript.confidence, self.transcript.hearings)


@dataclass(frozen=True, slots=True)
class Ear:
    """A recogniser, and the way to the sound."""

    recogniser: Recogniser
    api: WechatApi
    talk: WechatTalk
    exchanges: Talk
    clips: Clips

    async def hear(self, arrived: Arrived, assignment_id: str) -> Took | None:
        """Return what was said, or None if the sound cannot be had or heard."""
        try:
            got = await asyncio.to_thread(self.api.voice, arrived.field("MediaId"))
            sound = await asyncio.to_thread(decoded, got)
            hints = await asyncio.to_thread(self._hints, assignment_id)
            return Took(sound, await heard(self.recogniser, sound, hints))
        except (ApiError, SoundError, RecogniserError):
            return None

    def _hints(self, assignment_id: str) -> Hints:
        """What may be expected, if the question is being asked here."""
        interview = self.talk.waiting(assignment_id)
        return hints_of(Question.of_interview(interview) if interview else None)

    def keep(self, arrived: Arrived, took: Took) -> None:
        """Keep the sound of a message that the interview took, as evidence of the turn."""
        interview_id = self.exchanges.interview_of(CHANNEL, arrived.key.hex())
        if interview_id is None:
            return
        words = tuple(
            HeardWord(one.text, one.start, one.end, one.confidence) for one in took.transcript.words
        )
        self.clips.keep(
            Clip(
                utterance=utterance_id(arrived.key),
                interview_id=interview_id,
                format=took.sound.format.encoding.value,
                rate=took.sound.format.rate,
                sound=took.sound.data,
                recorded_at=arrived.at,
                words=words,
            )
        )
