"""One Asterisk AudioSocket connection as a line: a type byte, a length, and sound or a key.

There is no far-side buffer: every frame goes straight to the channel, so we pace, and to be silent
is to stop sending. There are no marks and no message that clears. A connection brings nothing but a
UUID, which is the token that we gave the dialplan when dialling.
"""

from collections import Counter
from uuid import UUID

from telephony.audio import NARROW, AudioChunk, AudioFormat, Encoding
from telephony.carriers.fault import LineFault
from telephony.failure import LineError
from telephony.line import Abilities, Ended, Key, LineEvent, Message, Sound, Started

_HEADER, _UUID_SIZE = 3, 16
_TERMINATE, _UUID, _KEY, _ERROR = 0x00, 0x01, 0x03, 0xFF
_RATES = {
    0x10: 8_000,
    0x11: 12_000,
    0x12: 16_000,
    0x13: 24_000,
    0x14: 32_000,
    0x15: 44_100,
    0x16: 48_000,
    0x17: 96_000,
    0x18: 192_000,
}
_KEYS = frozenset("0123456789ABCD*#")
#: Bytes of one frame that we send; more would not fit between two reads of the far side.
_LONGEST = 320
HANG_UP = bytes((_TERMINATE, 0, 0))
#: The parameter of :class:`telephony.line.Started` that holds the UUID.
TOKEN = "token"  # noqa: S105 - the name of a parameter


class AudioSocketLine:
    """See :class:`telephony.line.LineCodec`; messages are whatever stretches of bytes arrive."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self.format = NARROW
        self._rest = b""
        self._started = False
        self._over = False

    @property
    def abilities(self) -> Abilities:
        """Asterisk does nothing by itself."""
        return Abilities(paces=False, marks=False, clears=False, returns_cleared=False)

    def receive(self, message: Message) -> tuple[LineEvent, ...]:
        """See :class:`telephony.line.LineCodec`; a message may hold part of a frame or several."""
        if self._over or isinstance(message, str):
            self.counted["after-end" if self._over else "text"] += 1
            return ()
        self._rest += message
        events: list[LineEvent] = []
        while len(self._rest) >= _HEADER and not self._over:
            size = int.from_bytes(self._rest[1:_HEADER], "big")
            if not self._started and (self._rest[0], size) != (_UUID, _UUID_SIZE):
                raise LineError(LineFault.BROKEN_FRAME, reason="没有先给出 UUID")
            if len(self._rest) < _HEADER + size:
                break
            kind, body = self._rest[0], self._rest[_HEADER : _HEADER + size]
            self._rest = self._rest[_HEADER + size :]
            events += self._frame(kind, body)
        return tuple(events)

    def _frame(self, kind: int, body: bytes) -> tuple[LineEvent, ...]:
        if kind == _UUID:
            return self._begin(body)
        if kind in _RATES:
            return self._sound(kind, body)
        if kind == _KEY:
            return self._key(body)
        if kind in (_TERMINATE, _ERROR):
            self._over = True
            return (Ended(),)
        self.counted["unknown-frame"] += 1
        return ()

    def _begin(self, body: bytes) -> tuple[LineEvent, ...]:
        if self._started:
            raise LineError(LineFault.BROKEN_FRAME, reason="又给出一个 UUID")
        self._started = True
        name = str(UUID(bytes=body))
        return (Started(None, name, self.format, {TOKEN: name}),)

    def _sound(self, kind: int, body: bytes) -> tuple[LineEvent, ...]:
        """Sound at another rate than was agreed is brought to the line's own."""
        if len(body) < 2:
            self.counted["empty-sound"] += 1
            return ()
        if len(body) % 2:
            self.counted["odd-sound"] += 1
        coming = AudioFormat(Encoding.PCM, _RATES[kind])
        chunk = AudioChunk(coming, body[: len(body) // 2 * 2])
        if coming != self.format:
            self.counted["other-rate"] += 1
        return (Sound(chunk.to(self.format)),)

    def _key(self, body: bytes) -> tuple[LineEvent, ...]:
        digit = body.decode("ascii", "replace").upper()
        if digit not in _KEYS:
            self.counted["no-key"] += 1
            return ()
        return (Key(digit),)

    def sound(self, chunk: AudioChunk) -> tuple[Message, ...]:
        """See :class:`telephony.line.LineCodec`; header and sound of a frame go out together."""
        if not self._started or self._over:
            return ()
        data = chunk.to(self.format).data
        return tuple(
            bytes((0x10,)) + len(part).to_bytes(2, "big") + part
            for part in (data[at : at + _LONGEST] for at in range(0, len(data), _LONGEST))
            if part
        )

    def mark(self, name: str) -> tuple[Message, ...]:
        """Return nothing: the playout knows from its own pacing what was played."""
        del name
        return ()

    def clear(self) -> tuple[Message, ...]:
        """Return nothing: what was sent has been heard."""
        return ()

    def caption(self, text: str, *, ours: bool) -> tuple[Message, ...]:
        """Return nothing: a telephone shows no words."""
        del text, ours
        return ()
