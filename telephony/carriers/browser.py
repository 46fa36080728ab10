"""A line to a browser: sound as 16-bit samples in binary messages, everything else as JSON.

From the browser: ``{"event": "start", "call", "token", "rate"}`` first, then sound of that rate,
``{"event": "key", "digit"}``, ``{"event": "mark", "name"}`` for what was played or cleared, and
``{"event": "stop"}``. To the browser: sound of the same rate, ``mark`` and ``clear``, and, for
reading, ``{"event": "said", "text"}`` for what we say and ``heard`` for what was heard. What does
not fit is counted under a name and otherwise passed over.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from telephony.audio import AudioChunk, AudioFormat, Encoding
from telephony.carriers.fault import LineFault
from telephony.failure import LineError
from telephony.line import Abilities, Ended, Key, LineEvent, Marked, Message, Sound, Started

#: A second of sound at 48 kHz, and more than any message that is no sound needs.
_LONGEST_SOUND, _LONGEST_TEXT = 96_000, 4_000
_RATES = (8_000, 16_000, 24_000, 44_100, 48_000)
_KEYS = frozenset("0123456789*#")
Fields = Mapping[str, Any]


class BrowserLine:
    """See :class:`telephony.line.LineCodec`; ``counted`` says what did not fit, how often."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self._format: AudioFormat | None = None
        self._over = False
        self._readers: Mapping[object, Callable[[Fields], tuple[LineEvent, ...]]] = {
            "start": self._start,
            "key": self._key,
            "mark": self._mark,
            "stop": self._stop,
        }

    @property
    def abilities(self) -> Abilities:
        """The page plays in time, says what was played, and sends back the marks it clears."""
        return Abilities(paces=True, marks=True, clears=True, returns_cleared=True)

    def receive(self, message: Message) -> tuple[LineEvent, ...]:
        """See :class:`telephony.line.LineCodec`."""
        if self._over:
            return self._odd("after-stop")
        if isinstance(message, bytes):
            return self._sound(message)
        fields = _fields(message)
        name = fields.get("event")
        reader = self._readers.get(name) if isinstance(name, str) else None
        if reader is None:
            return self._odd("unknown-event")
        if self._format is None and reader != self._start:
            return self._odd("before-start")
        return reader(fields)

    def _odd(self, name: str) -> tuple[LineEvent, ...]:
        self.counted[name] += 1
        return ()

    def _sound(self, data: bytes) -> tuple[LineEvent, ...]:
        if self._format is None:
            return self._odd("before-start")
        if not data or len(data) % 2 or len(data) > _LONGEST_SOUND:
            return self._odd("bad-sound")
        return (Sound(AudioChunk(self._format, data)),)

    def _start(self, fields: Fields) -> tuple[LineEvent, ...]:
        if self._format is not None:
            return self._odd("second-start")
        rate = fields.get("rate")
        if rate not in _RATES or isinstance(rate, bool):
            raise LineError(
                LineFault.UNKNOWN_SOUND, encoding="pcm", rate=str(rate)[:10], channels=1
            )
        self._format = AudioFormat(Encoding.PCM, int(rate))
        call, token = str(fields.get("call", ""))[:200], str(fields.get("token", ""))[:200]
        return (Started(call, call, self._format, {"token": token}),)

    def _key(self, fields: Fields) -> tuple[LineEvent, ...]:
        digit = fields.get("digit")
        if not isinstance(digit, str) or digit not in _KEYS:
            return self._odd("no-key")
        return (Key(digit),)

    def _mark(self, fields: Fields) -> tuple[LineEvent, ...]:
        name = fields.get("name")
        return (Marked(name),) if isinstance(name, str) and name else self._odd("no-mark")

    def _stop(self, _fields: Fields) -> tuple[LineEvent, ...]:
        self._over = True
        return (Ended(),)

    def sound(self, chunk: AudioChunk) -> tuple[Message, ...]:
        """See :class:`telephony.line.LineCodec`."""
        if self._format is None or self._over or not chunk.data:
            return ()
        return (chunk.to(self._format).data,)

    def mark(self, name: str) -> tuple[Message, ...]:
        """See :class:`telephony.line.LineCodec`."""
        return self._sent({"event": "mark", "name": name})

    def clear(self) -> tuple[Message, ...]:
        """See :class:`telephony.line.LineCodec`."""
        return self._sent({"event": "clear"})

    def caption(self, text: str, *, ours: bool) -> tuple[Message, ...]:
        """See :class:`telephony.line.LineCodec`."""
        return self._sent({"event": "said" if ours else "heard", "text": text})

    def _sent(self, fields: Fields) -> tuple[Message, ...]:
        return () if self._format is None or self._over else (json.dumps(fields),)


def _fields(message: str) -> Fields:
    """Return the object that a message is; an empty one if it is none."""
    if len(message) > _LONGEST_TEXT:
        return {}
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
