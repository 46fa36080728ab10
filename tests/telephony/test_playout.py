"""The playout ledger, second by second, on carriers that do much and that do little."""

import base64
import json
from collections import deque
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.audio import NARROW, TELEPHONE, AudioChunk, AudioFormat, from_samples
from telephony.carriers.twilio_line import TwilioLine
from telephony.line import Abilities, LineEvent, Message
from telephony.playout import AHEAD, Playout
from telephony.prompt import Fate, Prompt
from tests.telephony import twilio_messages as said


class PlainLine:
    """A line that only passes sound on, as bytes, with no mark, no clearing and no pacing."""

    abilities = Abilities(paces=False, marks=False, clears=False, returns_cleared=False)

    def receive(self, message: Message) -> tuple[LineEvent, ...]:
        return ()

    def sound(self, chunk: AudioChunk) -> tuple[Message, ...]:
        return (chunk.to(NARROW).data,)

    def mark(self, name: str) -> tuple[Message, ...]:
        return ()

    def caption(self, text: str, *, ours: bool) -> tuple[Message, ...]:
        del text, ours
        return ()

    def clear(self) -> tuple[Message, ...]:
        return ()


class FarSide:
    """Twilio's buffer: drained at 8,000 bytes a second, marks in order, cleared when told."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.sent_after_clear = 0
        self._buffer: deque[bytes | str] = deque()
        self._at = 0.0

    @property
    def backlog(self) -> float:
        return sum(len(one) for one in self._buffer if isinstance(one, bytes)) / 8_000

    def take(self, message: Message) -> list[str]:
        fields = json.loads(message)
        if fields["event"] == "media":
            self._buffer.append(base64.b64decode(fields["media"]["payload"]))
            return []
        if fields["event"] == "mark":
            self._buffer.append(fields["mark"]["name"])
            return self.drain(self._at)
        marks = [one for one in self._buffer if isinstance(one, str)]
        self._buffer.clear()
        return marks

    def drain(self, now: float) -> list[str]:
        room = round((now - self._at) * 8_000)
        self._at, marks = now, []
        while self._buffer:
            head = self._buffer.popleft()
            if isinstance(head, str):
                marks.append(head)
                continue
            if room <= 0:
                self._buffer.appendleft(head)
                break
            self.heard += head[:room]
            if head[room:]:
                self._buffer.appendleft(head[room:])
            room -= len(head[:room])
        return marks


def twilio() -> TwilioLine:
    line = TwilioLine()
    line.receive(said.start())
    return line


def tone(seconds: float, target: AudioFormat = TELEPHONE) -> AudioChunk:
    wave = 8_000 * np.sin(np.arange(round(seconds * target.rate)) / 7)
    return from_samples(wave.astype(np.int16), target)


def run(playout: Playout, far: FarSide, start: float, end: float, step: float = 0.02) -> float:
    """Let time go by from ``start`` to ``end``; return the largest backlog."""
    most, now = 0.0, start
    while now < end:
        for name in far.drain(now):
            playout.marked(name, now)
        for message in playout.due(now):
            for name in far.take(message):
                playout.marked(name, now)
        most = max(most, far.backlog)
        now += step
    return most


def test_a_prompt_is_sent_in_time_marked_and_found_heard() -> None:
    playout, far = Playout(twilio(), TELEPHONE), FarSide()
    playout.put(Prompt("ask:A1:1", "请问", tone(2)))
    assert run(playout, far, 0, 2.2) <= AHEAD + 0.1
    assert bytes(far.heard) == tone(2).data
    assert playout.is_quiet
    [spoken] = playout.ledger
    assert (spoken.name, spoken.fate, spoken.share) == ("ask:A1:1", Fate.PLAYED, 1.0)
    assert playout.quiet_since == pytest.approx(2.0, abs=0.1)


def test_an_interruption_clears_and_nothing_stale_follows() -> None:
    playout, far = Playout(twilio(), TELEPHONE), FarSide()
    playout.put(Prompt("say:-:1", "您好", tone(1)))
    playout.put(Prompt("ask:A1:2", "请问", tone(3)))
    run(playout, far, 0, 2.5)
    [clear] = playout.interrupt(2.5)
    assert json.loads(clear)["event"] == "clear"
    for name in far.take(clear):
        assert not playout.marked(name, 2.5)
    before = len(far.heard)
    run(playout, far, 2.5, 6)
    assert len(far.heard) == before
    assert playout.is_quiet
    assert [one.fate for one in playout.ledger] == [Fate.PLAYED, Fate.CLEARED]
    assert playout.ledger[1].heard == pytest.approx(1.5, abs=0.12)
    assert playout.interrupt(6) == ()


def test_what_was_cut_off_goes_on_from_a_pause_before_it() -> None:
    quiet = AudioChunk(TELEPHONE, b"\xff" * 800)
    sound = AudioChunk(TELEPHONE, tone(1).data + quiet.data + tone(2).data)
    playout, far = Playout(twilio(), TELEPHONE), FarSide()
    playout.put(Prompt("ask:A1:1", "请问", sound))
    run(playout, far, 0, 1.6)
    for name in far.take(playout.interrupt(1.6)[0]):
        playout.marked(name, 1.6)
    heard = len(far.heard)
    assert playout.resume(lambda name: f"{name.rpartition(':')[0]}:2")
    run(playout, far, 2, 6)
    rest = len(sound.data) - (len(far.heard) - heard)
    assert 7_800 <= rest <= 8_900
    assert playout.ledger[-1].name == "ask:A1:2"
    assert not playout.resume(str)


def test_two_marks_of_one_name_are_accounted_one_by_one() -> None:
    playout, far = Playout(twilio(), TELEPHONE), FarSide()
    for _ in range(2):
        playout.put(Prompt("say:-:1", "嗯", tone(0.2)))
    run(playout, far, 0, 0.2)
    cleared = far.take(playout.interrupt(0.3)[0])
    playout.drop()
    playout.put(Prompt("say:-:1", "新", tone(0.2)))
    messages = playout.due(0.31)
    for message in messages:
        cleared += far.take(message)
    for name in cleared:
        playout.marked(name, 0.32)
    assert not playout.is_quiet
    run(playout, far, 0.32, 1)
    assert [one.fate for one in playout.ledger] == [Fate.PLAYED, Fate.CLEARED, Fate.PLAYED]
    assert playout.is_quiet


def test_while_the_other_side_speaks_nothing_new_is_said_but_kept() -> None:
    playout, far = Playout(twilio(), TELEPHONE), FarSide()
    playout.hold()
    playout.put(Prompt("ask:A1:1", "请问", tone(1)))
    run(playout, far, 0, 1)
    assert not far.heard
    assert playout.heard_of("ask:A1:1", 1).share == 0
    assert playout.resume(lambda _name: "ask:A1:2")
    run(playout, far, 1, 3)
    assert len(far.heard) == 8_000
    assert playout.heard_of("ask:A1:2", 3).share == 1


def test_a_lost_mark_does_not_hold_the_line_for_ever() -> None:
    playout = Playout(twilio(), TELEPHONE)
    playout.put(Prompt("say:-:1", "再见", tone(0.3)))
    playout.due(0)
    playout.due(1)
    assert not playout.ledger
    playout.due(playout.next_at() or 0)
    assert len(playout.ledger) == 1
    assert playout.odd == {"lost-mark": 1}
    assert not playout.marked("say:-:1", 9)


def test_where_nobody_paces_frames_leave_by_an_absolute_schedule_and_nothing_drifts() -> None:
    playout, sent, now = Playout(PlainLine(), NARROW), 0, 0.0
    playout.put(Prompt("say:-:1", "您好", tone(10, NARROW)))
    while not playout.is_quiet:
        frames = playout.due(now)
        assert all(len(frame) <= 320 for frame in frames)
        assert len(frames) <= 3
        sent += len(frames)
        at = playout.next_at()
        assert at is not None
        now = max(now + 0.0001, at + (0.013 if sent % 7 == 0 else 0.001))
    assert sent == 500
    assert playout.quiet_since == pytest.approx(10, abs=0.03)
    assert playout.ledger[0].fate is Fate.PLAYED


def test_where_nothing_can_be_cleared_the_sound_fades() -> None:
    playout = Playout(PlainLine(), NARROW)
    playout.put(Prompt("say:-:1", "您好", tone(2, NARROW)))
    for step in range(50):
        playout.due(step * 0.02)
    [fade] = playout.interrupt(1.0)
    assert isinstance(fade, bytes)
    samples = np.abs(np.frombuffer(fade, "<i2").astype(int))
    assert len(samples) == 320
    assert samples[:80].max() > 6_000
    assert samples[-20:].max() < 600
    assert playout.due(1.02) == ()
    assert playout.is_quiet


def test_a_line_that_must_not_go_quiet_gets_silence() -> None:
    playout = Playout(PlainLine(), NARROW)
    assert playout.next_at() == 1.0
    assert playout.due(1.0) == (bytes(320),)
    assert playout.due(1.5) == ()
    assert playout.due(2.1) == (bytes(320),)


_MOVES = st.lists(
    st.tuples(st.sampled_from(["put", "wait", "interrupt", "resume"]), st.floats(0.01, 1.5)),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(_MOVES)
def test_every_prompt_ends_played_or_cleared_and_nobody_hears_more_than_was_said(
    moves: list[tuple[str, float]],
) -> None:
    playout, far, now, number = Playout(twilio(), TELEPHONE), FarSide(), 0.0, count(1)
    put = 0
    for move, seconds in moves:
        if move == "put":
            playout.put(Prompt(f"say:-:{next(number)}", "句", tone(seconds)))
            put += 1
        elif move == "interrupt":
            for message in playout.interrupt(now):
                for name in far.take(message):
                    playout.marked(name, now)
        elif move == "resume":
            before = len(playout.ledger)
            playout.resume(lambda _name: f"say:-:{next(number)}")
            assert len(playout.ledger) == before
        else:
            run(playout, far, now, now + seconds)
            now += seconds
    run(playout, far, now, now + 60, step=0.1)
    assert playout.is_quiet
    assert not playout.odd
    assert all(0 <= spoken.heard <= spoken.seconds + 1e-9 for spoken in playout.ledger)
    names = [spoken.name for spoken in playout.ledger]
    assert len(names) == len(set(names)) >= put
    claimed = sum(spoken.heard for spoken in playout.ledger)
    assert len(far.heard) / 8_000 == pytest.approx(claimed, abs=0.06 * len(names) + 0.01)
