"""The clerk speaks instead of typing: what the microphone hears becomes words in the field."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from telephony.audio import AudioChunk
from telephony.carriers.browser import BrowserLine
from telephony.failure import LineError, RecogniserError
from telephony.line import Ended, LineEvent, Message, Sound, Transport
from telephony.recogniser import Hints, Listening, Recogniser, Transcript

#: Seconds of sound that are heard at most; a longer answer goes on in a second one.
LONGEST = 60.0
#: Messages that are read at most; a minute in pieces of 20 ms, and room to spare.
_MESSAGES = 5_000
#: Takes the sound that was heard, and what was heard of it.
Keep = Callable[[AudioChunk, Transcript], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Dictation:
    """Hears one answer from a browser, in the messages of :mod:`telephony.carriers.browser`.

    Back go ``partial`` while it is spoken, then ``final``, or ``error`` with a sentence. The clerk
    sees the words, corrects them and sends them on; ``keep`` is given the sound when all was heard.
    """

    recogniser: Recogniser
    hints: Hints
    keep: Keep
    _sound: list[AudioChunk] = field(default_factory=list, init=False)

    async def hear(self, transport: Transport) -> None:
        """Hear until the browser stops, the sound has lasted too long, or the line is gone."""
        try:
            listening = await self.recogniser.listen(self.hints)
        except RecogniserError as error:
            await _tell(transport, "error", message=str(error))
            return
        try:
            heard = await self._heard(transport, listening)
        except (RecogniserError, LineError) as error:
            await listening.cancel()
            await _tell(transport, "error", message=str(error))
            return
        if heard is None:
            return
        await _tell(transport, "final", words=heard.text)
        if self._sound:
            data = b"".join(one.data for one in self._sound)
            await self.keep(AudioChunk(self._sound[0].format, data), heard)

    async def _heard(self, transport: Transport, listening: Listening) -> Transcript | None:
        line, seconds = BrowserLine(), 0.0
        for _ in range(_MESSAGES):
            message = await transport.receive()
            if message is None:
                await listening.cancel()
                return None
            events = line.receive(message)
            self._sound.extend(one.chunk for one in events if isinstance(one, Sound))
            seconds += await _fed(transport, listening, events)
            if seconds > LONGEST or any(isinstance(one, Ended) for one in events):
                break
        return await listening.finish()


async def _fed(transport: Transport, listening: Listening, events: tuple[LineEvent, ...]) -> float:
    """Feed the sound of ``events``, show what is heard so far, and return its seconds."""
    seconds = 0.0
    for one in events:
        if isinstance(one, Sound):
            seconds += one.chunk.seconds
            partial = await listening.feed(one.chunk)
            if partial is not None and partial.text:
                await _tell(transport, "partial", words=partial.text)
    return seconds


async def _tell(transport: Transport, event: str, **fields: str) -> None:
    message: Message = json.dumps({"event": event, **fields}, ensure_ascii=False)
    try:
        await transport.send(message)
    except ConnectionError:
        return
