"""One Twilio media stream as a line: JSON messages to events and back.

The wire format is that of Media Streams 1.0.0 on a bidirectional ``<Connect><Stream>``. Whatever
does not fit is counted under a name and otherwise passed over, because a stream is the only way
to somebody who is on the telephone.
"""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from telephony.audio import TELEPHONE, AudioChunk, AudioFormat, Encoding
from telephony.carriers.fault import LineFault
from telephony.failure import LineError
from telephony.line import Abilities, Ended, Key, LineEvent, Marked, Message, Sound, Started

#: A minute of sound takes 640,000 characters; nothing longer is read.
LONGEST = 1_000_000
_KEYS = frozenset("0123456789ABCD*#")
_ENCODINGS = {
    "audio/x-mulaw": Encoding.MULAW,
    "audio/x-alaw": Encoding.ALAW,
    "audio/l16": Encoding.PCM,
    "audio/x-l16": Encoding.PCM,
}
_RATES = (8_000, 16_000, 24_000)
_INBOUND, _OUTBOUND = ("", "inbound", "inbound_track"), ("outbound", "outbound_track")
Fields = Mapping[str, Any]


class TwilioLine:
    """See :class:`telephony.line.LineCodec`; ``counted`` says what did not fit, how often.

    With ``both`` it is a stream that only listens (``<Start><Stream>``), to both sides.
    """

    def __init__(self, *, both: bool = False) -> None:
        self._both = both
        self.counted: Counter[str] = Counter()
        self.format = TELEPHONE
        self._stream = ""
        self._over = False
        self._last: dict[str, tuple[object, ...]] = {}
        self._readers: Mapping[object, Callable[[Fields], tuple[LineEvent, ...]]] = {
            "connected": self._connected,
            "start": self._start,
            "media": self._media,
            "dtmf": self._dtmf,
            "mark": self._mark,
            "stop": self._stop,
        }

    @property
    def abilities(self) -> Abilities:
        """Twilio buffers without a stated limit and sends back the marks that it clears."""
        return Abilities(paces=True, marks=True, clears=True, returns_cleared=True)

    def receive(self, message: Message) -> tuple[LineEvent, ...]:
        """See :class:`telephony.line.LineCodec`."""
        fields = self._fields(message)
        if fields is None:
            return ()
        name = fields.get("event")
        reader = self._readers.get(name) if isinstance(name, str) else None
        if reader is None:
            return self._odd("unknown-event")
        if self._over:
            return self._odd("after-stop")
        return reader(fields)

    def _fields(self, message: Message) -> Fields | None:
        if isinstance(message, bytes):
            self._odd("binary")
            return None
        if len(message) > LONGEST:
            self._odd("too-long")
            return None
        try:
            fields = json.loads(message)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            self._odd("no-object")
            return None
        return fields

    def _odd(self, name: str) -> tuple[LineEvent, ...]:
        self.counted[name] += 1
        return ()

    def _connected(self, _fields: Fields) -> tuple[LineEvent, ...]:
        return ()

    def _start(self, fields: Fields) -> tuple[LineEvent, ...]:
        about = _object(fields.get("start"))
        stream = _text(fields.get("streamSid")) or _text(about.get("streamSid"))
        if self._stream or not stream:
            return self._odd("second-start" if self._stream else "start-without-stream")
        self.format = _format(_object(about.get("mediaFormat")))
        self._stream = stream
        given = _object(about.get("customParameters"))
        parameters = {str(name): _text(value) for name, value in given.items()}
        return (Started(_text(about.get("callSid")), stream, self.format, parameters),)

    def _media(self, fields: Fields) -> tuple[LineEvent, ...]:
        media = _object(fields.get("media"))
        if not self._is_mine(fields):
            return self._odd("media-not-mine")
        track = _text(media.get("track"))
        theirs = track in _INBOUND
        if not theirs and not (self._both and track in _OUTBOUND):
            return self._odd("other-track")
        place = (track, fields.get("sequenceNumber"), media.get("chunk"), media.get("timestamp"))
        if self._is_repeated("media", place):
            return self._odd("repeated")
        try:
            sound = base64.b64decode(media.get("payload") or "", validate=True)
        except (binascii.Error, ValueError, TypeError):
            return self._odd("payload-not-base64")
        sound = self._whole_samples(sound)
        if not sound:
            return self._odd("empty-payload")
        return (Sound(AudioChunk(self.format, sound), theirs),)

    def _whole_samples(self, sound: bytes) -> bytes:
        """Leave out half a sample at the end, which would make noise of all that follows."""
        width = self.format.bytes_per_second // self.format.rate
        half = len(sound) % width
        if half:
            self._odd("half-sample")
        return sound[: len(sound) - half]

    def _dtmf(self, fields: Fields) -> tuple[LineEvent, ...]:
        digit = _text(_object(fields.get("dtmf")).get("digit")).upper()
        if not self._is_mine(fields) or digit not in _KEYS:
            return self._odd("no-key")
        if self._is_repeated("dtmf", (fields.get("sequenceNumber"), digit)):
            return self._odd("repeated")
        return (Key(digit),)

    def _mark(self, fields: Fields) -> tuple[LineEvent, ...]:
        name = _object(fields.get("mark")).get("name")
        if not self._is_mine(fields) or name is None or not _text(name):
            return self._odd("no-mark")
        if self._is_repeated("mark", (fields.get("sequenceNumber"), name)):
            return self._odd("repeated")
        return (Marked(_text(name)),)

    def _stop(self, fields: Fields) -> tuple[LineEvent, ...]:
        if not self._is_mine(fields):
            return self._odd("stop-not-mine")
        self._over = True
        return (Ended(),)

    def _is_mine(self, fields: Fields) -> bool:
        """A message before ``start``, or of another stream, says nothing about this one."""
        return bool(self._stream) and _text(fields.get("streamSid")) in ("", self._stream)

    def _is_repeated(self, kind: str, place: tuple[object, ...]) -> bool:
        """Whether the very same message came just before; without numbers nobody can tell."""
        known = None not in place
        repeated = known and self._last.get(kind) == place
        self._last[kind] = place
        return repeated

    def sound(self, chunk: AudioChunk) -> tuple[Message, ...]:
        """See :class:`telephony.line.LineCodec`; nothing can be sent before ``start``."""
        if not self._stream or self._over or not chunk.data:
            return ()
        payload = base64.b64encode(chunk.to(self.format).data).decode("ascii")
        head = f'{{"event":"media","streamSid":{json.dumps(self._stream)}'
        return (f'{head},"media":{{"payload":"{payload}"}}}}',)

    def mark(self, name: str) -> tuple[Message, ...]:
        """See :class:`telephony.line.LineCodec`."""
        return self._sent({"event": "mark", "streamSid": self._stream, "mark": {"name": name}})

    def clear(self) -> tuple[Message, ...]:
        """See :class:`telephony.line.LineCodec`."""
        return self._sent({"event": "clear", "streamSid": self._stream})

    def caption(self, text: str, *, ours: bool) -> tuple[Message, ...]:
        """Return nothing: a telephone shows no words."""
        del text, ours
        return ()

    def _sent(self, fields: Fields) -> tuple[Message, ...]:
        return (json.dumps(fields),) if self._stream and not self._over else ()


def _object(value: object) -> Fields:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """Return a text or number as text; carriers write counters as either."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value)


def _format(described: Fields) -> AudioFormat:
    """Return what ``mediaFormat`` says, μ-law at 8 kHz where it says nothing."""
    encoding = _text(described.get("encoding")).lower() or "audio/x-mulaw"
    rate = _text(described.get("sampleRate")) or "8000"
    channels = _text(described.get("channels")) or "1"
    known = _ENCODINGS.get(encoding)
    if known is None or rate not in map(str, _RATES) or channels != "1":
        raise LineError(
            LineFault.UNKNOWN_SOUND, encoding=encoding[:40], rate=rate[:10], channels=channels[:10]
        )
    return AudioFormat(known, int(rate))
