"""Looks for a caller while somebody whom the machine speaks with waits for a person."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

#: How long somebody waits for a caller, and how often they hear that one is rung, in seconds.
PATIENCE, _SAID = 20.0, 8.0
_LOOK = 0.5


class Takers(Protocol):
    """The callers who may take one call; blocking. What is done twice is done once.

    When a caller takes it, the carrier moves the person, and our line ends by that.
    """

    def ring(self) -> bool:
        """Ring the next of them; False if there is nobody, or nobody left."""

    def took(self) -> bool | None:
        """Whether the person is with whom was rung; None while that may still come about."""

    def give_up(self) -> bool:
        """Ring nobody any more; False if the person has been taken after all."""


@dataclass(frozen=True, slots=True)
class Seeking:
    """One search; ``say`` says a line of ours, ``otherwise`` is done where nobody takes the call.

    ``beside`` runs what blocks off the event loop.
    """

    takers: Takers
    say: Callable[[str], Awaitable[None]]
    otherwise: Callable[[], bool]
    beside: Callable[..., Awaitable[Any]]

    async def transferred(self) -> bool:
        """Return whether a person has taken the call; whoever waits is told so again and again."""
        try:
            async with asyncio.timeout(PATIENCE):
                rung = await self._ring_until_taken()
        except TimeoutError:
            rung = True
        if not await self.beside(self.takers.give_up):
            return True
        if await self.beside(self.otherwise):
            return True
        if rung:
            await self.say("nobody_free")
        return False

    async def _ring_until_taken(self) -> bool:
        """Return whether anybody was rung, once one has taken the call or all have let it ring."""
        rung = False
        while await self.beside(self.takers.ring):
            rung = True
            if await self._took():
                return True
        return rung

    async def _took(self) -> bool:
        loop = asyncio.get_running_loop()
        said = float("-inf")
        while (took := await self.beside(self.takers.took)) is None:
            if loop.time() - said >= _SAID:
                said = loop.time()
                await self.say("transferring")
            await asyncio.sleep(_LOOK)
        return bool(took)
