"""A day against the home's own past: what may show agitation. A row never knows a later day."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.agitation_authors import DayRows, Values, by_hour
from models.evaluation.agitation_data import PLACES, AgitationHome
from models.evaluation.setting import DAY, HOUR, MINUTE

_BRISK_S: Final = 2 * MINUTE  # two rooms within so short a time: somebody who walks about
_BIN_S: Final = 10 * MINUTE
_BINS: Final = DAY // _BIN_S
_TWO_HOURS: Final = 2 * HOUR // _BIN_S
_MOTION: Final = tuple(PLACES.index(room) for room in ("bathroom", "bedroom", "hallway", "kitchen", "lounge"))

# How much a day differs from other days until a home has shown its own measure, and for how many days that counts.
_SPREAD: Final = 0.3  # of the logarithm of a count
_VITALS: Final = {"Systolic blood pressure": 10.0, "Heart rate": 8.0, "Body Temperature": 0.4}
_SPREAD_DAYS: Final = 7

_COUNTED: Final = (
    "changes",
    "unevenness",
    "movement",
    "two hours",
    "doors",
    "bathroom",
    "night",
    "morning",
    "afternoon",
)
_OWN_COUNTED: Final = tuple(f"own {name}" for name in _COUNTED)
_OWN_VITALS: Final = ("own systolic", "own pulse", "own temperature")
COLUMNS: Final = (*_COUNTED, *_OWN_COUNTED, *_OWN_VITALS, "own daytime")


def day_features(homes: Sequence[AgitationHome], rows: DayRows) -> Values:
    """Return `COLUMNS` for the same rows: logarithms of the day's counts, then how far they are from the home's past.

    "own ..." is in standard deviations of the home's earlier days, 0 on its first day and where nothing was recorded.
    """
    return np.vstack([_home_features(home, rows.day[rows.home == home.name]) for home in homes])


def columns(X: Values, names: Sequence[str]) -> Values:
    """Return only these of `COLUMNS`."""
    return X[:, [COLUMNS.index(name) for name in names]]


def _home_features(home: AgitationHome, days: NDArray[np.int64]) -> Values:
    counts = by_hour(home, days)
    told = (counts.sum(axis=2) > 0).any(axis=1, keepdims=True)
    level = np.log1p(np.column_stack([_changes(home, days), _shape(home, counts, days)]))
    own = against_past(np.where(told, level, np.nan), np.full(len(_COUNTED), _SPREAD))
    vitals = [[home.vitals.get(int(day), {}).get(kind, np.nan) for kind in _VITALS] for day in days]
    own_vitals = against_past(np.array(vitals).reshape(days.size, len(_VITALS)), np.array(list(_VITALS.values())))
    parts = own[:, [_COUNTED.index("morning"), _COUNTED.index("afternoon")]]
    return np.column_stack([level, own, own_vitals, parts.max(axis=1)])


def _shape(home: AgitationHome, counts: Values, days: NDArray[np.int64]) -> Values:
    """Return the day's counts, and how unevenly they lie over its hours."""
    hourly = counts.sum(axis=2)
    bins = np.zeros((days.size, _BINS))
    on = np.isin(home.wall_s // DAY, days)
    np.add.at(bins, (np.searchsorted(days, home.wall_s[on] // DAY), home.wall_s[on] % DAY // _BIN_S), 1)
    two_hours = np.lib.stride_tricks.sliding_window_view(bins, _TWO_HOURS, axis=1).sum(axis=2).max(axis=1)
    return np.column_stack(
        [
            hourly.std(axis=1),
            hourly.sum(axis=1),
            two_hours,
            counts[:, :, PLACES.index("door")].sum(axis=1),
            counts[:, :, PLACES.index("bathroom")].sum(axis=1),
            hourly[:, 0:5].sum(axis=1),
            hourly[:, 6:12].sum(axis=1),
            hourly[:, 12:18].sum(axis=1),
        ]
    )


def _changes(home: AgitationHome, days: NDArray[np.int64]) -> Values:
    """Return how often each day somebody was noticed in another room within two minutes."""
    moved = np.isin(home.place, _MOTION)
    at, place = home.wall_s[moved], home.place[moved]
    brisk = (np.diff(place) != 0) & (np.diff(at) < _BRISK_S) & (np.diff(at // DAY) == 0)
    when = at[1:][brisk] // DAY
    return (np.searchsorted(when, days, side="right") - np.searchsorted(when, days)).astype(np.float64)


def against_past(X: Values, spread: Values) -> Values:
    """Return how many standard deviations each row lies from the rows before it; 0 without any, or if not known (NaN).

    `spread`: the standard deviation that counts for a week of days beside the home's own.
    """
    known = ~np.isnan(X)
    x = np.where(known, X, 0.0)
    n, total, squares = (_before(part) for part in (known.astype(np.float64), x, x**2))
    mean = total / np.maximum(n, 1)
    variance = (np.maximum(squares - n * mean**2, 0) + _SPREAD_DAYS * spread**2) / (n + _SPREAD_DAYS)
    # A mean of few days is uncertain itself.
    return np.where(known & (n > 0), (x - mean) / np.sqrt(variance) * np.sqrt(n / (n + 1)), 0.0)


def _before(X: Values) -> Values:
    """Return the sum of the rows before each."""
    return np.vstack([np.zeros((1, X.shape[1])), np.cumsum(X, axis=0)[:-1]])[: len(X)]
