"""Blood sugar, characteristics 2A18 (the measurement) and 2A34 (what the person did); pure.

Source: Bluetooth SIG, GATT Specification Supplement, 3.103 and 3.104; Glucose Service 1.0.1.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.connected.ieee11073 import Fields
from gateway.connected.vital import UndecodableMeasurementError, VitalReading, doubts_in
from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import SensorKind

_HAS_OFFSET: Final = 0x01
_HAS_VALUE: Final = 0x02
_IN_MOLES: Final = 0x04
_HAS_STATUS: Final = 0x08

_GRAMS_PER_MOLE: Final = 180.156
_MMOL_PER_MOLE: Final = 1000
_MMOL_PER_KG: Final = 1_000_000 / _GRAMS_PER_MOLE
_CONTROL_SOLUTION: Final = 0x0A  # measured to test the meter
_MEANINGS: Final = {
    1: Doubt.FAULT,
    2: Doubt.SAMPLE_OR_STRIP,
    3: Doubt.SAMPLE_OR_STRIP,
    4: Doubt.SAMPLE_OR_STRIP,
    5: Doubt.OUT_OF_RANGE,
    6: Doubt.OUT_OF_RANGE,
    7: Doubt.TOO_HOT_OR_COLD,
    8: Doubt.TOO_HOT_OR_COLD,
    9: Doubt.SAMPLE_OR_STRIP,
    10: Doubt.FAULT,
    11: Doubt.CLOCK_NOT_SET,
}

_CONTEXT_HAS_CARBOHYDRATE: Final = 0x01
_CONTEXT_HAS_MEAL: Final = 0x02
_CONTEXT_IS_EXTENDED: Final = 0x80


_MEALS: Final = {1: Meal.BEFORE, 2: Meal.AFTER, 3: Meal.FASTING, 4: Meal.CASUAL, 5: Meal.BEDTIME}


@dataclass(frozen=True, slots=True)
class GlucoseContext:
    """What the person told the meter about the measurement with this number."""

    sequence: int
    meal: Meal | None


def glucose(data: bytes) -> tuple[VitalReading, ...]:
    """Read one measurement. Without a result, or with one beyond the meter's range, its value is None.

    Raises:
        UndecodableMeasurementError: it breaks off.
    """
    fields = Fields(data)
    flags = fields.whole(1)
    sequence = fields.whole(2)
    moment = fields.moment()
    offset = timedelta(minutes=fields.signed(2)) if flags & _HAS_OFFSET else timedelta()
    value, kind_of_sample = (fields.sfloat(), fields.whole(1) & 0x0F) if flags & _HAS_VALUE else (None, 0)
    doubts = doubts_in(fields.whole(2), _MEANINGS) if flags & _HAS_STATUS else frozenset()
    if kind_of_sample == _CONTROL_SOLUTION:
        doubts |= {Doubt.NOT_A_PERSON}
    try:
        measured_at = None if moment is None else moment + offset
    except OverflowError:
        raise UndecodableMeasurementError("a measurement at the very edge of the calendar") from None
    return (VitalReading(SensorKind.GLUCOSE, _in_mmol(value, flags), measured_at, sequence, doubts=doubts),)


def glucose_context(data: bytes) -> GlucoseContext:
    """Read what was told about a measurement.

    Raises:
        UndecodableMeasurementError: it breaks off.
    """
    fields = Fields(data)
    flags = fields.whole(1)
    sequence = fields.whole(2)
    if flags & _CONTEXT_IS_EXTENDED:
        fields.take(1)
    if flags & _CONTEXT_HAS_CARBOHYDRATE:
        fields.take(3)
    meal = fields.whole(1) if flags & _CONTEXT_HAS_MEAL else 0
    return GlucoseContext(sequence, _MEALS.get(meal))


def _in_mmol(value: float | None, flags: int) -> float | None:
    if value is None:
        return None
    return round(value * (_MMOL_PER_MOLE if flags & _IN_MOLES else _MMOL_PER_KG), 2)
