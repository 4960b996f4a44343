"""A home's past as local days: which tick stands at which time of each day that may be learned from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.minutes import TICK_S, TICKS_A_DAY
from models.series import Series

_HOUR_TICKS = 3600 // TICK_S


@dataclass(frozen=True)
class LocalTicks:
    """The local time of a stretch of ticks.

    `of_day`: tick of the local day, 0 to 287, shape (ticks,). `day`: the local day's ordinal, shape (ticks,).
    """

    of_day: NDArray[np.intp]
    day: NDArray[np.intp]


@lru_cache(maxsize=64)
def local_ticks(first_tick: int, end_tick: int, zone: tzinfo) -> LocalTicks:
    """Return the local time of the ticks from `first_tick` up to but not `end_tick`, right across clock changes."""
    ticks = np.arange(first_tick, end_tick)
    hours = np.arange(first_tick // _HOUR_TICKS, end_tick // _HOUR_TICKS + 1)
    # But on Lord Howe Island a zone's offset changes on whole hours of UTC, so that one look an hour is enough.
    offsets = np.array([_offset(int(hour), zone) for hour in hours], dtype=np.int64)
    local = ticks + offsets[ticks // _HOUR_TICKS - hours[0]]
    days, of_day = np.divmod(local, TICKS_A_DAY)
    return LocalTicks(of_day.astype(np.intp), (days + date(1970, 1, 1).toordinal()).astype(np.intp))


@lru_cache(maxsize=200_000)
def _offset(hour: int, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(hour * 3600, UTC).astimezone(zone).utcoffset() or timedelta(0)
    return int(offset.total_seconds()) // TICK_S


@dataclass(frozen=True)
class Past:
    """The days a home may be learned from.

    `at`: shape (days, 288), where in the series' columns each tick of each local day stands. `ordinals`: those days.
    """

    series: Series
    at: NDArray[np.intp]
    ordinals: NDArray[np.intp]

    @property
    def days(self) -> int:
        """How many days there are."""
        return len(self.ordinals)


def past_of(series: Series, local: LocalTicks, days: Collection[int]) -> Past:
    """Return the past that consists of these local days (ordinals), all of which lie in the series, if not wholly.

    An hour that a clock change skips is taken to be like the tick before it; of one that comes twice the second counts.
    Of a day that begins before the series, what is not known is like the first tick that is.
    """
    wanted = np.array(sorted(days), dtype=np.intp)
    at = np.full((wanted.size, TICKS_A_DAY), -1, dtype=np.intp)
    places = np.flatnonzero(np.isin(local.day, wanted))
    at[np.searchsorted(wanted, local.day[places]), local.of_day[places]] = places
    at[:, 0] = np.where(at < 0, local.day.size, at).min(axis=1)
    np.maximum.accumulate(at, axis=1, out=at)  # places rise with the time of day: this fills what lacks alone
    return Past(series, at, wanted)
