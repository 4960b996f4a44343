"""What can go wrong with a person, put into a real trace: one thing a copy, by a seeded chance. Pure.

Each function returns the copy and the window in which an alert must be raised; None: there is no place for it in this
trace. Nothing before the window is ever changed.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gateway.contract.observation import SensorKind
from models.evaluation.setting import DAY, HOUR, MINUTE, Day, Setting, Window, by_a_person, moving_channels
from models.trace import Times, Trace

Injected = tuple[Trace, Window]
Injection = Callable[[Trace, Setting, Generator], Injected | None]

_OUTER_DOORS: Final = frozenset({"front_door", "back_door"})
_AFTER_A_DOOR_S: Final = 10 * MINUTE  # whoever passed it so lately may have gone out
_VISIT_GAP_S: Final = 5 * MINUTE


def fall_by_day(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """Nothing for 12 h from a moment of activity between 08:00 and 22:00."""
    return _fall(trace, setting, rng, (8, 22))


def fall_by_night(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """Nothing for 12 h from a moment of activity between 23:00 and 06:00."""
    return _fall(trace, setting, rng, (23, 30))


def _fall(trace: Trace, setting: Setting, rng: Generator, hours: tuple[int, int]) -> Injected | None:
    for day in setting.days(trace, rng, 2):
        moments = at_home(trace, Window(day.at(hours[0]), day.at(hours[1])))
        if moments.size:
            return _silent_after(trace, int(rng.choice(moments)), 12 * HOUR)
    return None


def emergency(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """Nothing for 24 h from any moment at which somebody is at home, asleep or awake; time counts from that moment."""
    return _emergency(trace, setting, rng, counts_from_last_sign=False)


def emergency_since_last_sign(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """Return the same, with time counted from the last sign of life before it: harder, for a sleeper gives none."""
    return _emergency(trace, setting, rng, counts_from_last_sign=True)


def _emergency(trace: Trace, setting: Setting, rng: Generator, *, counts_from_last_sign: bool) -> Injected | None:
    moving = trace.at[by_a_person(trace)]
    for day in setting.days(trace, rng, 2):
        moment = day.at(0) + int(rng.integers(DAY))
        last = int(moving[np.searchsorted(moving, moment) - 1])
        if moment - last < 12 * HOUR and last in at_home(trace, Window(last, last + 1)):
            return _silent_after(trace, last if counts_from_last_sign else moment, DAY)
    return None


def _silent_after(trace: Trace, moment: int, length: int) -> Injected:
    """Nobody moves after this moment; time counts from it."""
    return stilled(trace, Window(moment + 1, moment + length)), Window(moment, moment + length)


def not_getting_up(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """From the first sustained activity of the morning, 5 h (4.5 to 6) with only a few events in the bedroom."""
    for day in setting.days(trace, rng):
        start = first_activity(trace, day)
        if start is None:
            continue
        window = Window(start, start + int(rng.uniform(4.5, 6) * HOUR))
        silent = stilled(trace, window)
        bedroom = numbers_of(trace, lambda room: "bedroom" in room, (SensorKind.MOTION,))
        if not bedroom:
            return silent, window
        turns = rng.integers(window.start, window.end, rng.integers(1, 5))
        return added(silent, turns, np.full(turns.size, bedroom[0])), window
    return None


def night_wandering(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """40 to 90 min of the home's own daytime between 00:30 and 04:30."""
    for day in setting.days(trace, rng):
        length = int(rng.uniform(40, 90) * MINUTE)
        start = int(rng.integers(day.at(0.5), day.at(4.5) - length + 1))
        window = Window(start, start + length)
        source = _daytime(trace, setting, rng, window)
        if source is not None:
            part = inside(trace, Window(source, source + length)) & by_a_person(trace)
            moved = trace.at[part] - source + start
            return added(stilled(trace, window), moved, trace.channel[part], trace.value[part]), window
    return None


def left_at_night(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """Up between 00:30 and 04:30, out by the front door, and nothing for 3 to 6 h."""
    doors = numbers_of(trace, lambda room: room == "front_door", (SensorKind.DOOR,))
    rooms = numbers_of(trace, lambda room: room in {"bedroom", "hallway", "lounge"}, (SensorKind.MOTION,))
    if not doors or not rooms:
        return None
    for day in setting.days(trace, rng):
        up = day.at(0.5) + int(rng.integers(4 * HOUR))
        steps = up + np.sort(rng.integers(0, 6 * MINUTE, rng.integers(2, 6)))
        door = int(steps[-1]) + int(rng.integers(5, 60))
        opened = door + np.cumsum(np.append(0, rng.integers(1, 20, rng.integers(0, 3))))
        window = Window(up, door + int(rng.uniform(3, 6) * HOUR))
        at = np.concatenate([steps, opened])
        channel = np.concatenate([rng.choice(rooms, steps.size), np.full(opened.size, doors[0])])
        return added(stilled(trace, window), at, channel), Window(door, window.end)
    return None


def bathroom(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """Twice the visits to the bathroom and three more a day, for two days."""
    numbers = numbers_of(trace, lambda room: room in {"bathroom", "toilet"}, (SensorKind.MOTION,))
    for day in setting.days(trace, rng, 2):
        window = Window(day.at(0), day.at(48))
        visits = _visits(trace, numbers, window)
        if len(visits) < 4:  # noqa: PLR2004 - two a day: a sensor that sees them
            continue
        copied = [*visits, *(visits[place] for place in rng.integers(0, len(visits), 6))]
        # Somebody who goes more often goes while at home: soon after some other movement of the two days.
        homely = at_home(trace, window)
        at, channel = [], []
        for visit in copied:
            start = int(rng.choice(homely)) + int(rng.integers(1, 15 * MINUTE))
            moved = trace.at[visit] - trace.at[visit[0]] + start
            at.append(moved[moved < window.end])
            channel.append(trace.channel[visit][moved < window.end])
        return added(trace, np.concatenate(at), np.concatenate(channel)), window
    return None


def no_kitchen(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
    """Nothing in the kitchen and nothing of the fridge for a day."""
    numbers = numbers_of(trace, lambda room: "kitchen" in room or "fridge" in room)
    for day in setting.days(trace, rng):
        window = Window(day.at(0), day.at(24))
        gone = inside(trace, window) & np.isin(trace.channel, numbers)
        if gone.sum() >= 5:  # noqa: PLR2004 - fewer would not be missed
            return trace.kept(~gone), window
    return None


def decline(depth: float) -> Injection:
    """Return the injection that thins all events from none to `depth` (0 to 1) over 21 days and leaves it so."""

    def thinned(trace: Trace, setting: Setting, rng: Generator) -> Injected | None:
        for day in setting.days(trace, rng, 21):
            window = Window(day.at(0), day.at(21 * 24))
            lost = np.clip((trace.at - window.start) / (window.end - window.start), 0, 1) * depth
            return trace.kept(rng.random(trace.at.size) >= lost), window
        return None

    return thinned


def at_home(trace: Trace, window: Window) -> Times:
    """Return the moments of a window at which somebody moved inside, with no outer door just before."""
    outer = np.isin(trace.channel, numbers_of(trace, _OUTER_DOORS.__contains__, (SensorKind.DOOR,)))
    doors = np.append(-np.inf, trace.at[outer])
    part = trace.between(window.start, window.end)
    moments = trace.at[part]
    last_door = doors[np.searchsorted(doors, moments, side="right") - 1]
    return np.asarray(moments[(moments - last_door > _AFTER_A_DOOR_S) & (by_a_person(trace) & ~outer)[part]])


def first_activity(trace: Trace, day: Day) -> int | None:
    """Return the first sustained activity of a morning: six events in half an hour, in two rooms, after 05:00."""
    part = trace.between(day.at(5), day.at(11))
    moving = by_a_person(trace)[part]
    moments, places = trace.at[part][moving], trace.channel[part][moving]
    for place in range(moments.size - 5):
        following = places[place : place + 6]
        if moments[place + 5] - moments[place] <= 30 * MINUTE and np.unique(following).size > 1:
            return int(moments[place])
    return None


def stilled(trace: Trace, window: Window) -> Trace:
    """Return the trace with nobody moving in a window; a thermometer still measures."""
    return without(trace, window, moving_channels(trace))


def without(trace: Trace, window: Window, channels: list[int]) -> Trace:
    """Return the trace without what some channels say in a window."""
    return trace.kept(~(inside(trace, window) & np.isin(trace.channel, channels)))


def inside(trace: Trace, window: Window) -> NDArray[np.bool_]:
    """Return which rows lie in a window."""
    return np.asarray((trace.at >= window.start) & (trace.at < window.end))


def added(trace: Trace, at: Times, channel: NDArray[np.integer], value: NDArray[np.float32] | None = None) -> Trace:
    """Return the trace with more rows; without values they are activations."""
    values = np.ones(at.size, dtype=np.float32) if value is None else value
    more = Trace.of(
        trace.home,
        np.concatenate([trace.at, at]),
        np.concatenate([trace.channel, channel]),
        np.concatenate([trace.value, values]),
        trace.channels,
    )
    return replace(more, heartbeats=trace.heartbeats)


def numbers_of(
    trace: Trace, wanted: Callable[[str], bool], kinds: tuple[SensorKind, ...] = tuple(SensorKind)
) -> list[int]:
    """Return which channels are of these kinds, in rooms that are wanted."""
    return [place for place, one in enumerate(trace.channels) if one.kind in kinds and wanted(one.room)]


def _visits(trace: Trace, numbers: list[int], window: Window) -> list[NDArray[np.intp]]:
    """Return the rows of each visit to a room."""
    part = trace.between(window.start, window.end)
    rows = np.flatnonzero(np.isin(trace.channel[part], numbers)) + part.start
    breaks = np.flatnonzero(np.diff(trace.at[rows]) > _VISIT_GAP_S) + 1
    return [visit for visit in np.split(rows, breaks) if visit.size]


def _daytime(trace: Trace, setting: Setting, rng: Generator, window: Window) -> int | None:
    """Return where, before `window`, as long a time of an active day began."""
    length = window.end - window.start
    first = int(trace.at[0])
    for _ in range(50):
        day = Day(np.datetime64(int(rng.integers(first, window.start - DAY)), "s").astype(object).date(), setting.zone)
        start = int(rng.integers(day.at(9), day.at(20) - length))
        moves = np.count_nonzero(inside(trace, Window(start, start + length)) & by_a_person(trace))
        if first <= start and moves >= 10:  # noqa: PLR2004 - somebody was up and about
            return start
    return None
