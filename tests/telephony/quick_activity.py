"""Voice activity for coded speech: exact, and next to free."""

from collections.abc import Callable

from telephony.activity import Frame
from telephony.audio import AudioChunk

_FRAME, _RATE = 160, 8_000


class QuickActivity:
    """Takes for speech whatever is not digital silence; see :class:`telephony.activity.Activity`.

    Frames of 20 ms are judged by how many of their bytes are silent.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._heard = 0

    def feed(self, chunk: AudioChunk) -> tuple[Frame, ...]:
        data = self._rest + chunk.data
        whole = len(data) // _FRAME * _FRAME
        self._rest = data[whole:]
        return tuple(self._judge(data[at : at + _FRAME]) for at in range(0, whole, _FRAME))

    def tell(self, judged: Callable[[], None] | None) -> None:
        """Nothing is ever judged later."""

    def _judge(self, frame: bytes) -> Frame:
        self._heard += _FRAME
        return Frame(self._heard / _RATE, float(frame.count(0xFF) < _FRAME // 2))
