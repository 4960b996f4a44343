"""What the routine model costs one core, and how often a plain pass over the same rows would fit in.

    python bench/bench_models.py [days]

A dense home, some 3 800 events a day, is replayed with a lesson every night, all faults and trends; then it is lived
through minute by minute for two days, learned from as a night does it, and its routine loaded. The floor of the replay
is one sort of the same rows and one count of each sensor's rows in each five minutes.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from gateway.contract.observation import SensorKind
from models.learning import PAST_DAYS, Before, Lesson, Wishes, lesson
from models.minutes import TICK_S
from models.nights import Settings
from models.prior import shipped
from models.replay import replay_home
from models.rhythm import RhythmState, look, step
from models.rooms import role_of
from models.store import from_bytes, to_bytes
from models.technical.findings import Faults
from models.technical.fleet_replay import fleet_faults
from models.technical.home_faults import home_faults
from models.trace import Channel, Trace

ZONE: Final = ZoneInfo("Europe/Oslo")
START: Final = datetime(2025, 1, 1, tzinfo=ZONE)
EVENTS_A_MINUTE: Final = 4.7
CHANNELS: Final = (
    *(Channel(SensorKind.MOTION, room) for room in ("bedroom", "bathroom", "kitchen", "lounge", "hall")),
    Channel(SensorKind.DOOR, "front_door"),
    Channel(SensorKind.DOOR, "fridge"),
)
# Hour from which each holds, how much of the time somebody moves, and how likely in which room.
DAY: Final = (
    (0, 0.08, (0.85, 0.08, 0.02, 0.03, 0.02, 0.0, 0.0)),
    (7, 0.85, (0.10, 0.10, 0.45, 0.20, 0.09, 0.01, 0.05)),
    (11, 0.60, (0.02, 0.02, 0.02, 0.04, 0.40, 0.50, 0.0)),
    (12, 0.85, (0.04, 0.05, 0.20, 0.60, 0.06, 0.02, 0.03)),
    (22, 0.50, (0.60, 0.20, 0.05, 0.10, 0.05, 0.0, 0.0)),
)
FEWEST_MINUTES_A_STAY: Final = 4


def home(days: int) -> Trace:
    """Return days of one who lives alone and is seen by sensors that fire every few seconds."""
    rng = np.random.default_rng(1)
    minute = np.arange(days * 1440)
    part = np.searchsorted([begin for begin, _, _ in DAY], minute % 1440 // 60, side="right") - 1
    stay = minute // FEWEST_MINUTES_A_STAY
    room = np.empty(minute.size, dtype=np.intp)
    for number, (_, _, likely) in enumerate(DAY):
        rooms = rng.choice(len(CHANNELS), stay[-1] + 1, p=likely)
        room[part == number] = rooms[stay[part == number]]
    moves = rng.random(minute.size) < np.array([share for _, share, _ in DAY])[part]
    events = np.where(moves, rng.poisson(EVENTS_A_MINUTE, minute.size), 0)
    at = int(START.timestamp()) + np.repeat(minute, events) * 60 + rng.integers(0, 60, events.sum())
    return Trace.of("bench", at, np.repeat(room, events), np.ones(at.size), CHANNELS)


def plain_pass(trace: Trace) -> None:
    order = np.argsort(trace.at, kind="stable")
    at, channel = trace.at[order], trace.channel[order].astype(np.intp)
    np.bincount((at - at[0]) // TICK_S * len(CHANNELS) + channel)


def replayed(trace: Trace) -> None:
    faults = Faults.of([home_faults(trace, ZONE), fleet_faults([trace], ZONE).get(trace.home, Faults())])
    replay_home(trace, Settings(ZONE), shipped(), faults)


def taught(trace: Trace, before: Before) -> Lesson:
    until = int(trace.at[-1])
    lately = trace.kept(trace.at >= until - PAST_DAYS * 86400)
    return lesson(lately, ZONE, datetime.fromtimestamp(until, UTC), before, Wishes(), shipped())


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def live(trace: Trace, routine: bytes) -> tuple[float, float, float]:
    """Live through the last two days; return the medians of a step, of one with news, and of a look, in seconds."""
    roles = [role_of(one.kind, one.room) for one in trace.channels]
    rows = trace.between(int(trace.at[-1]) - 2 * 86400, np.inf)
    facts = [(datetime.fromtimestamp(at, UTC), roles[channel]) for at, channel in
             zip(trace.at[rows].tolist(), trace.channel[rows].tolist(), strict=True)]  # fmt: skip
    own = from_bytes(routine).routine
    state, due = RhythmState.begun(facts[0][0]), facts[0][0] + timedelta(seconds=TICK_S)
    steps, news, looks = [], [], []
    for at, role in facts:
        while at >= due:
            began = time.process_time()
            state = look(state, own, shipped(), ZONE, due).state
            looks.append(time.process_time() - began)
            due += timedelta(seconds=TICK_S)
        before, began = state, time.perf_counter()
        state = step(state, at, role)
        steps.append(time.perf_counter() - began)
        if state is not before:
            news.append(steps[-1])
    return statistics.median(steps), statistics.median(news), statistics.median(looks)


def main(days: int) -> None:
    trace = home(days)
    floor = statistics.median(seconds(lambda: plain_pass(trace)) for _ in range(5))
    whole = seconds(lambda: replayed(trace))
    print(f"{days} days of {trace.at.size:,} events replayed: {whole:.2f} s, {whole / floor:.0f} plain passes")
    night = taught(trace, Before())
    lessons = [seconds(lambda: taught(trace, night.before)) for _ in range(5)]
    stored = to_bytes(night.routine, night.stays)
    loads = [seconds(lambda: [from_bytes(stored) for _ in range(20)]) / 20 for _ in range(5)]
    print(f"a lesson: {statistics.median(lessons) * 1e3:.0f} ms; of it are stored {len(stored):,} bytes")
    print(f"to load them: {statistics.median(loads) * 1e3:.2f} ms")
    one_step, with_news, one_look = live(trace, stored)
    print(f"a live step: {one_step * 1e6:.1f} us, with news {with_news * 1e6:.1f} us; a look: {one_look * 1e3:.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 365)
