"""How much a home can be heard of elsewhere before a given sensor is heard, too. Pure, causal, one value a tick.

For each sensor and tick: how likely it was to fire in it, given which others did and the time of day, as on the 28
days before. Summed up since the sensor last fired, that is what its silence has *missed*: nothing while the home is
silent or empty, much while somebody is about where the sensor hangs.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.activity import shows_activity
from models.minutes import TICK_S, TICKS_A_DAY
from models.past import LocalTicks
from models.technical.silence_habits import PAST_DAYS
from models.trace import Trace

_BLOCKS: Final = 4  # parts of a day with habits of their own: night, morning, afternoon, evening
_PRIOR: Final = 2.0  # ticks without the sensor that stand beside those seen

Active = NDArray[np.bool_]
Missed = NDArray[np.float64]


def active_ticks(trace: Trace, first_tick: int, end_tick: int) -> Active:
    """Return in which ticks each channel showed somebody, (ticks, channels)."""
    out = np.zeros((end_tick - first_tick, len(trace.channels)), dtype=bool)
    may = np.array([[shows_activity(one.kind, value) for value in (0.0, 1.0)] for one in trace.channels])
    tick = trace.at // TICK_S - first_tick
    shown = may[trace.channel, (trace.value > 0).astype(np.intp)] & (tick >= 0) & (tick < len(out))
    out[tick[shown], trace.channel[shown]] = True
    return out


def expected(active: Active, local: LocalTicks) -> Missed:
    """Return how likely each channel was to fire in each tick, given the others, 0 to 1; (ticks, channels)."""
    day, block = local.day - local.day[0], local.of_day * _BLOCKS // TICKS_A_DAY
    lately = active.copy()
    lately[1:] |= active[:-1]
    part = day * _BLOCKS + block
    bounds = np.flatnonzero(np.concatenate([[True], np.diff(part) != 0]))
    count, sensors = int(day[-1]) + 1, active.shape[1]
    together = np.zeros((count * _BLOCKS, sensors, sensors), dtype=np.float32)
    other = np.zeros((count * _BLOCKS, sensors), dtype=np.float32)
    numbers, seen = active.astype(np.float32), lately.astype(np.float32)
    for begin, end in zip(bounds, [*bounds[1:], len(part)], strict=True):
        together[part[begin]] += seen[begin:end].T @ numbers[begin:end]
        other[part[begin]] += numbers[begin:end].sum(axis=0)
    both, alone = (_before(one.reshape(count, _BLOCKS, *one.shape[1:])) for one in (together, other))
    chance = both / (alone[:, :, None, :] + _PRIOR)  # (days, blocks, sensor, the other)
    chance[:, :, np.arange(sensors), np.arange(sensors)] = 0
    out = np.zeros(active.shape)
    for one in range(sensors):
        of_other = np.where(active, chance[day, block, one], 0)
        out[:, one] = of_other.max(axis=1)
    return out


def missed(active: NDArray[np.bool_], likely: Missed) -> tuple[Missed, Missed, NDArray[np.intp]]:
    """Return, for one channel, what its silence has missed at the end of each tick, and what silences that ended had.

    The second has one entry for each tick of the third, in which the channel fired.
    """
    total = np.cumsum(np.where(active, 0, likely))
    fired = np.flatnonzero(active)
    at_last = np.maximum.accumulate(np.where(active, total, 0))
    at_last[: fired[0] if fired.size else None] = 0
    return total - at_last, np.diff(total[fired], prepend=0), fired


def _before(daily: NDArray[np.float32]) -> NDArray[np.float64]:
    total = np.concatenate([np.zeros((1, *daily.shape[1:])), np.cumsum(daily, axis=0, dtype=np.float64)])
    days = np.arange(len(daily))
    return np.asarray(total[days] - total[(days - PAST_DAYS).clip(0)])
