"""Sensors that fire by themselves: faster or more steadily than ever before. Pure, causal."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.minutes import TICK_S
from models.past import LocalTicks
from models.technical.findings import Fault, Faults, Technical, Unseen
from models.technical.silence_habits import PAST_DAYS
from models.trace import Times, Trace

_SAME_S: Final = 2  # the same event told twice may carry two clocks
_HOUR: Final = 3600 // TICK_S
_LONGEST_S: Final = 120  # gaps are told apart up to this
_QUICKEST: Final = 0.005  # of all gaps: shorter ones are quicker than the sensor ever is (most have a pause built in)
_LEARN_DAYS: Final = 3
_CALM: Final = 2 * _HOUR  # ticks after which it is over; a dying battery has fits and pauses

# Minutes of an hour. A sensor with a pause built in is quiet of itself: what it says in few of them may be a person's
# restless hour, whereas one without can be known by its quickness alone less often.
_OFTEN, _STEADY, _PAUSE_S = 15, 40, 30
_QUICK: Final = 12  # events of an hour too quick for the sensor; a few are two people, or an event that was sent twice
_DOUBT: Final = 3  # so many are a doubt: until they are more, or no more, nobody is thought to wander
_WARM, _DOUBTFUL, _HOT = 1, 2, 3  # beyond what was before; more than a person can do; certain

Counts = NDArray[np.int64]


def flapping_sensors(trace: Trace, local: LocalTicks, first_tick: int) -> Faults:
    """Return when sensors fired as they never did in the 28 days before."""
    sensors = range(len(trace.channels))
    every = (_of_sensor(trace.at[trace.channel == number], number, local, first_tick) for number in sensors)
    return Faults.of(every)


def _of_sensor(at: Times, number: int, local: LocalTicks, first_tick: int) -> Faults:
    at = at[np.diff(at, prepend=at[0] - _SAME_S - 1) > _SAME_S] if at.size else at
    tick = at // TICK_S - first_tick
    inside = (tick >= 0) & (tick < local.day.size)
    at, tick = at[inside], tick[inside]
    if at.size < 2:  # noqa: PLR2004 - there is no gap
        return Faults()
    day = local.day - local.day[0]
    gaps = np.diff(at, prepend=at[0] - _LONGEST_S)
    pause = _pause_s(gaps, day[tick], int(day[-1]) + 1)
    quick = gaps < pause[day[tick]]
    minute = at // 60
    new_minute = np.diff(minute, prepend=minute[0] - 1) > 0
    ticks = local.day.size
    hours = [_last_hour(tick[chosen], ticks) for chosen in (quick, new_minute, np.ones(at.size, bool))]
    return _spans(_heat(hours, day, pause), hours, number, first_tick)


def _pause_s(gaps: Times, day: NDArray[np.intp], days: int) -> NDArray[np.float64]:
    """Return for each day the gap (s) than which hardly any of the 28 days before was shorter; 0: not known."""
    place = day * (_LONGEST_S + 1) + gaps.clip(0, _LONGEST_S)
    daily = np.bincount(place, minlength=days * (_LONGEST_S + 1)).reshape(days, -1)
    total = np.concatenate([np.zeros((1, daily.shape[1]), dtype=np.int64), np.cumsum(daily, axis=0)])
    number = np.arange(days)
    past = np.cumsum(total[number] - total[(number - PAST_DAYS).clip(0)], axis=1)
    shortest = (past <= _QUICKEST * past[:, -1:]).sum(axis=1)
    return np.where((past[:, -1] > 0) & (number - day[0] >= _LEARN_DAYS), 0.9 * shortest, 0.0)


def _last_hour(tick: NDArray[np.intp], ticks: int) -> Counts:
    total = np.concatenate([np.zeros(_HOUR, dtype=np.int64), np.cumsum(np.bincount(tick, minlength=ticks))])
    return np.asarray(total[_HOUR:] - total[:-_HOUR])


def _heat(hours: list[Counts], day: NDArray[np.intp], pause: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return how strange the last hour is at each tick, beside the most of the 28 days before: see `_WARM` to `_HOT`.

    A day found so teaches nothing.
    """
    begins = np.searchsorted(day, np.arange(int(day[-1]) + 2))
    most = np.stack([np.maximum.reduceat(count, begins[:-1]) for count in hours])
    heat = np.zeros(day.size, dtype=np.intp)
    heard = np.flatnonzero(most[2])
    for one in range(int(heard[0]) + _LEARN_DAYS, most.shape[1]):
        quick, minutes, events = most[:, max(one - PAST_DAYS, 0) : one].max(axis=1)
        if not events:
            continue
        today = slice(begins[one], begins[one + 1])
        quickly, often, times = (count[today] for count in hours)
        often_enough = max(_STEADY if pause[one] >= _PAUSE_S else _OFTEN, 1.5 * minutes, minutes + 8)
        is_hot = (quickly >= max(_QUICK, 2 * quick + 4)) | (often >= often_enough) | (times >= max(40, 3 * events))
        is_doubtful = quickly >= max(_DOUBT, 2 * quick + 1)
        is_warm = (often > minutes) | (times > events)
        heat[today] = np.select([is_hot, is_doubtful, is_warm], [_HOT, _DOUBTFUL, _WARM])
        if is_hot.any():
            most[:, one] = np.minimum(most[:, one], (quick, minutes, events))
    return heat


def _spans(heat: NDArray[np.intp], hours: list[Counts], number: int, first_tick: int) -> Faults:
    """Return a span for each time it was doubtful, and one from when it was hot, until it was calm for so long."""
    technical, unseen = [], []
    warm = np.flatnonzero(heat)
    for same in np.split(warm, np.flatnonzero(np.diff(warm) > _CALM) + 1):
        doubted = same[heat[same] >= _DOUBTFUL]
        if not doubted.size:
            continue
        hot = doubted[heat[doubted] == _HOT]
        over = int(same[-1]) + _CALM
        until = (first_tick + over + 1) * TICK_S if over < heat.size else None
        known_at, since = ((first_tick + int(doubted[0]) + ago + 1) * TICK_S for ago in (0, -_HOUR))
        raised_at = (first_tick + int(hot[0]) + 1) * TICK_S if hot.size else until
        if known_at != raised_at:
            unseen.append(Unseen(since, known_at, raised_at, number, is_fault=False, babbles=True))
        if hot.size and raised_at is not None:
            first = int(hot[0])
            figures = {"quick": int(hours[0][first]), "minutes": int(hours[1][first]), "events": int(hours[2][first])}
            unseen.append(Unseen(since, raised_at, until, number, is_fault=True, babbles=True))
            technical.append(Technical(Fault.SENSOR_FLAPPING, number, since, raised_at, until, figures))
    return Faults(tuple(technical), tuple(unseen))
