"""How sensors of each make say what they have measured: the bytes, and in which part of the advertisement they go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from device_sims.radio.frames import Part
from device_sims.sensors import bthome, govee, mibeacon, ruuvi
from device_sims.sensors.battery import Battery


class Form(StrEnum):
    """What kind of thing hangs on the wall. The names are those of the contract's kinds; `value` is as there."""

    MOTION = "motion"
    DOOR = "door"
    BED = "bed"
    CHAIR = "chair"
    BUTTON = "button"  # 1 to 4: once, twice, three times, held
    PULL_CORD = "pull_cord"
    SMOKE = "smoke"
    WATER_LEAK = "water_leak"
    TEMPERATURE = "temperature"  # degrees Celsius; such a sensor tells the humidity too
    LIGHT = "light"  # lux
    POWER = "power"  # watts
    FALL = "fall"


class Make(StrEnum):
    """Whose format a sensor speaks."""

    BTHOME = "bthome"
    BTHOME_PLAIN = "bthome_plain"
    XIAOMI = "xiaomi"
    RUUVI = "ruuvi"
    GOVEE = "govee"


@dataclass(frozen=True, slots=True)
class Saying:
    """What is to be said. A beacon is sent because its time has come, not because something happened."""

    value: float
    humidity_percent: float
    lux: float | None  # None: it has no eye for light, or light is what it is for
    battery: Battery
    number: int  # of the packet, from 1
    counter: int  # for the encryption
    is_beacon: bool


class Voice(Protocol):
    """Says things in one format."""

    number: int  # of the service or the company
    part: Part

    def say(self, saying: Saying) -> bytes:
        """Return the data behind the number."""
        ...


class _BthomeVoice:
    number = bthome.SERVICE_UUID16
    part = Part.SERVICE_DATA

    def __init__(self, form: Form, seal: bthome.Seal | None) -> None:
        self._form = form
        self._seal = seal

    def say(self, saying: Saying) -> bytes:
        battery = bthome.battery(saying.battery.percent)
        said = (bthome.packet_id(saying.number), battery, *self._measured(saying))
        if self._seal is None:
            return bthome.plain(said, trigger_based=True)
        return self._seal.close(said, saying.counter, trigger_based=True)

    def _measured(self, saying: Saying) -> tuple[bthome.Measurement, ...]:
        if self._form in _PRESSED:
            return (bthome.button(bthome.Press.NONE if saying.is_beacon else bthome.Press(int(saying.value))),)
        measured = _BTHOME[self._form](saying.value)
        if self._form is Form.TEMPERATURE:
            return measured, bthome.humidity(saying.humidity_percent)
        return (measured,) if saying.lux is None else (measured, bthome.illuminance(saying.lux))


class _XiaomiVoice:
    number = mibeacon.SERVICE_UUID16
    part = Part.SERVICE_DATA

    def __init__(self, form: Form, address: bytes, key: bytes) -> None:
        self._form = form
        self._seal = mibeacon.Seal(address, key, _PRODUCTS[form])

    def say(self, saying: Saying) -> bytes:
        measured = _MIBEACON[self._form](saying)
        content = mibeacon.battery(saying.battery.percent) if saying.is_beacon else measured
        return self._seal.close(content, saying.counter)


class _RuuviVoice:
    number = ruuvi.COMPANY
    part = Part.MANUFACTURER_DATA

    def __init__(self, address: bytes) -> None:
        self._address = address

    def say(self, saying: Saying) -> bytes:
        said = ruuvi.RawV2(
            saying.value, saying.humidity_percent, saying.number, saying.battery.millivolts, self._address
        )
        return said.on_air()


class _GoveeVoice:
    number = govee.COMPANY
    part = Part.MANUFACTURER_DATA

    def say(self, saying: Saying) -> bytes:
        return govee.h5075(saying.value, min(saying.humidity_percent, 99.9), saying.battery.percent)


_BTHOME: Final[Mapping[Form, Callable[[float], bthome.Measurement]]] = {
    Form.MOTION: lambda value: bthome.motion(is_moving=bool(value)),
    Form.DOOR: lambda value: bthome.door(is_open=bool(value)),
    Form.BED: lambda value: bthome.occupancy(is_occupied=bool(value)),
    Form.CHAIR: lambda value: bthome.occupancy(is_occupied=bool(value)),
    Form.SMOKE: lambda value: bthome.smoke(is_smoke=bool(value)),
    Form.WATER_LEAK: lambda value: bthome.moisture(is_wet=bool(value)),
    Form.TEMPERATURE: bthome.temperature,
    Form.LIGHT: bthome.illuminance,
    Form.POWER: bthome.power,
}
_PRESSED: Final = frozenset({Form.BUTTON, Form.PULL_CORD, Form.FALL})

_MIBEACON: Final[Mapping[Form, Callable[[Saying], bytes]]] = {
    Form.MOTION: lambda said: mibeacon.motion(said.lux or 0.0) if said.value else mibeacon.no_motion(_QUIET_S),
    Form.DOOR: lambda said: mibeacon.door(is_open=bool(said.value)),
    Form.BED: lambda said: mibeacon.pressure(is_present=bool(said.value)),
    Form.CHAIR: lambda said: mibeacon.pressure(is_present=bool(said.value)),
    Form.SMOKE: lambda said: mibeacon.smoke(is_smoke=bool(said.value)),
    Form.WATER_LEAK: lambda said: mibeacon.water(is_wet=bool(said.value)),
}
_PRODUCTS: Final = {
    Form.MOTION: mibeacon.Product.MOTION_HS1BB,
    Form.DOOR: mibeacon.Product.DOOR_MS1BB,
    Form.BED: mibeacon.Product.PRESSURE_PS1BB,
    Form.CHAIR: mibeacon.Product.PRESSURE_PS1BB,
    Form.SMOKE: mibeacon.Product.SMOKE_JTYJGD03MI,
    Form.WATER_LEAK: mibeacon.Product.FLOOD_SJWS01LM,
}
_QUIET_S: Final = 60  # an HS1BB tells it after one, two, five ... minutes; the first is enough

ENCRYPTED: Final = frozenset({Make.BTHOME, Make.XIAOMI})


def voice_of(make: Make, form: Form, address: bytes, key: bytes) -> Voice:
    """Return the voice of a sensor.

    Raises:
        ValueError: this make has no such sensor.
    """
    if make in {Make.RUUVI, Make.GOVEE} and form is not Form.TEMPERATURE:
        raise ValueError(f"{make} makes thermometers only, no {form} sensor: choose another make")
    if make is Make.XIAOMI and form not in _PRODUCTS:
        raise ValueError(f"{make} has no {form} sensor here: choose one of {', '.join(sorted(_PRODUCTS))}")
    match make:
        case Make.BTHOME:
            return _BthomeVoice(form, bthome.Seal(address, key))
        case Make.BTHOME_PLAIN:
            return _BthomeVoice(form, None)
        case Make.XIAOMI:
            return _XiaomiVoice(form, address, key)
        case Make.RUUVI:
            return _RuuviVoice(address)
        case Make.GOVEE:
            return _GoveeVoice()
