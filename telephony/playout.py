"""The ledger of a line: what was sent, what was heard of it, and what to send next.

It has no clock and no socket: every method takes the time in seconds, and what is to be sent comes
back as messages. What the far side does not do by itself (pacing, marks, clearing), it does.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from telephony.audio import AudioChunk, AudioFormat, from_samples, silence
from telephony.line import LineCodec, Message
from telephony.played import Played
from telephony.prompt import Fate, Prompt, Spoken

#: Seconds of sound that may lie unplayed at the far side, and that one message carries.
AHEAD, PIECE = 0.4, 0.1
_FRAME = 0.02
#: Where we pace: frames that are sent before their time, and lateness that shifts the schedule.
_EARLY, _SLACK = 0.02, 0.1
_FADE = 0.04
#: A mark that is this late has been lost; what it stands for has been played.
_LOST = 2.0
#: A timer may fire this much before its time.
_EARLY_TIMER = 1e-4
#: A line without sound for longer may be given up by the far side.
_KEEPALIVE = 1.0


@dataclass(slots=True)
class _Entry:
    """A prompt under way; ``starts`` and ``ends`` are when the far side plays what was sent."""

    prompt: Prompt
    sent: int = 0
    starts: float = 0.0
    ends: float = 0.0
    whole: bool = False

    def heard(self, now: float) -> float:
        return max(0.0, min(now, self.ends) - self.starts) if self.sent else 0.0


class Playout:
    """What one line says; see the module."""

    def __init__(
        self, codec: LineCodec, target: AudioFormat, *, ahead: float = AHEAD, piece: float = PIECE
    ) -> None:
        self.ledger: list[Spoken] = []
        self.odd: Counter[str] = Counter()
        self.played = Played(target)
        #: When the last prompt had been played or cleared.
        self.quiet_since = 0.0
        self._codec = codec
        self._able = codec.abilities
        self._format = target
        self._ahead = ahead if self._able.paces else _EARLY
        piece = piece if self._able.paces else _FRAME
        width = target.bytes_per_second // target.rate
        self._bytes, self._seconds = round(piece * target.rate) * width, piece
        self._waiting: deque[_Entry] = deque()
        self._sent: deque[_Entry] = deque()
        self._cut: list[tuple[Prompt, float]] = []
        self._cleared: Counter[str] = Counter()
        self._holds = False
        self._horizon = 0.0

    def put(self, prompt: Prompt) -> None:
        """Say ``prompt`` after everything that is being said; while held, keep it for later."""
        if self._holds:
            self._keep(prompt, 0.0)
        else:
            self._waiting.append(_Entry(prompt))

    def hold(self) -> None:
        """Let nothing be said until :meth:`resume` or :meth:`drop`, since the other side speaks."""
        self._holds = True

    def due(self, now: float) -> tuple[Message, ...]:
        """Return the messages that are to be sent now."""
        now += _EARLY_TIMER
        self._settle_overdue(now)
        messages: list[Message] = []
        while self._waiting and self._horizon - now < self._ahead:
            messages += self._advance(self._waiting[0], now)
        if not messages and self._is_starving(now):
            self._horizon = now + _FRAME
            messages += self._codec.sound(silence(_FRAME, self._format))
        return tuple(messages)

    def next_at(self) -> float | None:
        """Return when :meth:`due` will have something, or None until something is put."""
        times = []
        if self._waiting:
            times.append(self._horizon - self._ahead + self._seconds / 2)
        if self._sent:
            patience = _LOST if self._able.marks else 0.0
            times.append(self._sent[0].ends + patience)
        if not self._able.paces:
            times.append(self._horizon + _KEEPALIVE)
        return min(times, default=None)

    def _advance(self, entry: _Entry, now: float) -> Iterator[Message]:
        """Send the next piece of ``entry``, and its mark after the last one."""
        start = self._horizon if self._horizon > now - self._slack else now
        data = entry.prompt.sound.data[entry.sent : entry.sent + self._bytes]
        begins = not entry.sent
        if begins:
            entry.starts = start
        self.played.add(start, data)
        entry.sent += len(data)
        entry.ends = self._horizon = start + len(data) / self._format.bytes_per_second
        if begins and entry.prompt.text:
            yield from self._codec.caption(entry.prompt.text, ours=True)
        yield from self._codec.sound(AudioChunk(self._format, data)) if data else ()
        if entry.sent >= len(entry.prompt.sound.data):
            entry.whole = True
            self._sent.append(self._waiting.popleft())
            if entry.prompt.name:
                yield from self._codec.mark(entry.prompt.name)

    @property
    def _slack(self) -> float:
        return 0.0 if self._able.paces else _SLACK

    def _is_starving(self, now: float) -> bool:
        return not self._able.paces and now >= self._horizon + _KEEPALIVE

    def marked(self, name: str, now: float) -> bool:
        """Take a mark that came back; return whether it says that something was played."""
        if self._cleared[name]:
            self._cleared[name] -= 1
            return False
        if all(entry.prompt.name != name for entry in self._sent):
            self.odd["unknown-mark"] += 1
            return False
        while self._sent:
            entry = self._sent.popleft()
            self._settle(entry, now)
            if entry.prompt.name == name:
                break
        return True

    def _settle_overdue(self, now: float) -> None:
        """Take for played what must have been: no mark can come, or one did not."""
        patience = _LOST if self._able.marks else 0.0
        while self._sent and now >= self._sent[0].ends + patience:
            if self._able.marks and self._sent[0].prompt.name:
                self.odd["lost-mark"] += 1
            self._settle(self._sent.popleft(), now)

    def _settle(self, entry: _Entry, now: float) -> None:
        prompt, seconds = entry.prompt, entry.prompt.sound.seconds
        self.ledger.append(Spoken(prompt.name, prompt.text, seconds, seconds, Fate.PLAYED))
        self.quiet_since = max(self.quiet_since, min(now, entry.ends))

    def _keep(self, prompt: Prompt, heard: float) -> None:
        """Write down that ``prompt`` was cut off, so that it can go on."""
        seconds = prompt.sound.seconds
        self.ledger.append(Spoken(prompt.name, prompt.text, seconds, heard, Fate.CLEARED))
        self._cut.append((prompt, heard))

    @property
    def is_quiet(self) -> bool:
        """Whether everything put so far was played or cleared."""
        return not self._waiting and not self._sent

    def left(self, now: float) -> float:
        """Return how many seconds of sound are still to be heard."""
        unsent = sum(len(one.prompt.sound.data) - one.sent for one in self._waiting)
        return max(0.0, self._horizon - now) + unsent / self._format.bytes_per_second

    def interrupt(self, now: float) -> tuple[Message, ...]:
        """Be silent at once: return what stops the far side, and forget what it has not played.

        The far side's buffer is cut where it can be; where nothing is buffered the sound that is
        next fades out instead, since no message can soften what a cleared buffer was playing.
        """
        if self.is_quiet:
            return ()
        entries = [*self._sent, *self._waiting]
        self._sent.clear()
        self._waiting.clear()
        self._cut, self._holds = [], True
        for entry in entries:
            self._keep(entry.prompt, entry.heard(now))
            if entry.whole and entry.prompt.name and self._able.returns_cleared:
                self._cleared[entry.prompt.name] += 1
        self.quiet_since = now
        if self._able.clears:
            self._horizon = now
            self.played.cut(now)
            return self._codec.clear()
        return self._faded(entries[0])

    def _faded(self, entry: _Entry) -> tuple[Message, ...]:
        width = self._format.bytes_per_second // self._format.rate
        length = round(_FADE * self._format.rate)
        data = entry.prompt.sound.data[entry.sent : entry.sent + length * width]
        samples = AudioChunk(self._format, data).samples()
        falling = samples * np.linspace(1.0, 0.0, len(samples))
        faded = from_samples(falling.astype(np.int16), self._format)
        self.played.add(self._horizon, faded.data)
        self._horizon += len(samples) / self._format.rate
        return self._codec.sound(faded) if data else ()

    def resume(self, rename: Callable[[str], str]) -> bool:
        """Say what the last interruption cut off, from a pause before it, under new names.

        Returns False if there is nothing left to say.
        """
        rest = [(prompt, heard) for prompt, heard in self._cut if heard < prompt.sound.seconds]
        self.drop()
        for prompt, heard in rest:
            self.put(prompt.after(heard, rename(prompt.name) if prompt.name else ""))
        return bool(rest)

    def drop(self) -> None:
        """Forget what an interruption cut off; what is put from now on is said again."""
        self._cut, self._holds = [], False

    @property
    def is_cut(self) -> bool:
        """Whether something was cut off that could go on."""
        return bool(self._cut)

    def heard_of(self, name: str, now: float) -> "Extent":
        """Return how much of the prompt ``name`` was heard so far."""
        for entry in (*self._sent, *self._waiting):
            if entry.prompt.name == name:
                return Extent(entry.heard(now), entry.prompt.sound.seconds)
        found = [spoken for spoken in self.ledger if spoken.name == name]
        return Extent(found[-1].heard, found[-1].seconds) if found else Extent(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Extent:
    """How many seconds of a prompt were heard, of how many."""

    seconds: float
    whole: float

    @property
    def share(self) -> float:
        """The same from 0 to 1; nothing of nothing is 0."""
        return min(1.0, self.seconds / self.whole) if self.whole else 0.0
