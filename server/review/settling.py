"""Lets rulings take effect when their ten seconds are over, as long as the service runs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from models.failure import RecordsError
from server.review.desk import ReviewDesk

_EVERY = 1.0
_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def settling(desk: ReviewDesk) -> AsyncIterator[None]:
    """Settle due rulings every second within this context, and once more at its start.

    Several processes may do so at once. What a process that dies leaves behind, the next settles.
    """
    task = asyncio.create_task(_keep_settling(desk))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep_settling(desk: ReviewDesk) -> None:
    while True:
        await asyncio.to_thread(_settle, desk)
        await asyncio.sleep(_EVERY)


def _settle(desk: ReviewDesk) -> None:
    """A ruling that cannot be settled now must not keep the others from it."""
    try:
        due = desk.rulings.due(datetime.now(UTC))
    except RecordsError as error:
        _LOG.warning("review.settle %s", error.code)
        return
    for key in due:
        try:
            desk.rulings.settle(key, datetime.now(UTC))
        except RecordsError as error:
            _LOG.warning("review.settle %s %s", error.code, key)
