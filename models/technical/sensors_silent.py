"""Sensors that say nothing while the home goes on around them. Pure, causal."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.minutes import TICK_S
from models.past import LocalTicks
from models.rooms import Role, role_of
from models.technical.findings import Fault, Faults, Technical, Unseen
from models.technical.sensor_habits import Active, Missed, expected, missed
from models.technical.silence_habits import PAST_DAYS
from models.trace import Channel

# Times the most that any silence of the sensor has missed in 28 days. Measured on 17 homes: 0.20 findings a home-week
# untouched, some of them real faults; 99 % of dead sensors that were heard each day found (half of them in 10 h).
_CERTAIN: Final = 1.6
_DOUBT: Final = 1.1
_LEAST_MISSED: Final = 3.0
_LEAST_S: Final = 3 * 3600
_LEAST_SILENCES: Final = 10  # fewer do not tell how far they go
_LEARN_DAYS: Final = 7
_SURE_DAYS: Final = 14  # in fewer, nobody has been ill, away or visited yet
_RECORD: Final = 1.3  # a silence that was found counts for no more than this times the line, or a fault would be usual
_AFTER_S: Final = 30 * 60  # what fires so soon after the sensor itself may have been the same visit
# Who eats nothing is silent in the kitchen and at the fridge: for a day and more of it, think of the person.
_MEALS: Final = frozenset({Role.KITCHEN, Role.FRIDGE})
_MEALS_S: Final = 30 * 3600
_LATELY_S: Final = 4 * 3600
_MEAL_TICKS: Final = 3600 // TICK_S  # whoever opens the fridge is given this time to be seen in the kitchen, too


@dataclass(frozen=True)
class _Watch:
    """What is known of all sensors of a home, at the end of each tick; (ticks,) and (ticks, channels)."""

    first_tick: int
    day: NDArray[np.intp]
    active: Active
    likely: Missed
    silent_s: NDArray[np.int64]
    meals: NDArray[np.intp]

    def second(self, place: int) -> int:
        """Return when a tick ends, seconds since 1970 UTC."""
        return (self.first_tick + place + 1) * TICK_S


def silent_sensors(channels: tuple[Channel, ...], active: Active, local: LocalTicks, first_tick: int) -> Faults:
    """Return which of the sensors that notice people were silent while others were not.

    `active`: in which ticks each fired, (ticks, channels), from the home's first tick on.
    """
    places = np.arange(len(active))[:, None]
    fired = np.maximum.accumulate(np.where(active, places, -1), axis=0)
    silent_s = np.where(fired >= 0, (places - fired) * TICK_S, -1)
    meals = np.flatnonzero([role_of(one.kind, one.room) in _MEALS for one in channels])
    watch = _Watch(first_tick, local.day - local.day[0], active, expected(active, local), silent_s, meals)
    return Faults.of(_of_sensor(watch, number) for number in range(len(channels)))


def _of_sensor(watch: _Watch, number: int) -> Faults:
    fired = watch.active[:, number]
    has_missed, of_silence, ticks = missed(fired, watch.likely[:, number])
    if ticks.size < _LEAST_SILENCES:
        return Faults()
    top = _longest(of_silence, watch.day[ticks], int(watch.day[-1]) + 1)[watch.day]
    may = (watch.silent_s[:, number] >= _LEAST_S) & _others_go_on(watch, number)
    doubt, certain = may & (has_missed > _DOUBT * top), may & (has_missed > _CERTAIN * top)
    found = []
    for begin, end in _silences(doubt, ticks):
        known = begin + int(doubt[begin:end].argmax())
        raised = known + int(certain[known:end].argmax())
        since, until = watch.second(begin), None if end is None else watch.second(end)
        is_fault = bool(certain[raised])
        unseen = Unseen(since, watch.second(known), until, number, is_fault)
        figures = {
            "silent_h": round(int(watch.silent_s[raised, number]) / 3600, 1),
            "elsewhere_min": int(watch.active[begin : raised + 1].any(axis=1).sum()) * TICK_S // 60,
            "times_longest": round(float(has_missed[raised] / top[raised]), 1),
        }
        fault = Technical(Fault.SENSOR_SILENT, number, since, watch.second(raised), until, figures)
        found.append(Faults((fault,) if is_fault else (), (unseen,)))
    return Faults.of(found)


def _longest(of_silence: Missed, day: NDArray[np.intp], days: int) -> Missed:
    """Return for each day the most that silences of the 28 days before it missed; infinite while that is unknown."""
    of_silence, top = of_silence.copy(), np.full(days, np.inf)
    bounds = np.searchsorted(day, np.arange(days + 1))
    for one in range(int(day[0]) + _LEARN_DAYS, days):
        past = of_silence[bounds[max(one - PAST_DAYS, 0)] : bounds[one]]
        if past.size >= _LEAST_SILENCES:
            top[one] = max(float(past.max()), _LEAST_MISSED / _CERTAIN)
            today = slice(bounds[one], bounds[one + 1])
            of_silence[today] = np.minimum(of_silence[today], _RECORD * _CERTAIN * top[one])
    top[: int(day[0]) + _SURE_DAYS] = np.inf
    return top


def _others_go_on(watch: _Watch, number: int) -> NDArray[np.bool_]:
    """Return when it is the sensor that is silent, and not its part of the home that nobody visits.

    Half of the other sensors have fired since; and of those that tell of meals another one has just now, or it is long.
    """
    silent = watch.silent_s[:, [number]]
    fired_since = (watch.silent_s >= 0) & (watch.silent_s <= silent - _AFTER_S)
    others = np.arange(watch.active.shape[1]) != number
    in_use = (watch.silent_s >= 0) & (watch.silent_s <= silent + 7 * 86400)
    goes_on = 2 * fired_since[:, others].sum(axis=1) >= in_use[:, others].sum(axis=1)
    if number not in watch.meals:
        return np.asarray(goes_on)
    partners = [one for one in watch.meals if one != number]
    eats = (fired_since & (watch.silent_s <= _LATELY_S))[:, partners].any(axis=1)
    ate = np.concatenate([np.zeros(_MEAL_TICKS, dtype=bool), eats])[: eats.size]
    return np.asarray(goes_on & ((eats & ate) | (silent[:, 0] >= _MEALS_S)))


def _silences(doubt: NDArray[np.bool_], ticks: NDArray[np.intp]) -> Iterator[tuple[int, int | None]]:
    """Give first tick and end (None: still) of each silence between two of `ticks` in which there is a doubt."""
    for place in np.unique(np.searchsorted(ticks, np.flatnonzero(doubt), side="right")):
        if place:
            yield int(ticks[place - 1]), int(ticks[place]) if place < ticks.size else None
