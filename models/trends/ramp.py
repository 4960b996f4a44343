"""How far a home has slid from its own past: a level, and a ramp over the last weeks."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.days.baseline import middle_and_spread

RAMP_DAYS: Final = 17  # a slide of three weeks is told before it ends
PAST_DAYS: Final = 56
_RECENT: Final = 7
_MONTH: Final = 35
_LEAST_RECENT: Final = 4
_LEAST_PAST: Final = 6
_PRIOR_DAYS: Final = 10
_RIDGE: Final = 0.05
_FAR: Final = 3.0  # spreads from the middle at which a day weighs half

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slide:
    """One measure's way: `score` in spreads of single days, negative for down.

    `now` and `before`: median of the last seven days and of the four weeks before them, in the measure's own form.
    """

    score: float
    now: float
    before: float


def slide(ages: NDArray[np.int64], values: Floats, usual_spread: float) -> Slide | None:
    """Return how far a measure has slid; None: too few days.

    A robust straight line: level until 17 days ago and a ramp since. The spread of the home's days is shrunk
    towards `usual_spread`, that of homes in general.

    Args:
        ages: how many days ago each day was, 1 is yesterday.
        values: the measure of each; NaN is left out.
        usual_spread: standard deviation of ordinary days in the measure's form.
    """
    known = np.isfinite(values)
    ages, values = ages[known], values[known]
    recent = ages <= _RECENT
    past = ~recent & (ages <= _MONTH)
    if recent.sum() < _LEAST_RECENT or (ages > 2 * _RECENT).sum() < _LEAST_PAST:
        return None
    middle, spread = (float(one[0]) for one in middle_and_spread(values[past, None], usual_spread, _PRIOR_DAYS))
    ramp = np.clip((RAMP_DAYS + 0.5 - ages) / RAMP_DAYS, 0, 1)
    weight = 1 / (1 + ((values - np.median(values)) / (_FAR * spread)) ** 2)
    design = np.column_stack([np.ones(ramp.size), ramp])
    weighted = design * weight[:, None]
    _, end = np.linalg.solve(design.T @ weighted + np.diag([1e-6, _RIDGE]), weighted.T @ values)
    return Slide(float(end) / spread, float(np.median(values[recent])), middle)
