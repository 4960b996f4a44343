"""What a relative is told of a day and a night: coarse facts, never times of movement. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from server.overview.rules import QUARTER, Status

_MORNING: Final = 6
# Quarter hours with movement between midnight and six: up to this many is an ordinary night with a visit or two to the
# bathroom.
_CALM_NIGHT: Final = 6


class Calm(StrEnum):
    """How a resident is, in one of a few ways that wake nobody for nothing."""

    NORMAL = "normal"
    LEARNING = "learning"
    FOLLOWED = "followed"  # the service has something to see to, and does
    PAUSED = "paused"  # somebody said so: a pause, a stay away
    UNKNOWN = "unknown"  # never shown as well


class Night(StrEnum):
    """The last night."""

    CALM = "calm"
    RESTLESS = "restless"
    UNKNOWN = "unknown"


class Up(StrEnum):
    """Whether somebody has been up and about today."""

    YES = "yes"
    NOT_YET = "not_yet"
    UNKNOWN = "unknown"


_CALM: Final = {
    Status.NORMAL: Calm.NORMAL,
    Status.LEARNING: Calm.LEARNING,
    Status.WATCH: Calm.FOLLOWED,
    Status.CRITICAL: Calm.FOLLOWED,
    Status.PAUSED: Calm.PAUSED,
}


def calm_of(status: Status) -> Calm:
    """Return what a relative is shown of a status; of one that has no word of its own, that it is not known."""
    return _CALM.get(status, Calm.UNKNOWN)


def coarse(day: Sequence[int | None], now: datetime, zone: ZoneInfo) -> tuple[Night, Up | None]:
    """Return how the night was, and whether somebody is up today; None before six in the morning.

    `day`: movements in the quarter hours up to the one that holds `now`; None: not known.
    """
    hours = _local_hours(now, zone, len(day))
    since_midnight = _since_midnight(hours)
    night = [quarter for hour, quarter in zip(hours, day, strict=True) if hour < _MORNING]
    today = [
        quarter
        for hour, quarter in zip(hours[-since_midnight:], day[-since_midnight:], strict=True)
        if hour >= _MORNING
    ]
    return _night(night), _up(today) if today else None


def _local_hours(now: datetime, zone: ZoneInfo, count: int) -> list[int]:
    """Return the local hour of each quarter, right on days when the clock changes, too."""
    end = now + QUARTER - timedelta(seconds=now.timestamp() % QUARTER.total_seconds())
    return [(end - back * QUARTER).astimezone(zone).hour for back in range(count, 0, -1)]


def _since_midnight(hours: Sequence[int]) -> int:
    """Return how many quarter hours of the row belong to the present day."""
    for back in range(1, len(hours)):
        if hours[-back - 1] > hours[-back]:
            return back
    return len(hours)


def _night(night: Sequence[int | None]) -> Night:
    known = [quarter for quarter in night if quarter is not None]
    if len(known) < len(night) / 2 or not known:
        return Night.UNKNOWN
    return Night.CALM if sum(quarter > 0 for quarter in known) <= _CALM_NIGHT else Night.RESTLESS


def _up(today: Sequence[int | None]) -> Up:
    if any(quarter for quarter in today):
        return Up.YES
    return Up.UNKNOWN if any(quarter is None for quarter in today) else Up.NOT_YET
