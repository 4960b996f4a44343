"""What a month of one home costs through the whole chain, on one core.

    python bench/bench_month.py [days]

A resident lives, her sensors say what real ones would say (every copy and every beacon), a gateway hears it, and broker
and server take it in and look at it: the real programs, all on one core with whoever else is there, so that processor
time is the figure and not the clock on the wall. First the days pass as history, as fast as the chain takes them; then
half a day passes in steps of five minutes, after each of which the world waits for the server.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from programs import Program
from rich.console import Console
from typing_extensions import override

from device_sims.scenarios.home import Performance, performance
from device_sims.scenarios.play import Theatre, play
from device_sims.scenarios.scenario import Scenario, Timing
from device_sims.scenarios.showing import Showing

MONTH = timedelta(days=28)
IN_STEPS = timedelta(hours=12)
DAY = timedelta(days=1)


@dataclass
class Moment:
    """How much processor time each program had used, and what it was on the wall."""

    cpu_s: Counter[str]
    wall_s: float


@dataclass
class Stopwatch(Showing):
    """Looks at the clocks where a part of the play begins and ends."""

    folder: Path
    marks: list[Moment] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(Console(quiet=True), None)

    @override
    def show(self, part: str, passed: timedelta, of: timedelta, besides: str = "") -> None:
        """Mark the beginning of the history, of the first step, and the end."""
        is_step = part == "scenarios"
        if not self.marks or (is_step and len(self.marks) == 1) or (is_step and passed >= of):
            self.marks.append(Moment(self._used(), time.perf_counter()))

    def _used(self) -> Counter[str]:
        used = Counter({"resident, sensors, air": time.process_time()})
        for name, pid in json.loads((self.folder / "processes.json").read_text()).items():
            with suppress(FileNotFoundError):
                used["gateway" if name.startswith("gw-") else name] += Program(pid).cpu_s()
        return used


def home(days: float) -> Performance:
    quiet = Scenario("ordinary", "an ordinary half-day", IN_STEPS)
    return performance(quiet, "bench", "bench/1", Timing(date(2026, 2, 2)), days * DAY)


def simulated_alone(days: float) -> tuple[int, float]:
    """Return how many packets are on the air, and the processor time it takes to make them."""
    began, packets = time.process_time(), 0
    one = home(days)
    for packet in one.packets():
        if packet.at >= one.begins:
            break
        packets += 1
    return packets, time.process_time() - began


def told(title: str, span: timedelta, begin: Moment, end: Moment) -> float:
    used = {name: end.cpu_s[name] - begin.cpu_s[name] for name in end.cpu_s}
    total = sum(used.values())
    shares = ", ".join(f"{name} {cpu_s:.1f}" for name, cpu_s in used.items())
    wall_s = end.wall_s - begin.wall_s
    print(f"{title}: {total:.1f} s of processor time ({shares}), {wall_s:.0f} s on the wall;")
    print(f"  {span.total_seconds() / total:,.0f} times as fast as life")
    return total


def main(days: float) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    packets, alone_s = simulated_alone(days)
    with tempfile.TemporaryDirectory(prefix="month") as name, tempfile.TemporaryDirectory(prefix="m") as sockets:
        watch = Stopwatch(Path(name))
        asyncio.run(play([home(days)], Theatre(Path(name), Path(sockets)), watch))
    spans = (days * DAY, IN_STEPS)
    titles = (f"{days:g} days of one home, whole chain ({packets:,} packets)", "half a day more, in steps")
    totals = [
        told(title, span, *between) for title, span, between in zip(titles, spans, pairwise(watch.marks), strict=True)
    ]
    month_s = totals[0] * MONTH / spans[0]
    print(f"a month: {month_s:.0f} s of one core; {totals[0] / alone_s:.1f} times what the simulation alone costs")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else MONTH / DAY)
