"""What a recogniser gets of a turn, and when it may begin to hear it."""

import asyncio

import pytest

from telephony.audio import TELEPHONE, AudioChunk
from telephony.listener import RUN_UP, Listener
from telephony.manner import Manner
from telephony.recogniser import Hints, Transcript
from telephony.recognisers.scripted import ScriptedListening, ScriptedRecogniser, spoken
from telephony.turn_rules import Kind, turn_rules
from tests.telephony.coded_speech import noise, pause
from tests.telephony.quick_activity import QuickActivity

_TICK = 160
#: A pause and a beginning are known to a frame or two.
_ABOUT = 0.05


class Ahead(ScriptedRecogniser):
    """Hears ``words`` as soon as it is quiet, and keeps how much sound it had at each pause."""

    def __init__(self, words: str) -> None:
        super().__init__([words])
        self.words = words
        self.paused: list[float] = []

    async def listen(self, hints: Hints) -> "AheadListening":
        return AheadListening(self)


class AheadListening(ScriptedListening):
    def __init__(self, recogniser: Ahead) -> None:
        super().__init__(recogniser)
        self.ahead = recogniser

    async def pause(self) -> Transcript | None:
        self.ahead.paused.append(self._seconds)
        return spoken(self.ahead.words, self._seconds)


def listened(recogniser: Ahead, sound: bytes) -> tuple[Transcript, float]:
    """Return what was heard of ``sound`` and how long a silence ends the turn by then."""

    async def doing() -> tuple[Transcript, float]:
        listener = Listener(QuickActivity(), recogniser, turn_rules(), TELEPHONE)
        for at in range(0, len(sound), _TICK):
            for _ in listener.hear(AudioChunk(TELEPHONE, sound[at : at + _TICK]), at / 8_000):
                pass
            await asyncio.sleep(0)
        patience = listener.patience
        if listener.is_speaking:
            await listener.forget()
        return await listener.transcript(), patience

    return asyncio.run(doing())


def test_silence_at_the_end_is_not_fed_and_silence_within_is() -> None:
    recogniser = Ahead("有的")
    heard, _ = listened(recogniser, pause(1.0) + noise(1.0) + pause(0.8) + noise(1.0) + pause(3.0))
    assert heard.text == "有的"
    spoke = RUN_UP + 1.0 + 0.8 + 1.0 + 0.3
    assert recogniser.heard == [pytest.approx(spoke, abs=_ABOUT)]


def test_each_pause_lets_the_recogniser_begin() -> None:
    recogniser = Ahead("有的")
    listened(recogniser, pause(1.0) + noise(1.0) + pause(0.8) + noise(1.0) + pause(3.0))
    first, last = RUN_UP + 1.3, RUN_UP + 3.1
    assert {round(seconds, 1) for seconds in recogniser.paused} == {first, last}


@pytest.mark.parametrize(("words", "longer"), [("我家有三口人", False), ("还有那个", True)])
def test_what_is_heard_in_a_pause_tells_whether_more_is_to_come(
    words: str, *, longer: bool
) -> None:
    ended = turn_rules().ends_after(Kind.OPEN, Manner())
    _, patience = listened(Ahead(words), pause(1.0) + noise(1.0) + pause(1.0))
    assert (patience > ended) is longer
