"""Keeps what is overheard on a bridged call, and makes the evidence of what became an answer."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from models.bridge import Bridge, Bridges
from models.bridge_line import BridgeLines, SoundLine
from models.clip import Clip, Clips, HeardWord
from models.failure import NotStartedError
from models.talk import Talk
from server.service import Service
from survey_engine.channel import Channel
from telephony.announcement import announced
from telephony.audio import NARROW, AudioChunk, silence
from telephony.evidence import FLAC, packed, unpacked
from telephony.interviewer import Expectation
from telephony.overhearing import Overheard, Side
from telephony.phone_conversation import expectation_of
from telephony.turn_rules import Kind

R = TypeVar("R")
#: Between two sentences of one answer, in seconds.
_GAP = 0.2


@dataclass(frozen=True, slots=True)
class BridgeWitness:
    """See :class:`telephony.overhearing.Witness`."""

    service: Service
    bridge: Bridge
    workers: Executor
    now: Callable[[], datetime]

    async def _beside(self, work: Callable[..., R], *given: object) -> R:
        return await asyncio.get_running_loop().run_in_executor(self.workers, work, *given)

    async def expected(self) -> Expectation:
        """See :class:`telephony.overhearing.Witness`."""
        return await self._beside(self._expected)

    def _expected(self) -> Expectation:
        try:
            interview = self.service.store.interview(self.bridge.assignment_id)
        except NotStartedError:
            return Expectation(Kind.OPEN)
        return expectation_of(interview) or Expectation(Kind.OPEN)

    async def begin(self, side: Side) -> int:
        """See :class:`telephony.overhearing.Witness`."""
        return await self._beside(self._lines.begin, self.bridge.id, side.value, self.now())

    async def hear(self, number: int, words: str) -> None:
        """See :class:`telephony.overhearing.Witness`."""
        await self._beside(self._lines.hear, self.bridge.id, number, words)

    async def finish(self, side: Side, number: int, said: Overheard) -> None:
        """See :class:`telephony.overhearing.Witness`; the caller's own sound is not kept."""
        await self._beside(self._finish, side, number, said)

    def _finish(self, side: Side, number: int, said: Overheard) -> None:
        bridges = Bridges(self.service.database)
        bridges.hear(self.bridge.id, hears=not said.deaf)
        sound = packed(said.sound) if side is Side.PERSON else b""
        words = [HeardWord(one.text, one.start, one.end, one.confidence) for one in said.words]
        used = self._lines.finish(self.bridge.id, number, said.text, sound, words)
        if used is not None:
            keep_evidence(self.service, self.bridge, used, self.now())
        if side is Side.PERSON and (known := announced(said.text)):
            self._note_announcement(bridges, known.outcome, known.aapor)

    def _note_announcement(self, bridges: Bridges, code: str, aapor: str) -> None:
        """What a network says is a result as long as nobody has been asked anything."""
        held = bridges.get(self.bridge.id)
        if held is not None and not held.asked_from:
            bridges.suggest(self.bridge.id, code, aapor)

    @property
    def _lines(self) -> BridgeLines:
        return BridgeLines(self.service.database)


def take_words(service: Service, bridge: Bridge, utterance: str, now: datetime) -> None:
    """Let what the person said to the present question be the evidence of ``utterance``."""
    if BridgeLines(service.database).take(bridge.id, utterance):
        keep_evidence(service, bridge, utterance, now)


def keep_evidence(service: Service, bridge: Bridge, utterance: str, now: datetime) -> None:
    """Keep the clip of an answer once all of what was said for it has been said."""
    lines = BridgeLines(service.database).sounds(bridge.id, utterance)
    sounding = [one for one in lines if one.sound]
    interview_id = Talk(service.database).interview_of(Channel.DESK.value, utterance)
    if not sounding or not interview_id or not all(one.final for one in lines):
        return
    sound, words = joined(sounding)
    clip = Clip(
        utterance=utterance,
        interview_id=interview_id,
        format=FLAC,
        rate=sound.format.rate,
        sound=packed(sound),
        recorded_at=now,
        words=words,
    )
    Clips(service.database).keep(clip)


def joined(lines: Sequence[SoundLine]) -> tuple[AudioChunk, tuple[HeardWord, ...]]:
    """Return several sentences as one sound, with the words at their times in it."""
    data, words = b"", []
    for line in lines:
        begun = len(data) / NARROW.bytes_per_second
        words += [replace(one, start=one.start + begun, end=one.end + begun) for one in line.words]
        data += unpacked(line.sound or b"", FLAC, NARROW.rate).to(NARROW).data
        data += silence(_GAP, NARROW).data
    return AudioChunk(NARROW, data), tuple(words)
