"""A home's minutes laid out by local days."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from models.minutes import MINUTE_S, TICK_MINUTES, Bits, Minutes

MINUTES_A_DAY: Final = 1440
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class LocalDays:
    """Whole local days, one row each, by the clock on the wall.

    `first_day`: days since 1970-01-01 of row 0. `bits`: shape (days, 1440), bit r is `rooms.Role(r)`; the hour that a
    spring day lacks is empty, the one that an autumn day has twice holds both. `seen`: share of each day's minutes in
    which somebody could have been seen, 0 to 1. `longer`: minutes by which the day is longer than 24 h; negative:
    shorter.
    """

    first_day: int
    bits: Bits
    seen: NDArray[np.float64]
    longer: NDArray[np.int64]

    @classmethod
    def of(cls, minutes: Minutes, zone: ZoneInfo) -> Self:
        """Return the days from the one that holds the first minute to the one that holds the last.

        Of a day that is known in part the rest is unseen.
        """
        first_minute = minutes.first_tick * TICK_MINUTES
        end_minute = first_minute + minutes.bits.size
        first = _local_day(first_minute, zone)
        days = _local_day(end_minute - 1, zone) - first + 1
        midnights = [_midnight(first + number, zone) for number in range(days + 1)]
        bits = np.zeros((days, MINUTES_A_DAY), np.uint8)
        seen = np.zeros(days)
        for row in range(days):
            begin, end = max(midnights[row], first_minute), min(midnights[row + 1], end_minute)
            source = slice(begin - first_minute, end - first_minute)
            wall = _wall_minutes(midnights[row], midnights[row + 1], zone)[
                begin - midnights[row] : end - midnights[row]
            ]
            np.bitwise_or.at(bits[row], wall, minutes.bits[source])
            seen[row] = minutes.seen[source].sum() / (midnights[row + 1] - midnights[row])
        return cls(first, bits, seen, np.diff(midnights) - MINUTES_A_DAY)

    @property
    def days(self) -> NDArray[np.int64]:
        """Days since 1970-01-01 of each row."""
        return np.arange(self.first_day, self.first_day + len(self.bits))


def _local_day(minute: int, zone: ZoneInfo) -> int:
    return (datetime.fromtimestamp(minute * MINUTE_S, UTC).astimezone(zone).date() - _EPOCH).days


def _midnight(day: int, zone: ZoneInfo) -> int:
    """Return the minute since 1970 UTC at which a local day begins."""
    wall = datetime.combine(_EPOCH + timedelta(days=day), datetime.min.time(), zone)
    return int(wall.timestamp()) // MINUTE_S


def _wall_minutes(begin: int, end: int, zone: ZoneInfo) -> NDArray[np.intp]:
    """Return what minute of the local day each minute is by the clock on the wall."""
    count = end - begin
    if count == MINUTES_A_DAY:
        return np.arange(MINUTES_A_DAY)
    walls = (datetime.fromtimestamp((begin + number) * MINUTE_S, UTC).astimezone(zone) for number in range(count))
    return np.array([wall.hour * 60 + wall.minute for wall in walls], dtype=np.intp)
