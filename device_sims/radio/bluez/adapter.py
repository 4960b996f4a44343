"""One simulated Bluetooth adapter: who scans with it, what it hears, and how it goes deaf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

from device_sims.radio.bluez.objects import ADAPTER, DEVICE, MONITORS, Interfaces, ObjectTree, Properties, uuid128

# BlueZ tells a new signal strength only from this step on. Source: bluez/src/device.c, RSSI_THRESHOLD.
_RSSI_STEP_DB: Final = 8
# Advertising data types. Source: Bluetooth Assigned Numbers 2.3.
_FLAGS: Final = 0x01
_SERVICES_OF_16_BITS: Final = (0x02, 0x03)
_SERVICE_DATA: Final = 0x16
_MANUFACTURER_DATA: Final = 0xFF

Pattern = tuple[int, int, bytes]  # place, data type, bytes that must stand there


class Deafness(Enum):
    """How an adapter that scans can hear nothing, and what cures it."""

    NONE = auto()
    UNTIL_SCAN_STARTS = auto()
    UNTIL_POWERED = auto()
    FOR_EVER = auto()


@dataclass(frozen=True, slots=True)
class Heard:
    """One advertising report. None and empty: the packet does not say."""

    address: str
    rssi_dbm: int
    service_data: Mapping[int, bytes] = field(default_factory=dict)
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    services: Sequence[int] = ()
    name: str | None = None
    flags: int = 0x06  # general discoverable, no classic Bluetooth

    def has(self, pattern: Pattern) -> bool:
        """Tell whether the pattern stands in it."""
        place, kind, content = pattern
        return any(data[place : place + len(content)] == content for data in self._parts(kind))

    def _parts(self, kind: int) -> list[bytes]:
        if kind == _SERVICE_DATA:
            return [number.to_bytes(2, "little") + data for number, data in self.service_data.items()]
        if kind == _MANUFACTURER_DATA:
            return [number.to_bytes(2, "little") + data for number, data in self.manufacturer_data.items()]
        if kind in _SERVICES_OF_16_BITS:
            return [number.to_bytes(2, "little") for number in self.services]
        return [bytes([self.flags])] if kind == _FLAGS else []


class Adapter:
    """An adapter, its scans and the devices it knows."""

    def __init__(self, name: str, tree: ObjectTree, *, can_listen_passively: bool) -> None:
        self.path = f"/org/bluez/{name}"
        self.deafness = Deafness.NONE
        self.filters: dict[str, Mapping[str, Any]] = {}  # by D-Bus name of the program
        self.discoveries: set[str] = set()
        self.monitors: dict[tuple[str, str], list[Pattern]] = {}  # by program and object path
        self.starts = 0  # scans begun, of either kind
        self._tree = tree
        interfaces: Interfaces = {ADAPTER: _properties(name)}
        if can_listen_passively:
            interfaces[MONITORS] = {"SupportedMonitorTypes": ["or_patterns"], "SupportedFeatures": []}
        tree.add(self.path, interfaces)

    @property
    def is_powered(self) -> bool:
        """Whether it is switched on."""
        return bool(self._tree.of(self.path, ADAPTER).get("Powered"))

    def power(self, *, on: bool) -> None:
        """Switch it on or off; a scan does not outlive that."""
        if on == self.is_powered:
            return
        self.discoveries.clear()
        if on and self.deafness is Deafness.UNTIL_POWERED:
            self.deafness = Deafness.NONE
        self._tree.change(self.path, ADAPTER, {"Powered": on, "Discovering": False})

    def begin(self) -> None:
        """Note that a scan begins."""
        self.starts += 1
        if self.deafness is Deafness.UNTIL_SCAN_STARTS:
            self.deafness = Deafness.NONE

    def discover(self, program: str, *, on: bool) -> None:
        """Begin or end a program's active scan."""
        (self.discoveries.add if on else self.discoveries.discard)(program)
        if on:
            self.begin()
        self._tree.change(self.path, ADAPTER, {"Discovering": bool(self.discoveries)})
        if not self.discoveries:  # BlueZ forgets them, so that the next scan tells every device again
            for path in self._device_paths():
                self._tree.invalidate(path, DEVICE, "RSSI", "TxPower")

    def forget(self, program: str) -> None:
        """End everything of a program that has left the bus."""
        self.filters.pop(program, None)
        self.monitors = {key: patterns for key, patterns in self.monitors.items() if key[0] != program}
        if program in self.discoveries:
            self.discover(program, on=False)

    def hear(self, heard: Heard) -> None:
        """Take one report from the air; it becomes a signal where BlueZ would send one."""
        if not self.is_powered or self.deafness is not Deafness.NONE or not self._is_wanted(heard):
            return
        path = self.device_path(heard.address)
        if path not in self._tree:
            self._tree.add(path, {DEVICE: self._new_device(heard)})
            return
        known = self._tree.of(path, DEVICE)
        changes = {name: value for name, value in _said(heard).items() if _is_news(name, known.get(name), value)}
        if changes:
            self._tree.change(path, DEVICE, changes)

    def device_path(self, address: str) -> str:
        """Return where a device stands on D-Bus."""
        return f"{self.path}/dev_{address.replace(':', '_')}"

    def _device_paths(self) -> list[str]:
        depth = self.path.count("/") + 1
        return [path for path in self._tree.all() if path.startswith(f"{self.path}/") and path.count("/") == depth]

    def _is_wanted(self, heard: Heard) -> bool:
        if self.discoveries:
            return True
        return any(heard.has(pattern) for patterns in self.monitors.values() for pattern in patterns)

    def _new_device(self, heard: Heard) -> Properties:
        unset = dict.fromkeys(("Paired", "Connected", "Trusted", "Blocked", "LegacyPairing", "ServicesResolved"), False)
        return {
            "Address": heard.address,
            "AddressType": "random",
            "Alias": heard.address.replace(":", "-"),
            "Adapter": self.path,
            "UUIDs": [],
            **unset,
            **_said(heard),
        }


def _properties(name: str) -> Properties:
    number = int(name.removeprefix("hci"))
    return {
        "Address": f"00:1A:7D:DA:71:{number:02X}",
        "AddressType": "public",
        "Name": name,
        "Alias": name,
        "Class": 0,
        "Powered": True,
        "Discoverable": False,
        "Pairable": False,
        "Discovering": False,
        "UUIDs": [],
        "Modalias": "usb:v1D6Bp0246d0542",
        "Roles": ["central", "peripheral"],
    }


def _said(heard: Heard) -> Properties:
    said: Properties = {"RSSI": heard.rssi_dbm}
    if heard.service_data:
        said["ServiceData"] = {uuid128(number): data for number, data in heard.service_data.items()}
    if heard.manufacturer_data:
        said["ManufacturerData"] = dict(heard.manufacturer_data)
    if heard.services:
        said["UUIDs"] = [uuid128(number) for number in heard.services]
    if heard.name is not None:
        said["Name"] = said["Alias"] = heard.name
    return said


def _is_news(name: str, known: object, value: object) -> bool:
    if name == "RSSI" and isinstance(known, int) and isinstance(value, int):
        return abs(known - value) >= _RSSI_STEP_DB
    return known != value
