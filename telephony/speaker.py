"""Speaks sentences in the format of a line, each of them made once."""

import asyncio
import logging
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from telephony.audio import AudioChunk, AudioFormat
from telephony.failure import VoiceError
from telephony.voice import Voice
from telephony.voices.fault import Fault

_log = logging.getLogger(__name__)
#: Sentences that stay at hand: some five seconds each, 40 kB as μ-law.
KEPT = 2_000
#: Seconds that one sentence may take to be made where nothing else can speak.
_PATIENCE = 12.0
#: Seconds of silence after which the spare voice speaks; who waits is on the telephone.
SILENT = 3.0
#: Sentences that may be in the making before the spare voice speaks at once.
_MOST = 64
#: Most of these threads only wait for a synthesis that makes one sentence at a time.
_THREADS = 32
_Key = tuple[str, float, AudioFormat]


class Speaker:
    """One voice for all lines of a process.

    Several lines that want the same new sentence at once wait for one synthesis of it. What takes
    too long is spoken by the ``spare`` voice, if there is one; the sentence is made all the same,
    for the next time.
    """

    def __init__(self, voice: Voice, spare: Voice | None = None, kept: int = KEPT) -> None:
        self.voice = voice
        self._spare, self._kept = spare, kept
        self._workers = ThreadPoolExecutor(_THREADS, "voice")
        self._made: OrderedDict[_Key, AudioChunk] = OrderedDict()
        self._making: dict[_Key, asyncio.Future[AudioChunk]] = {}

    async def sound(
        self, text: str, rate: float, target: AudioFormat, patience: float = SILENT
    ) -> AudioChunk:
        """Return ``text`` spoken; the spare voice speaks after ``patience`` seconds.

        Raises :class:`telephony.failure.VoiceError`.
        """
        key = (text, rate, target)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        if self._spare is not None and len(self._making) >= _MOST:
            return await self._in_its_place(self._spare, key)
        making = self._making.get(key)
        if making is None:
            loop = asyncio.get_running_loop()
            making = loop.run_in_executor(self._workers, _spoken, self.voice, *key)
            self._making[key] = making
            making.add_done_callback(lambda done: self._keep(key, done))
        limit = _PATIENCE if self._spare is None else min(_PATIENCE, patience)
        try:
            async with asyncio.timeout(limit):
                return await asyncio.shield(making)
        except TimeoutError:
            if self._spare is not None:
                return await self._in_its_place(self._spare, key)
            name, seconds = self.voice.name, round(_PATIENCE)
            raise VoiceError(Fault.SLOW, name=name, seconds=seconds) from None

    async def _in_its_place(self, spare: Voice, key: _Key) -> AudioChunk:
        _log.warning("%s speaks in place of %s, which takes too long", spare.name, self.voice.name)
        return await asyncio.to_thread(_spoken, spare, *key)

    def _keep(self, key: _Key, done: asyncio.Future[AudioChunk]) -> None:
        self._making.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._made[key] = done.result()
        if len(self._made) > self._kept:
            self._made.popitem(last=False)


def _spoken(voice: Voice, text: str, rate: float, target: AudioFormat) -> AudioChunk:
    """Speak; whatever goes wrong in a library of synthesis is a voice that failed."""
    try:
        return voice.speak(text, rate).to(target)
    except VoiceError:
        raise
    except Exception as error:
        reason = type(error).__name__
        raise VoiceError(Fault.FAILED, name=voice.name, reason=reason) from error
