"""When a gateway's silence is a fault, and up to when a home is known. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp

from gateway.contract.observation import VITALS, Observation, SensorKind


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
    # They speak when somebody uses them: a month in the cupboard is worth a look, a day is not.
    **dict.fromkeys(VITALS, timedelta(days=10)),
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


# Our choice: cells of one coin are flat within weeks below this, and a new one shows far above it.
_BATTERY_LOW, _BATTERY_WELL, _BATTERY_FLAT = 15, 30, 5
# Cold lowers a battery for a night: it is told when it has been low for three daily looks.
_LOW_FOR = timedelta(days=2)
# A BLE radio hears down to some -95 dBm: within a few dB of that every second packet is lost.
_WEAK_DBM, _STRONG_DBM = -92, -88
_WEAK_FOR = timedelta(days=1)


def battery_low_since(before: datetime | None, percent: float | None, now: datetime) -> datetime | None:
    """Return since when a battery is low; None while it is not. It stays low until it reads like a new one."""
    if percent is None or _BATTERY_LOW < percent < _BATTERY_WELL:
        return before
    return None if percent >= _BATTERY_WELL else before or now


def is_battery_told(low_since: datetime | None, percent: float | None, now: datetime) -> bool:
    """Return whether somebody is to change a battery: low for days, or nearly flat, which cannot wait."""
    if low_since is None:
        return False
    return now - low_since >= _LOW_FOR or (percent is not None and percent <= _BATTERY_FLAT)


def weak_since(before: datetime | None, rssi_dbm: int | None, now: datetime) -> datetime | None:
    """Return since when a sensor is hardly heard; None while it is heard well. One good packet ends it."""
    if rssi_dbm is None or _WEAK_DBM < rssi_dbm < _STRONG_DBM:
        return before
    return None if rssi_dbm >= _STRONG_DBM else before or now


def is_weak(since: datetime | None, now: datetime) -> bool:
    """Return whether a sensor has been hardly heard for so long that its place or its battery is the reason."""
    return since is not None and now - since >= _WEAK_FOR


PROOF_LASTS = timedelta(days=30)


def is_unproven(proven_at: datetime | None, now: datetime) -> bool:
    """Return whether the way from a sensor to us was never seen to hold, or too long ago."""
    return proven_at is None or now - proven_at > PROOF_LASTS


# A smoke detector, a fall sensor or a leak calls for help even when somebody says it is tested: they call again by
# themselves, and nobody could press them twice.
_PRESSED = frozenset({SensorKind.BUTTON, SensorKind.PULL_CORD})


def is_test_press(fact: Observation) -> bool:
    """Return whether the first fact of a sensor under test may go without waking anybody: one single, timely press.

    Pressed twice or held, or heard by a clock that cannot be trusted, it is a call.
    """
    return fact.kind in _PRESSED and fact.value == 1 and fact.clock_synced


def is_ahead(told: tuple[int, str | None], ours: tuple[int, str | None]) -> bool:
    """Return whether a gateway would not take our configuration, though it has another: ours has gone back in time.

    Each is (version, mark); a mark of None is not known.
    """
    (version, mark), (our_version, our_mark) = told, ours
    differs = None not in {mark, our_mark} and mark != our_mark
    return version > our_version or (version == our_version and differs)


# How often a gateway falls silent by itself: a week between two times is little, and makes us rather too careful.
_SILENT_ONCE_IN = timedelta(days=7)
LEAST_TOGETHER = 5
_BY_CHANCE = 1e-6
_TOGETHER_WITHIN = timedelta(minutes=5)
# Whoever is not back when half of the others are has this long before it is a fault of its own.
OWN_TIME = timedelta(minutes=30)


def together_within(patience: timedelta) -> timedelta:
    """Return within which span gateways that one fault silences fall silent. They speak each minute."""
    return min(_TOGETHER_WITHIN, patience / 2)


def least_together(homes: int, window: timedelta) -> int:
    """Return how many of `homes` that fall silent within a window are no coincidence: less likely than one in 1e6."""
    expected = homes * window / _SILENT_ONCE_IN
    chance = exp(-expected)
    many, least = 1.0 - chance, 1
    while many > _BY_CHANCE or least < LEAST_TOGETHER:
        chance *= expected / least
        many, least = many - chance, least + 1
    return least


@dataclass(frozen=True, slots=True)
class Together:
    """How many homes fell silent together, of all that could have."""

    silent: int
    homes: int


def fallen_together(silent: Mapping[int, datetime], asked: int, homes: int, within: timedelta) -> Together | None:
    """Return with how many a home fell silent, where that are so many that the fault is in no home; None: by itself.

    Args:
        silent: when each of the homes not heard for `within` or longer was last heard.
        asked: which of them.
        homes: how many homes are listened to.
        within: in which span one fault silences all.
    """
    count = sum(abs(heard - silent[asked]) <= within for heard in silent.values())
    return Together(count, homes) if count >= least_together(homes, 2 * within) else None


def is_outage_over(silenced: int, still: int) -> bool:
    """Return whether half of those an outage silenced are back: the others are waited for one by one."""
    return 2 * still <= silenced


def is_told_again(closed_at: datetime | None, now: datetime) -> bool:
    """Return whether a fault that lasts is to be told again. `closed_at`: when somebody closed it, None while open."""
    return closed_at is not None and now - closed_at >= TOLD_AGAIN_AFTER
