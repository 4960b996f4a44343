"""How like a home's nights, and how like its days, what goes on there now is: who wanders lives by night as by day.

Each half hour of the past is a point: how long somebody was up in each place. A moment of a night is judged by how far
it lies from the nearest points of other nights at about that hour, and from some of the points of the days.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.concerns.view import Learned, View
from models.past import Past
from models.rooms import Role, mask_of
from models.series import Column, Series

_PLACES: Final = tuple(mask_of(role) for role in Role)
_WINDOWS: Final = (30, 60)  # minutes
_SAMPLED: Final = 28  # days
_STEP: Final = 6  # ticks of half an hour
_HALF_HOURS: Final = 48
_NIGHT: Final = (*range(43, 48), *range(13))  # half hours of the local day
_DAYTIME: Final = range(18, 42, 2)
_NEAR: Final = 3  # half hours: what was ordinary at about this hour
_NEAREST_NIGHTS: Final = (0, 1, 2, _SAMPLED // 2)
# How much of the daytime is nearer. Not the one point that is nearest: that is chance.
_OF_DAYTIME: Final = (0.02, 0.25)
_MOST_NIGHTS: Final = 0.9
_FEW: Final = 0.4  # Anscombe's offset
_LITTLE: Final = 0.5  # so that a ratio of two distances that are nearly none says nothing

LIKENESS: Final = (
    "from_night_1", "from_night_2", "from_night_3", "from_half_of_nights", "from_some_daytime", "from_much_daytime",
    "night_1_to_daytime", "night_2_to_daytime",
)  # fmt: skip


def sampled(past: Past) -> Learned:
    """Return points of the past: `nights` (28, 18, 16), by day, half hour and place, and `daytimes` (28, 12, 16).

    Of few days each stands for several.
    """
    points = _rooted(np.stack([column[past.at[:, ::_STEP]] for column in _columns(past.series)], axis=2))
    points = points[np.arange(_SAMPLED) % past.days]
    return {
        "nights": points[:, list(_NIGHT)].astype(np.float32),
        "daytimes": points[:, list(_DAYTIME)].astype(np.float32),
    }


def likeness(learned: Learned, view: View) -> NDArray[np.float64]:
    """Return the figures named `LIKENESS` of each tick."""
    now = _rooted(np.stack([column[view.places] for column in _columns(view.series)], axis=1))
    nights = _from_nights(now, view.time_of_day // _STEP, learned["nights"])
    days = _distances(now, learned["daytimes"]).reshape(len(now), -1)
    ranks = [int(part * days.shape[1]) for part in _OF_DAYTIME]
    days.partition(ranks, axis=1)
    ratios = np.log((nights[:, :2] + _LITTLE) / (days[:, ranks[:1]] + _LITTLE))
    return np.column_stack([nights[:, _NEAREST_NIGHTS], days[:, ranks], ratios])


@dataclass(frozen=True, slots=True)
class Unlike:
    """A place in which somebody was up for longer than on other nights: so many `minutes` of an hour.

    `usual`: under so many at that hour on nine nights of ten.
    """

    role: Role
    minutes: int
    usual: int


def most_unlike(learned: Learned, view: View) -> Unlike | None:
    """Return the place in which the hour before a tick, the only one of `view`, is least like the nights.

    None: in no single place it is; only all together are.
    """
    hour = _WINDOWS.index(60)
    now = np.array([column[view.places[0]] for column in _columns(view.series)[hour :: len(_WINDOWS)]])
    near = _near(int(view.time_of_day[0]) // _STEP)
    by_night = np.sort(learned["nights"][:, near, hour :: len(_WINDOWS)].max(axis=1), axis=0)
    usual = by_night[int(_MOST_NIGHTS * _SAMPLED)]
    place = int(np.argmax(_rooted(now) - usual))
    under = int((usual[place] / 2) ** 2 - _FEW) + 1
    return Unlike(list(Role)[place], int(now[place]), under) if now[place] >= under else None


def _rooted(minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return counts such that rare and frequent ones vary alike (Anscombe 1948)."""
    return 2 * np.sqrt(minutes + _FEW)


def _columns(series: Series) -> list[Column]:
    return [series.within(mask, minutes) for mask in _PLACES for minutes in _WINDOWS]


def _from_nights(now: NDArray[np.float64], row: NDArray[np.intp], nights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how far each tick is from each night at about its half hour, nearest first, shape (ticks, 28)."""
    found = np.empty((row.size, _SAMPLED))
    for half_hour in np.unique(row):
        found[row == half_hour] = _distances(now[row == half_hour], nights[:, _near(int(half_hour))]).min(axis=2)
    return np.sort(found, axis=1)


def _near(half_hour: int) -> list[int]:
    return [place for place, other in enumerate(_NIGHT) if _apart(half_hour, other) <= _NEAR]


def _apart(one: int, other: int) -> int:
    return min((one - other) % _HALF_HOURS, (other - one) % _HALF_HOURS)


def _distances(now: NDArray[np.float64], points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how far each tick is from each point, shape (ticks, days, half hours)."""
    known = points.reshape(-1, points.shape[2]).astype(np.float64)
    squares = (now**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * now @ known.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)).reshape(len(now), *points.shape[:2]))
