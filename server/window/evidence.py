"""The sound of what is said at the counter, kept as evidence of the turn that it answers."""

from dataclasses import dataclass, replace
from datetime import datetime

from models.clip import Clip, Clips, HeardWord
from models.database import Database
from models.failure import NotFoundError
from models.sound_consent import SoundConsent, SoundConsents
from models.talk import Talk
from server.window.desk import WindowDesk, utterance_of
from telephony.audio import AudioChunk, silence
from telephony.evidence import FLAC, packed, unpacked
from telephony.recogniser import Transcript

#: Between two takes of one answer, in seconds.
_GAP = 0.2


@dataclass(frozen=True, slots=True)
class SpokenEvidence:
    """Keeps what was said to each question, for as long as somebody agrees to it."""

    database: Database
    desk: WindowDesk

    def agreed(self, assignment_id: str) -> SoundConsent | None:
        """Return who agreed that sound is kept, or None."""
        return SoundConsents(self.database).of(assignment_id)

    def agree(self, consent: SoundConsent) -> None:
        """Keep sound from now on."""
        SoundConsents(self.database).give(consent)

    def withdraw(self, assignment_id: str, *, by: str, at: datetime) -> None:
        """Keep no more sound, and delete what was kept at the window."""
        every = utterance_of(assignment_id, "")
        SoundConsents(self.database).withdraw(assignment_id, every, by=by, at=at)

    def keep(
        self, assignment_id: str, turn: int, sound: AudioChunk, heard: Transcript, now: datetime
    ) -> None:
        """Keep what was said to the question of ``turn``; what is said again goes behind it.

        Nothing is kept where nobody has agreed, or nothing was heard.
        """
        interview_id = Talk(self.database).interview_with(assignment_id)
        if interview_id is None or not heard.text or self.agreed(assignment_id) is None:
            return
        clip = Clip(
            utterance=utterance_of(assignment_id, turn),
            interview_id=interview_id,
            format=FLAC,
            rate=sound.format.rate,
            sound=packed(sound),
            recorded_at=now,
            words=[HeardWord(one.text, one.start, one.end, one.confidence) for one in heard.words],
        )
        self._keep(clip)

    def _keep(self, clip: Clip) -> None:
        clips = Clips(self.database)
        try:
            before = clips.get(clip.utterance)
        except NotFoundError:
            clips.keep(clip)
        else:
            clips.replace(joined(before, clip))

    def forget_unanswered(self, assignment_id: str) -> None:
        """Delete what was said to a question that has not been answered."""
        interview = self.desk.interview(assignment_id)
        if interview is not None:
            Clips(self.database).delete(utterance_of(assignment_id, interview.length))


def joined(first: Clip, second: Clip) -> Clip:
    """Return ``second`` with the sound of ``first`` before it, and the words at their times."""
    after = unpacked(second.sound, second.format, second.rate)
    before = unpacked(first.sound, first.format, first.rate).to(after.format)
    begun = before.seconds + _GAP
    later = [replace(one, start=one.start + begun, end=one.end + begun) for one in second.words]
    data = before.data + silence(_GAP, after.format).data + after.data
    sound = packed(AudioChunk(after.format, data))
    return replace(second, format=FLAC, sound=sound, words=[*first.words, *later])
