"""From which day on a home's life is another one, so that what was learned before counts for less."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.days.baseline import middle_and_spread
from models.days.column import Column
from models.days.table import Table
from models.rooms import ROLES

_AFTER: Final = 7  # days a new life must have lasted
_BEFORE: Final = 14
_PAST: Final = 28
_LOOK_BACK: Final = 14
_NEAR: Final = 7
_STRONGEST: Final = 3
_SPREAD: Final = 0.3  # of the log of a day's minutes, in homes in general
_PRIOR_DAYS: Final = 7
_CAP: Final = 6.0
_ABRUPT: Final = 0.75  # of a step the week before to the week after shows more; of a slope, less
_LINE: Final = 2.6  # TIHM's homes pass it 0.2 times a home-month, mostly round absences

Floats = NDArray[np.float64]


def change_day(table: Table, ok: NDArray[np.bool_], line: float = _LINE) -> int | None:
    """Return the row from which on a home's life is another; None: it is as before.

    Furniture or a sensor moved, somebody moved in, home from hospital with another life: three measures and more step
    at once and stay there for a week. A slow change is none: before and after, the days next to the step must differ as
    far as all of them. What is found stays the same from day to day for a week; ask on each and restart once.

    Args:
        table: `day_features` of the days up to and with yesterday.
        ok: which of them may be learnt from; the others are left out.
        line: how far, in spreads of single days; lower finds more, also what is none.
    """
    step, row = strongest(table, ok)
    return row if step > line else None


def strongest(table: Table, ok: NDArray[np.bool_]) -> tuple[float, int]:
    """Return how far the step that parts the days best is, in spreads of single days, and the row it begins with.

    0: it lasts for less than a week as yet.
    """
    rows = np.flatnonzero(ok)
    values = _measures(table[rows])
    places = range(max(_BEFORE, rows.size - _LOOK_BACK), rows.size - 1)
    if not places:
        return 0.0, len(ok)
    _, spread = middle_and_spread(values[max(0, places[0] - _PAST) : places[0]], _SPREAD, _PRIOR_DAYS)
    scaled = values / spread
    first = max(0, places[0] - _PAST)
    parted = [(scaled[first:place], scaled[place:]) for place in places]
    best = int(np.argmin([_unlike(before) + _unlike(after) for before, after in parted]))
    before, after = parted[best]
    return (_step(before, after) if len(after) >= _AFTER else 0.0), int(rows[places[best]])


def _unlike(days: Floats) -> float:
    """Return how unlike each other days are."""
    return float(np.abs(days - np.median(days, axis=0)).sum())


def _measures(table: Table) -> Floats:
    """Return logs of each role's minutes and of how often they follow one another."""
    minutes = table[:, Column.MINUTES_0 : Column.MINUTES_0 + ROLES]
    following = table[:, Column.NEXT_0 : Column.NEXT_0 + ROLES]
    return np.column_stack(
        [np.log(minutes + 5), np.log(following.sum(axis=1) + 5), np.log(table[:, Column.ACTIVE] + 5)]
    )


def _step(before: Floats, after: Floats) -> float:
    """Return the mean of the three largest steps."""
    far = np.median(after, axis=0) - np.median(before, axis=0)
    near = np.median(after[:_NEAR], axis=0) - np.median(before[-_NEAR:], axis=0)
    is_step = near * np.sign(far) > _ABRUPT * np.abs(far)
    steps = np.where(is_step, np.minimum(np.abs(far), np.abs(near)), 0)
    return float(np.sort(np.minimum(steps, _CAP))[-_STRONGEST:].mean())
