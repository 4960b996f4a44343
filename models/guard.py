"""The learning guard: which of a home's days may be learned from."""

from collections.abc import Collection
from typing import Final

import numpy as np

from models.minutes import TICKS_A_DAY
from models.past import LocalTicks
from models.series import Series

_WHOLE_DAY: Final = TICKS_A_DAY - 12  # a clock change takes an hour
_SEEN_PART: Final = 0.9
_LEAST_OF_USUAL: Final = 0.2  # a day with less of the usual movement is an absence, or a fault


def learnable_days(
    series: Series, local: LocalTicks, until: int, most: int, strange: Collection[int] = ()
) -> list[int]:
    """Return up to `most` days (ordinals) before the local day `until`, the latest ones, that show ordinary life.

    Left out are days that are not whole, days in which the home could not be seen for more than a tenth, days with
    hardly any movement, and those in `strange`: days of alarms that were real, of absences, visits and faults.
    """
    if not local.day.size:
        return []
    row = local.day - local.day[0]
    ticks, active, seen = (np.bincount(row, weights=each) for each in (None, series.active, series.seen))
    days = local.day[0] + np.arange(ticks.size)
    whole = (ticks >= _WHOLE_DAY) & (seen >= _SEEN_PART * ticks) & (days < until) & (active > 0)
    whole &= ~np.isin(days, list(strange))
    if not whole.any():
        return []
    recent = np.flatnonzero(whole)[-2 * most :]
    ordinary = recent[active[recent] >= _LEAST_OF_USUAL * np.median(active[recent])]
    return [int(day) for day in days[ordinary[-most:]]]
