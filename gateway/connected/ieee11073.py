"""The two decimal number formats of medical devices, and the fields that stand between them; pure.

Source: IEEE 11073-20601, annex F.7 and F.8; Bluetooth SIG, Personal Health Devices Transcoding, 2.2.
"""

import math
from datetime import datetime
from typing import Final

from gateway.connected.vital import UndecodableMeasurementError

# The mantissas that stand for no number. NRes: there is a value, and it does not fit the format.
_SFLOAT_NAMES: Final = {0x7FF: math.nan, 0x800: math.nan, 0x801: math.nan, 0x7FE: math.inf, 0x802: -math.inf}
_FLOAT_NAMES: Final = {
    0x7FFFFF: math.nan,
    0x800000: math.nan,
    0x800001: math.nan,
    0x7FFFFE: math.inf,
    0x800002: -math.inf,
}
_UNKNOWN_YEAR: Final = 0


def sfloat(two: bytes) -> float:
    """Read an SFLOAT: 4 bits of exponent, 12 of mantissa, both two's complement. NaN stands for every kind of none."""
    raw = int.from_bytes(two, "little")
    mantissa, exponent = raw & 0xFFF, raw >> 12
    return _number(mantissa, exponent, 12, 4, _SFLOAT_NAMES)


def float32(four: bytes) -> float:
    """Read a FLOAT: 8 bits of exponent, 24 of mantissa, both two's complement. NaN stands for every kind of none."""
    raw = int.from_bytes(four, "little")
    mantissa, exponent = raw & 0xFFFFFF, raw >> 24
    return _number(mantissa, exponent, 24, 8, _FLOAT_NAMES)


def _number(mantissa: int, exponent: int, mantissa_bits: int, exponent_bits: int, names: dict[int, float]) -> float:
    if mantissa in names:
        return names[mantissa]
    signed = _signed(mantissa, mantissa_bits)
    power = _signed(exponent, exponent_bits)
    # A division by a whole power of ten gives the nearest float; a product with 0.1 would not.
    return float(signed * 10**power) if power >= 0 else signed / 10**-power


def _signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> (bits - 1) else number


class Fields:
    """The bytes of one measurement, taken from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes.

        Raises:
            UndecodableMeasurementError: there are fewer.
        """
        found = self._data[self._at : self._at + count]
        if len(found) < count:
            raise UndecodableMeasurementError(f"a measurement of {len(self._data)} bytes ends in the middle of a field")
        self._at += count
        return found

    def whole(self, count: int) -> int:
        """Return the next bytes as a number without sign."""
        return int.from_bytes(self.take(count), "little")

    def signed(self, count: int) -> int:
        """Return the next bytes as a number with sign."""
        return int.from_bytes(self.take(count), "little", signed=True)

    def sfloat(self) -> float | None:
        """Return the next SFLOAT; None where it stands for no number."""
        return _finite(sfloat(self.take(2)))

    def float32(self) -> float | None:
        """Return the next FLOAT; None where it stands for no number."""
        return _finite(float32(self.take(4)))

    def moment(self) -> datetime | None:
        """Return the next Date Time; None where the device does not know it.

        Raises:
            UndecodableMeasurementError: there is no such day or hour.
        """
        year, month, day, hour, minute, second = (self.whole(2), *self.take(5))
        if _UNKNOWN_YEAR in {year, month, day}:
            return None
        try:
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the device does not know its zone
        except ValueError:
            raise UndecodableMeasurementError("a measurement at a moment that does not exist") from None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
