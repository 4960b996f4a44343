"""Learns the priors: what each figure weighs, from traces into which something was put, on homes set aside for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from models.calibration import LEVEL_DAYS, Diary, level
from models.concerns.bathroom import BATHROOM
from models.concerns.leaving import LEAVING
from models.concerns.silence import EVERYTHING, KITCHEN, OUT_OF_BED
from models.concerns.view import Concern, View
from models.concerns.wandering import WANDERING
from models.evaluation import injection
from models.evaluation.injection import Injection
from models.evaluation.setting import HOUR, Setting, Window
from models.guard import learnable_days
from models.hearing import minutes_of
from models.minutes import TICK_S, TICKS_A_DAY, Minutes
from models.nights import spans
from models.past import LocalTicks, local_ticks
from models.prior import TAIL_RATES, Prior, Priors
from models.routine import CONCERNS, LEARN_FROM_DAYS, Routine, learn, middling
from models.series import HORIZON_TICKS, Series
from models.trace import Trace

Figures = NDArray[np.float64]

_GROUPS: Final = 3  # a home is scored by weights from the others, so that the tail is that of homes never seen
_APART: Final = 6 * HOUR // TICK_S
_STEP: Final = 1e-3
_NEVER: Final = -100.0  # below every score of a tail


@dataclass(frozen=True)
class Recipe:
    """How one concern's prior is made.

    `put_in`: what teaches it, and how much each of its ticks weighs. `strength`: the inverse of the penalty on weights,
    chosen by homes left out; small wherever figures say nearly the same. `is_balanced`: ordinary ticks together weigh
    as much as the others. `own` and `share`: as in `Prior`; all shares together stay below 1, so that homes unlike
    those fitted on keep within the budget too.
    """

    put_in: tuple[tuple[Injection, float], ...]
    strength: float
    own: float
    share: float
    is_balanced: bool = False


RECIPES: Final[dict[str, Recipe]] = {
    EVERYTHING.name: Recipe(
        ((injection.emergency_since_last_sign, 1.0), (injection.fall_by_day, 0.6), (injection.fall_by_night, 0.3)),
        1e-3,
        0.15,
        0.40,
    ),
    OUT_OF_BED.name: Recipe(((injection.not_getting_up, 1.0),), 3e-3, 0.2, 0.09),
    WANDERING.name: Recipe(((injection.night_wandering, 1.0),), 2e-2, 0.3, 0.22, is_balanced=True),
    LEAVING.name: Recipe(((injection.left_at_night, 1.0),), 1e-2, 0.3, 0.08, is_balanced=True),
    KITCHEN.name: Recipe(((injection.no_kitchen, 1.0),), 3e-3, 0.5, 0.02),
    BATHROOM.name: Recipe(((injection.bathroom, 1.0),), 1e-3, 0.3, 0.02, is_balanced=True),
}


def fit_priors(
    traces: Sequence[Trace],
    setting: Setting,
    seed: int = 1,
    copies: int = 6,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Priors:
    """Return the priors that these homes teach; the same for the same seed.

    Args:
        traces: homes with enough days and events for something to be put in (`setting.is_eligible`).
        setting: zone, days to learn only, and what is left out.
        seed: where things are put in.
        copies: of each home, for each thing that is put in.
        progress: is told how many homes of how many were studied.
    """
    studied = []
    for number, trace in enumerate(traces):
        studied.append(study(trace, setting, [seed, number], copies))
        progress(number + 1, len(traces))
    return fit(studied)


def many_homes(traces: Sequence[Trace], setting: Setting) -> Routine:
    """Return the routine that holds for a home of which nothing is known: the middle of these homes' last ones."""
    last = []
    for trace in traces:
        minutes = minutes_of(trace)
        local = local_ticks(minutes.first_tick, minutes.end_tick, setting.zone)
        last += [routine for _, _, routine in _routines(Series(minutes), local)[-1:]]
    return middling(last)


def fit(homes: Sequence["Studied"]) -> Priors:
    """Return the priors of homes that were studied."""
    return {concern.name: _fit(homes, concern.name, concern.feature_names) for concern in CONCERNS}


@dataclass(frozen=True)
class Noted:
    """One concern's figures of one home: `places` and `figures` of ordinary ticks, of which `watched` count as such;
    `put_in`: figures of the ticks of each copy, and what each weighs.
    """  # noqa: D205 - one sentence

    places: NDArray[np.intp]
    figures: Figures
    watched: NDArray[np.bool_]
    put_in: list[tuple[Figures, float]]


@dataclass(frozen=True)
class Studied:
    """What one home teaches, by concern. `days`: the day of each place; `weeks`: how long it was watched."""

    concerns: dict[str, Noted]
    days: NDArray[np.intp]
    weeks: float


@dataclass(frozen=True)
class _Home:
    """`routines`: first place, place after the last, and what was known then."""

    series: Series
    local: LocalTicks
    routines: list[tuple[int, int, Routine]]


def study(trace: Trace, setting: Setting, seed: Sequence[int], copies: int) -> Studied:
    """Return what one home teaches: its ordinary ticks, and those of `copies` of each thing put into it."""
    minutes = minutes_of(trace)
    series, local = Series(minutes), local_ticks(minutes.first_tick, minutes.end_tick, setting.zone)
    home = _Home(series, local, _routines(series, local))
    days = np.zeros(minutes.ticks, np.intp)
    for begin, end, _ in home.routines:
        days[begin:end] = local.day[begin]
    watched = _watched(trace, setting, minutes)
    rng = np.random.default_rng(seed)
    concerns = {}
    for concern in CONCERNS:
        places, figures = _figures(concern, home, series, 0, range(minutes.ticks))
        put_in = [
            (_of_copy(concern, home, *put), weight)
            for inject, weight in RECIPES[concern.name].put_in
            for put in (inject(trace, setting, rng) for _ in range(copies))
            if put is not None
        ]
        concerns[concern.name] = Noted(places, figures, watched[places], put_in)
    return Studied(concerns, days, float(watched.sum()) / TICKS_A_DAY / 7)


def _routines(series: Series, local: LocalTicks) -> list[tuple[int, int, Routine]]:
    found = []
    for begin, end, day in spans(local):
        routine = learn(series, local, learnable_days(series, local, day, 2 * LEARN_FROM_DAYS)[-LEARN_FROM_DAYS:])
        if routine is not None:
            found.append((begin, end, routine))
    return found


def _watched(trace: Trace, setting: Setting, minutes: Minutes) -> NDArray[np.bool_]:
    watched = np.zeros(minutes.ticks, np.bool_)
    for window in setting.watched(trace):
        watched[max(window.start // TICK_S - minutes.first_tick, 0) : window.end // TICK_S - minutes.first_tick] = True
    return watched


def _figures(
    concern: Concern, home: _Home, series: Series, offset: int, stretch: range
) -> tuple[NDArray[np.intp], Figures]:
    """Return the places and figures of a stretch of `series`, which begins `offset` places after the home's own."""
    of_day = home.local.of_day[max(offset, 0) : offset + series.minutes.ticks]
    of_day = np.concatenate([np.zeros(series.minutes.ticks - of_day.size, np.intp), of_day])
    places, figures = [np.empty(0, np.intp)], [np.empty((0, len(concern.feature_names)))]
    for begin, end, routine in home.routines:
        view = View(series, of_day, np.arange(max(begin - offset, stretch.start), min(end - offset, stretch.stop)))
        own = view.only(concern.applies(view))
        if own.places.size:
            places.append(own.places)
            figures.append(concern.features(routine.tables[concern.name], own))
    return np.concatenate(places), np.concatenate(figures)


def _of_copy(concern: Concern, home: _Home, copy: Trace, window: Window) -> Figures:
    before = HORIZON_TICKS + TICKS_A_DAY
    own_first = home.series.minutes.first_tick
    first, end = window.start // TICK_S - before, min(window.end // TICK_S + 1, own_first + home.local.day.size)
    series = Series(minutes_of(copy, first, end))
    return _figures(concern, home, series, first - own_first, range(before, end - first))[1]


def _fit(homes: Sequence[Studied], name: str, features: tuple[str, ...]) -> Prior:
    recipe = RECIPES[name]
    weights, offset = _weigh(homes, name)
    groups = min(_GROUPS, len(homes))
    scores: list[NDArray[np.float64]] = [np.empty(0)] * len(homes)
    for group in range(groups):
        others = [home for place, home in enumerate(homes) if place % groups != group]
        fair, fair_offset = _weigh(others, name) if others else (weights, offset)
        for place in range(group, len(homes), groups):
            scores[place] = homes[place].concerns[name].figures @ fair + fair_offset
    prior = Prior(features, weights, offset, 0.0, recipe.own, np.zeros(TAIL_RATES.size), recipe.share)
    prior = replace(prior, level=_level(name, homes, scores))
    return replace(prior, tail=_tail(prior, name, homes, scores))


def _weigh(homes: Sequence[Studied], name: str) -> tuple[NDArray[np.float64], float]:
    """Return what each figure weighs, and the offset, by a logistic regression with an L2 penalty."""
    recipe, noted = RECIPES[name], [home.concerns[name] for home in homes]
    ordinary = np.concatenate([one.figures[one.watched] for one in noted])
    put_in = [part for one in noted for part in one.put_in]
    x = np.concatenate([ordinary, *(figures for figures, _ in put_in)])
    y = np.arange(len(x)) >= len(ordinary)
    if y.all() or not y.any():
        return np.zeros(x.shape[1]), _NEVER  # nothing to tell apart: never told of
    each = np.where(y, 0.5 / y.mean(), 0.5 / (1 - y.mean())) if recipe.is_balanced else np.ones(len(x))
    each[len(ordinary) :] *= np.concatenate([np.full(len(figures), weight) for figures, weight in put_in])
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=recipe.strength, max_iter=600).fit(scaler.transform(x), y, sample_weight=each)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def _level(name: str, homes: Sequence[Studied], scores: Sequence[NDArray[np.float64]]) -> float:
    """Return where the highest scores of a middling home's first four weeks lie."""
    diaries = [_diary(home, name, own).scores[name] for home, own in zip(homes, scores, strict=True)]
    levels = [level(list(days.values())[:LEVEL_DAYS]) for days in diaries if days]
    return float(np.median(levels)) if levels else 0.0


def _diary(home: Studied, name: str, scores: NDArray[np.float64]) -> Diary:
    days: dict[int, float] = {}
    of = home.days[home.concerns[name].places]
    for day in np.unique(of):
        days[int(day)] = float(scores[of == day].max())
    return Diary({name: days})


def _tail(
    prior: Prior, name: str, homes: Sequence[Studied], scores: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the scores that are passed `TAIL_RATES` times a week in ordinary life, after each home's own shift."""
    shifted = []
    for home, own in zip(homes, scores, strict=True):
        noted, diary = home.concerns[name], _diary(home, name, own)
        places, of = noted.places[noted.watched], home.days[noted.places[noted.watched]]
        shifts = {int(day): diary.shift(prior, name, int(day)) for day in np.unique(of)}
        shifted.append((places, own[noted.watched] - np.array([shifts[int(day)] for day in of])))
    weeks = sum(home.weeks for home in homes)
    tail = np.array([_score_passed(shifted, rate * weeks) for rate in TAIL_RATES])
    return np.maximum.accumulate(tail + np.arange(tail.size) * _STEP)


def _score_passed(shifted: Sequence[tuple[NDArray[np.intp], NDArray[np.float64]]], times: float) -> float:
    """Return the score that is passed so many times, counting as one what is less than 6 h apart."""
    low, high = -40.0, 60.0
    for _ in range(40):
        middle = (low + high) / 2
        over = [places[scores > middle] for places, scores in shifted]
        passed = sum(1 + int((np.diff(places) > _APART).sum()) for places in over if places.size)
        low, high = (middle, high) if passed > times else (low, middle)
    return high
