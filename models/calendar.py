"""Local days and hours of a home, right across both clock changes."""

from datetime import UTC, datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

QUARTERS_A_DAY = 96
QUARTER_S = 900

Seconds = NDArray[np.float64]


def to_seconds(moments: list[datetime]) -> Seconds:
    """Return aware moments as seconds since 1970 UTC, shape (n,)."""
    return np.array([moment.timestamp() for moment in moments], dtype=np.float64)


def local_quarters(first: float, last: float, zone: tzinfo) -> tuple[int, NDArray[np.intp]]:
    """Return the local quarter-hours (0 to 95) from the one that holds `first` to the one that holds `last`.

    Before them: the number since 1970 of the first one. `first` and `last` are seconds since 1970 UTC.
    """
    begin, end = int(first // QUARTER_S), int(last // QUARTER_S)
    moments = (datetime.fromtimestamp(number * QUARTER_S, UTC) for number in range(begin, end + 1))
    return begin, np.array([quarter_of(moment, zone) for moment in moments], dtype=np.intp)


def quarter_of(moment: datetime, zone: tzinfo) -> int:
    """Return the quarter-hour of the local day, 0 to 95."""
    local = moment.astimezone(zone)
    return (local.hour * 60 + local.minute) // 15


def quarter_start(moment: datetime) -> datetime:
    """Return when the quarter-hour that holds `moment` began. Every zone in use is offset by whole quarters."""
    seconds = int(moment.timestamp())
    return datetime.fromtimestamp(seconds - seconds % QUARTER_S, UTC)
