"""The air of a home for benchmarks: its own sensors of four families, their repeats, and the neighbours' devices."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from device_sims.radio.frames import Packet, Part
from device_sims.sensors import bthome, govee, mibeacon
from gateway.contract.home_config import SensorConfig

KEY = bytes(range(16))
BUTTON = "a4c1380000ff"
_COPIES = 3  # a sensor sends each of its packets several times
_STRANGERS = 0.4  # of what is on the air
_RUUVI = 0x0499
# Apple, Microsoft, Samsung, Google, and what Govee and Ruuvi send with. Source: Bluetooth Assigned Numbers.
_COMPANIES = (0x004C, 0x004C, 0x004C, 0x0006, 0x0075, 0x00E0, govee.COMPANY, _RUUVI)
_SERVICES = (0xFEAA, 0xFD6F, 0xFE9F, bthome.SERVICE_UUID16, mibeacon.SERVICE_UUID16)

Said = tuple[Part, int, bytes]  # where in the advertisement, under which number, what


@dataclass(frozen=True, slots=True, eq=False)
class Sensor:
    """A sensor of the home. `say(n)` is its n-th packet, never like the ones before it."""

    config: SensorConfig
    say: Callable[[int], Said]
    tells: int = 1  # facts in each packet

    @property
    def address(self) -> bytes:
        """The address it sends from."""
        return bytes.fromhex(self.config.sensor_id)


def press(number: int) -> bytes:
    """Return the packet of a pressed button."""
    return bthome.plain([bthome.packet_id(number), bthome.button(bthome.Press.PRESS)])


def sensors() -> tuple[Sensor, ...]:
    """Return the sensors of the home, two of each sort."""
    makers = (_door, _motion, _sealed_motion, _sealed_door, _xiaomi_door, _xiaomi_thermometer, _ruuvi, _govee)
    return tuple(make(f"a4c13800{place:02x}{copy:02x}") for place, make in enumerate(makers) for copy in (1, 2))


def home() -> tuple[SensorConfig, ...]:
    """Return what the home's configuration holds: the sensors, and a button that is pressed by hand."""
    return (*(one.config for one in sensors()), SensorConfig(sensor_id=BUTTON, room="bedroom"))


class HomeAir:
    """What is on the air, packet by packet; always the same. `facts` counts what the home has told since `start`."""

    def __init__(self, start: datetime) -> None:
        self.facts = 0
        self.now = start
        self._chance = random.Random(1)  # noqa: S311 - a home, not a secret
        self._sensors = sensors()
        self._round = 0
        self._coming: list[tuple[Sensor, Said]] = []
        self._untold: set[Sensor] = set()

    def packets(self, count: int, per_s: float, strangers: float = _STRANGERS) -> Iterator[Packet]:
        """Yield the next packets, at so many a second of the home's time; `strangers` is their share of them."""
        for _ in range(count):
            self.now += timedelta(seconds=1 / per_s)
            address, (part, number, data) = self._stranger() if self._chance.random() < strangers else self._own()
            yield Packet(self.now, address, -70, number, data, part)

    def _own(self) -> tuple[bytes, Said]:
        """Return the next packet of the home: the copies of one come among those of others."""
        if not self._coming:
            self._coming = [(one, one.say(self._round)) for one in self._sensors] * _COPIES
            self._chance.shuffle(self._coming)
            self._untold = set(self._sensors)
            self._round += 1
        sensor, said = self._coming.pop()
        if sensor in self._untold:
            self._untold.remove(sensor)
            self.facts += sensor.tells
        return sensor.address, said

    def _stranger(self) -> tuple[bytes, Said]:
        address = self._chance.randbytes(5) + b"\xff"
        body = self._chance.randbytes(self._chance.randrange(4, 20))
        if self._chance.random() < 0.8:
            return address, (Part.MANUFACTURER_DATA, self._chance.choice(_COMPANIES), body)
        return address, (Part.SERVICE_DATA, self._chance.choice(_SERVICES), body)


def _bthome(data: bytes) -> Said:
    return Part.SERVICE_DATA, bthome.SERVICE_UUID16, data


def _door(sensor_id: str) -> Sensor:
    def say(number: int) -> Said:
        return _bthome(bthome.plain([bthome.packet_id(number), bthome.door(is_open=_is_even(number))]))

    return Sensor(SensorConfig(sensor_id=sensor_id, room="hallway"), say)


def _motion(sensor_id: str) -> Sensor:
    def say(number: int) -> Said:
        return _bthome(bthome.plain([bthome.packet_id(number), bthome.motion(is_moving=_is_even(number))]))

    return Sensor(SensorConfig(sensor_id=sensor_id, room="kitchen"), say)


def _sealed_motion(sensor_id: str) -> Sensor:
    seal = bthome.Seal(bytes.fromhex(sensor_id), KEY)

    def say(number: int) -> Said:
        return _bthome(seal.close([bthome.motion(is_moving=_is_even(number))], counter=number + 1))

    return Sensor(SensorConfig(sensor_id=sensor_id, room="bathroom", bind_key=KEY.hex()), say)


def _sealed_door(sensor_id: str) -> Sensor:
    seal = bthome.Seal(bytes.fromhex(sensor_id), KEY)

    def say(number: int) -> Said:
        return _bthome(seal.close([bthome.door(is_open=_is_even(number))], counter=number + 1))

    return Sensor(SensorConfig(sensor_id=sensor_id, room="hallway", bind_key=KEY.hex()), say)


def _xiaomi_door(sensor_id: str) -> Sensor:
    seal = mibeacon.Seal(bytes.fromhex(sensor_id), KEY, mibeacon.Product.DOOR_MS1BB)

    def say(number: int) -> Said:
        data = seal.close(mibeacon.door(is_open=_is_even(number)), counter=number + 1)
        return Part.SERVICE_DATA, mibeacon.SERVICE_UUID16, data

    return Sensor(SensorConfig(sensor_id=sensor_id, room="kitchen", bind_key=KEY.hex()), say)


def _xiaomi_thermometer(sensor_id: str) -> Sensor:
    """Plain MiBeacon version 5: product 0x01AA, object 0x1004, a tenth of a degree."""

    def say(number: int) -> Said:
        head = b"\x50\x50\xaa\x01" + bytes([number % 256]) + bytes.fromhex(sensor_id)[::-1]
        degrees = round(_degrees(number) * 10).to_bytes(2, "little")
        return Part.SERVICE_DATA, mibeacon.SERVICE_UUID16, head + b"\x04\x10\x02" + degrees

    return Sensor(SensorConfig(sensor_id=sensor_id, room="bedroom"), say)


def _ruuvi(sensor_id: str) -> Sensor:
    """Data format 5 with no humidity. Source: docs.ruuvi.com."""

    def say(number: int) -> Said:
        degrees = round(_degrees(number) / 0.005).to_bytes(2, "big")
        rest = b"\xff\xff" + bytes.fromhex("c37c0004fffc040cac3642") + (number % 65535).to_bytes(2, "big")
        return Part.MANUFACTURER_DATA, _RUUVI, b"\x05" + degrees + rest + bytes.fromhex(sensor_id)

    return Sensor(SensorConfig(sensor_id=sensor_id, room="living_room"), say)


def _govee(sensor_id: str) -> Sensor:
    def say(number: int) -> Said:
        return Part.MANUFACTURER_DATA, govee.COMPANY, govee.h5075(_degrees(number), 40.0 + 5 * (number % 2), 100)

    return Sensor(SensorConfig(sensor_id=sensor_id, room="bathroom"), say, tells=2)


def _is_even(number: int) -> bool:
    return number % 2 == 0


def _degrees(number: int) -> float:
    """Return a temperature that is news each time, and comes again only after far more packets than are remembered."""
    return 18.0 + 0.3 * (number % 40)
