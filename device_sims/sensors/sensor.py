"""One simulated sensor: its address, its key, and the packets it has sent so far."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from device_sims.radio.frames import Packet
from device_sims.sensors import bthome

# An address with this bit set belongs to no maker.
_LOCALLY_ADMINISTERED = 0x02
_MULTICAST = 0x01


class Form(StrEnum):
    """What kind of thing hangs on the wall."""

    MOTION = "motion"
    DOOR = "door"
    BUTTON = "button"


@dataclass(slots=True)
class Sensor:
    """One encrypted BTHome sensor. The same seed gives the same address and key, so the same packets."""

    address: bytes
    key: bytes
    room: str
    form: Form
    rssi_dbm: int = -60
    _sent: int = field(default=0, repr=False)
    _counter: int = field(default=0, repr=False)

    @classmethod
    def made_from(cls, seed: str, room: str, form: Form) -> "Sensor":
        """Return the sensor of this form which `seed` hangs in `room`."""
        digest = hashlib.sha256(f"{seed}/{room}/{form}".encode()).digest()
        first = (digest[0] | _LOCALLY_ADMINISTERED) & ~_MULTICAST & 0xFF
        return cls(bytes([first]) + digest[1:6], digest[8:24], room, form, rssi_dbm=-50 - digest[24] % 35)

    @property
    def sensor_id(self) -> str:
        """The address as the contract writes it: lower case, no colons."""
        return self.address.hex()

    def says(self, value: int, at: datetime) -> Packet:
        """Return the packet that tells `value` (1 active, open or pressed) at `at`."""
        self._sent += 1
        # Real sensors have been seen to count by the clock: one that lost its memory still never repeats itself.
        self._counter = max(self._counter + 1, int(at.timestamp()))
        objects = (bthome.packet_id(self._sent), bthome.battery(95), self._measurement(value))
        sealed = bthome.Seal(self.address, self.key).close(objects, self._counter, trigger_based=True)
        return Packet(at, self.address, self.rssi_dbm, bthome.SERVICE_UUID16, sealed)

    def _measurement(self, value: int) -> bthome.Measurement:
        match self.form:
            case Form.MOTION:
                return bthome.motion(is_moving=bool(value))
            case Form.DOOR:
                return bthome.door(is_open=bool(value))
            case Form.BUTTON:
                return bthome.button(bthome.Press(value))
