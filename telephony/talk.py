"""The talk on one line: saying, listening, and passing on what counts."""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from dialog.message import Message
from survey_engine.interview import Status
from telephony.announcement import Announcement, announced
from telephony.audio import AudioChunk
from telephony.call_report import CallReport, Ending, TurnTimes
from telephony.failure import RecogniserError, VoiceError
from telephony.farewell import farewell
from telephony.interviewer import Contribution, Expectation, Interviewer, Reply
from telephony.keypad import KeyPad, Pressed
from telephony.line import Key
from telephony.manner import Manner
from telephony.open_line import Happening, OpenLine
from telephony.prompt import Prompt
from telephony.recogniser import Transcript, Word
from telephony.speaker import SILENT, Speaker
from telephony.turn import Stopped
from telephony.turn_rules import TurnRules

_log = logging.getLogger(__name__)
#: Sound that is kept as evidence around a turn (seconds).
_AROUND = 0.3
#: Noises shorter than this are nobody's words.
_SHORTEST = 0.3
_POLL = 0.2
#: A recogniser that has not answered by then counts as dead.
_RECOGNISER_PATIENCE = 8.0
#: Last words have this long to be played, whatever the carrier reports.
_FAREWELL = 30.0
#: A nod this late in a question may be its answer.
_NEARLY_ALL = 0.8
_QUESTIONS = ("ask", "confirm")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sound of one contribution, with its words timed from the beginning of the sound."""

    sound: AudioChunk
    words: tuple[Word, ...]


@dataclass(slots=True)
class Memory:
    """What the talk remembers from turn to turn."""

    manner: Manner = field(default_factory=Manner)
    status: Status = Status.OPEN
    #: The mark of the question that waits, and how many prompts and contributions there were.
    asked: str = ""
    prompts: int = 0
    contributions: int = 0
    #: Misses in a row: turns without a word, turns without any sound, failures to recognise.
    failures: int = 0
    silences: int = 0
    deaf: int = 0
    #: Whether a person is known to be there.
    met: bool = False
    last_words: str = ""
    last_end: float = 0.0
    last_patience: float = 0.0


class Talk:
    """See the module; :meth:`hold` is the whole of it."""

    def __init__(
        self,
        line: OpenLine,
        interviewer: Interviewer,
        speaker: Speaker,
        rules: TurnRules,
        report: CallReport,
    ) -> None:
        self.memory = Memory()
        self._line, self._interviewer, self._speaker = line, interviewer, speaker
        self._rules, self._report = rules, report
        self._working: asyncio.Future[Any] | None = None
        self._keeping: set[asyncio.Task[None]] = set()

    async def hold(self) -> Status:
        """Talk until the interview wants nothing more; the last words have been played then.

        Whatever breaks in between, nobody is left in silence: they hear last words that fit how
        the interview stands. It is raised only where the interview has not stopped by itself.
        """
        try:
            return await self._held()
        except Exception:
            await self._apologise()
            if self.memory.status is Status.OPEN:
                raise
            _log.exception("the last words of an interview could not be said")
        return self.memory.status

    async def _held(self) -> Status:
        opening = await self._work(self._interviewer.open())
        self.memory.manner = opening.manner
        reply = opening.reply
        while True:
            self.memory.status = reply.status
            await self._say(reply)
            if reply.expects is None or reply.status is not Status.OPEN:
                return await self._part(reply)
            reply = await self._answer(reply, reply.expects)

    async def say(self, line: str) -> None:
        """Say the line of ours called ``line`` to its end; a voice that fails says nothing."""
        with suppress(VoiceError):
            await self._speak(self._own_line(line))
        await self._line.quiet(_FAREWELL)

    async def put_away(self, patience: float) -> None:
        """Let the work that has begun come to its end."""
        pending: set[asyncio.Future[Any]] = {*self._keeping}
        pending |= {self._working} if self._working else set()
        if pending:
            await asyncio.wait(pending, timeout=patience)

    async def _work(self, work: Awaitable[R]) -> R:
        """Do work that comes to its end even if the line breaks off meanwhile."""
        task = asyncio.ensure_future(work)
        self._working = task
        result = await asyncio.shield(task)
        self._working = None
        return result

    # Saying.

    async def _say(self, reply: Reply) -> None:
        self.memory.manner = reply.manner or self.memory.manner
        if reply.slower:
            self.memory.manner = self.memory.manner.slower()
        self._line.playout.drop()
        if self._line.listener.is_speaking:
            self._line.playout.hold()
        for message in reply.messages:
            await self._speak(message)

    async def _speak(self, message: Message) -> None:
        rate, target = self.memory.manner.rate, self._line.started.format
        patience = SILENT + self._line.playout.left(self._line.now())
        sound = await self._speaker.sound(message.text, rate, target, patience)
        if self.memory.manner.gain:
            sound = sound.louder(self.memory.manner.gain)
        name = self._name(message.kind, message.item or "-")
        if message.kind in _QUESTIONS:
            self.memory.asked = name
        self._line.put(Prompt(name, message.text, sound))

    def _name(self, kind: str, item: str) -> str:
        self.memory.prompts += 1
        return f"{kind}:{item}:{self.memory.prompts}"

    def _go_on_saying(self) -> None:
        """Say the rest of what was cut off for nothing."""
        if self._line.playout.resume(self._renamed):
            self._report.resumed += 1
        self._line.kick()

    def _renamed(self, name: str) -> str:
        kind, _, rest = name.partition(":")
        new = self._name(kind, rest.rpartition(":")[0])
        if name == self.memory.asked:
            self.memory.asked = new
        return new

    async def _part(self, reply: Reply) -> Status:
        """Say the last words to their end, whatever is said meanwhile."""
        self._line.is_parting = True
        self._go_on_saying()
        await self._line.quiet(_FAREWELL)
        if self._report.ending is not Ending.MACHINE:
            self._report.ending = Ending.FINISHED
        return reply.status

    async def _apologise(self) -> None:
        """Say by the best voice that is left that the call cannot go on."""
        self._line.is_parting = True
        self._line.playout.drop()
        said, target = farewell(self.memory.status), self._line.started.format
        try:
            sound = await self._speaker.sound(said.text, 1.0, target)
        except VoiceError:
            sound = said.sound.to(target)
        self._line.put(Prompt(self._name("say", "-"), said.text, sound))
        await self._line.quiet(_FAREWELL)

    # Listening.

    async def _answer(self, reply: Reply, expects: Expectation) -> Reply:
        """Listen until something counts, and return what is said to it."""
        patience = self._rules.first[expects.kind] if reply.asks else self._rules.waits
        while True:
            self._line.listener.expect(expects, self.memory.manner)
            try:
                answer = await self._answer_once(expects, patience)
            except (RecogniserError, TimeoutError) as error:
                _log.warning("a recogniser failed: %s", error or "it took too long")
                answer = await self._deafened(expects)
            if answer is not None:
                return answer
            self._go_on_saying()

    async def _answer_once(self, expects: Expectation, patience: float) -> Reply | None:
        happening = await self._next(patience)
        if isinstance(happening, Stopped):
            return await self._heard(happening)
        if isinstance(happening, Key):
            pressed = await self._collect(expects, happening)
            self.memory.failures = self.memory.silences = 0
            return await self._take(
                replace(self._contribution(), words=pressed.words, tapped=pressed.tapped)
            )
        return await self._missed("no_input")

    async def _next(self, patience: float) -> Stopped | Key | None:
        """Return what happens next, or None after ``patience`` seconds without a sound."""
        since = self._line.now()
        while True:
            happening = await self._happening()
            if isinstance(happening, (Stopped, Key)):
                return happening
            now, playout = self._line.now(), self._line.playout
            if happening or self._line.listener.is_speaking or not playout.is_quiet:
                since = now
            elif now - max(since, playout.quiet_since) >= patience:
                return None

    async def _happening(self) -> Happening | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL):  # wait_for may lose a cancellation (3.11)
                return await self._line.happenings.get()
        self._line.note(self._line.listener.stalled(self._line.now()))
        return None

    async def _missed(self, how: str) -> Reply:
        """Nothing was said, or nothing that is a word: ask again kindly, and not for ever."""
        memory = self.memory
        memory.failures += 1
        memory.silences = memory.silences + 1 if how == "no_input" else 0
        self._line.playout.drop()
        tired = memory.silences >= self._rules.silences or memory.failures >= self._rules.failures
        if tired or self._line.now() - self._report.started > self._rules.longest:
            return await self._leave("later")
        taken = await self._take(replace(self._contribution(), silence=how))
        return taken or await self._leave("later")

    def _contribution(self) -> Contribution:
        self.memory.contributions += 1
        return Contribution(self.memory.contributions)

    async def _leave(self, reason: str) -> Reply:
        return await self._work(self._interviewer.leave(reason))

    # Keys.

    async def _collect(self, expects: Expectation, first: Key) -> Pressed:
        pad = KeyPad(expects.keys)
        pressed = pad.press(first.digit)
        while pressed is None:
            key = await self._next_key()
            pressed = pad.press(key.digit) if key else pad.end()
        await self._line.listener.forget()
        return pressed

    async def _next_key(self) -> Key | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rules.keys):
                while True:
                    happening = await self._line.happenings.get()
                    if isinstance(happening, Key):
                        return happening
        return None

    # Words.

    async def _heard(self, stopped: Stopped) -> Reply | None:
        """Take a turn that was spoken; None if what was cut off for it is to go on."""
        times = self._times(stopped)
        transcript = await self._transcript(times)
        cut = self._line.playout.is_cut
        if not transcript.text:
            long = stopped.end - stopped.start >= _SHORTEST
            return await self._missed("noise") if long and not cut else None
        self.memory.deaf = 0
        announcement = None if self.memory.met else announced(transcript.text)
        if announcement is not None:
            return await self._recorded_voice(announcement)
        if cut and self._rules.is_backchannel(transcript.text) and not self._has_heard(_NEARLY_ALL):
            return None
        return await self._take_words(stopped, transcript, times, cut=cut)

    def _times(self, stopped: Stopped) -> TurnTimes:
        now = self._line.now()
        ended = now - (self._line.listener.position - stopped.end)
        return TurnTimes(self.memory.asked, "", 0.0, stopped.start, stopped.end, ended, now)

    async def _transcript(self, times: TurnTimes) -> Transcript:
        async with asyncio.timeout(_RECOGNISER_PATIENCE):
            transcript = await self._line.listener.transcript()
        times.recognised = self._line.now()
        times.words, times.confidence = transcript.text, transcript.confidence
        if transcript.text:
            self._line.show(transcript.text)
        return transcript

    async def _recorded_voice(self, announcement: Announcement) -> Reply:
        self._report.ending = Ending.MACHINE
        self._line.playout.drop()
        return await self._work(self._interviewer.announce(announcement))

    async def _take_words(
        self, stopped: Stopped, transcript: Transcript, times: TurnTimes, *, cut: bool
    ) -> Reply | None:
        memory = self.memory
        contribution = replace(
            self._contribution(),
            words=transcript.text,
            confidence=transcript.confidence,
            hearings=transcript.hearings,
            unheard=cut and not self._has_heard(self._rules.heard.share),
            continues=self._continued(stopped) if cut else "",
        )
        gap = stopped.start - memory.last_end if contribution.continues else 0.0
        memory.manner = memory.manner.learned(max(stopped.pause, gap))
        memory.failures = memory.silences = 0
        self._report.turns.append(times)
        reply = await self._take(contribution)
        times.answered = self._line.now()
        if reply is not None and reply.repeats and self._rules.is_too_soft(transcript.text):
            self._speak_up()
        self._keep(contribution, stopped, transcript)
        memory.last_words = contribution.continues + transcript.text
        memory.last_end, memory.last_patience = stopped.end, self._line.listener.patience
        return reply

    def _speak_up(self) -> None:
        """Speak louder and more slowly to somebody who hardly hears us."""
        rule = self._rules.louder
        self.memory.manner = self.memory.manner.slower().louder(rule.step, rule.most)

    def _has_heard(self, share: float) -> bool:
        """Whether they heard that much of the question, or enough seconds of it."""
        heard = self._line.playout.heard_of(self.memory.asked, self._line.now())
        return heard.share >= share or heard.seconds >= self._rules.heard.seconds

    def _continued(self, stopped: Stopped) -> str:
        """Return the words just before, if these go on with them after a pause for breath."""
        memory = self.memory
        gap = stopped.start - memory.last_end
        soon = gap <= memory.last_patience + self._rules.again
        return memory.last_words if soon and not self._has_heard(self._rules.heard.share) else ""

    async def _take(self, contribution: Contribution) -> Reply | None:
        answer = await self._work(self._interviewer.take(contribution))
        if answer is None or contribution.silence:
            return answer
        self.memory.met = True
        return await self._by_keys(answer) if self.memory.deaf > 1 else answer

    def _keep(self, contribution: Contribution, stopped: Stopped, transcript: Transcript) -> None:
        """Keep the sound of a turn beside the talk, which does not wait for it."""
        start = max(0.0, stopped.start - _AROUND)
        sound = self._line.listener.sound(start, stopped.end + _AROUND)
        shift = self._line.listener.run_up_of(stopped) - start
        words = tuple(
            replace(word, start=word.start + shift, end=word.end + shift)
            for word in transcript.words
        )
        task = asyncio.create_task(self._interviewer.keep(contribution, sound, words))
        self._keeping.add(task)
        task.add_done_callback(self._kept)

    def _kept(self, task: "asyncio.Task[None]") -> None:
        self._keeping.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("the sound of a turn could not be kept", exc_info=task.exception())

    # Without a recogniser.

    async def _deafened(self, expects: Expectation) -> Reply:
        """A recogniser that fails once is asked again; twice, and keys have to do, or a goodbye."""
        self.memory.deaf += 1
        first = self.memory.deaf == 1
        self._line.playout.drop()
        keyed = await self._work(self._interviewer.by_keys())
        if keyed is not None:
            said = self._own_line("deaf" if first else "keys")
            return replace(keyed, messages=(said, *keyed.messages))
        if first:
            return Reply((self._own_line("deaf"),), expects, self.memory.status)
        return await self._leave_deaf()

    async def _leave_deaf(self) -> Reply:
        leaving = await self._leave("later")
        return replace(leaving, messages=(self._own_line("unheard"), *leaving.messages))

    def _own_line(self, name: str) -> Message:
        return Message("say", "", self._rules.lines[name])

    async def _by_keys(self, answer: Reply) -> Reply:
        """Put the next question so that keys can answer it, or say goodbye."""
        if answer.status is not Status.OPEN or answer.expects is None:
            return answer
        keyed = await self._work(self._interviewer.by_keys())
        if keyed is None:
            return await self._leave_deaf()
        said = tuple(one for one in answer.messages if one.kind not in _QUESTIONS)
        return replace(keyed, messages=(*said, *keyed.messages))
