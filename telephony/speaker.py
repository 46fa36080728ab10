"""Speaks sentences in the format of a line, each of them made once."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Executor

from telephony.audio import AudioChunk, AudioFormat
from telephony.failure import VoiceError
from telephony.voice import Voice
from telephony.voices.fault import Fault

#: Sentences that stay at hand: some five seconds each, 40 kB as μ-law.
KEPT = 2_000
#: Seconds that one sentence may take to be made; who waits for it is on the telephone.
_PATIENCE = 12.0
_Key = tuple[str, float, AudioFormat]


class Speaker:
    """One voice for all lines of a process; ``workers`` is where it speaks, None for the default.

    Several lines that want the same new sentence at once wait for one synthesis of it.
    """

    def __init__(self, voice: Voice, workers: Executor | None = None, kept: int = KEPT) -> None:
        self.voice = voice
        self._workers, self._kept = workers, kept
        self._made: OrderedDict[_Key, AudioChunk] = OrderedDict()
        self._making: dict[_Key, asyncio.Future[AudioChunk]] = {}

    async def sound(self, text: str, rate: float, target: AudioFormat) -> AudioChunk:
        """Return ``text`` spoken. Raises :class:`telephony.failure.VoiceError`."""
        key = (text, rate, target)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        making = self._making.get(key)
        if making is None:
            loop = asyncio.get_running_loop()
            making = loop.run_in_executor(self._workers, self._spoken, *key)
            self._making[key] = making
            making.add_done_callback(lambda done: self._keep(key, done))
        try:
            async with asyncio.timeout(_PATIENCE):
                return await asyncio.shield(making)
        except TimeoutError:
            name, seconds = self.voice.name, round(_PATIENCE)
            raise VoiceError(Fault.SLOW, name=name, seconds=seconds) from None

    async def prepare(self, texts: Iterable[str], rate: float, target: AudioFormat) -> None:
        """Make sentences that will be wanted, one after another."""
        for text in texts:
            await self.sound(text, rate, target)

    def _spoken(self, text: str, rate: float, target: AudioFormat) -> AudioChunk:
        """Speak; whatever goes wrong in a library of synthesis is a voice that failed."""
        try:
            return self.voice.speak(text, rate).to(target)
        except VoiceError:
            raise
        except Exception as error:
            reason = type(error).__name__
            raise VoiceError(Fault.FAILED, name=self.voice.name, reason=reason) from error

    def _keep(self, key: _Key, done: asyncio.Future[AudioChunk]) -> None:
        self._making.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._made[key] = done.result()
        if len(self._made) > self._kept:
            self._made.popitem(last=False)
