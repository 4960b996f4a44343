"""Which homes are copies of one another: together they have one voice, whatever befell one copy or another. Pure."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from models.minutes import TICK_S
from models.trace import Times

# Four weeks, so that a home is known for a copy on the day on which somebody comes back from a journey.
DAYS: Final = 28
_EVERY: Final = 4 * 3600 // TICK_S
_LEAST: Final = 6  # moments at which the very same second was the last; two homes meet so once in weeks by chance


def voices_of(heard: Times) -> NDArray[np.float64]:
    """Return what part of a voice each home has, (homes,), by `last_heard` of the `DAYS` before, (ticks, homes)."""
    homes = heard.shape[1]
    pairs = []
    for before, row in pairwise(heard[::_EVERY]):
        _, first, place = np.unique(row, return_index=True, return_inverse=True)
        same = (first[place] != np.arange(homes)) & (row != before)  # what was heard once tells it once
        pairs.append(np.flatnonzero(same) * homes + first[place][same])
    pair, count = np.unique(np.concatenate([np.zeros(0, dtype=np.intp), *pairs]), return_counts=True)
    linked = pair[count >= _LEAST]
    graph = coo_matrix((np.ones(linked.size), np.divmod(linked, homes)), shape=(homes, homes))
    _, family = connected_components(graph, directed=False)
    return np.asarray(1 / np.bincount(family)[family])
