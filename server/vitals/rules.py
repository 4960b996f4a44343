"""When a body was measured, whether it is the same measurement again, and what it is called in the world. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Final

from gateway.contract.doubt import Doubt
from gateway.contract.observation import SensorKind, Vital

_OLDEST: Final = timedelta(days=400)  # older than this it is the clock that is wrong: meters keep about a year


@dataclass(frozen=True, slots=True)
class Code:
    """The names of a kind in the standards."""

    loinc: str
    ucum: str


# Source: loinc.org and ucum.org; FHIR R4, vital signs profile (weight: docs/decisions).
CODES: Final[Mapping[SensorKind, Code]] = MappingProxyType(
    {
        SensorKind.SYSTOLIC: Code("8480-6", "mm[Hg]"),
        SensorKind.DIASTOLIC: Code("8462-4", "mm[Hg]"),
        SensorKind.MEAN_ARTERIAL: Code("8478-0", "mm[Hg]"),
        SensorKind.HEART_RATE: Code("8867-4", "/min"),
        SensorKind.OXYGEN_SATURATION: Code("2708-6", "%"),
        SensorKind.BODY_TEMPERATURE: Code("8310-5", "Cel"),
        SensorKind.WEIGHT: Code("29463-7", "kg"),
        SensorKind.GLUCOSE: Code("15074-8", "mmol/L"),
    }
)


# They say something beside the value and nothing against it: whoever has atrial fibrillation has an irregular pulse in
# every measurement, and must still be told of when one of them is grave.
_BESIDE_THE_VALUE: Final = frozenset({Doubt.CLOCK_NOT_SET, Doubt.IRREGULAR_PULSE})


def is_doubtful(doubts: Collection[Doubt]) -> bool:
    """Return whether a device that says this doubts the value itself."""
    return not _BESIDE_THE_VALUE.issuperset(doubts)


@dataclass(frozen=True, slots=True)
class Measured:
    """When a body was measured, by our reckoning."""

    at: datetime
    by_device_clock: bool


def measured_at(said: Vital, zone: tzinfo, observed_at: datetime, patience: timedelta) -> Measured:
    """Return when a measurement was made: by its device's clock where that can be believed, else when it was fetched.

    An hour that a clock change gives twice is taken for the later one that was over by then; one that it leaves out,
    for a device that still runs by winter time.

    Args:
        said: what the device says.
        zone: the home's: the device's clock is taken to be set by it.
        observed_at: when it was fetched, by our reckoning.
        patience: how far a device's clock may be ahead.
    """
    fetched = Measured(observed_at, by_device_clock=False)
    if said.device_time is None or Doubt.CLOCK_NOT_SET in said.doubts:
        return fetched
    try:
        moments = {said.device_time.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    except OverflowError:  # at the edge of the calendar
        return fetched
    past = [moment for moment in moments if moment - observed_at <= patience]
    if not past or observed_at - max(past) > _OLDEST:
        return fetched
    return Measured(min(max(past), observed_at), by_device_clock=True)


def mark_of(said: Vital, value: float) -> str | None:
    """Return what is the same when the same value is fetched again; None where nothing tells it from another like it.

    A gateway that stops between writing and remembering, one that has lost its memory, and a second one in the home
    all fetch what was fetched before.
    """
    if said.device_time is None and said.sequence is None:
        return None
    told = (said.device_time and said.device_time.isoformat(), said.sequence, said.user, value)
    return "|".join("" if part is None else str(part) for part in told)
