"""The process of one recogniser worker: ``python -m telephony.worker MODULE MODEL``.

Packets come on standard input and go to standard output; it ends when its input does, so that no
worker outlives its service.
"""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from telephony.ear import Ear, Hearing
from telephony.wire import Packet, chunk_of, hearing, hints_of, read_head


class Bench:
    """Serves the turns of one worker."""

    def __init__(self, ear: Ear, answers: BinaryIO) -> None:
        self._ear = ear
        self._answers = answers
        self._turns: dict[int, Hearing] = {}

    def serve(self, packets: BinaryIO) -> None:
        """Do what ``packets`` say until they end."""
        self._tell(Packet("ready", 0, {}))
        for line in packets:
            packet, size = read_head(line)
            self._do(Packet(packet.does, packet.turn, packet.said, packets.read(size)))

    def _do(self, packet: Packet) -> None:
        match packet.does:
            case "open":
                self._turns[packet.turn] = self._ear.listen(hints_of(packet))
            case "feed" if turn := self._turns.get(packet.turn):
                partial = turn.feed(chunk_of(packet))
                if partial is not None:
                    self._tell(hearing(packet.turn, partial))
            case "pause" if turn := self._turns.get(packet.turn):
                partial = turn.pause()
                if partial is not None:
                    self._tell(hearing(packet.turn, partial))
            case "finish" if turn := self._turns.pop(packet.turn, None):
                self._tell(hearing(packet.turn, turn.finish()))
            case "drop":
                self._turns.pop(packet.turn, None)

    def _tell(self, packet: Packet) -> None:
        self._answers.write(packet.written())
        self._answers.flush()


def _answers() -> BinaryIO:
    """Keep standard output for packets; what libraries print goes to standard error."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


def main(module: str, model: str) -> None:
    """Load the model and serve until the input ends; an interrupt is the service's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = _answers()
    Bench(import_module(module).ear(Path(model)), answers).serve(sys.stdin.buffer)


if __name__ == "__main__":
    main(*sys.argv[1:])
