"""Who is on the air: one entry for each device heard, for the eyes of a technician; pure."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.ble.advertisement import Advertisement

_MOST: Final = 1000  # devices; phones change their address every quarter of an hour


@dataclass(slots=True)
class OnAir:
    """One device."""

    address: str
    name: str  # empty while it has not said
    family: str  # empty: none that the gateway reads
    room: str | None  # None: it is not a sensor of this home
    rssi_dbm: int | None
    heard_at: datetime
    packets: int = 0


class AirBook:
    """The devices heard since the book was opened.

    Args:
        family_of: returns the name of the family that reads a packet, empty where none does.
        room_of: returns the room of a sensor of this home, None for every other device.
    """

    def __init__(self, family_of: Callable[[Advertisement], str], room_of: Callable[[str], str | None]) -> None:
        self._family_of = family_of
        self._room_of = room_of
        self._devices: OrderedDict[str, OnAir] = OrderedDict()

    def take(self, advertisement: Advertisement) -> None:
        """Take one packet. Of too many devices the one unheard for longest is forgotten."""
        known = self._devices.pop(advertisement.address, None) or self._new(advertisement)
        known.packets += 1
        known.heard_at = advertisement.heard_at
        known.rssi_dbm = advertisement.rssi_dbm
        known.name = advertisement.name or known.name
        known.family = known.family or self._family_of(advertisement)
        self._devices[advertisement.address] = known
        if len(self._devices) > _MOST:
            self._devices.popitem(last=False)

    def rows(self) -> list[OnAir]:
        """Return the home's sensors first, then what could become one, then the rest; the nearest first in each."""
        return sorted(
            self._devices.values(),
            key=lambda one: (one.room is None, not one.family, -(one.rssi_dbm or -127), one.address),
        )

    def _new(self, advertisement: Advertisement) -> OnAir:
        return OnAir(
            address=advertisement.address,
            name="",
            family="",
            room=self._room_of(advertisement.sensor_id),
            rssi_dbm=None,
            heard_at=advertisement.heard_at,
        )
