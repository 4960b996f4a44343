"""Where in a trace something may be put: ordinary days after the first weeks, away from faults of the system."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.activity import shows_activity
from models.trace import Trace

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86400
_SHORT_DAYS: Final = 3  # up to so many, every day must be ordinary; over weeks a strange one is
_LEAST_OF_USUAL: Final = 0.4  # a day with fewer of its usual events is no ordinary one


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to but not at `end`, seconds since 1970 UTC."""

    start: int
    end: int

    def holds(self, second: float) -> bool:
        """Whether a moment lies inside."""
        return self.start <= second < self.end

    def overlaps(self, other: "Window") -> bool:
        """Whether they share a moment."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Day:
    """One local day; `at` gives its moments by the clock on the wall."""

    date: date
    zone: ZoneInfo

    def at(self, hour: float) -> int:
        """Return the second at which it is `hour` of this day; 24 and more lie in the next."""
        wall = datetime.combine(self.date, datetime.min.time()) + timedelta(hours=hour)
        return int(wall.replace(tzinfo=self.zone).timestamp())


@dataclass(frozen=True, slots=True)
class Setting:
    """What an evaluation takes as given. `closed`: when nothing is put in and nothing counted; None: never."""

    zone: ZoneInfo
    learn_days: int = 21
    closed: Window | None = None

    def watched(self, trace: Trace) -> tuple[Window, ...]:
        """Return when alerts of a trace count: after its first days, outside of what is closed."""
        whole = Window(int(trace.at[0]) + self.learn_days * DAY, int(trace.at[-1]))
        if self.closed is None or not self.closed.overlaps(whole):
            return (whole,) if whole.start < whole.end else ()
        parts = (Window(whole.start, self.closed.start), Window(self.closed.end, whole.end))
        return tuple(part for part in parts if part.start < part.end)

    def days(self, trace: Trace, rng: Generator, length: int = 1) -> Iterator[Day]:
        """Give the first of each `length` ordinary days in turn, by chance; the day before and after are too."""
        dates, are_ordinary = ordinary_days(trace, self.zone)
        watched = self.watched(trace)
        for place in rng.permutation(np.arange(1, max(1, len(dates) - length))):
            day = Day(dates[place], self.zone)
            whole = Window(day.at(0), day.at(24 * (length + 1)))
            inside = any(part.start <= whole.start and whole.end <= part.end for part in watched)
            least = 1.0 if length <= _SHORT_DAYS else 0.8
            if inside and are_ordinary[place - 1 : place + length + 1].mean() >= least:
                yield day


def by_a_person(trace: Trace) -> NDArray[np.bool_]:
    """Return which rows may show that somebody moved; a thermometer's never do."""
    return np.isin(trace.channel, moving_channels(trace))


def moving_channels(trace: Trace) -> list[int]:
    """Return the channels whose rows may show that somebody moved."""
    return [place for place, one in enumerate(trace.channels) if shows_activity(one.kind, 1.0)]


def ordinary_days(trace: Trace, zone: ZoneInfo) -> tuple[list[date], NDArray[np.bool_]]:
    """Return the local days of a trace, and which have about as many events as its middle one."""
    first, last = (datetime.fromtimestamp(int(second), UTC).astimezone(zone).date() for second in trace.at[[0, -1]])
    dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    midnights = [Day(one, zone).at(0) for one in dates] + [Day(dates[-1], zone).at(24)]
    counts = np.diff(np.searchsorted(trace.at[by_a_person(trace)], midnights))
    return dates, counts >= _LEAST_OF_USUAL * np.median(counts[counts > 0])


def is_eligible(trace: Trace, zone: ZoneInfo, least_days: int = 42, least_events_a_day: int = 150) -> bool:
    """Whether a home has enough whole days and enough events for something to be put into its trace."""
    if not by_a_person(trace).any():
        return False
    dates, _ = ordinary_days(trace, zone)
    events = trace.at[by_a_person(trace)]
    return len(dates) - 2 >= least_days and events.size >= least_events_a_day * np.unique(events // DAY).size
