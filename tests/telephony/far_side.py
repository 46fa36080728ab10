"""Asterisk as the other side of an AudioSocket connection."""

import asyncio
import time
from uuid import UUID

import numpy as np

from telephony.audio import NARROW, TELEPHONE, AudioChunk

FRAME = bytes(320)


def frame(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(2, "big") + body


def opening(token: UUID) -> bytes:
    return frame(0x01, token.bytes)


class FarSide:
    """One connection of Asterisk: a frame every 20 ms, and what is heard with its times."""

    def __init__(
        self, token: UUID, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.token, self._reader, self._writer = token, reader, writer
        self.heard: list[tuple[float, bytes]] = []
        self.speech: list[bytes] = []
        self.ended = asyncio.Event()

    async def live(self) -> None:
        listening = asyncio.create_task(self._listen())
        self._writer.write(opening(self.token))
        begun, ticks = time.monotonic(), 0
        while not self.ended.is_set():
            body = self.speech.pop(0) if self.speech else FRAME
            self._writer.write(frame(0x10, body))
            ticks += 1
            await asyncio.sleep(max(0.0, begun + ticks * 0.02 - time.monotonic()))
        self._writer.close()
        await listening

    async def _listen(self) -> None:
        try:
            while True:
                kind, high, low = await self._reader.readexactly(3)
                body = await self._reader.readexactly(high * 256 + low)
                if kind != 0x10:
                    break
                self.heard.append((time.monotonic(), body))
        except (asyncio.IncompleteReadError, OSError):
            pass
        self.ended.set()

    def press(self, key: str) -> None:
        self._writer.write(frame(0x03, key.encode()))

    def say(self, sound: bytes) -> None:
        """Say what is given as μ-law."""
        data = AudioChunk(TELEPHONE, sound).to(NARROW).data
        self.speech += [data[at : at + 320].ljust(320, b"\0") for at in range(0, len(data), 320)]

    def level(self, since: float) -> int:
        loud = [np.abs(np.frombuffer(body, "<i2")).max() for at, body in self.heard if at > since]
        return int(max(loud, default=0))

    async def until_loud(self, since: float) -> None:
        while self.level(since) < 1_000:
            await asyncio.sleep(0.01)

    async def until_quiet(self, looks: int = 25) -> None:
        """Wait until nothing loud came between so many looks; a machine that stalls looks once."""
        quiet = 0
        while quiet < looks:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            quiet = 0 if self.level(before) >= 1_000 else quiet + 1
