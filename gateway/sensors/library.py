"""The parser libraries of the Bluetooth-Devices project, tamed: one packet in, what that packet says out.

Each packet gets a new parser. A parser that lives on hands out what earlier packets said as if it were fresh, tells one
press several times, and loses its counters at a restart; gateway.observe has a memory of its own for all that. Whatever
a parser raises becomes our one typed error: a neighbour's short packet makes some of them raise many kinds.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from habluetooth import BluetoothServiceInfoBleak
from sensor_state_data import SensorUpdate

from gateway.ble.advertisement import Advertisement
from gateway.contract.observation import SensorKind
from gateway.sensors.reading import UndecodableAdvertisementError

_BLUETOOTH_BASE = "0000{:04x}-0000-1000-8000-00805f9b34fb"
_FULL_PERCENT = 100  # the byte can hold more; more is no battery
_SIGNAL = "signal_strength"  # the libraries add it to every device they recognise


class Parser(Protocol):
    """What all parsers of the project have in common."""

    def update(self, data: BluetoothServiceInfoBleak) -> SensorUpdate:
        """Read one packet."""
        ...


@dataclass(frozen=True, slots=True)
class Meanings:
    """Which of a library's words are facts about a home. What is not in a table is left out."""

    numbers: Mapping[str, SensorKind] = field(default_factory=dict)
    states: Mapping[str, SensorKind] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, tuple[SensorKind, float]]] = field(default_factory=dict)


CLIMATE = Meanings(numbers={"temperature": SensorKind.TEMPERATURE, "humidity": SensorKind.HUMIDITY})

# "hold_release" and turns of a knob are left out: the first ends a hold that has been told already.
PRESSES: Mapping[str, tuple[SensorKind, float]] = {
    "press": (SensorKind.BUTTON, 1.0),
    "double_press": (SensorKind.BUTTON, 2.0),
    "triple_press": (SensorKind.BUTTON, 3.0),
    "long_press": (SensorKind.BUTTON, 4.0),
    "long_double_press": (SensorKind.BUTTON, 4.0),
    "long_triple_press": (SensorKind.BUTTON, 4.0),
    "hold_press": (SensorKind.BUTTON, 4.0),
}


def uuid(service: int) -> str:
    """Return a 16-bit service number as the radio writes it."""
    return _BLUETOOTH_BASE.format(service)


def parse(
    parser: Parser,
    advertisement: Advertisement,
    *,
    service_data: Mapping[str, bytes] | None = None,
    manufacturer_data: Mapping[int, bytes] | None = None,
    service_uuids: Iterable[str] = (),
) -> SensorUpdate:
    """Let a library read one packet, or those parts of it that are given.

    Raises:
        UndecodableAdvertisementError: the library cannot read it, whatever it raised.
    """
    heard = BluetoothServiceInfoBleak(
        name=advertisement.name or advertisement.address,
        address=advertisement.address,
        rssi=0,
        manufacturer_data=dict(manufacturer_data or {}),
        service_data=dict(service_data or {}),
        service_uuids=[*advertisement.services, *service_uuids],
        source="",
        device=None,  # type: ignore[arg-type] # not looked at: a parser reads only bytes here
        advertisement=None,
        connectable=False,
        time=0.0,  # only compared with an earlier packet's, and this parser has none
        tx_power=None,
    )
    try:
        return parser.update(heard)
    except Exception as fault:  # noqa: BLE001 - see above
        raise UndecodableAdvertisementError(f"packet that its parser fails on: {type(fault).__name__}") from None


def is_empty(update: SensorUpdate) -> bool:
    """Tell whether the library found nothing in the packet at all."""
    has_numbers = any(key.key != _SIGNAL for key in update.entity_values)
    return not (has_numbers or update.binary_entity_values or update.events)


def measures(update: SensorUpdate, meanings: Meanings) -> tuple[tuple[SensorKind, float], ...]:
    """Return the facts of a packet: numbers, then states, then events, each in the packet's order.

    Raises:
        UndecodableAdvertisementError: a value is no finite number.
    """
    found = [
        (meanings.numbers[name], _finite(value))
        for name, value in numbers(update)
        if name in meanings.numbers and value is not None
    ]
    for key, state in update.binary_entity_values.items():
        name = _without_place(key.key)
        if name in meanings.states and state.native_value is not None:
            found.append((meanings.states[name], float(bool(state.native_value))))
    for key, event in update.events.items():
        told = meanings.events.get(str(key.key).partition("_")[0], {}).get(event.event_type)
        if told is not None:
            found.append(told)
    return tuple(found)


def numbers(update: SensorUpdate) -> list[tuple[str, float]]:
    """Return the numbers of a packet by the library's word for each, which may come more than once."""
    return [
        (_without_place(key.key), sensor.native_value)
        for key, sensor in update.entity_values.items()
        if isinstance(sensor.native_value, int | float)
    ]


def battery(update: SensorUpdate) -> float | None:
    """Return how full the battery is in percent, None when the packet does not say."""
    level = next((value for name, value in numbers(update) if name == "battery"), None)
    return level if level is not None and 0 <= level <= _FULL_PERCENT else None


def title(update: SensorUpdate) -> str | None:
    """Return what the library calls the device, None where it does not know."""
    if update.title:
        return update.title
    device = next(iter(update.devices.values()), None)
    if device is None:
        return None
    return " ".join(part for part in (device.manufacturer, device.name or device.model) if part) or None


def manufacturer_packet(data: Mapping[int, bytes]) -> bytes:
    """Return manufacturer data as it stood in the air: number and content are both part of what was said."""
    return b"".join(company.to_bytes(2, "little") + content for company, content in data.items())


def _without_place(key: object) -> str:
    """Drop the number a library adds where a packet holds the same kind of value twice: `button_2` is a button."""
    if not isinstance(key, str):  # qingping-ble gives a pair for one of its words, which none of our tables holds
        return ""
    name, _, place = key.rpartition("_")
    return name if place.isdigit() else key


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise UndecodableAdvertisementError("packet with a value that is no number")
    return float(value)
