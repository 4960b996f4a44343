"""Weight measurement, characteristic 2A9D; pure. Source: Bluetooth SIG, GATT Specification Supplement, 3.252."""

from typing import Final

from gateway.connected.ieee11073 import Fields
from gateway.connected.vital import VitalReading
from gateway.contract.observation import SensorKind

_IN_POUNDS: Final = 0x01
_HAS_TIME: Final = 0x02
_HAS_USER: Final = 0x04

_FAILED: Final = 0xFFFF
_NOBODY: Final = 0xFF
_STEPS_PER_KG: Final = 200  # 5 g each
_STEPS_PER_POUND: Final = 100
_KG_PER_POUND: Final = 0.45359237


def weight(data: bytes) -> tuple[VitalReading, ...]:
    """Read one measurement. One that failed has a weight of None.

    Raises:
        UndecodableMeasurementError: it breaks off.
    """
    fields = Fields(data)
    flags = fields.whole(1)
    steps = fields.whole(2)
    moment = fields.moment() if flags & _HAS_TIME else None
    user = fields.whole(1) if flags & _HAS_USER else _NOBODY
    return (VitalReading(SensorKind.WEIGHT, _in_kg(steps, flags), moment, user=None if user == _NOBODY else user),)


def _in_kg(steps: int, flags: int) -> float | None:
    if steps == _FAILED:
        return None
    return round(steps / _STEPS_PER_POUND * _KG_PER_POUND, 2) if flags & _IN_POUNDS else steps / _STEPS_PER_KG
