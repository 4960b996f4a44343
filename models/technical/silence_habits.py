"""How a home's silences usually end: the chance, by time of day, that a silent home is heard in the next five minutes.

Learned from nothing but the last 28 days before a day, so that a day is never judged by itself.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.minutes import TICK_S, TICKS_A_DAY
from models.past import LocalTicks
from models.trace import Times

# A silence that has lasted shorter than 45 min mostly ends in movement at home, a longer one in waking up or coming
# home, one of hours in coming back from a journey. Below 5 min it is not yet one.
AGES_S: Final = (5 * 60, 45 * 60, 6 * 3600)
CLASSES: Final = len(AGES_S)
PAST_DAYS: Final = 28
LEAST_DAYS: Final = 5  # fewer do not tell how a home is silent
_NEIGHBOURS: Final = 13  # ticks: half an hour on either side of a time of day is the same time of day
_PRIOR: Final = 3.0  # silences of the home at any time of day that stand beside those at this time
_MOST: Final = 0.9  # no silence ends for certain

Rates = NDArray[np.float32]  # a fleet of many homes is held at once


@dataclass(frozen=True)
class SilenceHabits:
    """`rates`: shape (days, 3, 288): minus the logarithm of the chance that a silence of each class of age goes on.

    `days`: local ordinals of the days they are to be used on. `learned`: from how many days.
    """

    days: NDArray[np.intp]
    rates: Rates
    learned: NDArray[np.intp]


def last_heard(at: Times, first_tick: int, end_tick: int) -> Times:
    """Return for each tick the last second up to its end at which something was heard; -1 before the first."""
    ends = np.arange(first_tick + 1, end_tick + 1) * TICK_S
    places = np.searchsorted(at, ends, side="left")
    return np.where(places > 0, at[np.maximum(places, 1) - 1] if at.size else -1, -1).astype(np.int64)


def learn_silences(heard: Times, local: LocalTicks, first_tick: int) -> SilenceHabits:
    """Learn, for each local day of these ticks, from the days before it. `heard` is `last_heard` of them."""
    ends = (first_tick + 1 + np.arange(heard.size)) * TICK_S
    before = np.concatenate([[-1], heard[:-1]])
    age = np.where(before >= 0, ends - TICK_S - before, -1)
    age_class = np.searchsorted(AGES_S, age, side="right") - 1
    at_risk = age_class >= 0
    ended = at_risk & (heard >= ends - TICK_S)
    day = local.day - local.day[0]
    count = int(day[-1]) + 1
    place = (day * CLASSES + age_class) * TICKS_A_DAY + local.of_day
    shape = (count, CLASSES, TICKS_A_DAY)
    risks, ends_ = (
        np.bincount(place[of], minlength=count * CLASSES * TICKS_A_DAY).reshape(shape).astype(float)
        for of in (at_risk, ended)
    )
    alive = np.bincount(day, weights=(before >= 0) & (age < AGES_S[-1]), minlength=count) > TICKS_A_DAY // 4
    risk, end, learned = (_of_past_days(one) for one in (risks, ends_, alive.astype(float)))
    usual = end.sum(axis=2, keepdims=True) / np.maximum(risk.sum(axis=2, keepdims=True), 1)
    chance = (_round_the_clock(end) + _PRIOR * usual) / (_round_the_clock(risk) + _PRIOR)
    rates = -np.log1p(-np.minimum(chance, _MOST)).astype(np.float32)
    return SilenceHabits(np.arange(count) + local.day[0], rates, learned.astype(np.intp))


def _of_past_days(daily: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each day the sum of the 28 days before it."""
    total = np.concatenate([np.zeros((1, *daily.shape[1:])), np.cumsum(daily, axis=0)])
    days = np.arange(len(daily))
    return np.asarray(total[days] - total[(days - PAST_DAYS).clip(0)])


def _round_the_clock(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum over half an hour on either side of each time of day."""
    half = _NEIGHBOURS // 2
    wide = np.concatenate([table[..., -half:], table, table[..., :half]], axis=-1)
    total = np.concatenate([np.zeros((*wide.shape[:-1], 1)), np.cumsum(wide, axis=-1)], axis=-1)
    return np.asarray(total[..., _NEIGHBOURS:] - total[..., :-_NEIGHBOURS])
