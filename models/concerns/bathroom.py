"""More visits to the bathroom than this home is used to: an infection often shows so first."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from models.concerns.view import Learned, View
from models.past import Past
from models.rooms import EVERYWHERE, Role, mask_of
from models.series import Column, Flags, Series

_BATHROOM: Final = mask_of(Role.BATHROOM)
VISITS_APART: Final = 5  # minutes of silence after which it is another visit
_VISIT_HOURS: Final = (6, 12, 24, 36, 48)
_MINUTE_HOURS: Final = (12, 24, 48)
_ALL_HOURS: Final = (12, 24, 48)
_HOUR: Final = 12  # ticks; tables have a row an hour, and it is judged once an hour
_SMALLEST_SPREAD: Final = (0.08, 0.1)
_FEW: Final = 0.4  # Anscombe's offset for the root of a Poisson count


@dataclass(frozen=True)
class BathroomConcern:
    """Too many visits to the bathroom over a day or two."""

    name: str = "bathroom_visits"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of `features`."""
        return _FEATURES

    def learn(self, past: Past) -> Learned:
        """Return by hour of the day and measure, each (24, 8): `mean`, `spread`, `highest` and `high` of ln(1 + count)
        and `count`; and of all that was heard, `all_mean` and `all_spread` (24, 3).
        """  # noqa: D205 - one sentence
        counts, heard = (np.stack([each[past.at] for each in group], axis=2) for group in _measures(past.series))
        log, log_all = np.log1p(counts), np.log1p(heard)
        ranked = np.sort(log, axis=0)
        tables = {
            "mean": log.mean(0), "spread": np.sqrt(_smooth(log.var(0)).clip(0)) + _SMALLEST_SPREAD[0],
            "highest": ranked[-1], "high": ranked[int(0.9 * (past.days - 1))], "count": counts.mean(0),
            "all_mean": log_all.mean(0), "all_spread": np.sqrt(_smooth(log_all.var(0)).clip(0)) + _SMALLEST_SPREAD[1],
        }  # fmt: skip
        kept = {name: each if name.endswith("spread") else _smooth(each) for name, each in tables.items()}
        return {name: each[_HOUR // 2 :: _HOUR].astype(np.float32) for name, each in kept.items()}

    def applies(self, view: View) -> Flags:
        """Once an hour, in a home that can be seen and where the bathroom was visited at all in these two days."""
        visits = view.series.visits(_BATHROOM, VISITS_APART, 48 * 60)[view.places]
        return np.asarray((view.time_of_day % _HOUR == 0) & (visits > 0) & view.series.seen[view.places])

    def features(self, learned: Learned, view: View) -> NDArray[np.float64]:
        """Return the figures of each tick."""
        counts, heard = (np.stack([each[view.places] for each in group], axis=1) for group in _measures(view.series))
        row = view.time_of_day // _HOUR
        log, usual = np.log1p(counts), learned["count"][row]
        return np.column_stack(
            [
                log - learned["mean"][row],
                (log - learned["mean"][row]) / learned["spread"][row],
                log - learned["highest"][row],
                log - learned["high"][row],
                2 * (np.sqrt(counts + _FEW) - np.sqrt(usual + _FEW)),
                (np.log1p(heard) - learned["all_mean"][row]) / learned["all_spread"][row],
                np.log1p(usual[:, 2]),
            ]
        )


def _measures(series: Series) -> tuple[list[Column], list[Column]]:
    visits = [series.visits(_BATHROOM, VISITS_APART, hours * 60) for hours in _VISIT_HOURS]
    minutes = [series.within(_BATHROOM, hours * 60) for hours in _MINUTE_HOURS]
    heard = [series.within(EVERYWHERE, hours * 60) for hours in _ALL_HOURS]
    return visits + minutes, heard


def _smooth(table: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(uniform_filter1d(table, 25, axis=0, mode="nearest"))


_MEASURES: Final = (*(f"visits_{hours}h" for hours in _VISIT_HOURS), *(f"minutes_{hours}h" for hours in _MINUTE_HOURS))
_FEATURES: Final = (
    *(f"{measure}_{what}" for what in ("over_mean", "z", "over_highest", "over_high", "root") for measure in _MEASURES),
    *(f"all_{hours}h_z" for hours in _ALL_HOURS),
    "usual_visits",
)  # fmt: skip

BATHROOM: Final = BathroomConcern()
