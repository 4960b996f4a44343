"""Temperature measurement of a body, characteristic 2A1C; pure.

Source: Bluetooth SIG, GATT Specification Supplement, 3.226.
"""

from typing import Final

from gateway.connected.ieee11073 import Fields
from gateway.connected.vital import VitalReading
from gateway.contract.observation import SensorKind

_IN_FAHRENHEIT: Final = 0x01
_HAS_TIME: Final = 0x02


def thermometer(data: bytes) -> tuple[VitalReading, ...]:
    """Read one measurement. One that failed has a temperature of None.

    Raises:
        UndecodableMeasurementError: it breaks off.
    """
    fields = Fields(data)
    flags = fields.whole(1)
    measured = fields.float32()
    moment = fields.moment() if flags & _HAS_TIME else None
    if measured is not None and flags & _IN_FAHRENHEIT:
        measured = round((measured - 32) * 5 / 9, 2)
    return (VitalReading(SensorKind.BODY_TEMPERATURE, measured, moment),)
