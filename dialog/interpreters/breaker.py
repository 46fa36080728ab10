"""A switch that stops asking a service which has failed, and tries it again after a while."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Open after ``limit`` failures in a row, for ``rest`` seconds of ``clock``."""

    clock: Callable[[], float]
    limit: int = 3
    rest: float = 30.0
    _failures: int = 0
    _until: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the service is left alone for now."""
        return self.clock() < self._until

    def succeeded(self) -> None:
        """Forget earlier failures."""
        self._failures = 0

    def failed(self) -> None:
        """Count a failure; the last one allowed opens the switch."""
        self._failures += 1
        if self._failures >= self.limit:
            self._failures, self._until = 0, self.clock() + self.rest
