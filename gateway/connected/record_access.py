"""How stored measurements are asked for: the Record Access Control Point, characteristic 2A52; pure.

Source: Bluetooth SIG, GATT Specification Supplement, 3.187; Glucose Service 1.0.1, 3.4.
"""

from enum import Enum, auto
from typing import Final

from gateway.connected.vital import UndecodableMeasurementError

_REPORT: Final = 0x01
_RESPONSE: Final = 0x06
_ALL: Final = 0x01
_FROM: Final = 0x03
_BY_SEQUENCE: Final = 0x01
_SUCCESS: Final = 0x01
_NO_RECORDS: Final = 0x06
_RESPONSE_LENGTH: Final = 4
_LAST_SEQUENCE: Final = 0xFFFF


class Outcome(Enum):
    """How a request ended."""

    ALL_SENT = auto()
    NOTHING_STORED = auto()
    REFUSED = auto()


def report_records(after: int | None = None) -> bytes:
    """Return the request for all stored records, or for those numbered above `after`."""
    if after is None or after >= _LAST_SEQUENCE:
        return bytes([_REPORT, _ALL])
    return bytes([_REPORT, _FROM, _BY_SEQUENCE]) + (after + 1).to_bytes(2, "little")


def outcome(data: bytes) -> Outcome:
    """Read the device's answer to a request for records.

    Raises:
        UndecodableMeasurementError: it is none.
    """
    if len(data) < _RESPONSE_LENGTH or data[0] != _RESPONSE or data[2] != _REPORT:
        raise UndecodableMeasurementError(f"{len(data)} bytes that answer no request for records")
    return {_SUCCESS: Outcome.ALL_SENT, _NO_RECORDS: Outcome.NOTHING_STORED}.get(data[3], Outcome.REFUSED)
