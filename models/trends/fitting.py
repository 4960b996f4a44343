"""Learns from many homes how often scores of slow changes come by chance."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.days.table import Table
from models.trends.evaluate import scores
from models.trends.kinds import TrendKind
from models.trends.priors import Tail, Tails

_FIRST: Final = 21


def fitted(homes: Sequence[tuple[Table, NDArray[np.bool_]]]) -> Tails:
    """Return the tails of homes of which nothing is known to be wrong, each as its table of days and which days are ok.

    Each is gone through forwards and with its days in reverse order: what rises by chance might as well have fallen.
    """
    both = [home for table, ok in homes for home in ((table, ok), (table[::-1], ok[::-1]))]
    days = [[scores(table[:day], ok[:day]) for day in range(_first(ok), len(ok) + 1)] for table, ok in both]
    return {
        kind: Tail.of([[one[kind][0] if kind in one else np.nan for one in home] for home in days])
        for kind in TrendKind
    }


def _first(ok: NDArray[np.bool_]) -> int:
    """Return after how many days there is something to judge by."""
    return int(ok.argmax()) + _FIRST
