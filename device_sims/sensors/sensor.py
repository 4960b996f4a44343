"""One simulated sensor: its address, its key, and the packets it has sent so far."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from device_sims.radio.frames import Packet
from device_sims.sensors.battery import FRESH, Battery
from device_sims.sensors.voice import ENCRYPTED, Form, Make, Saying, Voice, voice_of

__all__ = ["Count", "Form", "Make", "Sensor"]

# An address with this bit set belongs to no maker.
_LOCALLY_ADMINISTERED = 0x02
_MULTICAST = 0x01

# What a sensor calls what it measures, where that is not what it is for; see `reads_as` of the contract.
_CALLED: Final = {Form.BED: "motion", Form.CHAIR: "motion", Form.PULL_CORD: "button", Form.FALL: "button"}
_XIAOMI_CALLED: Final = {Form.CHAIR: "bed"}


@dataclass(slots=True)
class Count:
    """What a sensor counts. Real ones keep `counter` in flash, so that it outlives a change of battery."""

    packets: int = 0
    counter: int = 0
    is_by_clock: bool = True  # some count by the clock: such a one never repeats itself, whatever it loses


@dataclass(slots=True)
class Sensor:
    """One sensor. The same seed gives the same address and key, so the same packets."""

    address: bytes
    key: bytes
    room: str
    form: Form
    make: Make = Make.BTHOME
    rssi_dbm: int = -60
    count: Count = field(default_factory=Count)
    humidity_percent: float = 40.0  # told with the temperature
    lux: float | None = None  # told with movement and doors; None: it has no eye for light
    _voice: Voice = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._voice = voice_of(self.make, self.form, self.address, self.key)

    @classmethod
    def made_from(cls, seed: str, room: str, form: Form, make: Make = Make.BTHOME) -> "Sensor":
        """Return the sensor of this form which `seed` hangs in `room`.

        Raises:
            ValueError: this make has no such sensor.
        """
        digest = hashlib.sha256(f"{seed}/{room}/{form}".encode()).digest()
        first = (digest[0] | _LOCALLY_ADMINISTERED) & ~_MULTICAST & 0xFF
        return cls(bytes([first]) + digest[1:6], digest[8:24], room, form, make, rssi_dbm=-50 - digest[24] % 35)

    @property
    def sensor_id(self) -> str:
        """The address as the contract writes it: lower case, no colons."""
        return self.address.hex()

    @property
    def bind_key(self) -> str | None:
        """The key as the contract writes it; None for a sensor that does not encrypt."""
        return self.key.hex() if self.make in ENCRYPTED else None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of what its facts are, in the contract's words."""
        if self.form is Form.TEMPERATURE:
            return (str(self.form), "humidity")
        return (str(self.form),) if self.lux is None else (str(self.form), "light")

    @property
    def reads_as(self) -> dict[str, str]:
        """What its words mean in this home, as the contract has it; mostly empty."""
        called = (_XIAOMI_CALLED if self.make is Make.XIAOMI else _CALLED).get(self.form)
        return {} if called is None else {called: str(self.form)}

    def provisioning(self) -> dict[str, Any]:
        """Return it as a provisioning file has it."""
        return {
            "sensor_id": self.sensor_id,
            "room": self.room,
            "kinds": list(self.kinds),
            "bind_key": self.bind_key,
            "reads_as": self.reads_as,
        }

    def says(self, value: float, at: datetime, battery: Battery = FRESH, *, is_beacon: bool = False) -> Packet:
        """Return the packet that tells `value` (1 active, open or pressed, or a measure in its unit) at `at`.

        A beacon is sent because its time has come: it tells that the sensor lives, and its last state where the make
        does so; never a press.
        """
        count = self.count
        count.packets += 1
        count.counter = max(count.counter + 1, int(at.timestamp())) if count.is_by_clock else count.counter + 1
        besides = (self.humidity_percent, self.lux)
        saying = Saying(value, *besides, battery, count.packets, count.counter, is_beacon)
        voice = self._voice
        return Packet(at, self.address, self.rssi_dbm, voice.number, voice.say(saying), voice.part)
