"""Parts of a corpus that are held apart from each other, for honest cross-validation."""

import numpy as np
import numpy.typing as npt
from sklearn.cluster import MiniBatchKMeans

from dialog.learning.features import Floats

#: How many phrases that say nearly the same stay together on average.
_TOGETHER = 6


def folds(senses: Floats, count: int) -> npt.NDArray[np.intp]:
    """Return for each row of ``senses`` the number of its part, from 0 to ``count`` - 1.

    Phrases that say nearly the same are in one part: a part is as strange to the others as the
    words of somebody who was never heard.
    """
    clusters = max(count, len(senses) // _TOGETHER)
    grouped = MiniBatchKMeans(clusters, random_state=7, n_init=1, batch_size=4_096).fit(senses)
    part_of = np.random.default_rng(7).integers(0, count, clusters)
    found: npt.NDArray[np.intp] = part_of[grouped.labels_]
    return found
