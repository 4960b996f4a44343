"""What the gateway reads from devices one connects to, in one table; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.connected.blood_pressure import blood_pressure
from gateway.connected.glucose import glucose
from gateway.connected.heart_rate import heart_rate
from gateway.connected.pulse_oximeter import continuous, spot_check
from gateway.connected.thermometer import thermometer
from gateway.connected.vital import VitalReading
from gateway.connected.weight import weight

_BLUETOOTH_BASE: Final = "0000{:04x}-0000-1000-8000-00805f9b34fb"


def uuid(number: int) -> str:
    """Return a 16-bit number of the Bluetooth SIG as a UUID."""
    return _BLUETOOTH_BASE.format(number)


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of measurement."""

    service: int  # 16-bit numbers of the Bluetooth SIG
    measurement: int
    decode: Callable[[bytes], tuple[VitalReading, ...]]
    has_records: bool = False  # stored measurements are asked for; others send theirs by themselves
    is_stream: bool = False  # it sends for as long as somebody listens: only the last one counts


PROFILES: Final = (
    Profile(0x1810, 0x2A35, blood_pressure),
    Profile(0x180D, 0x2A37, heart_rate, is_stream=True),
    Profile(0x181D, 0x2A9D, weight),
    Profile(0x1809, 0x2A1C, thermometer),
    Profile(0x1822, 0x2A5E, spot_check),
    Profile(0x1822, 0x2A5F, continuous, is_stream=True),
    Profile(0x1808, 0x2A18, glucose, has_records=True),
)
# What such a device names when it advertises.
ADVERTISED: Final = tuple(dict.fromkeys(profile.service for profile in PROFILES))

GLUCOSE_CONTEXT: Final = 0x2A34
RECORD_ACCESS: Final = 0x2A52
BATTERY_LEVEL: Final = 0x2A19
