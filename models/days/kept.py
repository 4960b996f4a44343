"""A home's last days as people look at them: a few figures a day, its quarter hours, and how the last week differs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.days.baseline import middle_and_spread
from models.days.column import Column
from models.days.local import LocalDays
from models.days.table import Table

FIGURES: Final = int(Column.MINUTES_0)  # the columns before those of single roles
QUARTERS: Final = 96
UNSEEN: Final = 255  # a quarter of an hour in which nobody could have been seen, for most of it
_QUARTER: Final = 15
_WEEK: Final = 7
_USUAL_DAYS: Final = 28
_LEAST_USUAL: Final = 7
_LEAST_LATELY: Final = 3
_PRIOR_DAYS: Final = 7.0


class Metric(StrEnum):
    """What staff follow of everybody."""

    ACTIVITY = "activity"  # minutes with movement
    SLEEP = "sleep"  # quiet minutes in bed
    BATHROOM = "bathroom"  # visits, day and night
    OUTINGS = "outings"


# Of single days in homes in general, as in `Metric`'s units: it holds where a home has few days of its own.
_SPREAD: Final = np.array([60.0, 75.0, 2.0, 0.8])


@dataclass(frozen=True, slots=True)
class Change:
    """How the last week differs from the four weeks before it.

    `usual`, `spread`: of the person's own ordinary days then; `lately`: mean of the last week's. `far`: the difference
    in spreads of single days.
    """

    usual: float
    spread: float
    lately: float

    @property
    def far(self) -> float:
        """How far the week is from the usual, in spreads; negative: less."""
        return (self.lately - self.usual) / self.spread


@dataclass(frozen=True, slots=True)
class DaysKept:
    """Whole local days without gaps, oldest first.

    `first_day`: days since 1970-01-01. `figures`: float32, shape (days, FIGURES), by `Column`; NaN: not known.
    `quarters`: uint8, shape (days, 96), minutes with activity, or `UNSEEN`. `ok`: which days show ordinary life.
    """

    first_day: int
    figures: NDArray[np.float32]
    quarters: NDArray[np.uint8]
    ok: NDArray[np.bool_]

    def of(self, metric: Metric) -> NDArray[np.float64]:
        """Return one metric of every day; NaN: not known."""
        return measured(self.figures)[:, list(Metric).index(metric)]


def kept(table: Table, ok: NDArray[np.bool_], days: LocalDays, seen: LocalDays) -> DaysKept:
    """Return the first `len(table)` days. `seen`: the same days, a minute's byte being not 0 where it was seen."""
    count = len(table)
    active, watched = (
        (each.bits[:count] != 0).reshape(count, QUARTERS, _QUARTER).sum(axis=2, dtype=np.uint8) for each in (days, seen)
    )
    quarters = np.where((watched * 2 < _QUARTER) & (active == 0), np.uint8(UNSEEN), active)
    return DaysKept(days.first_day, table[:, :FIGURES].astype(np.float32), quarters, ok)


def measured(figures: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the metrics of days, in the order of `Metric`: shape (days, 4)."""
    bathroom = figures[:, Column.DAY_BATHROOM] + figures[:, Column.NIGHT_BATHROOM]
    columns = (figures[:, Column.ACTIVE], figures[:, Column.QUIET_IN_BED], bathroom, figures[:, Column.OUTINGS])
    return np.column_stack(columns).astype(np.float64)


def changes(days: DaysKept) -> dict[Metric, Change]:
    """Return how the last week differs, of each metric of which enough ordinary days are known."""
    values = np.where(days.ok[:, None], measured(days.figures), np.nan)
    lately, before = values[-_WEEK:], values[-_WEEK - _USUAL_DAYS : -_WEEK]
    enough = (np.isfinite(before).sum(axis=0) >= _LEAST_USUAL) & (np.isfinite(lately).sum(axis=0) >= _LEAST_LATELY)
    if not enough.any():
        return {}
    usual, spread = middle_and_spread(before, _SPREAD, _PRIOR_DAYS)
    return {
        metric: Change(float(usual[place]), float(spread[place]), float(np.nanmean(lately[:, place])))
        for place, metric in enumerate(Metric)
        if enough[place]
    }
