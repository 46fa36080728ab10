"""How far two people agree beyond what chance would give: Cohen's κ (Cohen 1960)."""

from collections import Counter
from collections.abc import Hashable, Sequence

Pair = tuple[Hashable, Hashable]


def observed_agreement(pairs: Sequence[Pair]) -> float | None:
    """Return the share of pairs that agree, or None without any."""
    return sum(one == other for one, other in pairs) / len(pairs) if pairs else None


def cohens_kappa(pairs: Sequence[Pair]) -> float | None:
    """Return κ of ``(one's label, the other's label)``: 1 for full agreement, 0 for chance.

    None without pairs, and where both always say the same single thing, because then chance
    alone gives full agreement and κ is not defined.
    """
    observed = observed_agreement(pairs)
    if observed is None:
        return None
    expected = _by_chance(pairs)
    return None if expected == 1 else (observed - expected) / (1 - expected)


def _by_chance(pairs: Sequence[Pair]) -> float:
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    return sum(count * others[label] for label, count in ones.items()) / len(pairs) ** 2
