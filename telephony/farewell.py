"""The last words of a call that cannot go on: they come with the release, spoken already."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from survey_engine.interview import Status
from telephony.audio import AudioChunk
from telephony.recording import read_recording

_FOLDER = Path(__file__).with_name("farewells")


@dataclass(frozen=True, slots=True)
class Farewell:
    """A sentence and its file, as Kokoro spoke it."""

    name: str
    text: str

    @property
    def sound(self) -> AudioChunk:
        """The sentence, at 8 kHz."""
        return _sound(self.name)


_LATER = Farewell("later", "对不起，我们这边的电话出了点问题，这次先到这里，过后再给您打来。再见。")
_PERSON = Farewell("person", "我们这边的电话出了点问题，工作人员会跟您联系，请稍等。")
_OVER = Farewell("over", "好的，我们都记下了。谢谢您，再见。")
FAREWELLS = (_LATER, _PERSON, _OVER)
_BY_STATUS: Mapping[Status, Farewell] = {
    Status.WITH_PERSON: _PERSON,
    Status.COMPLETED: _OVER,
    Status.ENDED: _OVER,
}


def farewell(status: Status) -> Farewell:
    """Return what is true to say to somebody whose interview stands like this."""
    return _BY_STATUS.get(status, _LATER)


@cache
def _sound(name: str) -> AudioChunk:
    return read_recording(_FOLDER / f"{name}.flac")
