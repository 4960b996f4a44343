"""Heart rate measurement, characteristic 2A37; pure. Source: Bluetooth SIG, GATT Specification Supplement, 3.113."""

from typing import Final

from gateway.connected.ieee11073 import Fields
from gateway.connected.vital import VitalReading
from gateway.contract.doubt import Doubt
from gateway.contract.observation import SensorKind

_TWO_BYTES: Final = 0x01
_HAS_CONTACT: Final = 0x02
_KNOWS_CONTACT: Final = 0x04


def heart_rate(data: bytes) -> tuple[VitalReading, ...]:
    """Read one measurement. A belt that touches nobody has a rate of None.

    Raises:
        UndecodableMeasurementError: it breaks off.
    """
    fields = Fields(data)
    flags = fields.whole(1)
    rate = fields.whole(2 if flags & _TWO_BYTES else 1)
    is_loose = bool(flags & _KNOWS_CONTACT) and not flags & _HAS_CONTACT
    doubts = frozenset({Doubt.NO_CONTACT}) if is_loose else frozenset()
    return (VitalReading(SensorKind.HEART_RATE, None if is_loose or rate == 0 else float(rate), doubts=doubts),)
