"""The two decimal numbers and the moment of medical devices, as they go on the air.

Source: Bluetooth SIG, "Personal Health Devices Transcoding", 2.2 (exponent and mantissa in two's complement), and GATT
Specification Supplement, 3.70 (Date Time).
"""

from datetime import datetime
from typing import Final

_SFLOAT_NAN: Final = 0x07FF
_SFLOAT_LARGEST: Final = 0x7FD
_FLOAT_NAN: Final = 0x007FFFFF
_FLOAT_LARGEST: Final = 0x7FFFFD


def sfloat(value: float | None, decimals: int = 0) -> bytes:
    """Return a number as two bytes: 4 bits of exponent, 12 of mantissa. None: not a number.

    Raises:
        ValueError: it does not fit with so many decimals (0 to 8, or down to -7).
    """
    return _written(value, decimals, 12, _SFLOAT_NAN, _SFLOAT_LARGEST, range(-7, 9), 2)


def float32(value: float | None, decimals: int = 0) -> bytes:
    """Return a number as four bytes: 8 bits of exponent, 24 of mantissa. None: not a number.

    Raises:
        ValueError: it does not fit with so many decimals.
    """
    return _written(value, decimals, 24, _FLOAT_NAN, _FLOAT_LARGEST, range(-127, 129), 4)


def date_time(moment: datetime) -> bytes:
    """Return a moment by the device's own clock, to the second; its zone is not told."""
    return moment.year.to_bytes(2, "little") + bytes(
        [moment.month, moment.day, moment.hour, moment.minute, moment.second]
    )


def _written(
    value: float | None, decimals: int, mantissa_bits: int, nan: int, largest: int, possible: range, size: int
) -> bytes:
    if value is None:
        return nan.to_bytes(size, "little")
    mantissa = round(value * 10.0**decimals)
    if abs(mantissa) > largest or decimals not in possible:
        raise ValueError(f"{value} with {decimals} decimals does not fit into {8 * size} bits: take fewer decimals")
    exponent = -decimals & ((1 << (8 * size - mantissa_bits)) - 1)
    return (exponent << mantissa_bits | mantissa & ((1 << mantissa_bits) - 1)).to_bytes(size, "little")
