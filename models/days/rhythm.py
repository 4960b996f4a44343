"""The rhythm of day and night (van Someren et al. 1999, Chronobiology International 16(4))."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_DAYS: Final = 7
_LEAST_DAYS: Final = 5
_HOURS: Final = 24
_ROUND: Final = 2 * np.pi / 1440


def stability_and_variability(
    active: NDArray[np.bool_], ok: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return interdaily stability and intradaily variability of each day and the six before it.

    `active`: (days, 1440). `ok`: which days count. NaN: fewer than five of the seven days do.
    """
    hours = active.reshape(len(active), _HOURS, 60).sum(axis=2).astype(np.float64)
    stability, variability = np.full(len(active), np.nan), np.full(len(active), np.nan)
    for row in range(len(active)):
        first = max(0, row + 1 - _DAYS)
        week = hours[first : row + 1][ok[first : row + 1]]
        spread = week.var() if len(week) >= _LEAST_DAYS else 0.0
        if spread > 0:
            stability[row] = week.mean(axis=0).var() / spread
            variability[row] = (np.diff(week, axis=1) ** 2).mean() / spread
    return stability, variability


def phase(active: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the minute of each day round which activity is centred, 0 to 1440; NaN: nothing was active."""
    minute = np.arange(active.shape[1]) * _ROUND
    east, north = active @ np.cos(minute), active @ np.sin(minute)
    middle = np.mod(np.arctan2(north, east), 2 * np.pi) / _ROUND
    return np.where(active.any(axis=1), middle, np.nan)
