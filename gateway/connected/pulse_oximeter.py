"""Pulse oximeters, characteristics 2A5E (one measurement) and 2A5F (all the time); pure.

Source: Bluetooth SIG, GATT Specification Supplement, 3.178 and 3.179; Pulse Oximeter Service 1.0.1.
"""

from datetime import datetime
from typing import Final

from gateway.connected.ieee11073 import Fields
from gateway.connected.vital import VitalReading, doubts_in
from gateway.contract.doubt import Doubt
from gateway.contract.observation import SensorKind

_SPOT_HAS_TIME: Final = 0x01
_SPOT_HAS_STATUS: Final = 0x02
_SPOT_HAS_SENSOR_STATUS: Final = 0x04
_SPOT_CLOCK_NOT_SET: Final = 0x10

_LIVE_HAS_FAST: Final = 0x01
_LIVE_HAS_SLOW: Final = 0x02
_LIVE_HAS_STATUS: Final = 0x04
_LIVE_HAS_SENSOR_STATUS: Final = 0x08

_MEANINGS: Final = {
    5: Doubt.STILL_MEASURING,
    6: Doubt.STILL_MEASURING,
    10: Doubt.NOT_A_PERSON,
    11: Doubt.NOT_A_PERSON,
    12: Doubt.NOT_A_PERSON,
    13: Doubt.FAULT,
    14: Doubt.QUESTIONABLE,
    15: Doubt.QUESTIONABLE,
}
_SENSOR_MEANINGS: Final = {
    1: Doubt.FAULT,
    2: Doubt.POOR_SIGNAL,
    3: Doubt.POOR_SIGNAL,
    4: Doubt.POOR_SIGNAL,
    5: Doubt.POOR_SIGNAL,
    6: Doubt.POOR_SIGNAL,
    7: Doubt.POOR_SIGNAL,
    8: Doubt.QUESTIONABLE,
    10: Doubt.POOR_SIGNAL,
    11: Doubt.NO_CONTACT,
    12: Doubt.FAULT,
    13: Doubt.NO_CONTACT,
    14: Doubt.FAULT,
    15: Doubt.NO_CONTACT,
}


def spot_check(data: bytes) -> tuple[VitalReading, ...]:
    """Read one finished measurement: saturation and pulse, each None where the finger gave none.

    Raises:
        UndecodableMeasurementError: it breaks off.
    """
    fields = Fields(data)
    flags = fields.whole(1)
    saturation, pulse = fields.sfloat(), fields.sfloat()
    moment = fields.moment() if flags & _SPOT_HAS_TIME else None
    doubts = _doubts(fields, has_status=flags & _SPOT_HAS_STATUS, has_sensor_status=flags & _SPOT_HAS_SENSOR_STATUS)
    if flags & _SPOT_CLOCK_NOT_SET:
        doubts |= {Doubt.CLOCK_NOT_SET}
        moment = None
    return _readings(saturation, pulse, moment, doubts)


def continuous(data: bytes) -> tuple[VitalReading, ...]:
    """Read one of a row of measurements.

    Raises:
        UndecodableMeasurementError: it breaks off.
    """
    fields = Fields(data)
    flags = fields.whole(1)
    saturation, pulse = fields.sfloat(), fields.sfloat()
    for other in (_LIVE_HAS_FAST, _LIVE_HAS_SLOW):  # the same again, averaged otherwise
        if flags & other:
            fields.take(4)
    doubts = _doubts(fields, has_status=flags & _LIVE_HAS_STATUS, has_sensor_status=flags & _LIVE_HAS_SENSOR_STATUS)
    return _readings(saturation, pulse, None, doubts)


def _doubts(fields: Fields, *, has_status: int, has_sensor_status: int) -> frozenset[Doubt]:
    doubts = doubts_in(fields.whole(2), _MEANINGS) if has_status else frozenset()
    return doubts | doubts_in(fields.whole(3), _SENSOR_MEANINGS) if has_sensor_status else doubts


def _readings(
    saturation: float | None, pulse: float | None, moment: datetime | None, doubts: frozenset[Doubt]
) -> tuple[VitalReading, ...]:
    return (
        VitalReading(SensorKind.OXYGEN_SATURATION, saturation, moment, doubts=doubts),
        VitalReading(SensorKind.HEART_RATE, pulse, moment, doubts=doubts),
    )
