"""One packet a sensor sent into the air, as a radio heard it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

# Beyond these a number stands for "not known": 127 in the Bluetooth host interface and in BlueZ, -127 in bleak.
_SIGNALS_DBM: Final = range(-126, 21)


Content = tuple[str | None, tuple[str, ...], tuple[tuple[str, bytes], ...], tuple[tuple[int, bytes], ...]]


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One Bluetooth advertisement."""

    address: str  # as the radio writes it: AA:BB:CC:DD:EE:FF
    name: str | None
    service_data: Mapping[str, bytes]  # by 128-bit UUID, lower case
    manufacturer_data: Mapping[int, bytes]  # by Bluetooth SIG company number
    rssi_dbm: int | None  # None when the radio did not say
    heard_at: datetime  # UTC by the radio's clock
    radio: str = ""  # which radio of the gateway heard it
    services: tuple[str, ...] = ()  # the services it names, as 128-bit UUIDs, lower case
    sensor_id: str = field(init=False)  # the sender's address as the contract writes it: lower case, no colons

    def __post_init__(self) -> None:
        object.__setattr__(self, "sensor_id", self.address.replace(":", "").lower())
        if self.rssi_dbm not in _SIGNALS_DBM:
            object.__setattr__(self, "rssi_dbm", None)

    @property
    def content(self) -> Content:
        """Everything a reader looks at. It stays as it is, whatever a radio does with its own tables afterwards."""
        return self.name, self.services, tuple(self.service_data.items()), tuple(self.manufacturer_data.items())
