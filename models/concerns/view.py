"""Ticks to be judged, within the columns they are judged by."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.past import Past
from models.series import Column, Flags, Series

# Tables by the tick of the day and the like, or samples of days (days, times, figures); float32, of shapes that each
# concern documents.
Learned = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class View:
    """`places`: which ticks of `series` are judged. `of_day`: tick of the local day of every tick of `series`."""

    series: Series
    of_day: NDArray[np.intp]
    places: NDArray[np.intp]

    @property
    def time_of_day(self) -> NDArray[np.intp]:
        """The tick of the local day of each tick that is judged."""
        return self.of_day[self.places]

    def only(self, flags: Flags) -> "View":
        """Return it with only those of its ticks for which `flags` is set."""
        return View(self.series, self.of_day, self.places[flags])


class Concern(Protocol):
    """One way in which something may be wrong."""

    @property
    def name(self) -> str:
        """What priors and routines file it under."""
        ...

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of `features`."""
        ...

    def learn(self, past: Past) -> Learned:
        """Return the tables of a home from its past days, of which there is at least one."""
        ...

    def applies(self, view: View) -> Flags:
        """Return at which ticks there is anything to judge, shape (ticks,)."""
        ...

    def features(self, learned: Learned, view: View) -> NDArray[np.float64]:
        """Return the figures of each tick, shape (ticks, features); all finite."""
        ...


def around_the_clock(time_of_day: NDArray[np.intp]) -> list[Column]:
    """Return where on the clock face of 24 and of 12 hours each tick lies."""
    angle = time_of_day / 288 * 2 * np.pi
    return [np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)]
