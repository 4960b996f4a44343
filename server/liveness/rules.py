"""When a gateway's silence is a fault, and up to when a home is known. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.contract.observation import SensorKind


@dataclass(frozen=True, slots=True)
class Claim:
    """What a heartbeat told: at `at` (gateway's clock) everything heard had a number up to these."""

    at: datetime
    epoch: str
    heads: Mapping[str, int]


def is_settled(claim: Claim, stored: Mapping[tuple[str, str], int]) -> bool:
    """Return whether all a heartbeat told of has arrived. `stored`: (epoch, stream) to the mark on disk."""
    return all(stored.get((claim.epoch, stream), 0) >= head for stream, head in claim.heads.items())


def later(first: datetime | None, second: datetime) -> datetime:
    """Return the later moment; knowledge never shrinks."""
    return second if first is None or second > first else first


# How often a sensor of a kind speaks when nobody has said it: by advertisement or by its own sign of life. Our choice,
# after the spans found in products (a worn button 4 to 24 h, a mains sensor hourly).
_INTERVAL = {
    SensorKind.TEMPERATURE: timedelta(hours=1),
    SensorKind.HUMIDITY: timedelta(hours=1),
    SensorKind.LIGHT: timedelta(hours=1),
    SensorKind.POWER: timedelta(minutes=50),
    SensorKind.BUTTON: timedelta(hours=4),
    SensorKind.PULL_CORD: timedelta(hours=4),
    SensorKind.FALL: timedelta(hours=4),
}
# What speaks only when something happens: a day without a word is a fault.
_INTERVAL_OF_OTHERS = timedelta(hours=8)
_MISSED = 3
# A fault that stays is told again, also when somebody has closed it.
TOLD_AGAIN_AFTER = timedelta(hours=24)


def sensor_patience(kinds: Iterable[str], expected_interval_s: float | None) -> timedelta:
    """Return how long a sensor may be silent: three of its intervals. Of several kinds the liveliest counts."""
    if expected_interval_s is not None:
        return _MISSED * timedelta(seconds=expected_interval_s)
    intervals = [_INTERVAL.get(SensorKind(kind), _INTERVAL_OF_OTHERS) for kind in kinds if kind in list(SensorKind)]
    return _MISSED * min(intervals, default=_INTERVAL_OF_OTHERS)


def is_told_again(closed_at: datetime | None, now: datetime) -> bool:
    """Return whether a fault that lasts is to be told again. `closed_at`: when somebody closed it, None while open."""
    return closed_at is not None and now - closed_at >= TOLD_AGAIN_AFTER
