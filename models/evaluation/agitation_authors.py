"""The TIHM authors' test of agitation: their rows, their windows, their classifiers.

From the notebook `example_baseline_classfication.ipynb` published with Palermo et al. 2023 (doi
10.1038/s41597-023-02519-y): one row for each day of a home with anything recorded; sum, standard deviation, mean and
maximum of the hourly activations of each place over the hours with any; the highest value of each vital sign; what is
missing is 0; every column from 0 to 1 within its home; agitated days drawn again until there are as many as others.

**Their scaling looks ahead**: the least and the most of a home are taken over all its days, those of the test too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier

from models.evaluation.agitation_data import PLACES, VITALS, AgitationHome
from models.evaluation.setting import DAY, HOUR

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

WINDOW_DAYS: Final = 7
WINDOWS: Final = 5
_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Author:
    """One of the authors' classifiers, with the mean sensitivity and specificity they published for 56 homes.

    `is_slow`: a minute or more where few cores are shared; so of one seed only.
    """

    name: str
    sensitivity: float
    specificity: float
    make: Callable[[int], Any]
    is_slow: bool = False


AUTHORS: Final = (
    Author("logistic regression", 0.799, 0.812, lambda seed: LogisticRegression(max_iter=5000, random_state=seed)),
    Author(
        "neural network",
        0.671,
        0.888,
        lambda seed: MLPClassifier(
            hidden_layer_sizes=(128, 128),
            max_iter=300,
            activation="tanh",
            alpha=0.001,
            early_stopping=True,
            random_state=seed,
        ),
        is_slow=True,
    ),
    Author(
        "gradient boosting", 0.601, 0.859, lambda seed: GradientBoostingClassifier(n_estimators=20, random_state=seed)
    ),
    Author("Gaussian process", 0.581, 0.907, lambda seed: GaussianProcessClassifier(random_state=seed), is_slow=True),
    Author("naive Bayes", 0.779, 0.709, lambda _seed: GaussianNB()),
)


@dataclass(frozen=True, eq=False)
class DayRows:
    """One row for each day of each home with anything recorded; `day` as in `AgitationHome`."""

    home: NDArray[np.str_]
    day: NDArray[np.int64]
    X: Values
    agitated: Flags


def day_rows(homes: Sequence[AgitationHome]) -> DayRows:
    """Return the authors' rows, not yet scaled."""
    parts = [(home.name, *_home_rows(home), home.agitated) for home in homes]
    return DayRows(
        np.concatenate([np.full(days.size, name) for name, days, _, _ in parts]),
        np.concatenate([days for _, days, _, _ in parts]),
        np.vstack([X for _, _, X, _ in parts]),
        np.concatenate([np.isin(days, list(agitated)) for _, days, _, agitated in parts]),
    )


def by_hour(home: AgitationHome, days: NDArray[np.int64]) -> Values:
    """Return the activations of each of `days` (ascending), hour and place; other days are left out."""
    counts = np.zeros((days.size, _HOURS, len(PLACES)))
    if days.size:
        row = np.minimum(np.searchsorted(days, home.wall_s // DAY), days.size - 1)
        ours = days[row] == home.wall_s // DAY
        np.add.at(counts, (row[ours], home.wall_s[ours] % DAY // HOUR, home.place[ours]), 1)
    return counts


def _home_rows(home: AgitationHome) -> tuple[NDArray[np.int64], Values]:
    days = np.union1d(home.wall_s // DAY, np.array(list(home.vitals), np.int64)).astype(np.int64)
    counts = by_hour(home, days)
    hours = (counts.sum(axis=2) > 0).sum(axis=1)[:, None]
    total = counts.sum(axis=1)
    mean = total / np.maximum(hours, 1)
    spread = (counts**2).sum(axis=1) - hours * mean**2
    deviation = np.sqrt(np.maximum(spread, 0) / np.maximum(hours - 1, 1)) * (hours > 1)
    vitals = [[home.vitals.get(int(day), {}).get(kind, 0.0) for kind in VITALS] for day in days]
    X = np.hstack([total, deviation, mean, counts.max(axis=1), np.array(vitals).reshape(days.size, len(VITALS))])
    is_told = X.sum(axis=1) != 0
    return days[is_told], X[is_told]


def within_home(rows: DayRows) -> Values:
    """Return the columns from 0 to 1 within each home; 0.5 where a home has one value only, and it is not 0."""
    scaled = rows.X.copy()
    for name in np.unique(rows.home):
        X = rows.X[rows.home == name]
        low, high = X.min(axis=0), X.max(axis=0)
        same = np.where(high != 0, 0.5, 0.0)
        scaled[rows.home == name] = np.where(high > low, (X - low) / np.where(high > low, high - low, 1), same)
    return scaled


def windows(rows: DayRows) -> Iterator[tuple[Flags, Flags]]:
    """Give the rows to train on (every earlier day of every home) and to test on, from the last week backwards.

    The last day of the last week is the last agitated one; a week without agitation is left out.
    """
    end = int(rows.day[rows.agitated].max(initial=0))
    for last in range(end, end - WINDOW_DAYS * WINDOWS, -WINDOW_DAYS):
        train = rows.day <= last - WINDOW_DAYS
        test = ~train & (rows.day <= last)
        if rows.agitated[test].any() and rows.agitated[train].any():
            yield train, test


def evened(agitated: Flags, seed: int) -> NDArray[np.int64]:
    """Return which rows to train on: all, and agitated ones drawn again until there are as many as others."""
    rare = np.flatnonzero(agitated)
    missing = agitated.size - 2 * rare.size
    # The older generator, because the authors' library draws with it.
    drawn = np.random.RandomState(seed).randint(0, rare.size, max(0, missing))
    return np.concatenate([np.arange(agitated.size), rare[drawn]])


def authors_say(rows: DayRows, author: Author, seed: int) -> list[Flags]:
    """Return what the authors' classifier says of the days of each window."""
    X = within_home(rows)
    said = []
    for train, test in windows(rows):
        chosen = np.flatnonzero(train)[evened(rows.agitated[train], seed)]
        said.append(author.make(seed).fit(X[chosen], rows.agitated[chosen]).predict(X[test]))
    return said
