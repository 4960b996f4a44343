"""Up and about at night, unlike this home's nights and like its days."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from models.concerns.likeness import LIKENESS, likeness, sampled
from models.concerns.view import Learned, View, around_the_clock
from models.past import Past
from models.rooms import EVERYWHERE
from models.series import Flags

_TO_AND_FRO: Final = 2  # moves from one role to another in an hour
_STEP: Final = 6  # ticks of one table's row: half an hour
_NIGHT: Final = (23 * 12, 5 * 12)  # ticks of the local day


@dataclass(frozen=True)
class WanderingConcern:
    """Too much going on at night."""

    name: str = "wandering"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of `features`."""
        return ("sin_24", "cos_24", "sin_12", "cos_12", *LIKENESS)

    def learn(self, past: Past) -> Learned:
        """Return points of the past, as `sampled` says, and `longest` (48,).

        That is, by half hours of the day, the minutes of an hour in which somebody was up on the liveliest night.
        """
        active = past.series.within(EVERYWHERE, 60)[past.at].reshape(past.days, -1, _STEP)
        longest = maximum_filter1d(active.max(axis=(0, 2)), 3, mode="wrap")
        return {"longest": longest.astype(np.float32)} | sampled(past)

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
        return np.column_stack([*around_the_clock(view.time_of_day), likeness(learned, view)])


def usual_active(learned: Learned, time_of_day: int) -> float:
    """Return in how many of 60 minutes somebody was up on the liveliest night learned from, at a tick of the day."""
    return float(learned["longest"][time_of_day // _STEP])


WANDERING: Final = WanderingConcern()
