"""Agitated days in the TIHM data: our classifier by the authors' own test, beside their figures.

Ours is a logistic regression on a few numbers of the day itself and of the day against the home's own past. Which
numbers is chosen anew for each window inside its training days: by how well models of the other homes order the days
of each home. Both classes weigh the same, so a day is called agitated from even odds.

What differs from the published test: the homes (26 of 56 are given to us), so the last agitated day, and with it every
window, lies a day earlier; rows of sleep are in neither. Nothing in ours looks ahead; the authors' scaling does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.evaluation.agitation_authors import AUTHORS, Author, DayRows, Flags, Values, authors_say, day_rows, windows
from models.evaluation.agitation_data import read_agitation_homes
from models.evaluation.agitation_days import COLUMNS, columns, day_features
from models.events_file import EventsFileError

Names = tuple[str, ...]

GOAL: Final = 1.611  # the authors' logistic regression
SEEDS: Final = 5

_CANDIDATES: Final[tuple[Names, ...]] = (
    ("changes",),
    ("changes", "own unevenness"),
    ("changes", "own unevenness", "own daytime"),
    ("changes", "unevenness", "own changes", "own unevenness", "own movement", "own daytime"),
    (
        "changes",
        "own unevenness",
        "own daytime",
        "own night",
        "own bathroom",
        "own systolic",
        "own pulse",
        "own temperature",
    ),
    COLUMNS,
)
_RESAMPLES: Final = 1000


@dataclass(frozen=True, eq=False)
class AgitationRow:
    """How well one classifier tells agitated days.

    `published`: the authors' sensitivity and specificity, if it is theirs.
    `rates`: sensitivity and specificity of each seed and window, shape (seeds, windows, 2); None: not run here.
    `found`: agitated days found, and all of them, over all windows, with the first seed.
    `interval`: 5 % and 95 % of the sum when the homes are drawn again, with the first seed.
    """

    name: str
    published: tuple[float, float] | None = None
    rates: Values | None = None
    found: tuple[int, int] = (0, 0)
    interval: tuple[float, float] = (0.0, 0.0)

    @property
    def total(self) -> float | None:
        """Sensitivity and specificity together, as the authors count: the mean over windows (and seeds)."""
        return None if self.rates is None else float(self.rates.mean(axis=(0, 1)).sum())


def agitation(path: Path, authors: Sequence[Author] = AUTHORS) -> list[AgitationRow]:
    """Return the table's rows: the authors' classifiers, then ours. The same data give the same rows.

    Args:
        path: the folder of the TIHM data.
        authors: which of their classifiers also to run here; of slow ones one seed only.

    Raises:
        EventsFileError: the data are not there, not of their form, or have no agitation to test on.
    """
    homes = read_agitation_homes(path)
    rows = day_rows(homes)
    if not any(windows(rows)):
        raise EventsFileError(f"{path}: there is no week with confirmed agitation after another, so nothing to test")
    X = day_features(homes, rows)
    theirs = [_theirs(rows, author) if author in authors else _published(author) for author in AUTHORS]
    choices = [_chosen(X, rows, train) for train, _ in windows(rows)]
    return [
        *theirs,
        _row(rows, "own rhythm", [list(_said(X, rows, choices, _at_once))]),
        _row(rows, "own rhythm, home unknown", [list(_said(X, rows, choices, _home_unknown))]),
    ]


def _published(author: Author) -> AgitationRow:
    return AgitationRow(author.name, (author.sensitivity, author.specificity))


def _theirs(rows: DayRows, author: Author) -> AgitationRow:
    said = [authors_say(rows, author, seed) for seed in range(1 if author.is_slow else SEEDS)]
    return _row(rows, author.name, said, (author.sensitivity, author.specificity))


def table_of(rows: Sequence[AgitationRow]) -> Table:
    """Return the comparison as people read it."""
    headers = ("classifier", "published", "sum", "sensitivity", "specificity", "sum here", "90 % of sums", "days found")
    table = Table(*headers, title="Agitated days, TIHM, by the authors' test")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        told = "–" if row.published is None else f"{row.published[0]:.3f} / {row.published[1]:.3f}"
        published = "–" if row.published is None else f"{sum(row.published):.3f}"
        table.add_row(row.name, told, published, *_cells(row))
    table.caption = (
        f"Mean ± standard deviation over the windows. To reach: more than {GOAL}. "
        "home unknown: no day of the home itself was trained on."
    )
    return table


def _cells(row: AgitationRow) -> Iterator[str]:
    if row.rates is None or row.total is None:
        yield from ("–",) * 5
        return
    of_windows = row.rates.mean(axis=0)
    for mean, deviation in zip(of_windows.mean(axis=0), of_windows.std(axis=0), strict=True):
        yield f"{mean:.3f} ± {deviation:.3f}"
    of_seeds = row.rates.mean(axis=1).sum(axis=1)
    yield f"{row.total:.3f}" + (f" ± {of_seeds.std():.3f} (seeds)" if of_seeds.size > 1 else "")
    yield f"{row.interval[0]:.2f}–{row.interval[1]:.2f}"
    yield f"{row.found[0]} of {row.found[1]}"


def _row(
    rows: DayRows, name: str, said: Sequence[Sequence[Flags]], published: tuple[float, float] | None = None
) -> AgitationRow:
    tests = [test for _, test in windows(rows)]
    rates = [[_rates(rows.agitated[test], says) for test, says in zip(tests, one, strict=True)] for one in said]
    hits = [says[rows.agitated[test]] for test, says in zip(tests, said[0], strict=True)]
    found = int(sum(hit.sum() for hit in hits)), sum(hit.size for hit in hits)
    return AgitationRow(name, published, np.array(rates), found, _interval(rows, tests, said[0]))


def _rates(agitated: Flags, says: Flags) -> tuple[float, float]:
    return float(says[agitated].mean()), float((~says[~agitated]).mean())


def _interval(rows: DayRows, tests: Sequence[Flags], said: Sequence[Flags]) -> tuple[float, float]:
    """Return where 90 % of the sums lie when as many homes are drawn again, by chance that repeats itself."""
    names = np.unique(rows.home)
    drawn = np.random.default_rng(0).multinomial(names.size, np.full(names.size, 1 / names.size), _RESAMPLES)
    place = np.searchsorted(names, rows.home)
    sums = np.zeros(_RESAMPLES)
    for is_wanted in (True, False):
        rates = []
        for test, says in zip(tests, said, strict=True):
            asked = rows.agitated[test] == is_wanted
            right, all_asked = (
                drawn @ np.bincount(place[test], counted, names.size)
                for counted in (asked & (says == is_wanted), asked)
            )
            rates.append(np.where(all_asked > 0, right / np.maximum(all_asked, 1), np.nan))
        known = ~np.isnan(rates)
        sums += np.where(known.any(axis=0), np.nansum(rates, axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)
    low, high = np.nanpercentile(sums, (5, 95))
    return float(low), float(high)


def _chosen(X: Values, rows: DayRows, train: Flags) -> Names:
    """Return the numbers that order the days of homes they were not fitted on best, in training days only."""
    return max(_CANDIDATES, key=lambda names: _order(columns(X, names), rows, train))


def _order(X: Values, rows: DayRows, train: Flags) -> float:
    """Return the area under the curve over training days, each scored by a model of the other homes."""
    scores = np.full(rows.day.size, np.nan)
    for name in np.unique(rows.home[train]):
        others, home = train & (rows.home != name), train & (rows.home == name)
        if rows.agitated[others].any():
            scores[home] = _fitted(X, rows, others).predict_proba(X[home])[:, 1]
    scored = ~np.isnan(scores)
    if not rows.agitated[scored].any():
        return 0.0
    weights = _weights(rows, scored)
    return float(roc_auc_score(rows.agitated[scored], scores[scored], sample_weight=weights))


def _weights(rows: DayRows, which: Flags) -> Values:
    """Return how much each day counts: agitated days together as much as the others, a home by the root of its days.

    So one home with many confirmed days does not teach alone.
    """
    home, agitated = rows.home[which], rows.agitated[which]
    _, group, days = np.unique(np.char.add(home, np.where(agitated, "+", "-")), return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(days[group])
    for one in (True, False):
        weights[agitated == one] *= agitated.size / 2 / weights[agitated == one].sum()
    return np.asarray(weights)


def _fitted(X: Values, rows: DayRows, train: Flags) -> Pipeline:
    model = make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cholesky"))
    return model.fit(X[train], rows.agitated[train], logisticregression__sample_weight=_weights(rows, train))


def _said(
    X: Values, rows: DayRows, choices: Sequence[Names], say: Callable[[Values, DayRows, Flags, Flags], Flags]
) -> Iterator[Flags]:
    for (train, test), names in zip(windows(rows), choices, strict=True):
        yield say(columns(X, names), rows, train, test)


def _at_once(X: Values, rows: DayRows, train: Flags, test: Flags) -> Flags:
    return np.asarray(_fitted(X, rows, train).predict(X[test]))


def _home_unknown(X: Values, rows: DayRows, train: Flags, test: Flags) -> Flags:
    says = np.zeros(rows.day.size, dtype=bool)
    for name in np.unique(rows.home[test]):
        others, home = train & (rows.home != name), test & (rows.home == name)
        if rows.agitated[others].any():
            says[home] = _at_once(X, rows, others, home)
    return says[test]
