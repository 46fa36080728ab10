"""Parts of a corpus that are held apart from each other, for honest cross-validation."""

import numpy as np
import numpy.typing as npt

from dialog.learning.features import Floats

#: How many phrases that say nearly the same stay together on average.
_TOGETHER = 6
_SEED = 7
_BATCH = 2_048


def folds(senses: Floats, count: int) -> npt.NDArray[np.intp]:
    """Return for each row of ``senses`` the number of its part, from 0 to ``count`` - 1.

    Some rows are drawn as leaders, and every row goes with the leader it is most like. Phrases
    that say nearly the same are so in one part, and a part is as strange to the others as the
    words of somebody who was never heard.
    """
    drawn = np.random.default_rng(_SEED)
    leaders = drawn.choice(len(senses), max(1, len(senses) // _TOGETHER), replace=False)
    part_of = drawn.integers(0, count, len(leaders))
    found: npt.NDArray[np.intp] = part_of[_nearest(senses, senses[leaders])]
    return found


def _nearest(senses: Floats, leaders: Floats) -> npt.NDArray[np.intp]:
    batches = (senses[at : at + _BATCH] for at in range(0, len(senses), _BATCH))
    return np.concatenate([(batch @ leaders.T).argmax(axis=1) for batch in batches])
