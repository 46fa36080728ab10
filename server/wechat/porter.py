"""The porter: takes letters in beside the answers, as many as wait in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from models.wechat_mail import Admission, Letter

Admit = Callable[[Sequence[Letter]], Sequence[Admission]]
_Waiting = tuple[Letter, "asyncio.Future[Admission]"]


class Porter:
    """Nobody waits for others' answers at the door, nor for one commit each."""

    def __init__(self, admit: Admit) -> None:
        self._admit = admit
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="wechat-porter")

    async def admit(self, letter: Letter) -> Admission:
        """Take a letter in. Raises :class:`models.failure.RecordsError` if it cannot be kept."""
        future: asyncio.Future[Admission] = asyncio.get_running_loop().create_future()
        self._waiting.append((letter, future))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work_off())
        return await future

    async def quiet(self) -> None:
        """Return when nobody waits at the door, so that answers begin after a rush."""
        while self._working is not None and not self._working.done():
            await asyncio.shield(self._working)

    async def _work_off(self) -> None:
        """Take in all who wait, and all who come meanwhile."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            letters = [letter for letter, _ in batch]
            loop = asyncio.get_running_loop()
            try:
                admitted = await loop.run_in_executor(self._thread, self._admit, letters)
            except Exception as error:
                for _, future in batch:
                    future.set_exception(error)
            else:
                for (_, future), admission in zip(batch, admitted, strict=True):
                    future.set_result(admission)

    def close(self) -> None:
        """Let the last batch be kept and stop."""
        self._thread.shutdown(wait=True)
