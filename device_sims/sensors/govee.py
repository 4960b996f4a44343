"""Measurements as Govee's thermometer H5075 sends them, written from published captures and never from a decoder.

Source: github.com/Thrilleratplay/GoveeWatcher, README and issue 2. The maker publishes nothing, and owns no company
number.
"""

from typing import Final

COMPANY: Final = 0xEC88

_BELOW_ZERO: Final = 1 << 23
_HOTTEST: Final = 838.0  # 23 bits, less the three digits of humidity


def h5075(celsius: float, humidity_percent: float, battery_percent: int) -> bytes:
    """Return the manufacturer data: tenths of a degree, then tenths of a percent, as one decimal number in three bytes.

    Raises:
        ValueError: a value does not fit.
    """
    if not (abs(celsius) <= _HOTTEST and 0 <= humidity_percent < 100 and 0 <= battery_percent <= 100):  # noqa: PLR2004
        raise ValueError(f"an H5075 cannot say {celsius} °C, {humidity_percent} %, battery {battery_percent} %")
    both = round(abs(celsius) * 10) * 1_000 + round(humidity_percent * 10)
    sign = _BELOW_ZERO if celsius < 0 else 0
    return b"\x00" + (both | sign).to_bytes(3, "big") + bytes([battery_percent, 0])
