"""What can go wrong with sensors, gateways and the way of the data, put into real traces. Pure.

As in `injection`: each returns a copy and the window in which it must be said, or None.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.random import Generator

from gateway.contract.observation import SensorKind
from models.evaluation.injection import Injected, added, inside
from models.evaluation.setting import DAY, HOUR, MINUTE, Setting, Window
from models.trace import Trace

_LEAST_A_DAY: Final = 10  # of a sensor whose silence of a day can be known for one


def sensor_dead(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """One sensor that is heard every day says nothing for three days."""
    for day in setting.days(trace, rng, 3):
        channel = _steady(trace, rng, day.at(-7 * 24), day.at(0))
        if channel is not None:
            start = day.at(0) + int(rng.integers(DAY))
            window = Window(start, start + 3 * DAY)
            return trace.kept(~(inside(trace, window) & (trace.channel == channel))), window
    return None


def gateway_silent(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """A gateway that gives signs of life gives none, and no events, for 12 h."""
    for day in setting.days(trace, rng, 2):
        start = day.at(0) + int(rng.integers(DAY))
        window = Window(start, start + 12 * HOUR)
        return silenced(trace, window), window
    return None


def flapping(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """One sensor fires by itself for 6 to 24 h, each few seconds or minutes, in fits."""
    for day in setting.days(trace, rng, 2):
        channel = _steady(trace, rng, day.at(-7 * 24), day.at(0), (SensorKind.MOTION,))
        if channel is not None:
            start = day.at(0) + int(rng.integers(DAY))
            window = Window(start, start + int(rng.uniform(6, 24) * HOUR))
            pause = float(rng.uniform(2, 90))
            gaps = rng.exponential(pause, int((window.end - start) / pause)) + 1
            gaps[rng.random(gaps.size) < 1 / 200] += rng.uniform(5, 30) * MINUTE
            at = start + np.cumsum(gaps).astype(np.int64)
            at = at[at < window.end]
            return added(trace, at, np.full(at.size, channel)), window
    return None


def doubled(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """Each event is delivered twice for a week, the second with a clock up to two seconds behind."""
    for day in setting.days(trace, rng, 7):
        window = Window(day.at(0), day.at(7 * 24))
        part = trace.between(window.start, window.end - 2)
        at = trace.at[part] + rng.integers(0, 3, trace.at[part].size)
        return added(trace, at, trace.channel[part], trace.value[part]), window
    return None


def with_heartbeats(trace: Trace, rng: Generator, closed: Window | None, every_s: int = 5 * MINUTE) -> Trace:
    """Return the trace of a home whose gateway gave a sign of life every few minutes, but not while it was `closed`."""
    alive = np.arange(int(trace.at[0]), int(trace.at[-1]), every_s) + int(rng.integers(every_s))
    if closed is not None:
        alive = alive[(alive < closed.start) | (alive >= closed.end)]
    return replace(trace, heartbeats=alive)


def silenced(trace: Trace, window: Window) -> Trace:
    """Return the trace of a home that nothing was heard from in a window."""
    quiet = trace.kept(~inside(trace, window))
    if trace.heartbeats is None:
        return quiet
    alive = trace.heartbeats[(trace.heartbeats < window.start) | (trace.heartbeats >= window.end)]
    return replace(quiet, heartbeats=alive)


@dataclass(frozen=True, slots=True)
class Outage:
    """A fault of the whole system: when, and which homes fell silent."""

    window: Window
    homes: frozenset[str]


def fleet_outages(
    traces: Sequence[Trace], setting: Setting, rng: Generator, share: tuple[float, float], count: int = 5
) -> tuple[list[Trace], list[Outage]]:
    """Silence a `share` (lowest, highest) of the homes at once for 3 to 10 h, `count` times, days apart."""
    ends = [(int(trace.at[0]) + setting.learn_days * DAY, int(trace.at[-1])) for trace in traces]
    homes = {trace.home: trace for trace in traces}
    # Times at which at least half of the homes are watched.
    low, high = int(np.median([start for start, _ in ends])), int(np.median([end for _, end in ends]))
    outages: list[Outage] = []
    for _ in range(200 * count):
        start = int(rng.integers(low, max(low + 1, high - DAY)))
        window = Window(start, start + int(rng.uniform(3, 10) * HOUR))
        around = Window(window.start - 2 * DAY, window.end + 2 * DAY)
        near = [one.window for one in outages] + ([setting.closed] if setting.closed else [])
        living = [trace.home for trace in traces if _is_living(trace, setting, window)]
        if len(outages) == count or any(around.overlaps(one) for one in near) or not living:
            continue
        hit = rng.permutation(living)[: max(1, round(len(living) * rng.uniform(*share)))]
        outages.append(Outage(window, frozenset(map(str, hit))))
        homes.update({home: silenced(homes[home], window) for home in map(str, hit)})
    return [homes[trace.home] for trace in traces], sorted(outages, key=lambda one: one.window.start)


def _is_living(trace: Trace, setting: Setting, window: Window) -> bool:
    """Whether a home is past its first days, and heard from shortly before a window and after it."""
    before, after = trace.between(window.start - 6 * HOUR, window.start), trace.between(window.end, window.end + DAY)
    past = window.start >= int(trace.at[0]) + setting.learn_days * DAY
    return past and before.stop > before.start and after.stop > after.start


def _steady(
    trace: Trace, rng: Generator, start: int, end: int, kinds: tuple[SensorKind, ...] = tuple(SensorKind)
) -> int | None:
    """Return a sensor that said something often on every day of a time, by chance."""
    part = trace.between(start, end)
    days = (trace.at[part] - start) // DAY
    found = [
        number
        for number, one in enumerate(trace.channels)
        if one.kind in kinds
        and np.bincount(days[trace.channel[part] == number], minlength=(end - start) // DAY).min() >= _LEAST_A_DAY
    ]
    return int(rng.choice(found)) if found else None
