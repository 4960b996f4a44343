"""How long a silence is too long, for this home at this hour.

Source: the alert line of Cuddihy et al. (2007), "Algorithm to automatically detect abnormally long periods of
inactivity in a home": the longest silence in progress at each time of day over the past weeks, within half an hour
either way.
"""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.activity import Activity
from models.calendar import QUARTER_S, QUARTERS_A_DAY, Seconds, local_quarters, to_seconds

# Before anything is learned: the silence that the homes of the TIHM set pass only once in six weeks (0.16 a week).
DEFAULT_SILENCE_S = 12 * 3600.0
# Somebody who has gone out makes no sound at home; this long without a return is too long on any day.
OUT_SILENCE_S = 12 * 3600.0
# A silence that follows an outer door this closely is taken as an absence.
GOING_OUT_S = 300.0
_FEWEST_DAYS = 3
_NEIGHBOURS = 2  # quarter-hours either side: ± 30 min


class InactivityLine(BaseEstimator):  # type: ignore[misc]  # scikit-learn is not typed
    """The longest ordinary silence for each quarter-hour of the day, and the line above it.

    Args:
        factor: how many times the longest silence seen lies below the line.
        margin_s: seconds added on top.
        few_days_factor: added to `factor`, divided by the days learned from, so that a young line is a cautious one.
    """

    def __init__(self, factor: float = 1.15, margin_s: float = 900.0, few_days_factor: float = 2.0) -> None:
        self.factor = factor
        self.margin_s = margin_s
        self.few_days_factor = few_days_factor

    def fit(
        self, X: Sequence[Activity], y: None = None, *, zone: tzinfo, skip: Sequence[tuple[float, float]] = ()
    ) -> Self:
        """Learn from activities in order of time; `skip` are spans (seconds since 1970) not to learn from."""
        del y
        seconds = to_seconds([activity.at for activity in X])
        outer = np.array([activity.is_outer_door for activity in X], dtype=bool)
        starts, ends = _silences(seconds, outer, skip)
        self.days_ = int(np.unique(np.floor(seconds / 86400.0)).size) if seconds.size else 0
        begin, local = local_quarters(seconds[0], seconds[-1], zone) if seconds.size else (0, np.empty(0, np.intp))
        self.usual_s_ = _longest_in_progress(starts, ends, begin, local)
        self.days_at_home_ = _days_at_home(starts, ends, begin, local)
        return self

    def line_s(self) -> NDArray[np.float64]:
        """Return the line in seconds for each quarter-hour of the local day, shape (96,)."""
        check_is_fitted(self, "usual_s_")
        if self.days_ < _FEWEST_DAYS:
            return np.full(QUARTERS_A_DAY, DEFAULT_SILENCE_S)
        factor = self.factor + self.few_days_factor / self.days_
        line = np.minimum(self.usual_s_ * factor + self.margin_s, DEFAULT_SILENCE_S)
        # Of hours at which nobody was ever at home nothing is known: the first quiet one there is no finding.
        return np.where(self.days_at_home_ < _FEWEST_DAYS, DEFAULT_SILENCE_S, line)


def default_line() -> NDArray[np.float64]:
    """Return the line of a home about which nothing is known, in seconds, shape (96,)."""
    return np.full(QUARTERS_A_DAY, DEFAULT_SILENCE_S)


def _silences(
    seconds: Seconds, outer: NDArray[np.bool_], skip: Sequence[tuple[float, float]]
) -> tuple[Seconds, Seconds]:
    """Return starts and ends of the silences at home: those that follow an outer door closely are absences."""
    if seconds.size < 2:  # noqa: PLR2004 - a silence has two ends
        return np.empty(0), np.empty(0)
    starts, ends = seconds[:-1], seconds[1:]
    doors = seconds[outer]
    last_door = np.full(starts.shape, -np.inf)
    if doors.size:
        place = np.searchsorted(doors, starts, side="right")
        last_door[place > 0] = doors[place[place > 0] - 1]
    keep = starts - last_door > GOING_OUT_S
    for begin, end in skip:
        keep &= (ends <= begin) | (starts >= end)
    return starts[keep], ends[keep]


def _longest_in_progress(starts: Seconds, ends: Seconds, begin: int, local: NDArray[np.intp]) -> NDArray[np.float64]:
    longest = np.zeros(QUARTERS_A_DAY)
    # Shorter silences never make the line; leaving them out keeps the loop below to a few dozen a day.
    long_ones = ends - starts >= QUARTER_S / 3
    for start, end in zip(starts[long_ones], ends[long_ones], strict=True):
        # How long it had lasted at the end of each quarter-hour it reached into.
        numbers = np.arange(start // QUARTER_S, np.ceil(end / QUARTER_S))
        lasted = np.minimum((numbers + 1) * QUARTER_S, end) - start
        np.maximum.at(longest, local[numbers.astype(np.intp) - begin], lasted)
    widened = np.maximum.reduce([np.roll(longest, shift) for shift in range(-_NEIGHBOURS, _NEIGHBOURS + 1)])
    return np.asarray(widened, dtype=np.float64)


def _days_at_home(starts: Seconds, ends: Seconds, begin: int, local: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return on how many days somebody was at home in each quarter-hour."""
    comes_and_goes = np.zeros(local.size + 1, dtype=np.intp)
    np.add.at(comes_and_goes, (starts // QUARTER_S).astype(np.intp) - begin, 1)
    np.add.at(comes_and_goes, (ends // QUARTER_S).astype(np.intp) - begin + 1, -1)
    return np.bincount(local[np.cumsum(comes_and_goes[:-1]) > 0], minlength=QUARTERS_A_DAY)
