"""Blood pressure measurement, characteristic 2A35; pure.

Source: Bluetooth SIG, GATT Specification Supplement, 3.31; Blood Pressure Service 1.1.1.
"""

from typing import Final

from gateway.connected.ieee11073 import Fields
from gateway.connected.vital import VitalReading, doubts_in
from gateway.contract.doubt import Doubt
from gateway.contract.observation import SensorKind

_IN_KPA: Final = 0x01
_HAS_TIME: Final = 0x02
_HAS_PULSE: Final = 0x04
_HAS_USER: Final = 0x08
_HAS_STATUS: Final = 0x10

_MMHG_PER_KPA: Final = 7.500617
_NOBODY: Final = 0xFF
_MEANINGS: Final = {
    0: Doubt.BODY_MOVED,
    1: Doubt.CUFF_LOOSE,
    2: Doubt.IRREGULAR_PULSE,
    3: Doubt.PULSE_OUT_OF_RANGE,
    4: Doubt.PULSE_OUT_OF_RANGE,
    5: Doubt.WRONG_POSITION,
}
_PRESSURES: Final = (SensorKind.SYSTOLIC, SensorKind.DIASTOLIC, SensorKind.MEAN_ARTERIAL)


def blood_pressure(data: bytes) -> tuple[VitalReading, ...]:
    """Read one measurement: three pressures, and the pulse where it is there. A cuff error has pressures of None.

    Raises:
        UndecodableMeasurementError: it breaks off.
    """
    fields = Fields(data)
    flags = fields.whole(1)
    pressures = [_in_mmhg(fields.sfloat(), flags) for _ in _PRESSURES]
    moment = fields.moment() if flags & _HAS_TIME else None
    pulse = fields.sfloat() if flags & _HAS_PULSE else None
    user = fields.whole(1) if flags & _HAS_USER else _NOBODY
    doubts = doubts_in(fields.whole(2), _MEANINGS) if flags & _HAS_STATUS else frozenset()
    values = list(zip(_PRESSURES, pressures, strict=True))
    if flags & _HAS_PULSE:
        values.append((SensorKind.HEART_RATE, pulse))
    person = None if user == _NOBODY else user
    return tuple(VitalReading(kind, value, moment, user=person, doubts=doubts) for kind, value in values)


def _in_mmhg(pressure: float | None, flags: int) -> float | None:
    if pressure is None or not flags & _IN_KPA:
        return pressure
    return round(pressure * _MMHG_PER_KPA, 1)
