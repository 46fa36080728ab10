"""What all postmen share: claiming what is due, and how often and how soon it is tried again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from models.failure import TaskTakenError
from models.outbox import Claimed, Outbox

#: How often a message is tried before it is given up.
MOST_TRIES: Final = 6
#: How long it rests after the first try; after the n-th n times as long.
SOON: Final = timedelta(seconds=20)


def post_due(
    outbox: Outbox,
    worker: str,
    channel: str,
    now: datetime,
    send: Callable[[Claimed, datetime], None],
) -> int:
    """Have ``send`` deal with what is due on a channel; return how many messages that were.

    A message whose claim ran out meanwhile is left to who has it now.
    """
    claimed = outbox.claim(worker, now, channel=channel)
    for message in claimed:
        try:
            send(message, now)
        except TaskTakenError:
            continue
    return len(claimed)
