"""Measurements as Ruuvi's data format 5 (RAWv2), written from the maker's page and never from a decoder.

Source: docs.ruuvi.com, "Data format 5 (RAWv2)". Every number stands with its highest byte first.
"""

import struct
from dataclasses import dataclass
from typing import Final

COMPANY: Final = 0x0499

_FORMAT: Final = 5
# Temperature, humidity, pressure, acceleration in three directions, power, movements, number of the measurement.
_LAYOUT: Final = struct.Struct(">BhHHhhhHBH")
_NO_SIGNED: Final = -32_768
_NO_UNSIGNED: Final = 65_535
_NO_VOLTAGE: Final = 2_047
_NO_TX_POWER: Final = 31
_NO_MOVEMENTS: Final = 255
_NO_ADDRESS: Final = b"\xff" * 6


@dataclass(frozen=True, slots=True)
class RawV2:
    """What one packet says. None: not available. A value beyond the format is told as the nearest one within it."""

    celsius: float | None
    humidity_percent: float | None
    number: int | None  # of the measurement; it wraps at 65,535
    battery_mv: int | None = None
    address: bytes | None = None
    pressure_pa: int | None = None
    acceleration_mg: tuple[int | None, int | None, int | None] = (None, None, None)
    tx_power_dbm: int | None = None
    movements: int | None = None  # wraps at 255

    def on_air(self) -> bytes:
        """Return the manufacturer data behind the company's number."""
        body = _LAYOUT.pack(
            _FORMAT,
            _signed(self.celsius, 0.005),
            _unsigned(self.humidity_percent, 0.0025, _NO_UNSIGNED),
            _unsigned(None if self.pressure_pa is None else self.pressure_pa - 50_000, 1, _NO_UNSIGNED),
            *(_signed(axis, 1) for axis in self.acceleration_mg),
            self._power(),
            _NO_MOVEMENTS if self.movements is None else self.movements % _NO_MOVEMENTS,
            _NO_UNSIGNED if self.number is None else self.number % _NO_UNSIGNED,
        )
        return body + (_NO_ADDRESS if self.address is None else self.address)

    def _power(self) -> int:
        volts = _unsigned(None if self.battery_mv is None else self.battery_mv - 1_600, 1, _NO_VOLTAGE)
        sends = _unsigned(None if self.tx_power_dbm is None else self.tx_power_dbm + 40, 2, _NO_TX_POWER)
        return volts << 5 | sends


def _signed(value: float | None, step: float) -> int:
    return _NO_SIGNED if value is None else max(-32_767, min(32_767, round(value / step)))


def _unsigned(value: float | None, step: float, none: int) -> int:
    return none if value is None else max(0, min(none - 1, round(value / step)))
