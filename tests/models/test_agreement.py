"""Cohen's κ: 1 for full agreement, 0 for chance, undefined where chance alone agrees."""

from random import Random

import pytest
from sklearn.metrics import cohen_kappa_score

from models.agreement import cohens_kappa, observed_agreement


def test_a_known_table() -> None:
    # Two readers, 50 proposals: both yes 20, both no 15, 5 and 10 apart; κ = 0.4.
    pairs = [*[("y", "y")] * 20, *[("y", "n")] * 5, *[("n", "y")] * 10, *[("n", "n")] * 15]
    assert observed_agreement(pairs) == pytest.approx(0.7)
    assert cohens_kappa(pairs) == pytest.approx(0.4)


@pytest.mark.parametrize("seed", range(5))
def test_like_another_implementation(seed: int) -> None:
    random = Random(seed)
    pairs = [(random.choice("abc"), random.choice("abcd")) for _ in range(60)]
    ones, others = zip(*pairs, strict=True)
    assert cohens_kappa(pairs) == pytest.approx(cohen_kappa_score(ones, others))


def test_where_it_is_not_defined() -> None:
    assert cohens_kappa([]) is None
    assert observed_agreement([]) is None
    assert cohens_kappa([("a", "a")] * 3) is None
    assert cohens_kappa([("a", "b")] * 3) == 0
