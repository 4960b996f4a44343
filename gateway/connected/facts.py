"""What a measurement of a body means for the home. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from gateway.connected.vital import VitalReading
from gateway.contract.home_config import SensorConfig
from gateway.contract.observation import SensorKind, Vital
from gateway.observe import Fact, Told

# A belt measures every second for as long as it is worn. It is told when it has moved by this much in its own unit,
# and at most once a minute; else when the longer time has passed.
_DEADBAND: Final[Mapping[SensorKind, float]] = {SensorKind.HEART_RATE: 10.0, SensorKind.OXYGEN_SATURATION: 2.0}
_MOVED_AFTER: Final = timedelta(minutes=1)
_TOLD_AGAIN_AFTER: Final = timedelta(minutes=5)


def facts_of(
    readings: tuple[VitalReading, ...], sensor: SensorConfig, now: datetime, *, clock_synced: bool
) -> tuple[Fact, ...]:
    """Return a finished measurement as facts, fetched at `now`.

    The first reading is what the device is for: where it has no value that is told. Others without one are left out.
    """

    def fact(reading: VitalReading, kind: SensorKind, value: float) -> Fact:
        said = _said(reading, missed=kind is SensorKind.MEASURED_NOTHING)
        return Fact(sensor.sensor_id, sensor.room, kind, value, now, clock_synced, None, said)

    facts = [fact(one, one.kind, one.value) for one in readings if one.value is not None]
    if readings and readings[0].value is None:
        facts.append(fact(readings[0], SensorKind.MEASURED_NOTHING, 1.0))
    return tuple(facts)


def news_of_stream(
    readings: tuple[VitalReading, ...], told: Mapping[SensorKind, Told], now: datetime
) -> Iterator[VitalReading]:
    """Yield what is worth telling of a device that measures all the time. `told`: the last value of each kind."""
    for one in readings:
        if one.value is not None and _is_news(one.kind, one.value, told.get(one.kind), now):
            yield one


def _is_news(kind: SensorKind, value: float, told: Told | None, now: datetime) -> bool:
    if told is None:
        return True
    age = abs(now - told.at)  # a clock that was set back must not silence a device until it has caught up
    return age >= _TOLD_AGAIN_AFTER or (age >= _MOVED_AFTER and abs(value - told.value) >= _DEADBAND.get(kind, 0))


def _said(reading: VitalReading, *, missed: bool) -> Vital:
    return Vital(
        device_time=reading.measured_at,
        sequence=reading.sequence,
        user=reading.user,
        doubts=tuple(sorted(reading.doubts)),
        meal=reading.meal,
        missed=reading.kind if missed else None,
    )
