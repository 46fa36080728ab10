"""How fast one address may send, so that nobody crowds out the others."""

import threading
import time
from collections import OrderedDict

_REMEMBERED = 10_000


class Pace:
    """A token bucket a key: ``burst`` at once, ``per_minute`` in the long run.

    It is kept in this process only: it protects the process, and no answer hangs on it.
    """

    def __init__(self, *, burst: int, per_minute: int) -> None:
        self._burst = float(burst)
        self._rate = per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, key: str) -> bool:
        """Take one token of ``key``; False if there is none left."""
        now = time.monotonic()
        with self._lock:
            left, since = self._buckets.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._rate)
            allowed = left >= 1
            self._buckets[key] = (left - allowed, now)
            if len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        return allowed
