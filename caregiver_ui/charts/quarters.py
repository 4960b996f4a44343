"""Reads a row of quarter hours: how much movement, where it is missing, and how to say it."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby

QUARTER = timedelta(minutes=15)
QUARTERS_A_DAY = 96
_QUARTERS_AN_HOUR = 4

# Movements in a quarter of an hour at which the colour grows one step stronger. A motion sensor reports at most about
# once a minute, so four steps spread what a quarter can hold.
_STEPS = (1, 2, 4, 8)


def step_of(movements: int) -> int:
    """Return the strength of colour for a quarter hour: 0 for none, 4 for the most."""
    return bisect_right(_STEPS, movements)


def runs(steps: Sequence[int | None]) -> Iterator[tuple[int | None, int, int]]:
    """Give each stretch of equal steps as (step, first, length). None is a stretch without data."""
    at = 0
    for step, group in groupby(steps):
        length = len(list(group))
        yield step, at, length
        at += length


def active_hours(quarters: Sequence[int | None]) -> float | None:
    """Return in how many hours' worth of quarters there was movement; None when nothing at all is known."""
    known = [quarter for quarter in quarters if quarter is not None]
    return sum(quarter > 0 for quarter in known) / _QUARTERS_AN_HOUR if known else None


def missing_hours(quarters: Sequence[int | None]) -> float:
    """Return how many hours' worth of quarters have no data."""
    return sum(quarter is None for quarter in quarters) / _QUARTERS_AN_HOUR


def start_of(now: datetime) -> datetime:
    """Return when the row that ends with the present quarter hour begins."""
    epoch_quarters = now.timestamp() // QUARTER.total_seconds()
    return datetime.fromtimestamp((epoch_quarters + 1) * QUARTER.total_seconds(), now.tzinfo) - QUARTERS_A_DAY * QUARTER


def local_hours(now: datetime, zone: tzinfo) -> list[int]:
    """Return the local hour of each quarter of the row that ends now: right on days when the clock changes, too."""
    return list(_hours_from(start_of(now), zone))


@lru_cache(maxsize=64)
def _hours_from(first: datetime, zone: tzinfo) -> tuple[int, ...]:
    """Return the hours of a row: the same for every resident of a list, so they are reckoned once."""
    return tuple((first + number * QUARTER).astimezone(zone).hour for number in range(QUARTERS_A_DAY))
