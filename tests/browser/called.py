"""A caller's desk with its carrier, on an event loop beside the browser's test."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from tests.telephony.test_bridge import Desk, desk, opened

T = TypeVar("T")


@contextmanager
def called(
    folder: Path, call: Callable[[Desk], AbstractAsyncContextManager[T]]
) -> Iterator[tuple[T, asyncio.AbstractEventLoop]]:
    """Run a desk with a call on a loop of its own."""
    with opened(folder) as (service, api):
        made: list[T] = []
        loop, up, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

        async def serve() -> None:
            async with desk(service, api) as running, call(running) as talking:
                made.append(talking)
                up.set()
                await over.wait()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
        thread.start()
        assert up.wait(30)
        try:
            yield made[0], loop
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join(20)
            loop.close()
