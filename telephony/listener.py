"""Listens on one line: finds turns, and has each recognised while it is being spoken."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum

from telephony.activity import Activity, Frame
from telephony.audio import AudioChunk, AudioFormat, silence
from telephony.interviewer import Expectation
from telephony.manner import Manner
from telephony.own_voice import OwnVoice
from telephony.played import Played
from telephony.recogniser import Hints, Listening, Recogniser, Transcript
from telephony.tape import Tape
from telephony.turn import Began, SpeechWatch, Stopped
from telephony.turn_rules import Kind, TurnRules

#: Sound from before the first certain frame that the recogniser gets too.
RUN_UP = 0.3
_PIECE = 0.1
#: After so much silence the recogniser begins with what there is, though the turn may go on.
EARLY = 0.3
#: Without sound for this long, the line is taken for silent.
_STALLED = 0.3


class Listener:
    """See the module. ``position`` is the line's own clock: seconds of sound so far.

    Where it is known what was ``played`` on the line, an echo of that begins no turn.
    """

    def __init__(
        self,
        activity: Activity,
        recogniser: Recogniser,
        rules: TurnRules,
        target: AudioFormat,
        played: Played | None = None,
    ) -> None:
        self._activity, self._recogniser, self._rules = activity, recogniser, rules
        self._format = target
        self._tape = Tape(target)
        self._watch = SpeechWatch(rules.speech)
        self._own = OwnVoice(played, self._tape, rules.speech) if played else None
        self._expects = Expectation(Kind.OPEN)
        self._manner = Manner()
        self._ears: deque[_Ear] = deque()
        self._open: _Ear | None = None
        self._last_sound: float | None = None

    @property
    def position(self) -> float:
        """How much sound the line has carried, in seconds."""
        return self._tape.seconds

    @property
    def is_speaking(self) -> bool:
        """Whether somebody is in the middle of a turn."""
        return self._watch.is_speaking

    @property
    def words(self) -> str:
        """What has been recognised so far of the turn that goes on."""
        return self._open.words if self._open else ""

    @property
    def patience(self) -> float:
        """How long a silence ends the turn as it is."""
        return self._watch.ends

    def expect(self, expects: Expectation, manner: Manner) -> None:
        """Reckon from now on with an answer of this sort by somebody who talks like this."""
        self._expects, self._manner = expects, manner
        self._adapt(self._open.words if self._open else "")

    def _adapt(self, words: str) -> None:
        kind, digits = self._expects.kind, self._expects.digits
        self._watch.ends = self._rules.ends_after(kind, self._manner, words, digits)

    def hear(self, chunk: AudioChunk, now: float) -> Iterator[Began | Stopped]:
        """Take sound that came at ``now``; yield the turns that it begins and ends."""
        self._last_sound = now
        if self._own is not None:
            self._own.arrived(self.position + chunk.seconds, now)
        width = self._format.bytes_per_second // self._format.rate
        size = round(_PIECE * self._format.rate) * width
        for at in range(0, len(chunk.data), size):
            yield from self._hear(AudioChunk(chunk.format, chunk.data[at : at + size]))

    def stalled(self, now: float) -> Iterator[Began | Stopped]:
        """Let time pass on a line that has stopped carrying sound."""
        if self._last_sound is not None and now - self._last_sound > _STALLED:
            yield from self.hear(silence(now - self._last_sound, self._format), now)

    def _hear(self, chunk: AudioChunk) -> Iterator[Began | Stopped]:
        self._tape.add(chunk)
        ear = self._open
        yield from self._watched(chunk)
        if ear is not None and ear is self._open:
            ear.feed(chunk, quiet=self._watch.quiet >= EARLY)

    def tell(self, judged: Callable[[], None] | None) -> None:
        """Call ``judged`` from now on whenever :meth:`catch_up` has something to find."""
        self._activity.tell(judged)

    def catch_up(self) -> Iterator[Began | Stopped]:
        """Yield the turns that begin and end in sound that was judged after it had come."""
        yield from self._watched(AudioChunk(self._format, b""))

    def _watched(self, chunk: AudioChunk) -> Iterator[Began | Stopped]:
        for frame in self._activity.feed(chunk):
            happened = self._watch.hear(self._without_echo(frame))
            if isinstance(happened, Began):
                self._begin(happened)
            elif happened is not None:
                self._end()
            if happened is not None:
                yield happened

    def _without_echo(self, frame: Frame) -> Frame:
        """In a turn everything counts: a voice that began it is not to be lost in an echo."""
        return frame if self._own is None or self.is_speaking else self._own.taken_out(frame)

    def _begin(self, began: Began) -> None:
        self._adapt("")
        self._open = _Ear(self._recogniser, self._expects.hints, self._adapt)
        self._open.feed(self._tape.between(began.at - RUN_UP, self.position))
        self._ears.append(self._open)

    def _end(self) -> None:
        if self._open is not None:
            self._open.end()
            self._open = None

    async def transcript(self) -> Transcript:
        """Return what was said in the oldest turn that has ended.

        Raises :class:`telephony.failure.RecogniserError`.
        """
        return await self._ears.popleft().transcript() if self._ears else Transcript(final=True)

    @staticmethod
    def run_up_of(stopped: Stopped) -> float:
        """Return when the sound began that the recogniser got of a turn."""
        return max(0.0, stopped.start - RUN_UP)

    def stop(self) -> None:
        """End the turn that goes on, because the line has ended."""
        self._end()
        self._watch.end_now()

    async def forget(self) -> None:
        """Forget every turn so far."""
        self.stop()
        while self._ears:
            await self._ears.popleft().cancel()

    def sound(self, start: float, end: float) -> AudioChunk:
        """Return what was heard between two times of the line's clock."""
        return self._tape.between(start, end)


class _Mark(Enum):
    """What happens in a turn besides sound."""

    PAUSE = "pause"
    END = "end"


class _Ear:
    """One turn on its way through the recogniser."""

    def __init__(
        self, recogniser: Recogniser, hints: Hints, on_partial: Callable[[str], None]
    ) -> None:
        self.words = ""
        self._recogniser, self._hints, self._on_partial = recogniser, hints, on_partial
        self._sound: asyncio.Queue[AudioChunk | _Mark] = asyncio.Queue()
        self._held: list[AudioChunk] = []
        self._task = asyncio.create_task(self._run())

    def feed(self, chunk: AudioChunk, *, quiet: bool = False) -> None:
        """Take sound; what is ``quiet`` is held back until there is speech after it."""
        self._held.append(chunk)
        if quiet:
            self._sound.put_nowait(_Mark.PAUSE)
            return
        for one in self._held:
            self._sound.put_nowait(one)
        self._held.clear()

    def end(self) -> None:
        self._sound.put_nowait(_Mark.END)

    async def _run(self) -> Transcript:
        listening = await self._recogniser.listen(self._hints)
        try:
            return await self._follow(listening)
        except BaseException:
            await listening.cancel()
            raise

    async def _follow(self, listening: Listening) -> Transcript:
        while (heard := await self._sound.get()) is not _Mark.END:
            if isinstance(heard, AudioChunk):
                partial = await listening.feed(heard)
            else:
                partial = await listening.pause()
            if partial is not None and partial.text != self.words:
                self.words = partial.text
                self._on_partial(self.words)
        return await listening.finish()

    async def transcript(self) -> Transcript:
        return await self._task

    async def cancel(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._task
