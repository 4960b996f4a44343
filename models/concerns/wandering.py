"""Up and about at night for longer and further than this home's nights are used to."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from models.concerns.view import Learned, View, around_the_clock
from models.past import Past
from models.rooms import EVERYWHERE, Role, mask_of
from models.series import Column, Flags, Series

_ELSEWHERE: Final = EVERYWHERE & ~mask_of(Role.BEDROOM, Role.BATHROOM)
_ROOMS: Final = {
    "kitchen": mask_of(Role.KITCHEN, Role.FRIDGE), "living": mask_of(Role.LIVING), "hall": mask_of(Role.HALL),
    "door": mask_of(Role.OUTER_DOOR),
}  # fmt: skip
_WINDOWS: Final = (15, 30, 60)  # minutes
_LONG: Final = _WINDOWS[1:]
_HIGH: Final = 0.9
_TWO_HOURS: Final = 5  # half hours
_HOUR_UP: Final = 1  # which of the measures is `active_60`
_TO_AND_FRO: Final = 2  # moves from one role to another in an hour
_STEP: Final = 6  # ticks of one table's row: half an hour
_FEW: Final = 0.4  # Anscombe's offset for the root of a Poisson count
_NIGHT: Final = (23 * 12, 5 * 12)  # ticks of the local day
_SMALL_HOURS: Final = slice(0, 4 * 12 + 6)  # before anybody is up for the day


@dataclass(frozen=True)
class WanderingConcern:
    """Too much going on at night."""

    name: str = "wandering"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of `features`."""
        return _FEATURES

    def learn(self, past: Past) -> Learned:
        """Return by half hours of the day `mean` (48, 18), by measure, and `longest` (48,), the minutes of an hour in
        which somebody was up on the liveliest night; of whole nights `night` (18,). All of 2 sqrt(count + 0.4).
        """  # noqa: D205 - one sentence
        counts = np.stack([measure[past.at] for measure in _measures(past.series)], axis=2)
        half_hours = counts.reshape(past.days, -1, _STEP, counts.shape[2])
        mean = uniform_filter1d(half_hours.mean(axis=(0, 2)), _TWO_HOURS, axis=0, mode="wrap")
        night = np.sort(counts[:, _SMALL_HOURS].max(axis=1), axis=0)[int(_HIGH * (past.days - 1))]
        longest = maximum_filter1d(half_hours[..., _HOUR_UP].max(axis=(0, 2)), 3, mode="wrap")
        tables = {"mean": mean, "longest": longest, "night": night}
        return {name: _root(table).astype(np.float32) for name, table in tables.items()}

    def applies(self, view: View) -> Flags:
        """Whether it is night, somebody was up in the last half hour, and went to and fro: one room is no wandering.

        Nor is it one sensor alone, which may babble.
        """
        clock, series, places = view.time_of_day, view.series, view.places
        night = (clock >= _NIGHT[0]) | (clock < _NIGHT[1])
        up = (series.within(EVERYWHERE, 30)[places] > 0) & (series.moves(60)[places] >= _TO_AND_FRO)
        return np.asarray(night & up & series.seen[places])

    def features(self, learned: Learned, view: View) -> NDArray[np.float64]:
        """Return the figures of each tick."""
        row = view.time_of_day // _STEP
        counts = _root(np.stack([measure[view.places] for measure in _measures(view.series)], axis=1))
        bases = (learned["mean"][row], learned["night"])
        return np.column_stack([*(counts - base for base in bases), *around_the_clock(view.time_of_day)])


def usual_active(learned: Learned, time_of_day: int) -> float:
    """Return in how many of 60 minutes somebody was up on the liveliest night learned from, at a tick of the day."""
    return float((learned["longest"][time_of_day // _STEP] / 2) ** 2 - _FEW)


def _root(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return counts such that rare and frequent ones vary alike (Anscombe 1948)."""
    return 2 * np.sqrt(counts + _FEW)


def _measures(series: Series) -> list[Column]:
    return [
        *(series.within(EVERYWHERE, minutes) for minutes in _LONG),
        *(series.within(_ELSEWHERE, minutes) for minutes in _WINDOWS),
        *(series.moves(minutes) for minutes in _WINDOWS),
        *(series.roles_heard(minutes) for minutes in _LONG),
        *(series.within(mask, minutes) for mask in _ROOMS.values() for minutes in _LONG),
    ]


_MEASURES: Final = (
    *(f"active_{minutes}" for minutes in _LONG),
    *(f"{what}_{minutes}" for what in ("elsewhere", "moves") for minutes in _WINDOWS),
    *(f"roles_{minutes}" for minutes in _LONG),
    *(f"{room}_{minutes}" for room in _ROOMS for minutes in _LONG),
)
_FEATURES: Final = (
    *(f"{measure}_over_{base}" for base in ("mean", "night") for measure in _MEASURES),
    "sin_24", "cos_24", "sin_12", "cos_12",
)  # fmt: skip

WANDERING: Final = WanderingConcern()
