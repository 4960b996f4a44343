"""Homes in which somebody moves about by day and now and then at night, all by a seeded chance."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np

from gateway.contract.observation import SensorKind
from models.evaluation.setting import DAY, HOUR
from models.trace import Channel, Trace

ZONE = ZoneInfo("Europe/Oslo")
FIRST = 1_750_629_600  # a local midnight
ROOMS = ("bathroom", "bedroom", "hallway", "kitchen", "living_room")
CHANNELS = (Channel(SensorKind.DOOR, "fridge_door"), *(Channel(SensorKind.MOTION, room) for room in ROOMS))
FRIDGE, BATHROOM, BEDROOM, HALLWAY, KITCHEN, LIVING = range(6)


def home(name: str, days: int, seed: int) -> Trace:
    """Return a home: ten things an hour from 07 to 22, one at night; motion sensors pause for a minute."""
    rng = np.random.default_rng(seed)
    hours = np.arange(days * 24)
    by_day = (hours % 24 >= 7) & (hours % 24 < 22)
    count = rng.poisson(np.where(by_day, 10, 1))
    at = FIRST + np.repeat(hours, count) * HOUR + rng.integers(0, HOUR, count.sum())
    channel = np.where(
        np.repeat(by_day, count),
        rng.choice(6, at.size, p=(0.1, 0.1, 0.1, 0.2, 0.25, 0.25)),
        rng.choice((BATHROOM, BEDROOM), at.size),
    )
    order = np.argsort(at)
    at, channel = at[order], channel[order]
    last = np.full(6, -DAY)
    kept = np.zeros(at.size, dtype=bool)
    for place, (second, number) in enumerate(zip(at, channel, strict=True)):
        kept[place] = number == FRIDGE or second - last[number] > 60
        last[number] = second if kept[place] else last[number]
    return Trace.of(name, at[kept], channel[kept], np.ones(int(kept.sum())), CHANNELS)


def without(trace: Trace, start: int, end: int, channels: tuple[int, ...] = tuple(range(6))) -> Trace:
    """Return the trace with nothing of these channels from `start` to `end`."""
    return trace.kept(~((trace.at >= start) & (trace.at < end) & np.isin(trace.channel, channels)))


def alive(trace: Trace, silent: tuple[int, int] = (0, 0)) -> Trace:
    """Return the trace of a home whose gateway beats each five minutes, but for a silence."""
    beats = np.arange(trace.at[0], trace.at[-1], 300)
    return replace(trace, heartbeats=beats[(beats < silent[0]) | (beats >= silent[1])])
