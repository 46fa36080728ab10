"""Which tasks are looked at twice, and when a known one is mixed in: drawn by hash, not by luck.

The same seed and the same keys draw the same, on every machine and after every restart; without
the keys nobody can foresee a draw.
"""

from dataclasses import dataclass

from models.keys import KeyService

_RANGE = 2**64


@dataclass(frozen=True, slots=True)
class Draw:
    """Draws a ``share`` of all names, from 0 to 1."""

    keys: KeyService
    share: float
    seed: str = ""

    def falls_on(self, name: str) -> bool:
        """Whether ``name`` is drawn."""
        place = int.from_bytes(self.keys.index(f"draw:{self.seed}:{name}")[:8], "big")
        return place < self.share * _RANGE
