"""The fleet's faults over a whole time, day by day and with the same rules as tick by tick."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.minutes import TICK_S, TICKS_A_DAY
from models.past import local_ticks
from models.technical.findings import Faults
from models.technical.fleet import FleetGuard
from models.technical.fleet_evidence import LEAST_VOICES, weigh
from models.technical.silence_habits import LEAST_DAYS, last_heard, learn_silences
from models.technical.voices import DAYS, voices_of
from models.trace import Times, Trace

_VOICE_TICKS: Final = DAYS * TICKS_A_DAY


def fleet_faults(traces: Sequence[Trace], zone: tzinfo) -> dict[str, Faults]:
    """Return the faults of the whole system that showed in these homes, by home; one without any is left out."""
    traces = [trace for trace in traces if trace.at.size]
    if len(traces) < LEAST_VOICES:
        return {}
    first, end = (min(int(one.at[0]) for one in traces) // TICK_S, max(int(one.at[-1]) for one in traces) // TICK_S + 1)
    local = local_ticks(first, end, zone)
    heard = np.stack([last_heard(trace.at, first, end) for trace in traces], axis=1)
    habits = [learn_silences(heard[:, home], local, first) for home in range(len(traces))]
    ends = (first + 1 + np.arange(end - first)) * TICK_S
    homes = [trace.home for trace in traces]
    guard = FleetGuard()
    for number, day in enumerate(habits[0].days):
        ticks = slice(*np.searchsorted(local.day, (day, day + 1)))
        known = np.array([habit.learned[number] >= LEAST_DAYS for habit in habits])
        beating = _gives_signs(traces, ends[ticks])
        voices = voices_of(heard[max(0, ticks.start - _VOICE_TICKS) : ticks.start]) * (known & ~beating)
        rates = np.stack([habit.rates[number] for habit in habits])
        judged = np.where(beating, -1, heard[ticks])
        evidence = weigh(ends[ticks], local.of_day[ticks], judged, rates, voices)
        guard.follow(ends[ticks], homes, heard[ticks], voices, evidence)
    every = defaultdict(list)
    for home, faults in [*guard.over, *guard.standing().items()]:
        every[home].append(faults)
    return {home: Faults.of(several) for home, several in every.items()}


def _gives_signs(traces: Sequence[Trace], ends: Times) -> NDArray[np.bool_]:
    """Return which homes' gateways are known to give signs of life by the end of these ticks, (homes,)."""
    beats = (trace.heartbeats for trace in traces)
    return np.array([one is not None and one.size > 0 and one[0] < ends[-1] for one in beats])
